import { closeSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { openModelRow, writeModelRow } from "legolas-flux";
import { type Case, type Operation, prepared, type Settings } from "../measure.ts";
import { bytesOf, checkArray, makeArrays, weightsOf } from "../model.ts";
import { plainSink, readFully } from "../raw-files.ts";

/** 200 arrays of 5 MiB, or as many as the size asked for has. */
function shapeOf(mib: number): { count: number; length: number } {
  return { count: Math.max(1, Math.min(200, Math.floor(mib / 5))), length: (5 * 2 ** 20) / 4 };
}

const rawNew = "raw pread into a new array";
const rawInto = "raw pread into an array";
const rawHandle = "raw FileHandle.read into an array";
const readNew = "legolas-flux, read(i)";
const readInto = "legolas-flux, read(i, into)";

/** Other arrays each time, in an order that is the same for every operation. */
function indices(count: number): () => number {
  let calls = 0;
  return () => (calls++ * 37) % count;
}

type Read = (index: number) => Float32Array | Promise<Float32Array>;

function operation(
  name: string,
  settings: Settings,
  open: (path: string) => Promise<{ read: Read; end: () => void | Promise<void> }>,
  against?: string,
): Operation {
  const { count, length } = shapeOf(settings.mib);
  return {
    name,
    ...(against === undefined ? {} : { against }),
    bytes: length * 4,
    prepare: async () => {
      const { read, end } = await open(join(settings.folder, "own.arrow"));
      const next = indices(count);
      return prepared(
        async () => {
          const index = next();
          return { index, array: await read(index) };
        },
        ({ index, array }) => checkArray(array, index),
        end,
      );
    },
  };
}

/** Where each array stands. */
async function placesIn(path: string): Promise<readonly number[]> {
  const { weights, close } = await openModelRow(path);
  await close();
  return (weights?.list() ?? []).map(({ byteOffset }) => byteOffset ?? 0);
}

async function openRaw(path: string, target: () => Float32Array): Promise<{ read: Read; end: () => void }> {
  const places = await placesIn(path);
  const file = openSync(path, "r");
  const read = (index: number): Float32Array => {
    const array = target();
    readFully(file, places[index] ?? 0, bytesOf(array));
    return array;
  };
  return { read, end: () => closeSync(file) };
}

async function openHandle(path: string, target: Float32Array): Promise<{ read: Read; end: () => Promise<void> }> {
  const places = await placesIn(path);
  const file = await open(path, "r");
  const read = async (index: number): Promise<Float32Array> => {
    await file.read(bytesOf(target), 0, target.byteLength, places[index] ?? 0);
    return target;
  };
  return { read, end: () => file.close() };
}

async function openOwn(path: string, into?: Float32Array): Promise<{ read: Read; end: () => Promise<void> }> {
  const { weights, close } = await openModelRow(path);
  const read = async (index: number): Promise<Float32Array> => {
    const vec = (await weights?.read(index, into))?.vec;
    if (vec instanceof Float32Array) return vec;
    throw new Error("no float32");
  };
  return { read, end: close };
}

/** Reading one array of many. */
export const oneArray: Case = {
  id: "one-array",
  title: "Read one array of many",
  explanation:
    "Arrays of 5 MiB of a file that is open already, another one each time: `weights.read(i)` against one positioned `readSync` of its bytes. The asynchronous read of Node is shown beside it: it runs in another thread, as ours does.",
  isolation: "one process",
  rounds: 20,
  repeat: 20,
  diskBytes: ({ mib }) => mib * 2 ** 20,
  setUp: async ({ folder, mib }) => {
    await writeModelRow(plainSink(join(folder, "own.arrow")), { weights: weightsOf(makeArrays(shapeOf(mib))) });
  },
  operations: (settings) => {
    const { length } = shapeOf(settings.mib);
    const target = new Float32Array(length);
    return [
      operation(rawNew, settings, (path) => openRaw(path, () => new Float32Array(length))),
      operation(readNew, settings, (path) => openOwn(path), rawNew),
      operation(rawInto, settings, (path) => openRaw(path, () => target)),
      operation(rawHandle, settings, (path) => openHandle(path, target), rawInto),
      operation(readInto, settings, (path) => openOwn(path, target), rawInto),
    ];
  },
  targets: [readNew, readInto].map((name) => ({
    operation: name,
    measure: "ratio",
    atMost: 1.3,
    ifMissed: "Node's own asynchronous read, without which reading would block, takes part of the difference",
  })),
};
