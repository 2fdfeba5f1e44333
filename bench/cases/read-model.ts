import { join } from "node:path";
import { readModelRow, writeModelRow } from "legolas-flux";
import { type Case, type Operation, prepared, type Settings } from "../measure.ts";
import { arraysOf, bytesOf, checkArrays, largeModel, makeArrays, modelBytes, weightsOf } from "../model.ts";
import { peers, runOnce } from "../peers/peers.ts";
import { readNew, writeDurably } from "../raw-files.ts";

const raw = "raw reads, an array each";
const own = "legolas-flux, readModelRow";

async function setUp({ folder, mib }: Settings): Promise<void> {
  const shape = largeModel(mib);
  for (const { file, load } of peers) await runOnce((await load()).write(join(folder, file), shape));
  const arrays = makeArrays(shape);
  writeDurably(join(folder, "raw"), arrays.map(bytesOf));
  await writeModelRow(join(folder, "own.arrow"), { weights: weightsOf(arrays) });
}

function operations({ folder, mib }: Settings): Operation[] {
  const shape = largeModel(mib);
  const bytes = modelBytes(shape);
  return [
    {
      name: raw,
      bytes,
      prepare: async () =>
        prepared(
          () => readNew(join(folder, "raw"), shape.count, shape.length),
          (arrays) => checkArrays(arrays, shape),
        ),
    },
    {
      name: own,
      against: raw,
      bytes,
      prepare: async () =>
        prepared(
          () => readModelRow(join(folder, "own.arrow")),
          ({ weights }) => checkArrays(arraysOf(weights), shape),
        ),
    },
    ...peers.map(
      ({ name, file, load }): Operation => ({
        name,
        against: raw,
        bytes,
        maxRounds: 3,
        prepare: async () => (await load()).read(join(folder, file), shape),
      }),
    ),
  ];
}

/** Reading a large model into new memory. */
export const readModel: Case = {
  id: "read",
  title: "Read it into new arrays",
  explanation:
    "`readModelRow` against `readSync` of each array into a new one, from the page cache. Four of our reads are under way at a time, in Node's threads; the raw ones follow each other. flechette and apache-arrow read the whole file into one buffer and give views of it. Memory is counted beyond one model.",
  isolation: "processes",
  diskBytes: ({ mib }) => 7 * mib * 2 ** 20,
  setUp,
  hold: ({ mib }) => makeArrays(largeModel(mib)),
  operations,
  targets: [
    { operation: own, measure: "ratio", atMost: 1.1 },
    { operation: own, measure: "extraMiB", atMost: 32 },
  ],
};
