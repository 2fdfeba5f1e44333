import { statSync } from "node:fs";
import { join } from "node:path";
import { openModelRow, writeModelRow } from "legolas-flux";
import { type Case, type Facts, type Operation, prepared, type Settings } from "../measure.ts";
import { weightsOf } from "../model.ts";
import { countingSource, plainSink } from "../raw-files.ts";
import { sharedArrays } from "../shared-arrays.ts";

const count = 64;

function sizesOf({ large, mib }: Pick<Settings, "large" | "mib">): number[] {
  return [1, 16, 256, 1024].filter((size) => size <= mib).concat(large ? [4096] : []);
}

const nameOf = (mib: number): string => (mib < 1024 ? `${mib} MiB` : `${mib / 1024} GiB`);
const pathOf = (folder: string, mib: number): string => join(folder, `${mib}.arrow`);

async function setUp(settings: Settings): Promise<void> {
  for (const mib of sizesOf(settings)) {
    const weights = weightsOf(sharedArrays(count, (mib * 2 ** 20) / 4 / count));
    await writeModelRow(plainSink(pathOf(settings.folder, mib)), { weights, architecture_version: 1 });
  }
}

async function open(path: string): Promise<number> {
  const { weights, close } = await openModelRow(path);
  await close();
  return weights?.length ?? 0;
}

async function countReads(path: string): Promise<Facts> {
  const source = countingSource(path);
  const handle = await openModelRow(source);
  await handle.close();
  await source.close?.();
  return {
    "file size": `${(statSync(path).size / 2 ** 20).toFixed(1)} MiB`,
    reads: String(source.reads),
    "bytes read": String(source.bytesRead),
  };
}

function operations(settings: Settings): Operation[] {
  return sizesOf(settings).map((mib) => ({
    name: nameOf(mib),
    prepare: async () => {
      const path = pathOf(settings.folder, mib);
      return prepared(
        () => open(path),
        (arrays) => {
          if (arrays !== count) throw new Error(`${arrays} arrays instead of ${count}`);
          return countReads(path);
        },
      );
    },
  }));
}

/** Opening files of every size. */
export const lazyOpen: Case = {
  id: "open",
  title: "Open a file without reading its weights",
  explanation:
    "`openModelRow` and `close` on files of 64 arrays: what it takes must not depend on their size. The first row's first call is the first of the whole process, with code that has never run.",
  isolation: "one process",
  rounds: 20,
  repeat: 5,
  showsFirstCall: true,
  diskBytes: (settings) => sizesOf(settings).reduce((sum, mib) => sum + mib * 2 ** 20, 0),
  setUp,
  operations,
  targets: sizesOf({ large: true, mib: 1024 }).map((mib) => ({ operation: nameOf(mib), measure: "ms", atMost: 5 })),
};
