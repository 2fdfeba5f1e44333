import {
  encodeModelRow,
  FlatArray,
  FormatError,
  LegolasError,
  ModelV1,
  openModelRow,
  type Progress,
  readModelRow,
  SourceError,
  Weights,
} from "legolas-flux";
import { afterEach, expect, it } from "vitest";
import { type RangeServer, type ServerHabits, serve } from "./range-server.ts";

const arrays = Array.from({ length: 20 }, (_, i) => new FlatArray(new Float32Array(20_000).fill(i + 1), [20_000]));
const row = ModelV1({
  weights: new Weights(arrays, { names: arrays.map((_, i) => `w${i}`) }),
  architecture_version: 3,
});
const content = encodeModelRow(row);

let server: RangeServer | null = null;
afterEach(async () => server?.close());

async function serving(habits: ServerHabits = {}, bytes: Uint8Array = content): Promise<RangeServer> {
  server = await serve(bytes, habits);
  return server;
}

async function failure(run: Promise<unknown>): Promise<LegolasError> {
  const error: unknown = await run.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LegolasError);
  return error as LegolasError;
}

it("opens a file of 1.6 MB with four requests and less than 260 kB, and reads one array with one more", async () => {
  const { address, ranges } = await serving();
  const handle = await openModelRow(address);
  expect(handle.row.architecture_version).toBe(3);
  expect(handle.weights?.names?.[7]).toBe("w7");
  expect(ranges.length).toBeLessThanOrEqual(4);
  expect(server?.sent).toBeLessThan(260_000);
  const before = ranges.length;
  expect((await handle.weights?.read(7))?.vec).toEqual(arrays[7]?.vec);
  expect(ranges.length).toBe(before + 1);
});

it("reads a whole row by ranges", async () => {
  const { address } = await serving();
  expect((await readModelRow(address)).weights?.arrays).toEqual(arrays);
});

it("fetches everything once from a server that knows no ranges, or sends its answers compressed", async () => {
  for (const habits of [{ ignoresRanges: true }, { headers: { "Content-Encoding": "identity" } }]) {
    const { address, ranges, close } = await serving(habits);
    expect((await readModelRow(address)).weights?.length).toBe(20);
    expect(ranges.length).toBeLessThanOrEqual(2);
    await close();
  }
  server = null;
});

it("notices that a file was replaced half-way, by its ETag or by its time of change", async () => {
  const current = await serving();
  const handle = await openModelRow(current.address);
  current.etag = '"2"';
  const error = await failure(handle.weights?.read(3) as Promise<unknown>);
  expect(error).toBeInstanceOf(SourceError);
  expect(error.message).toMatch(/was replaced while it was read. Open it again/);
});

it("says that an HTML page is none, and what a server answered", async () => {
  const page = new TextEncoder().encode("<!DOCTYPE html><html><body>Not found</body></html>");
  const { address, close } = await serving({}, page);
  const html = await failure(readModelRow(address));
  expect(html).toBeInstanceOf(FormatError);
  expect(html.message).toMatch(/found what looks like an HTML or XML page/);
  await close();
  const missing = await serving({ ignoresRanges: true, status: 404 });
  const error = await failure(readModelRow(missing.address));
  expect(error.message).toMatch(/fetching "http:\/\/127.*" failed: the server answered 404 Not Found/);
});

it("refuses an empty answer and one that is cut off", async () => {
  const { address, close } = await serving({}, new Uint8Array(0));
  expect((await failure(readModelRow(address))).message).toMatch(/found no bytes/);
  await close();
  const short = await serving({ shortBy: 10 });
  expect(await failure(readModelRow(short.address))).toBeInstanceOf(LegolasError);
});

it("says that nothing answers at an address", async () => {
  const { address, close } = await serving();
  await close();
  server = null;
  expect((await failure(readModelRow(address))).message).toMatch(/fetching .* failed: .*Check the address/);
});

it("tells how much has arrived, as it arrives, by ranges or in one answer", async () => {
  const reports: Progress[] = [];
  const onProgress = (progress: Progress): void => void reports.push(progress);
  const headers = { "Content-Length": `${content.length}` };
  for (const habits of [{}, { ignoresRanges: true, headers }]) {
    reports.length = 0;
    const { address, close } = await serving(habits);
    expect((await readModelRow(address, ModelV1, { onProgress })).weights?.arrays).toEqual(arrays);
    const bytes = reports.map((report) => report.bytes);
    expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
    expect(reports.every(({ totalBytes }) => totalBytes === content.length)).toBe(true);
    expect(reports.length).toBeGreaterThan(5);
    expect(bytes[0]).toBeLessThan(content.length / 2);
    expect(bytes.at(-1)).toBeGreaterThan(0.99 * content.length);
    await close();
  }
  // Without a length, what has arrived is all that is known.
  const chunked = await serving({ ignoresRanges: true, headers: { "Transfer-Encoding": "chunked" } });
  await readModelRow(chunked.address, ModelV1, { onProgress });
  expect(reports.at(-1)).toEqual({ bytes: content.length, totalBytes: content.length });
});

it("ends with what the function threw that was told how much has arrived", async () => {
  const { address } = await serving();
  const onProgress = (): void => {
    throw new Error("no more");
  };
  await expect(readModelRow(address, ModelV1, { onProgress })).rejects.toThrow("no more");
});

it("stops when its signal aborts", async () => {
  const { address } = await serving();
  const controller = new AbortController();
  controller.abort(new Error("enough"));
  await expect(readModelRow(address, ModelV1, { signal: controller.signal })).rejects.toThrow("enough");
});
