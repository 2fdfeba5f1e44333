/** flechette, with all elements in one flat column, which is the fastest form it has for them. */
import { readFileSync, rmSync } from "node:fs";
import { type Table, tableFromArrays, tableFromIPC, tableToIPC } from "@uwdata/flechette";
import { prepared } from "../measure.ts";
import { checkArrays, type ModelShape, makeArrays } from "../model.ts";
import { writeDurably } from "../raw-files.ts";
import { concatenate, split } from "./concatenate.ts";
import type { Peer } from "./peer.ts";

function encode(arrays: readonly Float32Array[]): Uint8Array {
  const bytes = tableToIPC(tableFromArrays({ vec: concatenate(arrays) }), { format: "file" });
  if (bytes === null) throw new Error("flechette gave no bytes");
  return bytes;
}

function viewsOf(table: Table, shape: ModelShape): Float32Array[] {
  const values: unknown = table.getChild("vec").toArray();
  if (values instanceof Float32Array) return split(values, shape);
  throw new Error("flechette gave no Float32Array");
}

const read = (path: string, shape: ModelShape): Float32Array[] => viewsOf(tableFromIPC(readFileSync(path)), shape);

export const flechette: Peer = {
  write: async (path, shape) => {
    const arrays = makeArrays(shape);
    rmSync(path, { force: true });
    return prepared(
      () => writeDurably(path, [encode(arrays)]),
      () => checkArrays(read(path, shape), shape),
    );
  },
  read: async (path, shape) =>
    prepared(
      () => read(path, shape),
      (arrays) => checkArrays(arrays, shape),
    ),
};
