import { execFile } from "node:child_process";
import { closeSync, linkSync, mkdirSync, openSync, readdirSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { FlatArray, listModelRows, readModelRow, Weights, writeModelRow } from "legolas-flux";
import { DigitsRowV1 } from "../../examples/digits/digits-row.ts";
import { type Case, type Operation, prepared, type Settings } from "../measure.ts";
import { makeArrays } from "../model.ts";
import { plainSink } from "../raw-files.ts";

/** The arrays of a small convolutional network: 63,274 float32. */
const sizes: readonly (readonly number[])[] = [
  [5, 5, 1, 8],
  [8],
  [5, 5, 8, 16],
  [16],
  [64, 784],
  [64],
  [128, 64],
  [128],
  [10, 128],
  [10],
];
const names = sizes.map((_, i) => `layers.${Math.floor(i / 2)}.${i % 2 === 0 ? "weight" : "bias"}`);
const fileBytes = 2 ** 18;
const counts = [10_000, 5000] as const;
const filesAtOnce = 32;
const sniffedBytes = 2 ** 16;

const nameOf = (what: string, count: number): string => `${count.toLocaleString("en")} files: ${what}`;
const listing = "legolas-flux, listModelRows";
const reading = "legolas-flux, readModelRow of each";
const listCommand = "the command `legolas-flux ls --sort epoch`";

function folderOf({ folder }: Settings, count: number): string {
  return join(folder, String(count));
}

function pathsIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

/** Files of their own for the largest count; smaller ones share them. */
async function setUp(settings: Settings): Promise<void> {
  const [most, ...fewer] = counts;
  const arrays = sizes.map((size) => {
    const [array = new Float32Array()] = makeArrays({ count: 1, length: size.reduce((a, b) => a * b, 1) });
    return new FlatArray(array, size);
  });
  const weights = new Weights(arrays, { names, layout: "flux" });
  for (const count of counts) mkdirSync(folderOf(settings, count));
  for (let epoch = 0; epoch < most; epoch++) {
    const row = DigitsRowV1({
      weights,
      architecture_version: 1,
      config: { seed: epoch % 7, dropout_rate: 0.25 },
      epoch,
      accuracy: epoch / most,
      commit_sha: (epoch * 0x9e3779b1).toString(16).padStart(40, "0"),
    });
    const name = `run.epoch-${String(epoch).padStart(5, "0")}.digits.model.arrow`;
    const path = join(folderOf(settings, most), name);
    await writeModelRow(plainSink(path), row);
    for (const count of fewer) if (epoch < count) linkSync(path, join(folderOf(settings, count), name));
  }
}

async function forEachAtOnce(paths: readonly string[], run: (path: string) => Promise<void>): Promise<void> {
  const rest = paths.values();
  const work = async (): Promise<void> => {
    for (const path of rest) await run(path);
  };
  await Promise.all(Array.from({ length: filesAtOnce }, work));
}

/** Every epoch that was read, whichever way, so that it can be checked. */
type Epochs = readonly (number | null)[];

function operation(
  name: string,
  run: () => Promise<Epochs>,
  more: Omit<Partial<Operation>, "prepare"> = {},
): Operation {
  const check = (epochs: Epochs): void => {
    if (epochs.some((epoch, i) => epoch !== i)) throw new Error("other rows than were written");
  };
  return { name, prepare: async () => prepared(run, check), ...more };
}

function raw(settings: Settings): Operation[] {
  const [count] = counts;
  const buffer = new Uint8Array(sniffedBytes);
  return [
    operation(nameOf("raw open, read of 64 KiB, close", count), async () => {
      for (const path of pathsIn(folderOf(settings, count))) {
        const file = openSync(path, "r");
        readSync(file, buffer, 0, sniffedBytes, 0);
        closeSync(file);
      }
      return [];
    }),
    operation(nameOf("the same in Node's threads, 32 at a time", count), async () => {
      await forEachAtOnce(pathsIn(folderOf(settings, count)), async (path) => {
        const file = await open(path, "r");
        await file.read(buffer, 0, sniffedBytes, 0);
        await file.close();
      });
      return [];
    }),
  ];
}

function own(settings: Settings, count: number): Operation[] {
  const folder = folderOf(settings, count);
  const list = async (): Promise<Epochs> =>
    (await listModelRows(folder, { schemaVersion: DigitsRowV1 })).map(({ row }) => row.epoch);
  const against = nameOf(reading, count);
  const first = operation(nameOf(listing, count), list, { against });
  const again: Operation = {
    ...operation(nameOf(`${listing} once more`, count), list, { against }),
    prepare: async () => {
      await list();
      return first.prepare();
    },
  };
  const read = operation(
    nameOf(reading, count),
    async () => {
      const epochs: (number | null)[] = [];
      for (const path of pathsIn(folder)) epochs.push((await readModelRow(path, DigitsRowV1)).epoch);
      return epochs;
    },
    { maxRounds: 2 },
  );
  return [first, again, read];
}

function readTogether(settings: Settings): Operation {
  const [count] = counts;
  const run = async (): Promise<Epochs> => {
    const epochs = new Array<number | null>(count);
    await forEachAtOnce(pathsIn(folderOf(settings, count)), async (path) => {
      const { epoch } = await readModelRow(path, DigitsRowV1);
      epochs[epoch ?? 0] = epoch;
    });
    return epochs;
  };
  return operation(nameOf("legolas-flux, readModelRow, 32 at a time", count), run, {
    against: nameOf(reading, count),
    maxRounds: 1,
  });
}

/** The command, Node's start included. */
function command(settings: Settings, count: number): Operation {
  const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
  const run = async (): Promise<Epochs> => {
    const given = [main, "ls", folderOf(settings, count), "--sort", "epoch", "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, given, { maxBuffer: 2 ** 28 });
    return (JSON.parse(stdout) as { columns: { epoch: number } }[]).map(({ columns }) => columns.epoch);
  };
  return operation(nameOf(listCommand, count), run);
}

/** Looking through the checkpoints of a folder. */
export const listFiles: Case = {
  id: "listing",
  title: "List a folder of checkpoints",
  explanation:
    "Rows of `digits.model@1` with 247 KiB of weights in a file each: `listModelRows(folder)` against `readModelRow` of every file, one after the other. The ratio is what listing takes of the time that reading takes: 0.05 is 20 times faster. Each run is a process of its own, with code that has never run, but for those that list once more. The command runs in a process of its own, whose start counts. The raw rows open each file, read its first 64 KiB and close it: less than what finding the metadata at both ends of a file takes.",
  isolation: "processes",
  rounds: 3,
  warmUp: false,
  diskBytes: () => counts[0] * fileBytes * 1.05,
  setUp,
  operations: (settings) => {
    const [most, ...fewer] = counts;
    return [
      ...raw(settings),
      ...own(settings, most),
      readTogether(settings),
      ...fewer.flatMap((count) => [...own(settings, count), command(settings, count)]),
    ];
  },
  targets: [
    {
      operation: nameOf(listing, counts[0]),
      measure: "ratio",
      atMost: 0.05,
      reference: "reading",
      ifMissed:
        "about 0.5 s of a first run compile code, and half of the rest are the five calls of the system for each file",
    },
    { operation: nameOf(listCommand, counts[1]), measure: "ms", atMost: 2000 },
  ],
};
