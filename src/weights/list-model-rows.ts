/** The checkpoints of a folder, by what stands beside their weights. */
import { listFolder, openPath } from "#paths";
import { loadCodec } from "../arrow/codecs/body-compression.ts";
import { codecsOf, readIpcIndex } from "../arrow/ipc-index.ts";
import { InputError, SourceError } from "../errors.ts";
import { forEachAtOnce } from "../for-each-at-once.ts";
import type { ByteSource, Source, SourceOpener } from "../io/byte-source.ts";
import { keepLast } from "../io/keep-last.ts";
import { openSource } from "../io/open-source.ts";
import { PlanMemory } from "../io/plan-memory.ts";
import { readThroughBlocks } from "../io/read-blocks.ts";
import { type ReadPlan, runOnSource } from "../io/read-plan.ts";
import { formatValue } from "../legolas/format-value.ts";
import type { AnySchemaVersion, SchemaVersionFor } from "../legolas/schema-version.ts";
import { StoredRows } from "../legolas/stored-rows.ts";
import type { ModelV1 } from "./model.ts";
import { factsOf, lazyColumnsOf, type OpenOptions, type TableFacts } from "./open-model-rows.ts";
import { readAnyColumns } from "./read-any-columns.ts";
import { sortRows } from "./sort-rows.ts";
import { weightsCompanions } from "./weights-companions.ts";

/** What lists files that are no paths, such as a browser's store. */
export interface FileLister {
  /** The files, each of them what opens it, and its name for messages and rows. */
  list(): Promise<readonly (SourceOpener & { readonly name: string })[]>;
}

/** A model row of a file, its weights unread. */
export interface ListedRow<R extends object> {
  /** Path or address of the file, or its name where it has no path, for `readModelRow` or, where it has several rows, `openModelRows`. */
  readonly path: string;
  /** Position in the file, from 0. */
  readonly index: number;
  /** The schema version it is read as. */
  readonly schemaVersion: AnySchemaVersion;
  /** What the table says of itself. */
  readonly table: TableFacts;
  /**
   * Every declared field but the weights, as the fields' types read them; assignments and checks have not run. With `validate: false` every
   * column on disk, but those of weights.
   */
  readonly row: Readonly<Omit<R, "weights">>;
}

/** What is listed, and how. */
export interface ListOptions<R extends object> extends OpenOptions {
  /** Read every file as this. Default: the schema version each names. */
  readonly schemaVersion?: SchemaVersionFor<R>;
  /** Keeps the rows for which it is true. */
  readonly where?: (row: Readonly<Omit<R, "weights">>, path: string) => boolean;
  /**
   * A column to sort by, or a field in one (`config.seed`), ascending; with `-` before it, descending. NaN comes after all other numbers, and what is
   * missing after that, in both directions. Default: by path.
   */
  readonly sort?: string;
  /** Called for each file that cannot be read, which is then left out. Default: the first such file is thrown. */
  readonly onError?: (path: string, error: unknown) => void;
}

const filesAtOnce = 32;
/** Metadata of small models fit one block, at either end of a file. */
const blockBytes = 16_384;

/**
 * Every model row in the `.arrow` files of a folder (not of the folders in it), in all files of a browser's store or in a list of files: columns and paths,
 * no weights.
 *
 * @param from - A folder, a store, or a list of paths and addresses.
 * @param options - What is listed, and how it is sorted.
 * @returns One entry for each row, not for each file.
 * @throws {InputError} It is none of these, or no row has the column to sort by.
 * @throws {SourceError} The folder, or without `onError` a file in it, cannot be read; the cause says why.
 */
export async function listModelRows<R extends object = ModelV1>(
  from: string | URL | readonly (string | URL)[] | FileLister,
  options: ListOptions<R> = {},
): Promise<ListedRow<R>[]> {
  const files = await filesOf(from);
  const tables = new PlanMemory((size) => openTable(size, options));
  const listed: ListedRow<R>[][] = files.map(() => []);
  await forEachAtOnce(files.entries(), filesAtOnce, async ([i, file]) => {
    options.signal?.throwIfAborted();
    listed[i] = await listFile(file, tables, options);
  });
  const rows = listed.flat();
  return options.sort === undefined ? rows : sortRows(rows, options.sort);
}

interface ListedFile {
  readonly path: string;
  readonly source: Source;
}

async function filesOf(from: string | URL | readonly (string | URL)[] | FileLister): Promise<ListedFile[]> {
  if (typeof from === "string" || from instanceof URL) {
    const paths = (await listFolder(from)).filter((path) => path.endsWith(".arrow"));
    return paths.map((path) => ({ path, source: path }));
  }
  if (Array.isArray(from)) {
    return from.map((source: unknown) => {
      if (typeof source === "string" || source instanceof URL) return { path: String(source), source };
      throw new InputError({ subject: "file", expected: "a path or an address", found: formatValue(source) });
    });
  }
  if (typeof from === "object" && from !== null && "list" in from)
    return (await from.list()).map((file) => ({ path: file.name, source: file }));
  throw new InputError({
    subject: "files",
    expected: "a folder, a store or a list of paths",
    found: formatValue(from),
  });
}

interface OpenTable {
  readonly rows: StoredRows;
  readonly facts: TableFacts;
  readonly codecs: ReturnType<typeof codecsOf>;
  /** The columns that are not read: those of weights and what accompanies them. */
  readonly skipped: ReadonlySet<string>;
}

function* openTable<R extends object>(
  size: number,
  { schemaVersion, validate = true }: ListOptions<R>,
): ReadPlan<OpenTable> {
  const index = yield* readIpcIndex(size);
  const rows = new StoredRows(index, validate ? schemaVersion : readAnyColumns(index.schema, schemaVersion));
  const suffixes = ["", ...weightsCompanions.columns.map(({ suffix }) => suffix)];
  const skipped = new Set([...lazyColumnsOf(rows)].flatMap((name) => suffixes.map((suffix) => name + suffix)));
  return { rows, facts: factsOf(index, rows, size), codecs: codecsOf(index), skipped };
}

async function listFile<R extends object>(
  { path, source }: ListedFile,
  tables: PlanMemory<OpenTable>,
  { where = () => true, onError, signal }: ListOptions<R>,
): Promise<ListedRow<R>[]> {
  try {
    const file = await openSource(source, openPath, { signal });
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
  const { rows, facts, codecs, skipped } = await runOnSource(source, tables.plan(size));
  for (const codec of codecs) await loadCodec(codec);
  const { schemaVersion } = rows;
  const columnsOf = keepLast((batch) =>
    runOnSource(
      source,
      rows.load(batch, ({ field }) => (skipped.has(field.name) ? "skip" : "load")),
    ),
  );
  const listed: ListedRow<R>[] = [];
  for (let index = 0; index < rows.numRows; index++) {
    const [batch, at] = rows.find(index);
    const row = Object.freeze(rows.fields(await columnsOf(batch), at, skipped));
    // They come from the schema version whose records are R.
    listed.push({ path, index, schemaVersion, table: facts, row: row as Omit<R, "weights"> });
  }
  return listed;
}
