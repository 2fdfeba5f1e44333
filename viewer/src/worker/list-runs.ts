/** The rows of many files, without their weights. */
import { LazyWeights, openModelRows } from "legolas-flux";
import { openSafetensors } from "legolas-flux/safetensors";
import { forEachAtOnce } from "../../../src/for-each-at-once.ts";
import { formatCell } from "../../../src/inspection/format-value.ts";
import { nameOf } from "../name-of.ts";
import type { FileSource, Run, Runs, RunValue } from "../protocol.ts";
import { failureOf } from "./attempt.ts";
import { readableOf } from "./kept-files.ts";
import { kindOf } from "./open-files.ts";

const filesAtOnce = 6;
/** Of a table with more rows, only the first ones are listed. */
const maxRows = 1000;

export async function listRuns(sources: readonly FileSource[], onProgress: (done: number) => void): Promise<Runs> {
  const listed: Run[][] = sources.map(() => []);
  const failures: Runs["failures"][number][] = [];
  let done = 0;
  await forEachAtOnce(sources.entries(), filesAtOnce, async ([i, source]) => {
    try {
      listed[i] = await runsOf(source, i);
    } catch (error) {
      failures.push({ name: nameOf(source), error: failureOf(error) });
    }
    done += 1;
    onProgress(done);
  });
  const runs = listed.flat();
  return { columns: [...new Set(runs.flatMap(({ values }) => Object.keys(values)))], runs, failures };
}

async function runsOf(source: FileSource, index: number): Promise<Run[]> {
  const name = nameOf(source);
  if ((await kindOf(source)) === "safetensors") {
    const { weights, close } = await openSafetensors(await readableOf(source));
    await close();
    return [{ source: index, name, row: 0, values: { arrays: countOf(weights.length) } }];
  }
  const table = await openModelRows<object>(await readableOf(source), undefined, { validate: false });
  try {
    const runs: Run[] = [];
    for (let row = 0; row < Math.min(table.numRows, maxRows); row++) {
      const chosen = await table.row(row);
      const schema = table.table.identifier?.split(">")[0]?.trim() ?? null;
      const values = {
        ...(schema !== null && { schema: { text: formatCell(schema), number: null } }),
        ...simpleValues(chosen.row),
        arrays: countOf(chosen.weights?.length ?? 0),
      };
      runs.push({ source: index, name, row, values });
    }
    return runs;
  } finally {
    await table.close();
  }
}

const countOf = (number: number): RunValue => ({ text: number.toLocaleString("en-US"), number });

/** Simple columns and, of records, the simple fields inside: `config.seed`. */
function simpleValues(row: object): Record<string, RunValue> {
  const simple = Object.entries(row).flatMap(([name, value]): [string, unknown][] =>
    isPlainObject(value)
      ? Object.entries(value).map(([key, inner]): [string, unknown] => [`${name}.${key}`, inner])
      : [[name, value]],
  );
  const values = simple.filter(([, value]) => isSimple(value));
  return Object.fromEntries(
    values.map(([name, value]) => [columnOf(name), { text: formatCell(value), number: numberOf(value) }]),
  );
}

/** A file's own column of the name of one that is added here stands beside it, and no two columns come to have one name. */
function columnOf(name: string): string {
  return name.replace(/^(?:schema|arrays)(?: \(column\))*$/, "$& (column)");
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isSimple(value: unknown): boolean {
  if (value instanceof LazyWeights) return false;
  return ["number", "bigint", "string", "boolean"].includes(typeof value) || value instanceof Date;
}

function numberOf(value: unknown): number | null {
  if (value instanceof Date) return value.getTime();
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : null;
}
