/**
 * Arrow IPC files and streams as sequences of chunks.
 *
 * Idea: metadata first, then each buffer's own memory, so that a sink takes a model of any size without a copy of it. What Julia
 * needs is kept: the schema message stands at the start of the body, a file has no end-of-stream marker, a stream has one.
 * Source: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
 */
import type { Metadata, Schema } from "./data-type.ts";
import { type Chunk, type Chunks, chunkOf, compressChunks, type EncodedArray } from "./encoded-array.ts";
import {
  type Block,
  type Codec,
  encodeFooter,
  encodeMessage,
  type FieldNode,
  type MessageHeader,
  type Region,
} from "./message-codec.ts";

export interface IpcOptions {
  readonly format: "file" | "stream";
  readonly codec: Codec | null;
}

const alignment = 8;
const prefixBytes = 8;
const magic = new TextEncoder().encode("ARROW1");

function padTo(byteLength: number): Chunk | null {
  const padding = -byteLength & (alignment - 1);
  return padding === 0 ? null : chunkOf(new Uint8Array(padding));
}

/** Columns of equal length as the chunks of a file or stream of one record batch. */
export function* writeIpc(
  columns: readonly EncodedArray[],
  metadata: Metadata,
  { format, codec }: IpcOptions,
): Generator<Chunk, void> {
  const schema: Schema = { fields: columns.map(({ field }) => field), metadata };
  const schemaChunk = messageChunk({ kind: "schema", schema }, 0);
  const head = format === "file" ? chunkOf(new Uint8Array([...magic, 0, 0])) : null;
  if (head) yield head;
  yield schemaChunk;
  const { header, body, bodyLength } = encodeBatch(columns, codec);
  const batchChunk = messageChunk(header, bodyLength);
  yield batchChunk;
  yield* body;
  if (head === null) {
    yield chunkOf(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
    return;
  }
  const block = { offset: head.byteLength + schemaChunk.byteLength, metadataLength: batchChunk.byteLength, bodyLength };
  yield footerChunk(schema, [block]);
}

/** A message's continuation marker, length and metadata. */
function messageChunk(header: MessageHeader, bodyLength: number): Chunk {
  const metadata = encodeMessage(header, bodyLength);
  const bytes = new Uint8Array(prefixBytes + metadata.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xffffffff, true);
  view.setInt32(4, metadata.length, true);
  bytes.set(metadata, prefixBytes);
  return chunkOf(bytes);
}

function footerChunk(schema: Schema, recordBatches: readonly Block[]): Chunk {
  const footer = encodeFooter({ schema, dictionaries: [], recordBatches });
  const bytes = new Uint8Array(footer.length + 4 + magic.length);
  bytes.set(footer);
  new DataView(bytes.buffer).setInt32(footer.length, footer.length, true);
  bytes.set(magic, footer.length + 4);
  return chunkOf(bytes);
}

/** The record batch of columns: its header, and its body as chunks, padding included. */
function encodeBatch(
  columns: readonly EncodedArray[],
  codec: Codec | null,
): { header: MessageHeader; body: Chunk[]; bodyLength: number } {
  const nodes: FieldNode[] = [];
  const regions: Region[] = [];
  const body: Chunk[] = [];
  let offset = 0;
  const append = (buffer: Chunks): void => {
    const chunks = compressChunks(buffer, codec);
    const length = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const padding = padTo(length);
    regions.push({ offset, length });
    body.push(...chunks, ...(padding ? [padding] : []));
    offset += length + (padding?.byteLength ?? 0);
  };
  const visit = ({ length, nullCount, buffers, children }: EncodedArray): void => {
    nodes.push({ length, nullCount });
    buffers.forEach(append);
    children.forEach(visit);
  };
  columns.forEach(visit);
  const batch = { length: columns[0]?.length ?? 0, nodes, regions, variadicCounts: [], codec };
  return { header: { kind: "recordBatch", batch }, body, bodyLength: offset };
}
