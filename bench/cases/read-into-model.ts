import { open } from "node:fs/promises";
import { join } from "node:path";
import { loadWeights, openModelRow, writeModelRow } from "legolas-flux";
import { type Case, type Operation, prepared, type Settings } from "../measure.ts";
import {
  bytesOf,
  checkArrays,
  largeModel,
  type ModelShape,
  makeArrays,
  makeTargets,
  modelBytes,
  weightsOf,
} from "../model.ts";
import { readExisting, writeDurably } from "../raw-files.ts";

const raw = "raw positioned reads";
const rawAtOnce = "raw positioned reads, 4 at a time";
const own = "legolas-flux, loadWeights in place";
const staged = "legolas-flux, loadWeights staged (default)";

async function setUp({ folder, mib }: Settings): Promise<void> {
  const arrays = makeArrays(largeModel(mib));
  writeDurably(join(folder, "raw"), arrays.map(bytesOf));
  await writeModelRow(join(folder, "own.arrow"), { weights: weightsOf(arrays) });
}

async function readAtOnce(path: string, targets: readonly Float32Array[]): Promise<void> {
  const file = await open(path, "r");
  const rest = targets.entries();
  const work = async (): Promise<void> => {
    for (const [i, target] of rest) await file.read(bytesOf(target), 0, target.byteLength, i * target.byteLength);
  };
  await Promise.all(Array.from({ length: 4 }, work));
  await file.close();
}

async function load(path: string, targets: readonly Float32Array[], inPlace: boolean): Promise<void> {
  const { weights, close } = await openModelRow(path);
  if (weights === null) throw new Error("no weights");
  await loadWeights(targets, weights, { inPlace });
  await close();
}

function operation(
  name: string,
  shape: ModelShape,
  read: (targets: readonly Float32Array[]) => void | Promise<void>,
): Operation {
  return {
    name,
    ...(name === raw ? {} : { against: raw }),
    bytes: modelBytes(shape),
    prepare: async () => {
      const targets = makeTargets(shape);
      return prepared(
        () => read(targets),
        () => checkArrays(targets, shape),
      );
    },
  };
}

function operations({ folder, mib }: Settings): Operation[] {
  const shape = largeModel(mib);
  return [
    operation(raw, shape, (targets) => readExisting(join(folder, "raw"), targets)),
    operation(own, shape, (targets) => load(join(folder, "own.arrow"), targets, true)),
    operation(rawAtOnce, shape, (targets) => readAtOnce(join(folder, "raw"), targets)),
    operation(staged, shape, (targets) => load(join(folder, "own.arrow"), targets, false)),
  ];
}

/** Reading a large model into the arrays of one that exists. */
export const readIntoModel: Case = {
  id: "read-into",
  title: "Read it into the arrays of a model",
  explanation:
    "`openModelRow`, `loadWeights(model, weights, { inPlace: true })` and `close` against `readSync` of the same bytes into the same arrays. Staged loading, the default, reads everything first, so that a failure leaves the model as it was; it holds a second copy for that.",
  isolation: "processes",
  diskBytes: ({ mib }) => 3 * mib * 2 ** 20,
  setUp,
  hold: ({ mib }) => makeTargets(largeModel(mib)),
  operations,
  targets: [
    { operation: own, measure: "ratio", atMost: 1.15 },
    { operation: own, measure: "extraMiB", atMost: 32 },
  ],
};
