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
import type { AnySchemaVersion } from "../legolas/schema-version.ts";
import { StoredRows } from "../legolas/stored-rows.ts";
import { encodeTable, type WriteOptions, writeTable } from "../legolas/table-io.ts";
import { ModelV1 } from "./model.ts";
import { openModelRow } from "./open-model-rows.ts";

type Reads<R extends object> = AnySchemaVersion & ((input: never) => R);

function schemaOf(row: object, given: AnySchemaVersion | undefined): AnySchemaVersion {
  return given ?? findSchemaVersion(row) ?? ModelV1;
}

/**
 * A model row as the bytes of an Arrow file, in new memory. The same row gives the same bytes.
 *
 * @param schemaVersion - What the file says it is. Default: the schema version of the record, or {@link ModelV1} for a plain object.
 *   Columns that it does not declare are kept.
 * @throws {RecordError} A value does not fit its field.
 * @throws {CodecNotLoadedError} Compression is asked for before `await loadCodecs()`.
 */
export function encodeModelRow(row: object, schemaVersion?: AnySchemaVersion, options?: EncodeOptions): Uint8Array {
  return encodeTable([row], schemaOf(row, schemaVersion), options);
}

/**
 * The model row in the bytes of an Arrow file or stream. Weights are views of the bytes where those are aligned and not compressed.
 *
 * @param schemaVersion - Read it as this, whatever it says it is. Default: the schema version it names.
 * @throws {RowCountError} The table does not have exactly one row.
 * @throws {FormatError | UnknownSchemaError | ViolationError | CodecNotLoadedError} As `decodeTable`.
 */
export function decodeModelRow(bytes: Uint8Array | ArrayBuffer): ModelV1;
export function decodeModelRow<R extends object>(bytes: Uint8Array | ArrayBuffer, schemaVersion: Reads<R>): R;
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
 * @param target - A path or file URL (in Node), or a ByteSink.
 * @param schemaVersion - As for {@link encodeModelRow}.
 * @throws {RecordError} A value does not fit its field; nothing is written.
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
 * Reads a model row.
 *
 * @param source - A path or file URL (in Node), an http(s) address, bytes, a Blob or a ByteSource.
 * @param schemaVersion - Read it as this, whatever it says it is. Default: the schema version it names.
 * @returns The record. Without a schema version its type is that of {@link ModelV1}; of an extension it has the extension's fields too.
 * @throws {SourceError} The source cannot be read.
 * @throws {RowCountError} The table does not have exactly one row.
 * @throws {FormatError | UnknownSchemaError | ViolationError} As `decodeTable`.
 */
export async function readModelRow(source: Source): Promise<ModelV1>;
export async function readModelRow<R extends object>(
  source: Source,
  schemaVersion: Reads<R>,
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
