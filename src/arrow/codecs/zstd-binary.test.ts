import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { zstdBinary } from "./zstd-binary.ts";

it("is the module of the installed package", () => {
  const installed = new URL("../../../node_modules/@bokuweb/zstd-wasm/dist/web/zstd.wasm", import.meta.url);
  expect(gunzipSync(Buffer.from(zstdBinary, "base64")).equals(readFileSync(installed))).toBe(true);
});
