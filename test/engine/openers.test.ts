/** What is no path and is opened anew for each verb, as files of a browser's store are. */
import {
  type ByteSink,
  encodeModelRow,
  fetchWeights,
  listModelRows,
  ModelV1,
  openModelRow,
  readModelRow,
  readModelRows,
  type SinkOpener,
  type SourceOpener,
  writeModelRow,
  writeModelRows,
} from "legolas-flux";
import { downloadTarget, openModelStore } from "legolas-flux/browser";
import { readTable } from "legolas-flux/legolas";
import { fromSafetensors, toSafetensors } from "legolas-flux/safetensors";
import { expect, it } from "vitest";

const makeRow = (version: number): ModelV1 =>
  ModelV1({ weights: fetchWeights({ a: new Float32Array(50_000).fill(version) }), architecture_version: version });

interface Kept extends SourceOpener, SinkOpener {
  readonly name: string;
  bytes: Buffer;
  /** What sinks were told to expect, and how many sources are open. */
  readonly expected: number[];
  open: number;
}

function keep(name: string): Kept {
  const kept: Kept = {
    name,
    bytes: Buffer.alloc(0),
    expected: [],
    open: 0,
    openSource: async () => {
      kept.open++;
      const { bytes } = kept;
      return {
        location: name,
        size: bytes.length,
        readAt: async (position, length) => new Uint8Array(bytes.subarray(position, position + length)),
        close: async () => void kept.open--,
      };
    },
    openSink: async (): Promise<ByteSink> => {
      const parts: Uint8Array[] = [];
      return {
        location: name,
        expect: (totalBytes) => void kept.expected.push(totalBytes),
        write: async (bytes) => void parts.push(bytes.slice()),
        close: async () => {
          kept.bytes = Buffer.concat(parts);
        },
        abort: async () => {},
      };
    },
  };
  return kept;
}

it("is read and written by the verbs, and closed", async () => {
  const kept = keep("best");
  await writeModelRow(kept, makeRow(3));
  expect(Buffer.compare(kept.bytes, encodeModelRow(makeRow(3)))).toBe(0);
  expect((await readModelRow(kept)).architecture_version).toBe(3);
  const handle = await openModelRow(kept);
  expect(kept.open).toBe(1);
  await handle.close();
  expect(kept.open).toBe(0);
});

it("stays open where it was open before, whatever reads it, with and without a report of progress", async () => {
  const kept = keep("best");
  await writeModelRow(kept, makeRow(3));
  const source = await kept.openSource();
  const tensors = keep("tensors");
  await toSafetensors(makeRow(3).weights, tensors);
  const others = await tensors.openSource();
  for (const onProgress of [undefined, () => {}]) {
    expect((await readModelRow(source, ModelV1, { onProgress })).architecture_version).toBe(3);
    await (await openModelRow(source, ModelV1, { onProgress })).close();
    expect((await readTable(source, { schemaVersion: ModelV1, onProgress })).numRows).toBe(1);
    expect((await fromSafetensors(others, { onProgress })).weights.length).toBe(1);
    await expect(readModelRow(others, ModelV1, { onProgress })).rejects.toThrow(/safetensors/);
  }
  expect([kept.open, tensors.open]).toEqual([1, 1]);
});

it("is told how many bytes will come, before they come", async () => {
  const kept = keep("all");
  await writeModelRow(kept, makeRow(3));
  expect(kept.expected).toEqual([kept.bytes.length]);
  kept.expected.length = 0;
  await writeModelRows(kept, [makeRow(1), makeRow(2)]);
  expect(kept.expected).toEqual([...kept.expected].sort((a, b) => a - b));
  expect(kept.expected.at(-1)).toBe(kept.bytes.length);
  const versions: unknown[] = [];
  for await (const row of readModelRows(kept)) versions.push(row.architecture_version);
  expect(versions).toEqual([1, 2]);
});

it("is listed by name, whatever the name", async () => {
  const files = [keep("one"), keep("two.arrow")];
  for (const [i, file] of files.entries()) await writeModelRow(file, makeRow(i));
  const rows = await listModelRows({ list: async () => files }, { sort: "-architecture_version" });
  expect(rows.map(({ path, row }) => [path, row.architecture_version])).toEqual([
    ["two.arrow", 1],
    ["one", 0],
  ]);
  expect(files.map(({ open }) => open)).toEqual([0, 0]);
  files.push(keep("empty"));
  await expect(listModelRows({ list: async () => files })).rejects.toThrow(/^reading "empty" failed/);
});

it("says that there is no store and no download where there is no browser", async () => {
  await expect(openModelStore("runs")).rejects.toThrow(/^opening the store "runs" failed: there is no IndexedDB here/);
  await expect(openModelStore("runs", { kind: "opfs" })).rejects.toThrow(/cannot write files of its own file system/);
  await expect(writeModelRow(downloadTarget("x.arrow"), makeRow(1))).rejects.toThrow(/expected a page/);
});
