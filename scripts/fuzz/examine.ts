/**
 * Reads bytes by every verb that takes bytes, and says what came of it.
 *
 * What must hold of any bytes at all: they are read or refused with a LegolasError, within a second, and in memory that is in proportion
 * to their length.
 */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { decodeModelRow, isLegolasError } from "legolas-flux";
import { decodeTable } from "legolas-flux/legolas";
import { type Difference, Digest } from "./digest.ts";

export const maxMs = 1000;
/** Memory that may be taken: so much whatever the length, and so many bytes for each byte of the file. */
export const maxGrowth = { base: 16 * 2 ** 20, perByte: 4096 };

/** What a verb made of the bytes. */
export type Outcome =
  | { readonly kind: "read"; readonly digest: Digest }
  | { readonly kind: "refused"; readonly error: Error }
  | { readonly kind: "failed"; readonly error: unknown };

/** What a reading took. */
export interface Cost {
  readonly ms: number;
  /** Bytes by which memory grew while reading; the values read still count. */
  readonly growth: number;
}

export interface Examination extends Cost {
  /** `decodeTable` without validation: every column, and every record of files that do not hold one model row. */
  readonly table: Outcome;
  /** `decodeModelRow`, of files that hold one. */
  readonly model: Outcome | null;
}

/** What comes of a reading. */
export function outcomeOf(read: (digest: Digest) => void): Outcome {
  const digest = new Digest();
  try {
    read(digest);
    return { kind: "read", digest };
  } catch (error) {
    return thrown(error);
  }
}

/** What comes of a reading that takes its time. */
export async function outcomeOfAsync(read: (digest: Digest) => Promise<void>): Promise<Outcome> {
  const digest = new Digest();
  try {
    await read(digest);
    return { kind: "read", digest };
  } catch (error) {
    return thrown(error);
  }
}

function thrown(error: unknown): Outcome {
  return isLegolasError(error) ? { kind: "refused", error } : { kind: "failed", error };
}

/** Reads everything that can be read of a table. */
function readTable(bytes: Uint8Array, isModel: boolean, digest: Digest, kept: unknown[]): void {
  const table = decodeTable(bytes, { validate: false });
  kept.push(table);
  for (const name of table.columnNames) kept.push(table.column(name));
  if (!isModel) kept.push(table.records());
  digest.schema(table.schema);
  for (const values of kept.slice(1)) digest.value(values);
}

function memoryInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Measures a reading, which keeps what it read in the list that it is given. */
async function measure<T>(read: (kept: unknown[]) => T | Promise<T>): Promise<Cost & { readonly result: T }> {
  const kept: unknown[] = [];
  const before = memoryInUse();
  const start = performance.now();
  const result = await read(kept);
  const ms = performance.now() - start;
  const growth = memoryInUse() - before;
  // Named after the measurement, so that it is alive until then.
  kept.length = 0;
  return { result, ms, growth };
}

/**
 * Measures a reading of so many bytes. Where the garbage collector ran meanwhile, or it took too much, it is done again from a clean heap: the
 * first measurement then says little, for the memory of others is in it.
 */
export async function withCost<T>(
  length: number,
  read: (kept: unknown[]) => T | Promise<T>,
): Promise<Cost & { readonly result: T }> {
  const first = await measure(read);
  if (first.growth >= 0 && excess(first, length) === null) return first;
  collectGarbage();
  return measure(read);
}

/** Whether a reading took more time or memory than it may. */
export function excess({ ms, growth }: Cost, length: number): string | null {
  if (ms > maxMs) return `took ${Math.round(ms)} ms`;
  const allowed = maxGrowth.base + maxGrowth.perByte * length;
  return growth > allowed ? `took ${growth} bytes of memory for ${length}, of ${allowed} allowed` : null;
}

/** Reads bytes. */
export async function examine(bytes: Uint8Array, isModel: boolean): Promise<Examination> {
  const { result, ...cost } = await withCost(bytes.length, (kept) => ({
    table: outcomeOf((digest) => readTable(bytes, isModel, digest, kept)),
    model: isModel
      ? outcomeOf((digest) => {
          const row = decodeModelRow(bytes);
          kept.push(row);
          digest.value(row);
        })
      : null,
  }));
  return { ...result, ...cost };
}

/** What is wrong with an examination of a mutant, or null. */
export function failureOf(
  found: Examination,
  original: Examination,
  { length, hasDigests }: { readonly length: number; readonly hasDigests: boolean },
): string | null {
  for (const [verb, outcome] of Object.entries({ decodeTable: found.table, decodeModelRow: found.model })) {
    if (outcome?.kind === "failed") return `${verb} threw ${describeError(outcome.error)}`;
  }
  return excess(found, length) ?? (hasDigests ? missedByDigest(found, original) : null);
}

/** Weights stored with digests must not be read with other elements while everything else, the digests included, is as it was. */
function missedByDigest({ table }: Examination, original: Examination): string | null {
  if (table.kind !== "read" || original.table.kind !== "read") return null;
  const [now, before] = [table.digest, original.table.digest];
  const isRestSame = now.structure === before.structure && now.texts === before.texts;
  return isRestSame && now.weights !== before.weights ? "weights differ from their digests, and were read" : null;
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}

/** How an outcome compares with that of the original. */
export type Verdict = "refused" | Difference | "failed";

export function verdictOf(outcome: Outcome, original: Outcome): Verdict {
  if (outcome.kind !== "read") return outcome.kind;
  return original.kind === "read" ? outcome.digest.differenceFrom(original.digest) : "structure";
}
