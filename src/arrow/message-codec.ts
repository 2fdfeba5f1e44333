/**
 * Arrow IPC messages and the file footer as flatbuffers.
 *
 * Source: Message.fbs and File.fbs of the Arrow format, and
 * https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 */
import type { Schema } from "./data-type.ts";
import { buildFlatbuffer, type FlatValue, flat } from "./flatbuffer-builder.ts";
import { FlatTable } from "./flatbuffer-reader.ts";
import { metadataV5 } from "./physical-layout.ts";
import { decodeSchema, encodeSchema } from "./schema-codec.ts";

/** @inline */
export type Codec = "lz4" | "zstd";
const codecs: readonly Codec[] = ["lz4", "zstd"];

/** Bytes of a body; `offset` counts from the body's start. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

export interface FieldNode {
  readonly length: number;
  readonly nullCount: number;
}

export interface RecordBatch {
  readonly length: number;
  readonly nodes: readonly FieldNode[];
  readonly regions: readonly Region[];
  readonly variadicCounts: readonly number[];
  readonly codec: Codec | null;
}

export type MessageHeader =
  | { readonly kind: "schema"; readonly schema: Schema }
  | { readonly kind: "recordBatch"; readonly batch: RecordBatch }
  | { readonly kind: "dictionaryBatch"; readonly id: bigint; readonly isDelta: boolean; readonly batch: RecordBatch };

export interface Message {
  readonly header: MessageHeader;
  /** Before V5 (4) unions have a validity buffer. */
  readonly version: number;
  readonly bodyLength: number;
}

const metadataV4 = 3;
const headerNumbers = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;

/** Decodes a message's metadata, which starts at `filePosition` bytes of its file. */
export function decodeMessage(bytes: Uint8Array, filePosition: number): Message {
  const root = FlatTable.root(bytes, filePosition);
  const version = root.int16(0);
  if (version !== metadataV4 && version !== metadataV5) throw root.error(`metadata version ${version}, not V4 or V5`);
  return { header: decodeHeader(root), version, bodyLength: root.size(3) };
}

function decodeHeader(root: FlatTable): MessageHeader {
  const table = root.table(2);
  const number = root.uint8(1);
  if (!table) throw root.error("a message without a header");
  if (number === headerNumbers.schema) return { kind: "schema", schema: decodeSchema(table) };
  if (number === headerNumbers.recordBatch) return { kind: "recordBatch", batch: decodeRecordBatch(table) };
  if (number !== headerNumbers.dictionaryBatch) throw root.error(`a message of unknown kind ${number}`);
  const data = table.table(1);
  if (!data) throw table.error("a dictionary without data");
  return { kind: "dictionaryBatch", id: table.bigint(0), isDelta: table.bool(2), batch: decodeRecordBatch(data) };
}

function decodeRecordBatch(table: FlatTable): RecordBatch {
  const compression = table.table(3);
  const codec = compression ? codecs[compression.uint8(0)] : null;
  if (codec === undefined || (compression && compression.uint8(1) !== 0)) throw table.error("an unknown compression");
  return {
    length: table.size(0),
    nodes: table.sizePairs(1).map(([length, nullCount]) => ({ length, nullCount })),
    regions: table.sizePairs(2).map(([offset, length]) => ({ offset, length })),
    variadicCounts: table.sizes(4),
    codec,
  };
}

/** A message's metadata, padded to a multiple of 8 bytes. */
export function encodeMessage(header: MessageHeader, bodyLength: number): Uint8Array {
  return buildFlatbuffer([
    flat.int16(metadataV5),
    flat.uint8(headerNumbers[header.kind]),
    { table: encodeHeader(header) },
    flat.int64(bodyLength),
  ]);
}

function encodeHeader(header: MessageHeader): (FlatValue | null)[] {
  if (header.kind === "schema") return encodeSchema(header.schema);
  if (header.kind === "recordBatch") return encodeRecordBatch(header.batch);
  return [flat.int64(header.id), { table: encodeRecordBatch(header.batch) }, flat.bool(header.isDelta)];
}

function encodeRecordBatch({ length, nodes, regions, codec }: RecordBatch): (FlatValue | null)[] {
  return [
    flat.int64(length),
    { words: nodes.flatMap((node) => [BigInt(node.length), BigInt(node.nullCount)]), wordsPerStruct: 2 },
    { words: regions.flatMap((region) => [BigInt(region.offset), BigInt(region.length)]), wordsPerStruct: 2 },
    codec && flat.table(flat.uint8(codecs.indexOf(codec)), flat.uint8(0)),
  ];
}

/** Where a message stands in a file, in bytes; `metadataLength` includes its 8-byte prefix. */
export interface Block {
  readonly offset: number;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

export interface Footer {
  readonly schema: Schema;
  readonly dictionaries: readonly Block[];
  readonly recordBatches: readonly Block[];
}

export function decodeFooter(bytes: Uint8Array, filePosition: number): Footer {
  const root = FlatTable.root(bytes, filePosition);
  const schema = root.table(1);
  if (!schema) throw root.error("a footer without a schema");
  return { schema: decodeSchema(schema), dictionaries: root.blocks(2), recordBatches: root.blocks(3) };
}

/** A footer, padded to a multiple of 8 bytes. */
export function encodeFooter({ schema, dictionaries, recordBatches }: Footer): Uint8Array {
  return buildFlatbuffer([
    flat.int16(metadataV5),
    { table: encodeSchema(schema) },
    encodeBlocks(dictionaries),
    encodeBlocks(recordBatches),
  ]);
}

function encodeBlocks(blocks: readonly Block[]): FlatValue {
  return {
    words: blocks.flatMap((block) => [BigInt(block.offset), BigInt(block.metadataLength), BigInt(block.bodyLength)]),
    wordsPerStruct: 3,
  };
}
