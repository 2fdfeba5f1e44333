import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ByteSource, decodeModelRow, FormatError, readModelRow } from "legolas-flux";
import { decodeTable } from "legolas-flux/legolas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const zeros = (length: number): Uint8Array => new Uint8Array(length);

/** What is no Arrow file, with what the message says of it. */
const strangers: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["an HTML page", text("<!DOCTYPE html><html><body>404 Not Found</body></html>"), /HTML.*"<!DOCTYP/],
  ["an HTML page after blanks", text("\n\n  <html></html>"), /it begins with/],
  ["JSON", text('{"error":"not found","status":404}'), /JSON.*"\{"error"/],
  ["a JSON list", text("[1, 2, 3, 4, 5]"), /JSON/],
  ["a ZIP archive", Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0, 0, 0), /ZIP archive/],
  ["a PNG image", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13), /"·PNG····/],
  ["an HDF5 file", Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0, 0, 0, 0), /HDF5/],
  ["a Parquet file", text("PAR1\u0015\u0004\u0015\u0010....PAR1"), /Parquet/],
  [
    "a safetensors file",
    Uint8Array.of(48, 0, 0, 0, 0, 0, 0, 0, ...text('{"weight":{"dtype":"F32","shape":[1]')),
    /safetensors/,
  ],
  ["an empty file", zeros(0), /no bytes/],
  ["one byte", text("A"), /"A"/],
  ["five bytes", text("ARROW"), /"ARROW"/],
  ["the magic alone", text("ARROW1"), /"ARROW1"/],
  ["the opening of a file", text("ARROW1\0\0"), /cut off/],
  ["the magic at both ends", text("ARROW1\0\0ARROW1"), /cut off/],
  ["the magic at both ends around no footer", text("ARROW1\0\0\0\0\0\0ARROW1"), /footer of 0 bytes/],
  ["zeros", zeros(1000), /"········/],
  ["bytes of 255", zeros(1000).fill(255), /message of -1 bytes/],
  [
    "the older form of messages, without a continuation marker",
    Uint8Array.of(16, 0, 0, 0, ...zeros(40)),
    /begins with/,
  ],
  ["an end-of-stream marker alone", Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0), /no schema/],
  [
    "text in another encoding",
    Uint8Array.from("feff0061007200720061007900".match(/../g) ?? [], (hex) => Number(`0x${hex}`)),
    /begins with/,
  ],
];

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    location: "memory",
    size: bytes.length,
    readAt: async (position, length) => bytes.slice(position, position + length),
  };
}

function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

function expectFormatError(error: unknown, message: RegExp, size: number): void {
  expect(error).toBeInstanceOf(FormatError);
  const { byteOffset, facts } = error as FormatError;
  expect((error as FormatError).message).toMatch(message);
  expect(byteOffset).not.toBeNull();
  expect(byteOffset).toBeGreaterThanOrEqual(0);
  expect(byteOffset).toBeLessThanOrEqual(size);
  expect([facts.subject, facts.expected, facts.found, facts.remedy].every((part) => part && part.length > 3)).toBe(
    true,
  );
}

describe("what is not Arrow is refused with a FormatError that says what it looks like", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "legolas-not-arrow-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("in enough forms", () => {
    expect(strangers).toHaveLength(21);
  });

  it.each(strangers)("in memory: %s", (_, bytes, message) => {
    const own = new Uint8Array(bytes);
    for (const run of [
      () => decodeModelRow(bytes),
      () => decodeModelRow(own.buffer),
      () => decodeTable(bytes),
      () => decodeTable(bytes, { validate: false }),
    ]) {
      expectFormatError(caught(run), message, bytes.length);
    }
  });

  it.each(strangers)("from sources, blobs and paths: %s", async (name, bytes, message) => {
    const path = join(folder, `${name.replaceAll(/\W/g, "-")}.arrow`);
    await writeFile(path, bytes);
    for (const source of [sourceOf(bytes), new Blob([new Uint8Array(bytes)]), path, new URL(`file://${path}`)]) {
      const error = await readModelRow(source).catch((thrown: unknown) => thrown);
      expectFormatError(error, message, bytes.length);
    }
  });
});
