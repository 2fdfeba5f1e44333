/**
 * safetensors, as small as it can be: the length of a JSON header, the header, then the arrays one after the other.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
import { closeSync, openSync, rmSync } from "node:fs";
import { prepared } from "../measure.ts";
import { bytesOf, checkArrays, makeArrays } from "../model.ts";
import { readFully, writeDurably } from "../raw-files.ts";
import type { Peer } from "./peer.ts";

interface Entry {
  readonly dtype: "F32";
  readonly shape: readonly number[];
  readonly data_offsets: readonly [from: number, to: number];
}

function headerOf(arrays: readonly Float32Array[]): Uint8Array {
  const entries: Record<string, Entry> = {};
  let end = 0;
  for (const [i, { length, byteLength }] of arrays.entries()) {
    entries[`array.${i}`] = { dtype: "F32", shape: [length], data_offsets: [end, end + byteLength] };
    end += byteLength;
  }
  const text = JSON.stringify(entries);
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const header = new Uint8Array(8 + json.length);
  new DataView(header.buffer).setBigUint64(0, BigInt(json.length), true);
  header.set(json, 8);
  return header;
}

function readSafetensors(path: string): Float32Array[] {
  const file = openSync(path, "r");
  const prefix = new Uint8Array(8);
  readFully(file, 0, prefix);
  const json = new Uint8Array(Number(new DataView(prefix.buffer).getBigUint64(0, true)));
  readFully(file, 8, json);
  const entries = Object.values(JSON.parse(new TextDecoder().decode(json)) as Record<string, Entry>);
  const arrays = entries.map(({ data_offsets: [from, to] }) => {
    const array = new Float32Array((to - from) / 4);
    readFully(file, 8 + json.length + from, bytesOf(array));
    return array;
  });
  closeSync(file);
  return arrays;
}

/** A minimal writer and reader of our own. */
export const safetensors: Peer = {
  write: async (path, shape) => {
    const arrays = makeArrays(shape);
    rmSync(path, { force: true });
    return prepared(
      () => writeDurably(path, [headerOf(arrays), ...arrays.map(bytesOf)]),
      () => checkArrays(readSafetensors(path), shape),
    );
  },
  read: async (path, shape) =>
    prepared(
      () => readSafetensors(path),
      (arrays) => checkArrays(arrays, shape),
    ),
};
