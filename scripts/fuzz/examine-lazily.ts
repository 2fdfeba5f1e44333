/**
 * Reads bytes through ranges, row by row, and compares what is read with what the verbs that take bytes read.
 *
 * What must hold beside what holds of those: no byte outside the source is asked for, not many more than there are, and what is read is the same.
 */
import { type ByteSource, decodeModelRow, openModelRow, openModelRows } from "legolas-flux";
import { type AnySchemaVersion, decodeTable } from "legolas-flux/legolas";
import { readIpcIndex } from "../../src/arrow/ipc-index.ts";
import { runOnBytes } from "../../src/io/read-plan.ts";
import { requireSchemaVersionIn } from "../../src/legolas/table-metadata.ts";
import type { Digest } from "./digest.ts";
import { type Cost, excess, type Outcome, outcomeOf, outcomeOfAsync, withCost } from "./examine.ts";

/** Rows of a table that are read; a few bytes can declare any number of them, each of which is a reading of its own. */
const maxRows = 64;
/** Beside every byte of the file once, and once more for each row, which needs its dictionaries again, so many may be asked for. */
const maxFurtherBytes = 64;

const companionSuffix = /_(names|layout|dtypes|checksums)$/;

/** What is read, and as what. */
export interface Reading {
  readonly bytes: Uint8Array;
  /** Whether it holds one model row. */
  readonly isModel: boolean;
  /** As what a table is read; null for what it says it is. */
  readonly readAs: AnySchemaVersion | null;
}

/**
 * How the two ways of reading agree. `only by rows`: tables refused for what no row asks for, a column that is not declared or the content of a
 * record batch of no rows.
 */
export type Agreement = "both refused" | "same values" | "only by rows" | "failed";

export interface LazyExamination extends Cost {
  readonly agreement: Agreement;
  /** What is wrong, or null. */
  readonly failure: string | null;
  /** Bytes that were asked for. */
  readonly bytesRead: number;
}

interface RangeSource extends ByteSource {
  bytesRead: number;
  /** Rows that were begun. */
  rows: number;
}

/** Bytes that are given in ranges, each in memory of its own as those of a file are. */
function rangesOf(bytes: Uint8Array): RangeSource {
  return {
    location: "ranges",
    size: bytes.length,
    bytesRead: 0,
    rows: 0,
    async readAt(position, length) {
      if (!(position >= 0 && length >= 0 && position + length <= bytes.length)) {
        throw new RangeError(`${length} bytes at ${position} of ${bytes.length} were asked for`);
      }
      this.bytesRead += length;
      return bytes.slice(position, position + length);
    },
  };
}

function readEagerly({ bytes, isModel, readAs }: Reading, digest: Digest, kept: unknown[]): void {
  if (isModel) {
    const row = decodeModelRow(bytes);
    kept.push(row);
    digest.value(row);
    return;
  }
  const table = decodeTable(bytes, readAs ? { schemaVersion: readAs } : {});
  kept.push(table);
  let rows = 0;
  for (const record of table) {
    if (rows++ === maxRows) break;
    kept.push(record);
    digest.value(record);
  }
}

async function readLazily(
  source: RangeSource,
  { isModel, readAs }: Reading,
  digest: Digest,
  kept: unknown[],
): Promise<void> {
  if (isModel) {
    const { record, weights, close } = await openModelRow(source);
    const row = await record();
    kept.push(row, weights?.list());
    digest.value(row);
    return close();
  }
  const table = await openModelRows(source, readAs ?? undefined);
  kept.push(table);
  for (let i = 0; i < Math.min(maxRows, table.numRows); i++) {
    source.rows += 1;
    const record = await (await table.row(i)).record();
    kept.push(record);
    digest.value(record);
  }
  await table.close();
}

/** Reads bytes both ways; what costs is counted of reading ranges alone. */
export async function examineLazily(reading: Reading): Promise<LazyExamination> {
  const eager = outcomeOf((digest) => readEagerly(reading, digest, []));
  const { length } = reading.bytes;
  const { result, ...cost } = await withCost(length, async (kept) => {
    const source = rangesOf(reading.bytes);
    const lazy = await outcomeOfAsync((digest) => readLazily(source, reading, digest, kept));
    return { lazy, source };
  });
  const { lazy, source } = result;
  const agreement = agreementOf(eager, lazy, reading);
  const isDifferent = agreement === "failed" ? `read ${describe(lazy)} by ranges, ${describe(eager)} at once` : null;
  const failure = isDifferent ?? readTooMuch(source) ?? excess(cost, length);
  return { agreement, failure, bytesRead: source.bytesRead, ...cost };
}

function readTooMuch({ bytesRead, rows, size }: RangeSource): string | null {
  const allowed = (rows + 1) * (size + maxFurtherBytes);
  return bytesRead > allowed ? `asked for ${bytesRead} bytes of ${size}, of ${allowed} allowed` : null;
}

function agreementOf(eager: Outcome, lazy: Outcome, reading: Reading): Agreement {
  if (eager.kind === "failed" || lazy.kind === "failed") return "failed";
  if (eager.kind === "refused" && lazy.kind === "refused") return "both refused";
  if (eager.kind === "read" && lazy.kind === "read") {
    return lazy.digest.differenceFrom(eager.digest) === "none" ? "same values" : "failed";
  }
  return lazy.kind === "read" && hasUnread(reading) ? "only by rows" : "failed";
}

/** Whether a table that can be opened has parts that belong to no row of it. */
function hasUnread({ bytes, isModel, readAs }: Reading): boolean {
  const { recordBatches, schema } = runOnBytes(bytes, readIpcIndex(bytes.length));
  const { fields } = readAs ?? requireSchemaVersionIn(schema.metadata);
  const isDeclared = (name: string): boolean => fields[name.replace(companionSuffix, "")] !== undefined;
  return (
    !isModel &&
    (recordBatches.some(({ batch }) => batch.length === 0) || !schema.fields.every(({ name }) => isDeclared(name)))
  );
}

function describe(outcome: Outcome): string {
  if (outcome.kind === "read") {
    const { structure, texts, values } = outcome.digest;
    return `values (${[structure, texts, values].join(" ")})`;
  }
  const { error } = outcome;
  return `as ${error instanceof Error ? (outcome.kind === "refused" ? error.message : error.stack) : String(error)}`;
}
