import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.ts";
import { type BodyCodec, decompressBuffer, loadCodec } from "./body-compression.ts";
import { Lz4Error } from "./lz4-block.ts";
import { lz4 } from "./lz4-frame.ts";
import { loadZstd } from "./zstd.ts";

interface Frame {
  readonly file: string;
  readonly codec: "lz4" | "zstd";
  readonly contentLength: number;
  readonly sha256: string;
}

const folder = new URL("../../../test/codecs/frames/", import.meta.url);
const frames = JSON.parse(readFileSync(new URL("index.json", folder), "utf8")) as Frame[];
const codecs: Readonly<Record<string, BodyCodec>> = { lz4, zstd: await loadZstd() };

const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)));
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe.each(Object.entries(codecs))("%s", (name, codec) => {
  const own = frames.filter((frame) => frame.codec === name);

  it("decodes every frame of other writers to its exact content", () => {
    expect(own.length).toBeGreaterThan(30);
    for (const { file, contentLength, sha256: expected } of own) {
      expect(sha256(codec.decompress(bytesOf(file), contentLength)), file).toBe(expected);
    }
  });

  it("decodes what it encodes", () => {
    const contents = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 400 }))
        .map(([unit, times]) => {
          const repeated = new Uint8Array(unit.length * times);
          for (let i = 0; i < times; i++) repeated.set(unit, i * unit.length);
          return repeated;
        }),
    );
    fc.assert(
      fc.property(contents, (content) => {
        if (content.length > 0) expect(codec.decompress(codec.compress(content), content.length)).toEqual(content);
      }),
      { numRuns: 300 },
    );
  });

  it("decodes a frame that stands inside a larger buffer", () => {
    const content = new Uint8Array(70_000).map((_, i) => i % 251);
    const frame = codec.compress(content);
    const shifted = new Uint8Array(frame.length + 3);
    shifted.set(frame, 3);
    expect(codec.decompress(shifted.subarray(3), content.length)).toEqual(content);
  });

  it("throws on every truncation, and works on", () => {
    const content = new Uint8Array(500).map((_, i) => (i * i) % 7);
    const frame = codec.compress(content);
    for (let length = 0; length < frame.length; length++) {
      expect(() => codec.decompress(frame.subarray(0, length), content.length), `${length} bytes`).toThrow();
    }
    expect(codec.decompress(frame, content.length)).toEqual(content);
  });

  it("refuses content of another length than expected", () => {
    const frame = codec.compress(new Uint8Array(1000));
    expect(() => codec.decompress(frame, 999)).toThrow();
    expect(() => codec.decompress(frame, 1001)).toThrow();
  });
});

describe("zstd", () => {
  it("says that content is too large for its memory, and works on", async () => {
    await loadCodec("zstd");
    const frame = bytesOf((frames.find(({ codec }) => codec === "zstd") as Frame).file);
    for (const length of [2 ** 31 - 2 ** 12, 2 ** 32 + 10]) {
      expect(() => codecs.zstd?.decompress(frame, length)).toThrow(RangeError);
    }
    const declared = new BigUint64Array([2n ** 31n]);
    const buffer = new Uint8Array([...new Uint8Array(declared.buffer), ...frame, ...new Uint8Array(70_000)]);
    expect(() => decompressBuffer("zstd", buffer, 0)).toThrow(InputError);
    const content = new Uint8Array(2 ** 24).map((_, i) => i % 251);
    const compressed = codecs.zstd?.compress(content) ?? content;
    expect(compressed.length).toBeLessThan(content.length / 100);
    expect(sha256(codecs.zstd?.decompress(compressed, content.length) ?? compressed)).toBe(sha256(content));
  });
});

describe("lz4", () => {
  it("never gives other content for a frame with checksums and a flipped bit", () => {
    const { file, contentLength } = frames.find((frame) => /text1k_64K_link/.test(frame.file)) as Frame;
    const frame = bytesOf(file);
    const content = lz4.decompress(frame, contentLength);
    let refused = 0;
    for (let i = 0; i < frame.length; i++) {
      const flipped = frame.slice();
      flipped[i] = (flipped[i] as number) ^ 1;
      try {
        // A match may be taken from another place where the same bytes stand.
        expect(lz4.decompress(flipped, contentLength), `byte ${i}`).toEqual(content);
      } catch (error) {
        if (!(error instanceof Lz4Error)) throw error;
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(frame.length * 0.9);
  });
});
