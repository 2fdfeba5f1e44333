import { rmSync } from "node:fs";
import { join } from "node:path";
import { type ByteSink, openModelRow, writeModelRow } from "legolas-flux";
import { type Case, type Operation, type Prepared, prepared, type Settings } from "../measure.ts";
import { bytesOf, checkArrays, largeModel, type ModelShape, makeArrays, modelBytes, weightsOf } from "../model.ts";
import { peers } from "../peers/peers.ts";
import { makeDurable, plainSink, readExisting, writeDurably, writePlain } from "../raw-files.ts";

const rawDurable = "raw writes, fsync and rename";
const rawPlain = "raw writes, no fsync";
const toPath = "legolas-flux, to a path";
const toSink = "legolas-flux, to a ByteSink, no fsync";

/** Checks a file by reading each array where the metadata says that it stands. */
async function checkFile(path: string, shape: ModelShape): Promise<void> {
  makeDurable(path);
  const { weights, close } = await openModelRow(path);
  const targets = Array.from({ length: shape.count }, () => new Float32Array(shape.length));
  for (const [i, target] of targets.entries()) await weights?.read(i, target);
  await close();
  checkArrays(targets, shape);
}

async function raw(path: string, shape: ModelShape, write: typeof writePlain): Promise<Prepared> {
  const arrays = makeArrays(shape);
  rmSync(path, { force: true });
  return prepared(
    () => write(path, arrays.map(bytesOf)),
    () => {
      makeDurable(path);
      const targets = Array.from({ length: shape.count }, () => new Float32Array(shape.length));
      readExisting(path, targets);
      checkArrays(targets, shape);
    },
    () => makeDurable(path),
  );
}

async function ours(path: string, shape: ModelShape, open: () => string | ByteSink): Promise<Prepared> {
  const weights = weightsOf(makeArrays(shape));
  rmSync(path, { force: true });
  return prepared(
    () => writeModelRow(open(), { weights, architecture_version: 1 }),
    () => checkFile(path, shape),
    () => makeDurable(path),
  );
}

const handOver = "each write is handed to a thread and back, which costs the more the busier the cores are";

function operations({ folder, mib }: Settings): Operation[] {
  const shape = largeModel(mib);
  const at = (name: string): string => join(folder, name);
  const bytes = modelBytes(shape);
  return [
    { name: rawDurable, bytes, prepare: () => raw(at("durable.raw"), shape, writeDurably) },
    {
      name: toPath,
      against: rawDurable,
      bytes,
      prepare: () => ours(at("path.arrow"), shape, () => at("path.arrow")),
    },
    { name: rawPlain, bytes, prepare: () => raw(at("plain.raw"), shape, writePlain) },
    {
      name: toSink,
      against: rawPlain,
      bytes,
      prepare: () => ours(at("sink.arrow"), shape, () => plainSink(at("sink.arrow"))),
    },
    ...peers.map(
      ({ name, file, load }): Operation => ({
        name: `${name}, fsync and rename`,
        against: rawDurable,
        bytes,
        maxRounds: 3,
        prepare: async () => (await load()).write(at(file), shape),
      }),
    ),
  ];
}

/** Writing a large model. */
export const writeModel: Case = {
  id: "write",
  title: "Write a model of 200 float32 arrays",
  explanation:
    "`writeModelRow` against `writeSync` of each array's bytes. To a path, both write a temporary, fsync it, rename it and fsync the folder; to a `ByteSink`, neither does. The peers also fsync and rename. flechette and apache-arrow get their fastest form, one flat column (flechette) or one list column (apache-arrow) made from one concatenated array, without names or sizes.",
  isolation: "processes",
  diskBytes: ({ mib }) => 10 * mib * 2 ** 20,
  hold: ({ mib }) => makeArrays(largeModel(mib)),
  operations,
  targets: [
    { operation: toPath, measure: "ratio", atMost: 1.1, ifMissed: handOver },
    { operation: toPath, measure: "extraMiB", atMost: 32 },
    { operation: toSink, measure: "ratio", atMost: 1.1 },
    { operation: toSink, measure: "extraMiB", atMost: 32 },
  ],
};
