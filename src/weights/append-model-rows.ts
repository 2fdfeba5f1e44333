/**
 * Adding rows to a table of models on disk.
 *
 * A stream is extended in place: the new messages go behind its end-of-stream marker and are made durable; then the marker's zero length is
 * overwritten with that of the first new message. Until that last write every reader sees the old rows, whatever stands behind the marker. A
 * file ends in a footer, which cannot be replaced in place safely: it is copied, extended and renamed.
 * Source: https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
 */
import { createPath, openForAppending } from "#paths";
import { loadCodec } from "../arrow/codecs/body-compression.ts";
import type { Chunk } from "../arrow/encoded-array.ts";
import { type IpcIndex, readIpcIndex } from "../arrow/ipc-index.ts";
import type { AppendableFile } from "../io/appendable-file.ts";
import { openSink, type Piece, writeAll } from "../io/byte-sink.ts";
import { runOnSource } from "../io/read-plan.ts";
import type { TransferOptions } from "../io/transfer-options.ts";
import { RowWriter } from "../legolas/row-writer.ts";
import { requireSchemaVersionIn } from "../legolas/table-metadata.ts";

const markerBytes = 8;
const copyBytes = 2 ** 23;

/**
 * Adds model rows to the table at a path, which has to exist. They become visible all at once; a crash at any moment leaves the old rows or the
 * old and the new ones.
 *
 * @param path - Of a file or stream that `writeModelRows` began, or of another table with the same columns. A stream (`format: "stream"`) is
 *   extended in place; a file is copied.
 * @param rows - Records or plain objects, possibly made while they are asked for.
 * @param options - What stops it; the old rows stay.
 * @throws {RecordError | InputError} A row does not fit the schema or the columns; nothing is written.
 * @throws {FormatError | UnknownSchemaError} The file is no table, or names no schema that is declared in this process.
 * @throws {UnsupportedTypeError} The file has a column of a type that is not written, such as decimals.
 * @throws {SourceError} The file cannot be read or written.
 */
export async function appendModelRows(
  path: string | URL,
  rows: Iterable<object> | AsyncIterable<object>,
  { signal }: TransferOptions = {},
): Promise<void> {
  const file = await openForAppending(path);
  try {
    const index = await runOnSource(file, readIpcIndex(file.size), signal);
    const chunks = encodeBehind(index, rows, signal);
    if (index.format === "stream") await extendStream(file, index, chunks);
    else await writeAll(await openSink(path, createPath), extendFile(file, index, chunks), { signal });
  } finally {
    await file.close();
  }
}

/** The messages of the new rows and the end behind them. */
async function* encodeBehind(
  { schema, recordBatches, format, end, blocks }: IpcIndex,
  rows: Iterable<object> | AsyncIterable<object>,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Chunk[]> {
  const schemaVersion = requireSchemaVersionIn(schema.metadata);
  const codec = recordBatches.at(-1)?.batch.codec ?? null;
  if (codec) await loadCodec(codec);
  const numRows = recordBatches.reduce((sum, { batch }) => sum + batch.length, 0);
  const writer = new RowWriter(
    schemaVersion,
    { format, ...(codec && { compression: codec }) },
    { schema, position: end, blocks, numRows },
  );
  for await (const row of rows) {
    signal?.throwIfAborted();
    yield writer.row(row);
  }
  yield writer.end();
}

async function extendStream(
  file: AppendableFile,
  index: IpcIndex,
  chunks: AsyncIterable<readonly Chunk[]>,
): Promise<void> {
  await endStream(file, index);
  let position = index.end;
  let firstLength: Uint8Array | null = null;
  try {
    for await (const group of chunks) {
      for (const chunk of group) {
        let bytes = chunk.toBytes();
        if (firstLength === null) {
          // The first message's prefix is the old marker, but for its length, which is written last.
          firstLength = bytes.slice(4, markerBytes);
          bytes = bytes.subarray(markerBytes);
          position += markerBytes;
        }
        await file.writeAt(position, bytes);
        position += bytes.length;
      }
    }
  } catch (error) {
    await file.truncate(index.end + markerBytes);
    throw error;
  }
  await file.sync();
  if (firstLength) await file.writeAt(index.end + 4, firstLength);
  await file.sync();
}

/** Makes the stream end in its marker: adds one where there is none, and cuts off what an interrupted append left behind it. */
async function endStream(file: AppendableFile, { end, hasEnd }: IpcIndex): Promise<void> {
  if (!hasEnd) await file.writeAt(end, new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
  if (file.size !== end + markerBytes) await file.truncate(end + markerBytes);
  await file.sync();
}

async function* extendFile(
  file: AppendableFile,
  { end }: IpcIndex,
  chunks: AsyncIterable<readonly Chunk[]>,
): AsyncGenerator<readonly Piece[]> {
  for (let position = 0; position < end; position += copyBytes) {
    const bytes = await file.readAt(position, Math.min(copyBytes, end - position));
    yield [{ byteLength: bytes.length, toBytes: () => bytes }];
  }
  yield* chunks;
}
