/** Files that are open, by their ids. */
import { FormatError, LazyWeights, type ModelRowHandle, type ModelRowsHandle, openModelRows } from "legolas-flux";
import { formatType } from "legolas-flux/legolas";
import { openSafetensors } from "legolas-flux/safetensors";
import { isCompanion } from "../../../src/inspection/companion-columns.ts";
import { formatCell } from "../../../src/inspection/format-value.ts";
import { reportWeights } from "../../../src/inspection/weights-report.ts";
import { nameOf } from "../name-of.ts";
import type { ArrayPlace, ColumnSummary, FileSource, FileSummary, OnBytes } from "../protocol.ts";
import { keptFile, readableOf } from "./kept-files.ts";

/** An open file, one of its rows chosen. */
export interface OpenFile {
  readonly summary: FileSummary;
  readonly weights: ReadonlyMap<string, LazyWeights>;
  close(): Promise<void>;
}

const files = new Map<number, OpenFile>();
let lastId = 0;

/** Opens a file and keeps it. @throws {LegolasError} It cannot be read. */
export async function openFile(source: FileSource, row: number, onProgress: OnBytes): Promise<FileSummary> {
  lastId += 1;
  let isOpen = false;
  // Later reads, of arrays, are no part of opening.
  const file = await openAny(source, row, lastId, (progress) => isOpen || onProgress(progress));
  isOpen = true;
  files.set(file.summary.id, file);
  return file.summary;
}

/** @throws {Error} It was closed. */
export function fileOf(id: number): OpenFile {
  const file = files.get(id);
  if (!file) throw new Error("The file was closed: open it again");
  return file;
}

export function weightsAt({ file, column }: Omit<ArrayPlace, "index">): LazyWeights {
  const weights = fileOf(file).weights.get(column);
  if (!weights) throw new Error(`The file has no weights in the column "${column}"`);
  return weights;
}

export async function closeFile(id: number): Promise<void> {
  await files.get(id)?.close();
  files.delete(id);
}

async function openAny(source: FileSource, row: number, id: number, onProgress: OnBytes): Promise<OpenFile> {
  const kind = await kindOf(source);
  if (kind !== null) {
    return kind === "arrow" ? openArrow(source, row, id, onProgress) : openTensors(source, id, onProgress);
  }
  try {
    return await openArrow(source, row, id, onProgress);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // What the address stands for is not told by its name; of two errors, the first is about the package's own format.
    return await openTensors(source, id, onProgress).catch(() => Promise.reject(error));
  }
}

/** By the name or, of a file, by its first bytes: `{` follows the length of a safetensors header. Null where neither tells. */
export async function kindOf(source: FileSource): Promise<"arrow" | "safetensors" | null> {
  if (typeof source === "string") {
    const { pathname } = new URL(source);
    if (/\.arrows?$/i.test(pathname)) return "arrow";
    return /\.(?:safetensors|json)$/i.test(pathname) ? "safetensors" : null;
  }
  const start = await startOf(source);
  return start[8] === 0x7b && start[7] === 0 ? "safetensors" : "arrow";
}

async function startOf(source: Exclude<FileSource, string>): Promise<Uint8Array> {
  if (source instanceof File) return new Uint8Array(await source.slice(0, 9).arrayBuffer());
  const kept = await (await keptFile(source.kept)).openSource();
  return kept.readAt(0, Math.min(9, kept.size));
}

async function openArrow(source: FileSource, row: number, id: number, onProgress: OnBytes): Promise<OpenFile> {
  const table = await openModelRows<object>(await readableOf(source), undefined, { validate: false, onProgress });
  try {
    const chosen = table.numRows === 0 ? null : await table.row(Math.min(row, table.numRows - 1));
    const weights = chosen ? weightsOf(chosen) : new Map<string, LazyWeights | null>();
    const { identifier, provider, schema, format, compression, byteLength } = table.table;
    const [version, ...ancestors] = (identifier ?? "").split(">").map((part) => part.trim());
    const summary: FileSummary = {
      id,
      name: nameOf(source),
      bytes: byteLength,
      format: `Arrow ${format}${compression === null ? "" : `, ${compression}`}`,
      schema: version ? { version, ancestors } : null,
      provider: provider && `${provider.name} ${provider.version}`,
      metadata: [...schema.metadata].filter(([key]) => !/^legolas_.*schema/.test(key)),
      columns: columnsOf(table, chosen, weights),
      rowCount: table.numRows,
      row: chosen && Math.min(row, table.numRows - 1),
      weights: await reportsOf(weights),
    };
    return { summary, weights: present(weights), close: () => table.close() };
  } catch (error) {
    await table.close();
    throw error;
  }
}

const metadataOnly = { stats: false, digest: false, onRead: () => {} };

async function reportsOf(weights: ReadonlyMap<string, LazyWeights | null>): Promise<FileSummary["weights"]> {
  return Promise.all(
    [...weights].map(async ([column, each]) => [column, each && (await reportWeights(each, metadataOnly))] as const),
  );
}

function present(weights: ReadonlyMap<string, LazyWeights | null>): Map<string, LazyWeights> {
  return new Map([...weights].filter((entry): entry is [string, LazyWeights] => entry[1] !== null));
}

function weightsOf({ row, weights, table }: ModelRowHandle<object>): Map<string, LazyWeights | null> {
  const isColumn = table.schema.fields.some(({ name }) => name === "weights") && !table.unread.includes("weights");
  const own: [string, LazyWeights | null][] = isColumn && !("weights" in row) ? [["weights", weights]] : [];
  const others = Object.entries(row).filter((entry): entry is [string, LazyWeights] => entry[1] instanceof LazyWeights);
  return new Map([...own, ...others]);
}

/** Columns in the form of weights have a long type, of which only that of the elements tells something. */
const weightsType = /^struct<weights: (?:large )?list<struct<vec: (?:large )?list<(.*?)>, size: .*(\??)$/s;

function columnsOf(
  { table }: ModelRowsHandle<object>,
  chosen: ModelRowHandle<object> | null,
  weights: ReadonlyMap<string, LazyWeights | null>,
): ColumnSummary[] {
  const values = new Map<string, unknown>(Object.entries(chosen?.row ?? {}));
  return table.schema.fields
    .filter(({ name }) => !isCompanion(name, weights))
    .map((field) => {
      const type = formatType(field).replace(weightsType, "weights of $1$2");
      const isRead = chosen !== null && !table.unread.includes(field.name);
      const value = weights.get(field.name) ?? values.get(field.name);
      return { name: field.name, type, value: isRead ? formatCell(value) : null };
    });
}

async function openTensors(source: FileSource, id: number, onProgress: OnBytes): Promise<OpenFile> {
  const { weights, metadata, close } = await openSafetensors(await readableOf(source), { onProgress });
  const reports = await reportsOf(new Map([["tensors", weights]]));
  const summary: FileSummary = {
    id,
    name: nameOf(source),
    bytes: source instanceof File ? source.size : endOf(weights),
    format: "safetensors",
    schema: null,
    provider: null,
    metadata: Object.entries(metadata),
    columns: [],
    rowCount: 1,
    row: 0,
    weights: reports,
  };
  return { summary, weights: new Map([["tensors", weights]]), close };
}

/** Where the last tensor ends, which is where the file does. */
function endOf(weights: LazyWeights): number {
  return weights.list().reduce((end, { byteOffset, byteLength }) => Math.max(end, (byteOffset ?? 0) + byteLength), 0);
}
