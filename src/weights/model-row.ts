/**
 * One model as one row: to and from bytes, files and addresses.
 *
 * Source: LegolasFlux.jl, `write_model_row` and `read_model_row`.
 */
import { readIpcIndex } from "../arrow/ipc-index.ts";
import { RowCountError } from "../errors.ts";
import type { Target } from "../io/byte-sink.ts";
import { type Source, viewBytes } from "../io/byte-source.ts";
import { runOnBytes } from "../io/read-plan.ts";
import type { ProgressOptions } from "../io/transfer-options.ts";
import type { EncodeOptions } from "../legolas/encode-rows.ts";
import { findSchemaVersion } from "../legolas/record.ts";
import type { AnySchemaVersion, SchemaVersionFor } from "../legolas/schema-version.ts";
import { StoredRows } from "../legolas/stored-rows.ts";
import { encodeTable, type WriteOptions, writeTable } from "../legolas/table-io.ts";
import { ModelV1 } from "./model.ts";
import { openModelRow } from "./open-model-rows.ts";

function schemaOf(row: object, given: AnySchemaVersion | undefined): AnySchemaVersion {
  return given ?? findSchemaVersion(row) ?? ModelV1;
}

/**
 * A model row as the bytes of an Arrow file, in new memory. The same row gives the same bytes.
 *
 * @param row - A record, or a plain object whose values are checked against the fields but not assigned.
 * @param schemaVersion - What the file says it is. Default: the schema version of the record, or {@link ModelV1} for a plain object.
 *   Columns that it does not declare are kept.
 * @param options - How the file is written.
 * @throws {InputError} The row is no object.
 * @throws {RecordError} A value does not fit its field.
 * @throws {LossyConversionError} The arrays of weights have no element type in common that keeps every value.
 * @throws {CodecNotLoadedError} Compression is asked for before `await loadCodecs()`.
 */
export function encodeModelRow(row: object, schemaVersion?: AnySchemaVersion, options?: EncodeOptions): Uint8Array {
  return encodeTable([row], schemaOf(row, schemaVersion), options);
}

/**
 * The model row in the bytes of an Arrow file or stream, as the schema version it names. Weights are views of the bytes where those are
 * aligned and not compressed.
 *
 * @param bytes - Of the whole file or stream.
 * @returns The record. Its type is that of {@link ModelV1}; of an extension it has the extension's fields too.
 * @throws {RowCountError} The table does not have exactly one row.
 * @throws {FormatError} The bytes are not a well-formed Arrow file or stream, name no schema, or hold an array that does not have its digest.
 * @throws {UnknownSchemaError} The schema they name is not declared in this process.
 * @throws {ViolationError} The table does not comply with its schema version.
 * @throws {UnsupportedTypeError} The weights, or what accompanies them, are of a type that is not read.
 * @throws {RecordError | CheckError} A value does not fit its field, or the record breaks a check.
 * @throws {CodecNotLoadedError} They are compressed, and `await loadCodecs()` has not run.
 */
export function decodeModelRow(bytes: Uint8Array | ArrayBuffer): ModelV1;
/**
 * The model row in the bytes of an Arrow file or stream, as a given schema version.
 *
 * @param bytes - Of the whole file or stream.
 * @param schemaVersion - What to read it as, whatever it says it is.
 * @returns The record.
 * @throws {RowCountError | FormatError | ViolationError | UnsupportedTypeError | RecordError | CheckError | CodecNotLoadedError} As without a
 *   schema version.
 */
export function decodeModelRow<R extends object>(
  bytes: Uint8Array | ArrayBuffer,
  schemaVersion: SchemaVersionFor<R>,
): R;
export function decodeModelRow(bytes: Uint8Array | ArrayBuffer, schemaVersion?: AnySchemaVersion): object {
  const view = viewBytes(bytes);
  const rows = new StoredRows(runOnBytes(view, readIpcIndex(view.length)), schemaVersion);
  if (rows.numRows !== 1) throw new RowCountError(rows.numRows);
  const [batch, at] = rows.find(0);
  return rows.schemaVersion(rows.fields(runOnBytes(view, rows.load(batch)), at) as never);
}

/**
 * Writes a model row. A path is replaced as a whole or not at all: the old file stays until the new one is complete and durable. The
 * arrays are written from where they are, without a copy.
 *
 * @param target - A path or file URL (in Node), a ByteSink, or what opens one.
 * @param row - As for {@link encodeModelRow}.
 * @param schemaVersion - As for {@link encodeModelRow}.
 * @param options - How the file is written, progress, and what stops it.
 * @throws {InputError} The row is no object, or the target none.
 * @throws {RecordError} A value does not fit its field; nothing is written.
 * @throws {LossyConversionError} The arrays of weights have no element type in common that keeps every value; the target stays as it was.
 * @throws {SourceError} The target cannot be written; what was there before stays.
 */
export async function writeModelRow(
  target: Target,
  row: object,
  schemaVersion?: AnySchemaVersion,
  options?: WriteOptions,
): Promise<void> {
  await writeTable(target, [row], schemaOf(row, schemaVersion), options);
}

/**
 * Reads a model row as the schema version it names.
 *
 * @param source - A path or file URL (in Node), an http(s) address, bytes, a Blob, a ByteSource, or what opens one.
 * @returns The record, its weights in new memory. Its type is that of {@link ModelV1}; of an extension it has the extension's fields too.
 * @throws {SourceError} The source cannot be read.
 * @throws {RowCountError} The table does not have exactly one row.
 * @throws {FormatError} It is not a well-formed Arrow file or stream, names no schema, or holds an array that does not have its digest.
 * @throws {UnknownSchemaError} The schema it names is not declared in this process.
 * @throws {ViolationError} The table does not comply with its schema version.
 * @throws {UnsupportedTypeError} The weights, or what accompanies them, are of a type that is not read.
 * @throws {RecordError | CheckError} A value does not fit its field, or the record breaks a check.
 */
export async function readModelRow(source: Source): Promise<ModelV1>;
/**
 * Reads a model row as a given schema version.
 *
 * @param source - As without a schema version.
 * @param schemaVersion - What to read it as, whatever it says it is.
 * @param options - Progress, and what stops the transfer.
 * @returns The record, its weights in new memory.
 * @throws {SourceError | RowCountError | FormatError | ViolationError | UnsupportedTypeError | RecordError | CheckError} As without a schema version.
 */
export async function readModelRow<R extends object>(
  source: Source,
  schemaVersion: SchemaVersionFor<R>,
  options?: ProgressOptions,
): Promise<R>;
export async function readModelRow(
  source: Source,
  schemaVersion?: AnySchemaVersion,
  options: ProgressOptions = {},
): Promise<object> {
  const handle = await openModelRow(source, schemaVersion, options);
  try {
    return await handle.record();
  } finally {
    await handle.close();
  }
}
