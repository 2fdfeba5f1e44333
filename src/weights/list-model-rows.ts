/** The checkpoints of a folder, by what stands beside their weights. */
import { listFolder, openPath } from "#paths";
import { loadCodec } from "../arrow/codecs/body-compression.ts";
import { codecsOf, readIpcIndex } from "../arrow/ipc-index.ts";
import { SourceError } from "../errors.ts";
import type { TransferOptions } from "../io/byte-sink.ts";
import type { ByteSource } from "../io/byte-source.ts";
import { keepLast } from "../io/keep-last.ts";
import { PlanMemory } from "../io/plan-memory.ts";
import { readThroughBlocks } from "../io/read-blocks.ts";
import { type ReadPlan, runOnSource } from "../io/read-plan.ts";
import type { AnySchemaVersion } from "../legolas/schema-version.ts";
import { StoredRows } from "../legolas/stored-rows.ts";
import type { ModelV1 } from "./model.ts";
import { weightsCompanions } from "./weights-companions.ts";
import { weights as weightsType } from "./weights-type.ts";

type Reads<R extends object> = AnySchemaVersion & ((input: never) => R);

/** A model row of a folder, its weights unread. */
export interface ListedRow<R extends object> {
  /** Of the file, for `readModelRow` or, where it has several rows, `openModelRows`. */
  readonly path: string;
  /** Position in the file, from 0. */
  readonly index: number;
  readonly schemaVersion: AnySchemaVersion;
  readonly row: Readonly<Omit<R, "weights">>;
}

/** What is listed, and how. */
export interface ListOptions<R extends object> extends TransferOptions {
  /** Read every file as this. Default: the schema version each names. */
  readonly schemaVersion?: Reads<R>;
  /** Keeps the rows for which it is true. */
  readonly where?: (row: Readonly<Omit<R, "weights">>, path: string) => boolean;
  /** A column to sort by, ascending; with `-` before it, descending. Missing values come last. Default: by path. */
  readonly sort?: string;
  /** Called for each file that cannot be read, which is then left out. Default: the first such file is thrown. */
  readonly onError?: (path: string, error: unknown) => void;
}

const weightsColumns: ReadonlySet<string> = new Set([
  "weights",
  ...weightsCompanions.columns.map(({ suffix }) => `weights${suffix}`),
]);

const filesAtOnce = 32;
/** Metadata of small models fit one block, at either end of a file. */
const blockBytes = 16_384;

/**
 * Every model row in the `.arrow` files of a folder (not of the folders in it): columns and paths, no weights.
 *
 * @throws {SourceError} The folder, or without `onError` a file in it, cannot be read; the cause says why.
 */
export async function listModelRows<R extends object = ModelV1>(
  folder: string | URL,
  options: ListOptions<R> = {},
): Promise<ListedRow<R>[]> {
  const paths = (await listFolder(folder)).filter((path) => path.endsWith(".arrow"));
  const tables = new PlanMemory((size) => openTable(size, options.schemaVersion));
  const listed: ListedRow<R>[][] = paths.map(() => []);
  const rest = paths.entries();
  const work = async (): Promise<void> => {
    for (const [i, path] of rest) {
      options.signal?.throwIfAborted();
      listed[i] = await listFile(path, tables, options);
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, work));
  return sorted(listed.flat(), options.sort);
}

interface OpenTable {
  readonly table: StoredRows;
  readonly codecs: ReturnType<typeof codecsOf>;
}

function* openTable(size: number, schemaVersion: AnySchemaVersion | undefined): ReadPlan<OpenTable> {
  const index = yield* readIpcIndex(size);
  return { table: new StoredRows(index, schemaVersion), codecs: codecsOf(index) };
}

async function listFile<R extends object>(
  path: string,
  tables: PlanMemory<OpenTable>,
  { where = () => true, onError }: ListOptions<R>,
): Promise<ListedRow<R>[]> {
  try {
    const file = await openPath(path);
    try {
      return (await rowsOf<R>(path, file, tables)).filter(({ row }) => where(row, path));
    } finally {
      await file.close?.();
    }
  } catch (error) {
    if (!onError) throw error instanceof SourceError ? error : new SourceError(path, "reading", error);
    onError(path, error);
    return [];
  }
}

async function rowsOf<R extends object>(
  path: string,
  file: ByteSource,
  tables: PlanMemory<OpenTable>,
): Promise<ListedRow<R>[]> {
  const { size } = file;
  const source = {
    readAt: readThroughBlocks(size, blockBytes, ({ position, length }) => file.readAt(position, length)),
  };
  const { table, codecs } = await runOnSource(source, tables.plan(size));
  for (const codec of codecs) await loadCodec(codec);
  const { schemaVersion } = table;
  const isBesideWeights = schemaVersion.fields.weights?.text === weightsType.text;
  const columnsOf = keepLast((batch) =>
    runOnSource(
      source,
      table.load(batch, ({ field }) => (isBesideWeights && weightsColumns.has(field.name) ? "skip" : "load")),
    ),
  );
  const rows: ListedRow<R>[] = [];
  for (let index = 0; index < table.numRows; index++) {
    const [batch, at] = table.find(index);
    const row = Object.freeze(table.fields(await columnsOf(batch), at, isBesideWeights ? ["weights"] : []));
    // They come from the schema version whose records are R.
    rows.push({ path, index, schemaVersion, row: row as Omit<R, "weights"> });
  }
  return rows;
}

function sorted<R extends object>(rows: ListedRow<R>[], sort: string | undefined): ListedRow<R>[] {
  if (sort === undefined) return rows;
  const isDescending = sort.startsWith("-");
  const column = isDescending ? sort.slice(1) : sort;
  const valueIn = ({ row }: ListedRow<R>): unknown => (row as Record<string, unknown>)[column] ?? null;
  return rows.toSorted((a, b) => compare(valueIn(a), valueIn(b), isDescending ? -1 : 1));
}

function compare(a: unknown, b: unknown, direction: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === "string" && typeof b === "string") return direction * a.localeCompare(b, "en");
  return direction * Math.sign(Number(a) - Number(b));
}
