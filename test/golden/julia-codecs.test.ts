/** Compressed files before and after the codecs are loaded: a file of its own, for they are loaded once for the process. */
import { CodecNotLoadedError, readModelRow } from "legolas-flux";
import { decodeTable, readTable } from "legolas-flux/legolas";
import { expect, it } from "vitest";
import { bytesOf, juliaFixture, juliaFixtures, pathOf } from "../helpers/julia-fixtures.ts";
import "./schemas.ts";

const compressed = juliaFixtures.filter(({ write_options }) => write_options.includes("compress"));

it("the compressed files are known", () => {
  expect(compressed.map(({ file }) => file).sort()).toEqual([
    "baz_stream_lz4.arrow",
    "lz4.arrow",
    "simple_lz4.arrow",
    "stream_zstd.arrow",
    "three_rows_lz4.arrow",
    "zstd.arrow",
  ]);
});

it.each(compressed)("$file: a synchronous verb names the codec while it is not loaded", ({ file }) => {
  const codec = file.includes("zstd") ? "zstd" : "lz4";
  expect(() => decodeTable(bytesOf(file))).toThrow(CodecNotLoadedError);
  expect(() => decodeTable(bytesOf(file))).toThrow(expect.objectContaining({ codec }));
});

it("an asynchronous verb loads the codecs, after which the synchronous ones read too", async () => {
  const row = await readModelRow(pathOf("zstd.arrow"));
  expect(row.weights?.length).toBe(juliaFixture("zstd.arrow").rows[0]?.weights?.length);
  expect((await readTable(pathOf("baz_stream_lz4.arrow"))).numRows).toBe(3);
  expect(compressed.map(({ file }) => decodeTable(bytesOf(file)).numRows)).toEqual(
    compressed.map(({ rows }) => rows.length),
  );
});
