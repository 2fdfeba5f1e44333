/**
 * Arrow IPC files and streams as sequences of chunks.
 *
 * Idea: metadata first, then each buffer's own memory, so that a sink takes a model of any size without a copy of it. What Julia
 * needs is kept: the schema message stands at the start of the body, a file has no end-of-stream marker, a stream has one.
 * Source: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
 */
import type { Schema } from "./data-type.ts";
import { type Chunk, type Chunks, chunkOf, type EncodedArray } from "./encoded-array.ts";
import { compressChunks } from "./join-chunks.ts";
import {
  type Block,
  type Codec,
  encodeFooter,
  encodeMessage,
  type FieldNode,
  type Footer,
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

/** What stands already where writing goes on. */
export interface Resumption {
  readonly schema: Schema;
  readonly position: number;
  readonly blocks: { readonly dictionaries: readonly Block[]; readonly recordBatches: readonly Block[] };
}

/**
 * Writes one file or stream: `begin`, then `batch` any number of times, then `end`, each of which gives the chunks that come next. With a
 * resumption it goes on behind what stands there, and `begin` is left out.
 */
export class IpcWriter {
  private position: number;
  private readonly blocks: Block[];
  private readonly dictionaries: readonly Block[];
  private schema: Schema | null;

  constructor(
    private readonly options: IpcOptions,
    resumption?: Resumption,
  ) {
    this.position = resumption?.position ?? 0;
    this.blocks = [...(resumption?.blocks.recordBatches ?? [])];
    this.dictionaries = resumption?.blocks.dictionaries ?? [];
    this.schema = resumption?.schema ?? null;
  }

  /** The head and the schema. */
  begin(schema: Schema): Chunk[] {
    this.schema = schema;
    const head = this.options.format === "file" ? [chunkOf(new Uint8Array([...magic, 0, 0]))] : [];
    return this.advance([...head, messageChunk({ kind: "schema", schema }, 0)]);
  }

  /** A record batch of columns of `rows` elements each, which have the types of the schema. */
  batch(columns: readonly EncodedArray[], rows: number): Chunk[] {
    const { header, body, bodyLength } = encodeBatch(columns, rows, this.options.codec);
    const message = messageChunk(header, bodyLength);
    this.blocks.push({ offset: this.position, metadataLength: message.byteLength, bodyLength });
    return this.advance([message, ...body]);
  }

  /** The end-of-stream marker of a stream, or the footer of a file. */
  end(): Chunk[] {
    if (this.options.format === "stream" || !this.schema) return this.advance([endOfStream()]);
    const { schema, dictionaries, blocks } = this;
    return this.advance([footerChunk({ schema, dictionaries, recordBatches: blocks })]);
  }

  private advance(chunks: Chunk[]): Chunk[] {
    this.position += totalBytes(chunks);
    return chunks;
  }
}

function totalBytes(chunks: Chunks): number {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** A message of length zero, which says that no more follow. */
function endOfStream(): Chunk {
  return chunkOf(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
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

/** A footer, its length and the closing magic. */
function footerChunk(footer: Footer): Chunk {
  const metadata = encodeFooter(footer);
  const bytes = new Uint8Array(metadata.length + 4 + magic.length);
  bytes.set(metadata);
  new DataView(bytes.buffer).setInt32(metadata.length, metadata.length, true);
  bytes.set(magic, metadata.length + 4);
  return chunkOf(bytes);
}

/** The record batch of columns: its header, and its body as chunks, padding included. */
function encodeBatch(
  columns: readonly EncodedArray[],
  rows: number,
  codec: Codec | null,
): { header: MessageHeader; body: Chunk[]; bodyLength: number } {
  const nodes: FieldNode[] = [];
  const regions: Region[] = [];
  const body: Chunk[] = [];
  let offset = 0;
  const append = (buffer: Chunks): void => {
    const chunks = compressChunks(buffer, codec);
    const length = totalBytes(chunks);
    const padding = padTo(length);
    regions.push({ offset, length });
    for (const chunk of chunks) body.push(chunk);
    if (padding) body.push(padding);
    offset += length + (padding?.byteLength ?? 0);
  };
  const visit = ({ length, nullCount, buffers, children }: EncodedArray): void => {
    nodes.push({ length, nullCount });
    buffers.forEach(append);
    children.forEach(visit);
  };
  columns.forEach(visit);
  const batch = { length: rows, nodes, regions, variadicCounts: [], codec };
  return { header: { kind: "recordBatch", batch }, body, bodyLength: offset };
}
