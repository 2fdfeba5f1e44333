import { createHash } from "node:crypto";
import { encodeModelRow, FlatArray, loadCodecs, ModelV1, Weights } from "legolas-flux";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RangeServer, type ServerHabits, serve } from "../engine/range-server.ts";
import { bytesOf, juliaFixture, pathOf } from "../helpers/julia-fixtures.ts";
import { inChromium } from "./in-chromium.ts";
import type * as reading from "./pages/reading.ts";

const chromium = inChromium<typeof reading>("reading");

const arrays = Array.from({ length: 20 }, (_, i) => new FlatArray(new Float32Array(20_000).fill(i + 1), [20_000]));
const names = arrays.map((_, i) => `w${i}`);
const row = ModelV1({ weights: new Weights(arrays, { names }), architecture_version: 3 });
const content = encodeModelRow(row);

/** What a server must say so that pages of other origins may read parts of its files. */
const shared = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Content-Range, Content-Encoding, ETag",
};

const values = arrays.map(({ vec }) => Float64Array.from(vec, Number));

/** The numbers of a file by Julia, which are float32. */
const juliaValues = (file: string): Float64Array[] =>
  juliaFixture(file).rows[0]?.weights?.map((array) =>
    Float64Array.from(array.values, (value) => Math.fround(Number(value))),
  ) ?? [];

const digestOf = ({ buffer, byteOffset, byteLength }: Float64Array): string =>
  createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");

function expectSame(found: reading.Summary["arrays"], expected: readonly Float64Array[]): void {
  expect(expected.length).toBeGreaterThan(0);
  expect(found.map(digestOf)).toEqual(expected.map(digestOf));
}

let servers: RangeServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

async function serving(bytes: Uint8Array = content, habits: ServerHabits = { headers: shared }): Promise<RangeServer> {
  const server = await serve(bytes, habits);
  servers.push(server);
  return server;
}

beforeAll(loadCodecs);

describe("at an address of another origin", () => {
  it("opens a file of 1.6 MB with four requests and less than 260 kB, and reads one array with one more", async () => {
    const server = await serving();
    expect(await chromium.run("open", server.address)).toEqual({ length: 20, names: ["w0", "w1"] });
    expect(server.ranges.length).toBeLessThanOrEqual(4);
    expect(server.ranges).not.toContain(null);
    expect(server.sent).toBeLessThan(260_000);
    const before = server.ranges.length;
    expectSame([await chromium.run("readArray", 7)], values.slice(7, 8));
    expect(server.ranges.length).toBe(before + 1);
  });

  it("reads everything, whether or not the server gives ranges or lets them be seen", async () => {
    const origin = { "Access-Control-Allow-Origin": "*" };
    const kinds: [ServerHabits, number][] = [
      [{ headers: shared }, 30],
      [{ headers: shared, ignoresRanges: true }, 1],
      [{ headers: origin }, 2],
    ];
    for (const [habits, requests] of kinds) {
      const server = await serving(content, habits);
      const summary = await chromium.run("read", server.address);
      expect(summary.architectureVersion).toBe(3);
      expectSame(summary.arrays, values);
      expect(server.ranges.length).toBeLessThanOrEqual(requests);
    }
  });

  it("notices that a file was replaced half-way", async () => {
    const server = await serving();
    await chromium.run("open", server.address);
    server.etag = '"2"';
    const failure = await chromium.run("failToReadArray", 3);
    expect(failure).toMatchObject({ name: "SourceError", isOurs: true });
    expect(failure?.message).toMatch(/was replaced while it was read. Open it again/);
  });

  it("says what to do where the server does not let pages of other origins read", async () => {
    const server = await serving(content, {});
    const failure = await chromium.run("failToRead", server.address);
    expect(failure).toMatchObject({ name: "SourceError", isOurs: true });
    expect(failure?.message).toMatch(/^fetching "http:\/\/127.*" failed: .*Access-Control-Allow-Origin/);
    expect(chromium.complaints.splice(0).join()).toMatch(/blocked by CORS policy/);
  });

  it("says what the server answered where there is no such file", async () => {
    const server = await serving(content, { headers: shared, ignoresRanges: true, status: 404 });
    const failure = await chromium.run("failToRead", server.address);
    expect(failure).toMatchObject({ name: "SourceError", isOurs: true });
    expect(failure?.message).toMatch(/the server answered 404 Not Found. Check the address$/);
    expect(chromium.complaints.splice(0).join()).toMatch(/404/);
  });

  it("says that an HTML page is none", async () => {
    const failure = await chromium.run("failToRead", `${chromium.origin}/`);
    expect(failure).toMatchObject({ name: "FormatError", isOurs: true });
    expect(failure?.message).toMatch(/found what looks like an HTML or XML page/);
  });

  it("says that nothing answers", async () => {
    const server = await serving();
    await server.close();
    servers = [];
    const failure = await chromium.run("failToRead", server.address);
    expect(failure?.message).toMatch(/^fetching "http:\/\/127.*" failed: .*Check the address/);
    expect(chromium.complaints.splice(0).join()).toMatch(/ERR_CONNECTION_REFUSED/);
  });
});

describe("in memory and from files", () => {
  it("reads Blobs, Files, views and buffers", async () => {
    const summaries = await chromium.run("readInMemory", new Uint8Array(bytesOf("simple_arch3.arrow")));
    expect(summaries).toHaveLength(4);
    for (const { arrays: found } of summaries) expectSame(found, juliaValues("simple_arch3.arrow"));
  });

  it("reads the file that somebody chose, as Julia wrote it", async () => {
    await chromium.page.locator("input").setInputFiles(pathOf("simple_arch3.arrow"));
    const { architectureVersion, arrays: found } = await chromium.run("readChosenFile");
    expect(architectureVersion).toBe(3);
    expectSame(found, juliaValues("simple_arch3.arrow"));
  });
});

describe("compressed", () => {
  const addresses = (): string[] => {
    const found: string[] = [];
    chromium.page.on("request", (request) => found.push(request.url()));
    return found;
  };

  it.each(["lz4", "zstd"] as const)("reads %s, and loads no other codec", async (compression) => {
    const server = await serving(encodeModelRow(row, ModelV1, { compression }));
    const requests = addresses();
    const { arrays: found } = await chromium.run("read", server.address);
    expectSame(found, values);
    const loaded = requests.map((address) => /\/(lz4|zstd)-\w+(?:-\w+)?\.js$/.exec(address)?.[1]);
    expect(new Set(loaded.filter(Boolean))).toEqual(new Set([compression]));
  });

  it.each(["zstd.arrow", "simple_lz4.arrow"])("decodes %s, by Julia, once the codecs are loaded", async (file) => {
    const { arrays: found } = await chromium.run("decodeAfterLoadingCodecs", new Uint8Array(bytesOf(file)));
    expectSame(found, juliaValues(file));
  });

  it("reads zstd in a script that is no module, bundled by esbuild without options", async () => {
    const server = await serving(encodeModelRow(row, ModelV1, { compression: "zstd" }));
    await chromium.page.addScriptTag({ url: "/classic-script.js" });
    expect(await chromium.page.evaluate(`countArrays("${server.address}")`)).toBe(20);
  });

  it("reads lz4 where the page allows no WebAssembly, and says what zstd needs", async () => {
    const lz4 = await serving(encodeModelRow(row, ModelV1, { compression: "lz4" }));
    const zstd = await serving(encodeModelRow(row, ModelV1, { compression: "zstd" }));
    await chromium.goto("/strict");
    expect((await chromium.run("read", lz4.address)).architectureVersion).toBe(3);
    const failure = await chromium.run("failToRead", zstd.address);
    expect(failure).toMatchObject({ name: "SourceError", isOurs: true });
    expect(failure?.message).toMatch(/loading "zstd codec" failed: .*needs 'wasm-unsafe-eval' in its script-src/);
    chromium.complaints.splice(0);
  });
});
