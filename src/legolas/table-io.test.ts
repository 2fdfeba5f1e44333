import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type ByteSink,
  type ByteSource,
  CodecNotLoadedError,
  decodeTable,
  encodeTable,
  FormatError,
  InputError,
  loadCodecs,
  type Progress,
  RecordError,
  readTable,
  SourceError,
  schema,
  t,
  ViolationError,
  writeTable,
} from "legolas-flux/legolas";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newSchemaName } from "../../test/contract/support.ts";
import { countingSource } from "../../test/helpers/counting-source.ts";

const RunV1 = schema("table-io.run").version(1, { fields: { id: t.string, k: t.int64 } });
const rows = Array.from({ length: 50 }, (_, i) => RunV1({ id: `run ${i % 3}`, k: i }));
const bytes = encodeTable(rows, RunV1);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "table-io-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A sink that keeps what it is given, and what is done with it. */
function memorySink(fail = false) {
  const events: string[] = [];
  const pieces: Uint8Array[] = [];
  const sink: ByteSink = {
    location: "memory",
    write: async (piece) => {
      if (fail) throw new Error("the memory is full");
      pieces.push(piece.slice());
    },
    close: async () => {
      events.push("close");
    },
    abort: async () => {
      events.push("abort");
    },
  };
  return { sink, events, pieces };
}

describe("compression", () => {
  // The first test of the file, as loaded codecs stay loaded.
  test("needs the codecs loaded for the synchronous verbs, and loads them for the others", async () => {
    expect(() => encodeTable(rows, RunV1, { compression: "lz4" })).toThrow(CodecNotLoadedError);
    expect(() => encodeTable(rows, RunV1, { compression: "zstd" })).toThrow(
      "the zstd codec is not loaded. Call `await loadCodecs()` once before, or use the asynchronous readModelRow and writeModelRow",
    );
    const { sink, pieces } = memorySink();
    await writeTable(sink, rows, RunV1, { compression: "zstd" });
    const [compressed] = [Buffer.concat(pieces)];
    expect(compressed.length).toBeLessThan(bytes.length);
    expect((await readTable(compressed)).records()).toEqual(rows);
  });

  test.each(["lz4", "zstd"] as const)("of %s keeps every value, in files and streams", async (compression) => {
    await loadCodecs();
    for (const format of ["file", "stream"] as const) {
      expect(decodeTable(encodeTable(rows, RunV1, { compression, format })).records()).toEqual(rows);
    }
  });
});

describe("writeTable", () => {
  test("writes what encodeTable gives, to a path", async () => {
    const path = join(folder, "runs.arrow");
    await writeTable(path, rows, RunV1);
    expect(new Uint8Array(await readFile(path))).toEqual(bytes);
    expect(await readdir(folder)).toEqual(["runs.arrow"]);
  });

  test("writes to a file URL, and to a folder that does not exist yet", async () => {
    const path = join(folder, "new", "folder", "runs.arrow");
    await writeTable(pathToFileURL(path), rows, RunV1);
    expect((await readTable(path)).numRows).toBe(50);
  });

  test("writes to a sink, and closes it", async () => {
    const { sink, pieces, events } = memorySink();
    await writeTable(sink, rows, RunV1, { metadata: { a: "b" } });
    expect(new Uint8Array(Buffer.concat(pieces))).toEqual(encodeTable(rows, RunV1, { metadata: { a: "b" } }));
    expect(events).toEqual(["close"]);
  });

  test("tells how far it is, up to all bytes", async () => {
    const progress: Progress[] = [];
    await writeTable(memorySink().sink, rows, RunV1, { onProgress: (step) => progress.push(step) });
    expect(progress.at(-1)).toEqual({ bytes: bytes.length, totalBytes: bytes.length });
    expect(progress.map((step) => step.bytes)).toEqual(progress.map((step) => step.bytes).toSorted((a, b) => a - b));
  });

  test("writes nothing where a row does not fit", async () => {
    const path = join(folder, "runs.arrow");
    await writeTable(path, rows, RunV1);
    await expect(writeTable(path, [{ id: "a", k: 0.5 }], RunV1)).rejects.toThrow(RecordError);
    expect(new Uint8Array(await readFile(path))).toEqual(bytes);
    expect(await readdir(folder)).toEqual(["runs.arrow"]);
  });

  test("aborts the sink, and gives its error, where it fails", async () => {
    const { sink, events } = memorySink(true);
    await expect(writeTable(sink, rows, RunV1)).rejects.toThrow("the memory is full");
    expect(events).toEqual(["abort"]);
  });

  test("stops with the reason of its signal, and leaves the file that was there", async () => {
    const path = join(folder, "runs.arrow");
    await writeFile(path, "old");
    const before = AbortSignal.abort(new Error("stopped before"));
    await expect(writeTable(path, rows, RunV1, { signal: before })).rejects.toThrow("stopped before");
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error("stopped amid"));
    const { signal } = controller;
    await expect(writeTable(path, rows, RunV1, { signal, onProgress })).rejects.toThrow("stopped amid");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["runs.arrow"]);
  });

  test("refuses a target that it cannot write to", async () => {
    await expect(writeTable("https://example.com/a.arrow", rows, RunV1)).rejects.toThrow(InputError);
    await expect(writeTable(JSON.parse("null"), rows, RunV1)).rejects.toThrow(
      "target: expected a path, file URL, ByteSink or file of a store, found null",
    );
  });
});

describe("readTable", () => {
  test("of some columns reads no byte of the others, as if there were none", async () => {
    const source = countingSource(bytes);
    const table = await readTable(source, { validate: false, columns: ["k"] });
    expect([table.columnNames, table.numRows]).toEqual([["k"], 50]);
    expect(table.column("k")).toEqual(rows.map(({ k }) => k));
    expect(() => table.column("id")).toThrow(InputError);
    expect(Math.max(...source.reads.map(({ length }) => length))).toBeLessThan(bytes.length / 2);
    const all = countingSource(bytes);
    await readTable(all);
    const bytesOf = ({ reads }: typeof all): number => reads.reduce((sum, { length }) => sum + length, 0);
    expect(bytesOf(all) - bytesOf(source)).toBeGreaterThan(50 * 4);
    await expect(readTable(bytes, { columns: ["k"] })).rejects.toThrow(
      /field "id": expected string, but there is no such column/,
    );
    expect((await readTable(bytes, { columns: [], validate: false })).numRows).toBe(50);
    for (const columns of [["K"], "k" as never]) {
      await expect(readTable(bytes, { columns })).rejects.toThrow(/^columns: expected a list of id, k, found "[Kk]"$/);
    }
  });

  test("reads a path, a file URL, bytes, a buffer, a Blob and a ByteSource alike", async () => {
    const path = join(folder, "runs.arrow");
    await writeFile(path, bytes);
    const source: ByteSource = {
      location: "memory",
      size: bytes.length,
      readAt: async (position, length) => bytes.subarray(position, position + length),
    };
    const sources = [path, pathToFileURL(path), String(pathToFileURL(path)), bytes, bytes.slice().buffer, source];
    for (const each of [...sources, new Blob([bytes.slice()])]) {
      expect((await readTable(each)).records()).toEqual(rows);
    }
  });

  test("takes the options of decodeTable", async () => {
    const OtherV1 = schema(newSchemaName()).version(1, { fields: { k: t.integer } });
    expect((await readTable(bytes, { schemaVersion: OtherV1 })).records()[0]).toEqual({ k: 0 });
    const StrictV1 = schema(newSchemaName()).version(1, { fields: { k: t.string } });
    await expect(readTable(bytes, { schemaVersion: StrictV1 })).rejects.toThrow(ViolationError);
    expect((await readTable(bytes, { validate: false })).numRows).toBe(50);
  });

  test("stops with the reason of its signal", async () => {
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(readTable(bytes, { signal })).rejects.toThrow("stopped");
  });

  test("names the file that it cannot open, and why", async () => {
    const path = join(folder, "absent.arrow");
    const reading = readTable(path);
    await expect(reading).rejects.toThrow(SourceError);
    await expect(reading).rejects.toMatchObject({ location: path, code: "ENOENT" });
  });

  test("refuses bytes that are no Arrow table", async () => {
    await expect(readTable(new Uint8Array(100))).rejects.toThrow(FormatError);
    await expect(readTable(new Uint8Array())).rejects.toThrow(FormatError);
    expect(() => decodeTable(new TextEncoder().encode("not an Arrow file at all"))).toThrow(FormatError);
  });

  test("refuses a source that is none", async () => {
    await expect(readTable(JSON.parse("5"))).rejects.toThrow(InputError);
  });
});

describe("decodeTable", () => {
  test("reads bytes that stand anywhere in their buffer", () => {
    for (const offset of [1, 3, 8]) {
      const shifted = new Uint8Array(bytes.length + offset);
      shifted.set(bytes, offset);
      expect(decodeTable(shifted.subarray(offset)).records()).toEqual(rows);
    }
  });

  test("reads an ArrayBuffer", () => {
    expect(decodeTable(bytes.slice().buffer).numRows).toBe(50);
  });
});
