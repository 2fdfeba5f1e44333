/**
 * Tables to and from bytes, files and addresses.
 *
 * Source: Legolas.jl 0.5, `read`, `write`, `to_buffer`.
 */
import { createPath, openPath } from "#paths";
import { loadCodec } from "../arrow/codecs/body-compression.ts";
import type { Field, Schema } from "../arrow/data-type.ts";
import { codecsOf, readIpcIndex } from "../arrow/ipc-index.ts";
import { joinChunks } from "../arrow/join-chunks.ts";
import { loadTable, type TableData } from "../arrow/table-data.ts";
import { InputError } from "../errors.ts";
import { openSink, type Target, writeAll } from "../io/byte-sink.ts";
import { type Source, viewBytes } from "../io/byte-source.ts";
import { openSource } from "../io/open-source.ts";
import { runOnBytes, runOnSource } from "../io/read-plan.ts";
import type { ProgressOptions } from "../io/transfer-options.ts";
import { type EncodeOptions, encodeRows } from "./encode-rows.ts";
import { formatValue } from "./format-value.ts";
import type { AnySchemaVersion } from "./schema-version.ts";
import { createTable, type LegolasTable, type TableOptions } from "./table.ts";

/** How a table is written to a target. */
export interface WriteOptions extends EncodeOptions, ProgressOptions {}

/**
 * Rows as the bytes of an Arrow IPC file or stream, in new memory. The same rows give the same bytes.
 *
 * Rows are records, or plain objects whose values are checked against the fields but not assigned; keys that the schema does not
 * declare become further columns.
 *
 * @param rows - In order.
 * @param schemaVersion - What the table says it is.
 * @param options - How it is written.
 * @throws {InputError} A row is no object.
 * @throws {RecordError} A value does not fit its field.
 * @throws {CodecNotLoadedError} Compression is asked for before `await loadCodecs()`.
 */
export function encodeTable(
  rows: Iterable<object>,
  schemaVersion: AnySchemaVersion,
  options?: EncodeOptions,
): Uint8Array {
  return joinChunks(encodeRows(rows, schemaVersion, options));
}

/**
 * The table in the bytes of an Arrow IPC file or stream; large columns are views of the bytes where alignment allows.
 *
 * @param bytes - Of the whole file or stream.
 * @param options - What to read it as.
 * @throws {FormatError} The bytes are not a well-formed Arrow file or stream, or name no schema.
 * @throws {UnknownSchemaError} The schema they name is not declared in this process.
 * @throws {ViolationError} The table does not comply with its schema version.
 * @throws {CodecNotLoadedError} They are compressed, and `await loadCodecs()` has not run.
 */
export function decodeTable<R extends object = Record<string, unknown>>(
  bytes: Uint8Array | ArrayBuffer,
  options?: TableOptions<R>,
): LegolasTable<R> {
  const view = viewBytes(bytes);
  const index = runOnBytes(view, readIpcIndex(view.length));
  return createTable(runOnBytes(view, loadTable(index)), options);
}

/**
 * Writes rows as {@link encodeTable} does, without holding the file in memory. A path is replaced as a whole or not at all.
 *
 * @param target - A path or file URL (in Node), a ByteSink, or what opens one.
 * @param rows - In order.
 * @param schemaVersion - What the table says it is.
 * @param options - How it is written, progress, and what stops it.
 * @throws {InputError} A row is no object, or the target is none.
 * @throws {RecordError} A value does not fit its field; nothing is written.
 * @throws {SourceError} The target cannot be written; what was there before stays.
 */
export async function writeTable(
  target: Target,
  rows: Iterable<object>,
  schemaVersion: AnySchemaVersion,
  options: WriteOptions = {},
): Promise<void> {
  if (options.compression) await loadCodec(options.compression);
  const chunks = encodeRows(rows, schemaVersion, options);
  options.signal?.throwIfAborted();
  await writeAll(await openSink(target, createPath), [chunks], options);
}

/** How a table is read from a source. */
export interface ReadTableOptions<R extends object> extends TableOptions<R>, ProgressOptions {
  /** Names of columns: no others are read, as if there were no others. Default: all. */
  readonly columns?: readonly string[];
}

/**
 * Reads a table as {@link decodeTable} does, loading codecs where it is compressed.
 *
 * @param source - A path or file URL (in Node), an http(s) address, bytes, a Blob, a ByteSource, or what opens one.
 * @param options - What to read it as and of it, progress, and what stops the transfer.
 * @throws {InputError} There is no column of a name that is asked for.
 * @throws {SourceError} The source cannot be read.
 * @throws {FormatError | UnknownSchemaError | ViolationError} As {@link decodeTable}.
 */
export async function readTable<R extends object = Record<string, unknown>>(
  source: Source,
  options: ReadTableOptions<R> = {},
): Promise<LegolasTable<R>> {
  return createTable(await readTableData(source, options), options);
}

function checkNames(names: readonly string[], { fields }: Schema): void {
  const known = fields.map(({ name }) => name);
  const stranger = Array.isArray(names) ? names.find((name) => !known.includes(name)) : names;
  if (stranger === undefined) return;
  throw new InputError({ subject: "columns", expected: `a list of ${known.join(", ")}`, found: formatValue(stranger) });
}

/** The loaded columns of a source, before any schema. */
async function readTableData(source: Source, options: ReadTableOptions<object>): Promise<TableData> {
  const { signal, columns: names } = options;
  const opened = await openSource(source, openPath, options);
  try {
    const index = await runOnSource(opened, readIpcIndex(opened.size), signal);
    for (const codec of codecsOf(index)) await loadCodec(codec);
    if (!names) return await runOnSource(opened, loadTable(index), signal);
    checkNames(names, index.schema);
    const isWanted = ({ name }: Field): boolean => names.includes(name);
    const { schema, numRows, columns } = await runOnSource(opened, loadTable(index, isWanted), signal);
    const fields = schema.fields.filter(isWanted);
    return { schema: { ...schema, fields }, numRows, columns: columns.filter((column) => column !== null) };
  } finally {
    await opened.close?.();
  }
}
