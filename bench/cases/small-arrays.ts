import { rmSync } from "node:fs";
import { join } from "node:path";
import { loadWeights, openModelRow, readModelRow, writeModelRow } from "legolas-flux";
import { type Case, type Operation, type Prepared, prepared, type Settings } from "../measure.ts";
import { arraysOf, bytesOf, checkArrays, makeArrays, makeTargets, modelBytes, weightsOf } from "../model.ts";
import { concatenate, split } from "../peers/concatenate.ts";
import { plainSink, readExisting, readNew, writeDurably, writePlain } from "../raw-files.ts";

const shape = { count: 10_000, length: 100 };
const rawDurable = "write: raw, a call for each array, fsync and rename";
const rawPlain = "write: raw, a call for each array, no fsync";
const rawNew = "read: raw, a call for each array";
const rawExisting = "read into: raw, a call for each array";
const toPath = "write: legolas-flux, to a path";
const toSink = "write: legolas-flux, to a ByteSink, no fsync";
const readRow = "read: legolas-flux";
const inPlace = "read into: legolas-flux, in place";

const known: Readonly<Record<string, string>> = {
  [toPath]: "each array is a write of its own through a thread of Node, awaited before the next",
  [readRow]: "the bytes are read in four calls; the rest is objects made for each array, and collecting them",
  [inPlace]: "the bytes are read in four calls; the rest is objects made for each array, and collecting them",
};

const bytes = modelBytes(shape);

function writing(path: string, write: () => void | Promise<void>, read: () => Promise<Float32Array[]>): Prepared {
  return prepared(
    async () => {
      rmSync(path, { force: true });
      await write();
    },
    async () => checkArrays(await read(), shape),
  );
}

async function readOwn(path: string): Promise<Float32Array[]> {
  return arraysOf((await readModelRow(path)).weights);
}

function writes(folder: string): Operation[] {
  const arrays = makeArrays(shape);
  const weights = weightsOf(arrays);
  const row = { weights };
  const at = (name: string): string => join(folder, name);
  const raw = (name: string, write: (path: string) => void): (() => Promise<Prepared>) => {
    return async () =>
      writing(
        at(name),
        () => write(at(name)),
        async () => readNew(at(name), shape.count, shape.length),
      );
  };
  const own = (name: string, write: (path: string) => Promise<void>): (() => Promise<Prepared>) => {
    return async () =>
      writing(
        at(name),
        () => write(at(name)),
        () => readOwn(at(name)),
      );
  };
  return [
    { name: rawDurable, bytes, prepare: raw("1.raw", (path) => writeDurably(path, arrays.map(bytesOf))) },
    { name: toPath, against: rawDurable, bytes, prepare: own("2.arrow", (path) => writeModelRow(path, row)) },
    {
      name: "write: raw, joined first, fsync and rename",
      against: rawDurable,
      bytes,
      prepare: raw("3.raw", (path) => writeDurably(path, [bytesOf(concatenate(arrays))])),
    },
    { name: rawPlain, bytes, prepare: raw("4.raw", (path) => writePlain(path, arrays.map(bytesOf))) },
    { name: toSink, against: rawPlain, bytes, prepare: own("5.arrow", (path) => writeModelRow(plainSink(path), row)) },
  ];
}

async function load(path: string, targets: readonly Float32Array[]): Promise<void> {
  const { weights, close } = await openModelRow(path);
  if (weights) await loadWeights(targets, weights, { inPlace: true });
  await close();
}

function reads(folder: string): Operation[] {
  const at = (name: string): string => join(folder, name);
  const fresh = (read: () => Float32Array[] | Promise<Float32Array[]>): (() => Promise<Prepared>) => {
    return async () => prepared(read, (arrays) => checkArrays(arrays, shape));
  };
  const into = (read: (targets: readonly Float32Array[]) => void | Promise<void>): (() => Promise<Prepared>) => {
    const targets = makeTargets(shape);
    return async () =>
      prepared(
        () => read(targets),
        () => checkArrays(targets, shape),
      );
  };
  return [
    { name: rawNew, bytes, prepare: fresh(() => readNew(at("raw"), shape.count, shape.length)) },
    { name: readRow, against: rawNew, bytes, prepare: fresh(() => readOwn(at("own.arrow"))) },
    {
      name: "read: raw, one call, then copies",
      against: rawNew,
      bytes,
      prepare: fresh(() => {
        const [joined = new Float32Array()] = readNew(at("raw"), 1, shape.count * shape.length);
        return split(joined, shape).map((part) => part.slice());
      }),
    },
    { name: rawExisting, bytes, prepare: into((targets) => readExisting(at("raw"), targets)) },
    { name: inPlace, against: rawExisting, bytes, prepare: into((targets) => load(at("own.arrow"), targets)) },
  ];
}

async function setUp({ folder }: Settings): Promise<void> {
  const arrays = makeArrays(shape);
  writeDurably(join(folder, "raw"), arrays.map(bytesOf));
  await writeModelRow(join(folder, "own.arrow"), { weights: weightsOf(arrays) });
}

/** A model of many small arrays. */
export const smallArrays: Case = {
  id: "small",
  title: "10,000 arrays of 100 float32 each",
  explanation:
    "4 MB in 10,000 arrays: what each array costs beside its bytes. The raw side makes one call for each array; joining them first (one call) is shown beside it. Our reads share calls between neighbours.",
  isolation: "one process",
  rounds: 15,
  diskBytes: () => 10 * bytes,
  setUp,
  operations: ({ folder }) => [...writes(folder), ...reads(folder)],
  targets: [toPath, toSink, readRow, inPlace].map((operation) => ({
    operation,
    measure: "ratio",
    atMost: 3,
    ...(known[operation] ? { ifMissed: known[operation] } : {}),
  })),
};
