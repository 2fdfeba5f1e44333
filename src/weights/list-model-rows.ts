/** The checkpoints of a folder, by what stands beside their weights. */
import { listFolder, openPath } from "#paths";
import { SourceError } from "../errors.ts";
import { type ByteSource, openSource } from "../io/byte-source.ts";
import { readThroughBlocks } from "../io/read-blocks.ts";
import type { AnySchemaVersion } from "../legolas/schema-version.ts";
import type { ModelV1 } from "./model.ts";
import { type OpenOptions, openModelRows, type TableFacts } from "./open-model-rows.ts";

type Reads<R extends object> = AnySchemaVersion & ((input: never) => R);

/** A model row of a file, its weights unread. */
export interface ListedRow<R extends object> {
  /** Path or address of the file, for `readModelRow` or, where it has several rows, `openModelRows`. */
  readonly path: string;
  /** Position in the file, from 0. */
  readonly index: number;
  readonly schemaVersion: AnySchemaVersion;
  readonly table: TableFacts;
  readonly row: Readonly<Omit<R, "weights">>;
}

/** What is listed, and how. */
export interface ListOptions<R extends object> extends OpenOptions {
  /** Read every file as this. Default: the schema version each names. */
  readonly schemaVersion?: Reads<R>;
  /** Keeps the rows for which it is true. */
  readonly where?: (row: Readonly<Omit<R, "weights">>, path: string) => boolean;
  /** A column to sort by, ascending; with `-` before it, descending. Missing values come last. Default: by path. */
  readonly sort?: string;
  /** Called for each file that cannot be read, which is then left out. Default: the first such file is thrown. */
  readonly onError?: (path: string, error: unknown) => void;
}

const filesAtOnce = 32;
/** Metadata of small models fit one block, at either end of a file. */
const blockBytes = 16_384;

/**
 * Every model row in the `.arrow` files of a folder (not of the folders in it): columns and paths, no weights.
 *
 * @param from - A folder, or a list of files: paths and addresses.
 * @throws {SourceError} The folder, or without `onError` a file in it, cannot be read; the cause says why.
 */
export async function listModelRows<R extends object = ModelV1>(
  from: string | URL | readonly (string | URL)[],
  options: ListOptions<R> = {},
): Promise<ListedRow<R>[]> {
  const paths = await pathsOf(from);
  const listed: ListedRow<R>[][] = paths.map(() => []);
  const rest = paths.entries();
  const work = async (): Promise<void> => {
    for (const [i, path] of rest) {
      options.signal?.throwIfAborted();
      listed[i] = await listFile(path, options);
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, work));
  return sorted(listed.flat(), options.sort);
}

async function pathsOf(from: string | URL | readonly (string | URL)[]): Promise<string[]> {
  if (typeof from !== "string" && !(from instanceof URL)) return from.map(String);
  return (await listFolder(from)).filter((path) => path.endsWith(".arrow"));
}

async function listFile<R extends object>(path: string, options: ListOptions<R>): Promise<ListedRow<R>[]> {
  const { where = () => true, onError, signal } = options;
  try {
    const file = await openSource(path, openPath, signal);
    try {
      return (await rowsOf(path, file, options)).filter(({ row }) => where(row, path));
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
  { schemaVersion, validate }: ListOptions<R>,
): Promise<ListedRow<R>[]> {
  const { location, size } = file;
  const readAt = readThroughBlocks(size, blockBytes, ({ position, length }) => file.readAt(position, length));
  const table = await openModelRows<R>({ location, size, readAt }, schemaVersion, { validate: validate !== false });
  const rows: ListedRow<R>[] = [];
  for (let index = 0; index < table.numRows; index++) {
    const { schemaVersion: readAs, row } = await table.row(index);
    rows.push({ path, index, schemaVersion: readAs, table: table.table, row });
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
