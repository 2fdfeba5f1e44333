import { statSync } from "node:fs";
import { join } from "node:path";
import { readModelRow, type WriteOptions, writeModelRow } from "legolas-flux";
import { type Case, type Operation, prepared, type Settings } from "../measure.ts";
import { arraysOf, checkArrays, type ModelShape, makeArrays, modelBytes, weightsOf } from "../model.ts";

const variants: readonly { readonly name: string; readonly options: WriteOptions }[] = [
  { name: "plain", options: {} },
  { name: "checksum: true", options: { checksum: true } },
  { name: "lz4", options: { compression: "lz4" } },
  { name: "zstd", options: { compression: "zstd" } },
];

const pathOf = (folder: string, name: string): string => join(folder, `${name.replace(/\W/g, "")}.arrow`);
/** One array, because those of the large model resemble each other, which compression would find. */
const shapeOf = ({ mib }: Settings): ModelShape => ({ count: 1, length: (Math.min(64, mib) * 2 ** 20) / 4 });

function operations(settings: Settings): Operation[] {
  const { folder } = settings;
  const shape = shapeOf(settings);
  const bytes = modelBytes(shape);
  const row = { weights: weightsOf(makeArrays(shape)) };
  const check = async (path: string): Promise<{ "file size": string }> => {
    checkArrays(arraysOf((await readModelRow(path)).weights), shape);
    return { "file size": `${(statSync(path).size / 2 ** 20).toFixed(1)} MiB` };
  };
  return variants.flatMap(({ name, options }): Operation[] => {
    const path = pathOf(folder, name);
    const against = (verb: string): { against?: string } => (name === "plain" ? {} : { against: `${verb}: plain` });
    return [
      {
        name: `write: ${name}`,
        ...against("write"),
        bytes,
        prepare: async () =>
          prepared(
            () => writeModelRow(path, row, undefined, options),
            () => check(path),
          ),
      },
      {
        name: `read: ${name}`,
        ...against("read"),
        bytes,
        prepare: async () =>
          prepared(
            () => readModelRow(path),
            () => check(path),
          ),
      },
    ];
  });
}

/** What options cost. */
export const writeOptions: Case = {
  id: "options",
  title: "Checksums and compression",
  explanation:
    "An array of 64 MiB through a path, divided by the same without the option. The values have random mantissas, as trained weights do, so compression finds little.",
  isolation: "one process",
  rounds: 5,
  diskBytes: (settings) => 5 * modelBytes(shapeOf(settings)),
  operations,
  targets: [],
};
