/** Rows as they are read, to be written again. */
import { access } from "node:fs/promises";
import { InputError, LazyWeights, openModelRows, RecordError, SourceError } from "../../index.ts";
import type { AnySchemaVersion } from "../../legolas.ts";
import type { Changes, SourceFacts } from "./common-schema.ts";

export interface WriteFlags {
  readonly name?: string;
  readonly compression?: "lz4" | "zstd";
  readonly checksum: boolean;
  readonly force: boolean;
  readonly retype: boolean;
}

/** What a file says of itself, and how many rows it has. */
export async function factsOf(
  source: string,
  signal: AbortSignal,
): Promise<SourceFacts & { readonly numRows: number }> {
  const table = await openModelRows(source, undefined, { validate: false, signal });
  await table.close();
  return { source, table: table.table, numRows: table.numRows };
}

/**
 * Every row of a file, one at a time, with all of its values.
 *
 * @param version - What they are records of; it declares all columns.
 * @throws {InputError} A value cannot be held.
 */
export async function* rowsOf(
  source: string,
  version: AnySchemaVersion,
  signal: AbortSignal,
): AsyncGenerator<object, void> {
  const table = await openModelRows<object>(source, undefined, { validate: false, signal });
  try {
    for (let i = 0; i < table.numRows; i++) {
      signal.throwIfAborted();
      const { row, weights } = await table.row(i);
      yield recordOf(version, await loaded({ ...row, ...(weights && { weights }) }), `${source}, row ${i}`);
    }
  } finally {
    await table.close();
  }
}

function recordOf(version: AnySchemaVersion, row: object, place: string): object {
  try {
    return version(row as never);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const subject = `${place}: "${error.path.join(".")}"`;
    throw new InputError({ ...error.facts, subject, remedy: "Leave the column out where the file is written" });
  }
}

async function loaded(row: object): Promise<Record<string, unknown>> {
  const entries: [string, unknown][] = [];
  for (const [name, value] of Object.entries(row)) {
    entries.push([name, value instanceof LazyWeights ? await value.readAll() : value]);
  }
  return Object.fromEntries(entries);
}

/** @throws {InputError} A column would be left out, or change its type without leave. */
export function checkFaithful({ lost, retyped }: Changes, mayRetype: boolean): void {
  const changed = [...lost, ...(mayRetype ? [] : retyped)];
  if (changed.length === 0) return;
  throw new InputError({
    subject: "columns",
    expected: "ones that are written as they were",
    found: changed.join("; "),
    remedy:
      lost.length > 0 ? "Leave them out or rename them where the files are written" : "Pass --retype to write them so",
  });
}

/** @throws {SourceError} There is such a file. */
export async function checkFree(path: string, force: boolean): Promise<void> {
  if (force) return;
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new SourceError(
      path,
      "writing",
      new Error("it exists"),
      "Choose another path, or pass --force to replace it",
    );
}
