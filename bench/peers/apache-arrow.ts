/** apache-arrow, with a list for each array, made from one concatenated array, which is the fastest way it has. */
import { readFileSync, rmSync } from "node:fs";
import { Field, Float32, List, makeData, Table, tableFromIPC, tableToIPC, Vector } from "apache-arrow";
import { prepared } from "../measure.ts";
import { checkArrays, type ModelShape, makeArrays } from "../model.ts";
import { writeDurably } from "../raw-files.ts";
import { concatenate } from "./concatenate.ts";
import type { Peer } from "./peer.ts";

function encode(arrays: readonly Float32Array[], { count, length }: ModelShape): Uint8Array {
  const data = concatenate(arrays);
  const child = makeData({ type: new Float32(), length: data.length, nullCount: 0, data });
  const type = new List(new Field("item", new Float32(), false));
  const valueOffsets = Int32Array.from({ length: count + 1 }, (_, i) => i * length);
  const lists = makeData({ type, length: count, nullCount: 0, valueOffsets, child });
  return tableToIPC(new Table({ vec: new Vector([lists]) }), "file");
}

function read(path: string): Float32Array[] {
  const table = tableFromIPC<{ vec: List<Float32> }>(readFileSync(path));
  return Array.from(
    { length: table.numRows },
    (_, i) => table.getChild("vec")?.get(i)?.toArray() ?? new Float32Array(),
  );
}

export const apacheArrow: Peer = {
  write: async (path, shape) => {
    const arrays = makeArrays(shape);
    rmSync(path, { force: true });
    return prepared(
      () => writeDurably(path, [encode(arrays, shape)]),
      () => checkArrays(read(path), shape),
    );
  },
  read: async (path, shape) =>
    prepared(
      () => read(path),
      (arrays) => checkArrays(arrays, shape),
    ),
};
