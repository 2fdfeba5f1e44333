import {
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  FormatError,
  loadCodecs,
  ModelV1,
  RowCountError,
  readModelRow,
  Weights,
} from "legolas-flux";
import { decodeTable, recordEquals } from "legolas-flux/legolas";
import { beforeAll, describe, expect, it } from "vitest";
import "../golden/schemas.ts";
import { countingSource } from "../helpers/counting-source.ts";
import { bytesOf } from "../helpers/julia-fixtures.ts";
import { rawMessages } from "../helpers/raw-messages.ts";
import { readEverything } from "../helpers/read-everything.ts";

const row = ModelV1({
  weights: new Weights([new FlatArray(Float32Array.of(1, 2), [2]), new FlatArray(Float32Array.of(3), [])], {
    names: ["a", "b"],
    layout: "flux",
  }),
  architecture_version: 3,
});

function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

beforeAll(loadCodecs);

describe("a file that was cut off", () => {
  const files: readonly (readonly [string, Uint8Array])[] = [
    ["of ours", encodeModelRow(row)],
    ["of Julia", bytesOf("bar.arrow")],
    ["of Julia, compressed", bytesOf("simple_lz4.arrow")],
    ["of Julia, with dictionaries", bytesOf("baz_dictencode.arrow")],
  ];

  it.each(files)("is refused with a FormatError at every length: %s", (_, bytes) => {
    const errors = Array.from({ length: bytes.length }, (_value, length) =>
      readEverything(bytes.subarray(0, length), length % 2 === 0),
    );
    expect(errors.length).toBeGreaterThan(900);
    expect(errors.filter(({ error }) => !(error instanceof FormatError)).length).toBe(0);
    expect(readEverything(bytes, true).error).toBeNull();
  });

  it("is refused from a source too, which is never read beyond its end", async () => {
    const bytes = encodeModelRow(row);
    for (let length = 1; length < bytes.length; length += 7) {
      // The source throws an untyped error for ranges outside it.
      await expect(readModelRow(countingSource(bytes.subarray(0, length)))).rejects.toThrow(FormatError);
    }
    expect(recordEquals(await readModelRow(countingSource(bytes)), row)).toBe(true);
  });

  it.each([1, 7, 8, 1000])("or has %i bytes more than it should", (count) => {
    const bytes = encodeModelRow(row);
    const longer = new Uint8Array(bytes.length + count);
    longer.set(bytes);
    expect(() => decodeModelRow(longer)).toThrow(FormatError);
    longer.set(bytes, count);
    expect(() => decodeModelRow(longer)).toThrow(FormatError);
  });
});

describe("a stream that was cut off", () => {
  const streams: readonly (readonly [string, Uint8Array])[] = [
    ["of ours", encodeModelRow(row, ModelV1, { format: "stream" })],
    ["of Julia, compressed", bytesOf("stream_zstd.arrow")],
  ];

  it.each(streams)("is refused at every length that is not between two messages: %s", (_, bytes) => {
    const { messages } = rawMessages(bytes);
    const ends = messages.map(({ bodyPosition, bodyLength }) => bodyPosition + bodyLength);
    const whole = decodeModelRow(bytes);
    const accepted: number[] = [];
    for (let length = 0; length < bytes.length; length++) {
      const result = caught(() => decodeModelRow(bytes.subarray(0, length)));
      if (!(result instanceof FormatError)) accepted.push(length);
    }
    expect(accepted).toEqual(ends);
    const [afterSchema, afterBatch] = ends as [number, number];
    // A stream may end without its marker, so after the schema it is a table without rows, and after the row it is whole.
    expect(caught(() => decodeModelRow(bytes.subarray(0, afterSchema)))).toBeInstanceOf(RowCountError);
    expect(decodeTable(bytes.subarray(0, afterSchema), { validate: false }).numRows).toBe(0);
    expect(recordEquals(decodeModelRow(bytes.subarray(0, afterBatch)), whole)).toBe(true);
  });

  it("is refused from a source too", async () => {
    const bytes = encodeModelRow(row, ModelV1, { format: "stream" });
    const ends = new Set(rawMessages(bytes).messages.map(({ bodyPosition, bodyLength }) => bodyPosition + bodyLength));
    let refused = 0;
    for (let length = 1; length < bytes.length; length += 5) {
      if (ends.has(length)) continue;
      await expect(readModelRow(countingSource(bytes.subarray(0, length)))).rejects.toThrow(FormatError);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(150);
  });

  it("keeps its rows where rubbish follows its end-of-stream marker", () => {
    const bytes = encodeModelRow(row, ModelV1, { format: "stream" });
    const longer = new Uint8Array(bytes.length + 100).fill(0xab);
    longer.set(bytes);
    expect(recordEquals(decodeModelRow(longer), row)).toBe(true);
  });
});
