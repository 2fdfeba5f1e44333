/** Many models as the rows of one table: a run of checkpoints, an ensemble. */
import { createPath } from "#paths";
import { loadCodec } from "../arrow/codecs/body-compression.ts";
import type { Chunk } from "../arrow/encoded-array.ts";
import { InputError } from "../errors.ts";
import { openSink, type Target, writeAll } from "../io/byte-sink.ts";
import type { Source } from "../io/byte-source.ts";
import type { ProgressOptions } from "../io/transfer-options.ts";
import type { EncodeOptions } from "../legolas/encode-rows.ts";
import { formatValue } from "../legolas/format-value.ts";
import { findSchemaVersion } from "../legolas/record.ts";
import { RowWriter } from "../legolas/row-writer.ts";
import type { AnySchemaVersion, SchemaVersionFor } from "../legolas/schema-version.ts";
import type { WriteOptions } from "../legolas/table-io.ts";
import { ModelV1 } from "./model.ts";
import { openModelRows } from "./open-model-rows.ts";

/**
 * Writes model rows one by one, each as a record batch, holding one at a time. A path is replaced as a whole or not at all.
 *
 * @param target - A path or file URL (in Node), a ByteSink, or what opens one.
 * @param rows - Records or plain objects, possibly made while they are asked for.
 * @param schemaVersion - What the table says it is. Default: that of the first record, or {@link ModelV1}.
 * @param options - How the table is written, progress, and what stops it.
 * @throws {RecordError} A value does not fit its field; the target stays as it was.
 * @throws {LossyConversionError} The arrays of a row have no element type in common that keeps every value; the target stays as it was.
 * @throws {InputError} A row has other columns or types than the first; the target stays as it was.
 * @throws {SourceError} The target cannot be written.
 */
export async function writeModelRows(
  target: Target,
  rows: Iterable<object> | AsyncIterable<object>,
  schemaVersion?: AnySchemaVersion,
  options: WriteOptions = {},
): Promise<void> {
  if (options.compression) await loadCodec(options.compression);
  options.signal?.throwIfAborted();
  checkIterable(rows);
  await writeAll(await openSink(target, createPath), encodeEach(rows, schemaVersion, options), options);
}

function checkIterable(rows: object): void {
  const given = Object(rows) as object;
  if (Symbol.iterator in given || Symbol.asyncIterator in given) return;
  const remedy = "Write a single row with writeModelRow";
  throw new InputError({ subject: "rows", expected: "a list of them", found: formatValue(rows), remedy });
}

async function* encodeEach(
  rows: Iterable<object> | AsyncIterable<object>,
  schemaVersion: AnySchemaVersion | undefined,
  options: EncodeOptions,
): AsyncGenerator<readonly Chunk[]> {
  let writer: RowWriter | null = null;
  for await (const row of rows) {
    writer ??= new RowWriter(schemaVersion ?? findSchemaVersion(row) ?? ModelV1, options);
    yield writer.row(row);
  }
  yield (writer ?? new RowWriter(schemaVersion ?? ModelV1, options)).end();
}

/**
 * Reads model rows one by one, holding one at a time: `for await (const row of readModelRows(source)) …`. The source is closed at the end.
 *
 * @param source - A path or file URL (in Node), an http(s) address, bytes, a Blob, a ByteSource, or what opens one.
 * @param schemaVersion - Read them as this, whatever the table says it is. Default: the schema version it names.
 * @param options - Progress, and what stops the transfer.
 * @returns The records in order, their weights in new memory.
 * @throws {SourceError | FormatError | UnknownSchemaError | ViolationError | UnsupportedTypeError | RecordError | CheckError} As {@link readModelRow}.
 */
export async function* readModelRows<R extends object = ModelV1>(
  source: Source,
  schemaVersion?: SchemaVersionFor<R>,
  options?: ProgressOptions,
): AsyncGenerator<R, void> {
  const table = await openModelRows(source, schemaVersion, options);
  try {
    for (let i = 0; i < table.numRows; i++) yield await (await table.row(i)).record();
  } finally {
    await table.close();
  }
}
