import { statSync } from "node:fs";
import { join } from "node:path";
import { loadWeights, openModelRow, readModelRows, writeModelRow, writeModelRows } from "legolas-flux";
import { type Case, type Facts, type Operation, prepared, type Settings } from "../measure.ts";
import { weightsOf } from "../model.ts";
import { checkShared, sharedArrays } from "../shared-arrays.ts";

/** 80 arrays of 64 MiB: 5 GiB. */
const many = { count: 80, length: 2 ** 24 };
const bytes = many.count * many.length * 4;

const sizeOf = (path: string): Facts => ({ "file size": `${(statSync(path).size / 2 ** 30).toFixed(2)} GiB` });

async function writeOne(path: string): Promise<void> {
  await writeModelRow(path, { weights: weightsOf(sharedArrays(many.count, many.length)) });
}

/** Reads every array into the same memory and checks it. */
async function readEach(path: string): Promise<void> {
  const { weights, close } = await openModelRow(path);
  if (weights?.length !== many.count) throw new Error(`${weights?.length} arrays instead of ${many.count}`);
  const target = new Float32Array(many.length);
  for (let i = 0; i < weights.length; i++) {
    await weights.read(i, target);
    checkShared(target, i);
  }
  await close();
}

async function writeRows(path: string): Promise<void> {
  const arrays = sharedArrays(many.count, many.length);
  await writeModelRows(
    path,
    (function* () {
      for (const array of arrays) yield { weights: weightsOf([array]) };
    })(),
  );
}

async function readRows(path: string): Promise<void> {
  let index = 0;
  for await (const { weights } of readModelRows(path)) {
    const vec = weights?.at(0)?.vec;
    if (!(vec instanceof Float32Array)) throw new Error(`row ${index} has no float32`);
    checkShared(vec, index++);
  }
  if (index !== many.count) throw new Error(`${index} rows instead of ${many.count}`);
}

function operations({ folder }: Settings): Operation[] {
  const row = join(folder, "row.arrow");
  const rows = join(folder, "rows.arrow");
  const once = (run: () => Promise<void>, path: string): Operation["prepare"] => {
    return async () => prepared(run, () => sizeOf(path));
  };
  return [
    { name: "write one row of 80 arrays of 64 MiB", bytes, prepare: once(() => writeOne(row), row) },
    { name: "read and check it, array by array", prepare: once(() => readEach(row), row) },
    { name: "write 80 rows of 64 MiB from a generator", bytes, prepare: once(() => writeRows(rows), rows) },
    { name: "read and check them, row by row", prepare: once(() => readRows(rows), rows) },
  ];
}

/** Files larger than any one buffer. */
export const hugeFile: Case = {
  id: "huge-file",
  title: "A file of 5 GiB",
  explanation:
    "Arrays that share 64 MiB of memory, each different, through a path. Memory is counted beyond those 64 MiB; the checks compare every element and are part of the time.",
  large: true,
  isolation: "processes",
  rounds: 1,
  warmUp: false,
  diskBytes: () => 2 * bytes,
  hold: () => sharedArrays(many.count, many.length),
  operations,
  targets: operations({ folder: "", mib: 0, rounds: 0, large: true })
    .slice(0, 3)
    .map(({ name }) => ({ operation: name, measure: "extraMiB", atMost: 32 })),
};

/** 2.2 GiB in one array, more than 2^31 bytes. */
const hugeLength = Math.floor((2.2 * 2 ** 30) / 4);
const hugeBytes = hugeLength * 4;

async function writeHuge(path: string, array: Float32Array): Promise<void> {
  await writeModelRow(path, { weights: weightsOf([array]) });
}

async function readHuge(path: string, target: Float32Array): Promise<void> {
  const { weights, close } = await openModelRow(path);
  if (weights) await loadWeights({ kernel: target }, weights, { inPlace: true });
  await close();
}

const writeName = "write it";
const readName = "read it into an array in place";

/** An array larger than one system call can move. */
export const hugeArray: Case = {
  id: "huge-array",
  title: "One array of 2.2 GiB",
  explanation: "One Float32Array of more than 2^31 bytes. Memory is counted beyond that array.",
  large: true,
  isolation: "processes",
  rounds: 1,
  warmUp: false,
  diskBytes: () => 2 * hugeBytes,
  hold: () => sharedArrays(1, hugeLength),
  operations: ({ folder }) => {
    const path = join(folder, "huge.arrow");
    return [
      {
        name: writeName,
        bytes: hugeBytes,
        prepare: async () => {
          const [array = new Float32Array()] = sharedArrays(1, hugeLength);
          return prepared(
            () => writeHuge(path, array),
            () => sizeOf(path),
          );
        },
      },
      {
        name: readName,
        bytes: hugeBytes,
        prepare: async () => {
          const target = new Float32Array(hugeLength).fill(-1);
          return prepared(
            () => readHuge(path, target),
            () => {
              checkShared(target, 0);
              return sizeOf(path);
            },
          );
        },
      },
    ];
  },
  targets: [writeName, readName].map((operation) => ({ operation, measure: "extraMiB", atMost: 32 })),
};
