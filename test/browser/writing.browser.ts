import { encodeModelRow, loadCodecs, ModelV1 } from "legolas-flux";
import { beforeAll, expect, it } from "vitest";
import { inChromium } from "./in-chromium.ts";
import * as writing from "./pages/writing.ts";

const chromium = inChromium<typeof writing>("writing");

beforeAll(loadCodecs);

it.each([undefined, "lz4", "zstd"] as const)(
  "writes the bytes that Node writes, compression %s",
  async (compression) => {
    const { written, encoded } = await chromium.run("writeToBlob", compression);
    const options = { checksum: true, ...(compression && { compression }) };
    const expected = encodeModelRow(writing.makeRow(1), ModelV1, options);
    expect(Buffer.compare(written, expected)).toBe(0);
    expect(Buffer.compare(encoded, expected)).toBe(0);
  },
);

it("writes rows to a file of the browser's own file system", async () => {
  expect(await chromium.run("writeToOwnFile", 3)).toEqual([0, 1, 2]);
});

it("leaves nothing behind when it is aborted", async () => {
  expect(await chromium.run("abortWriting")).toEqual({ isClosed: false, size: 0, message: "enough" });
});

it("says what to do where a path or an address cannot be used", async () => {
  const [path, address, relative] = await chromium.run("refusals");
  expect(path).toMatch(/^path "model.arrow": .*only Node can open.*encodeModelRow or to a ByteSink/);
  expect(address).toMatch(/the address https:\/\/example.com.*encodeModelRow/);
  expect(relative).toMatch(/^path "models\/model.arrow": .*new URL\("models\/model.arrow", location.href\)/);
});
