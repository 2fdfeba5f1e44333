/**
 * Arrays on their way to bytes.
 *
 * Idea: a buffer is a list of chunks, so that the memory of large arrays is referred to, not copied, until a sink takes it. Where an
 * element is null in an array that is not nullable (because an ancestor is null) a default stands there and no validity is written,
 * as Arrow.jl does. Source: https://arrow.apache.org/docs/format/Columnar.html
 */
import { InputError } from "../errors.ts";
import type { TypedArray } from "./array-data.ts";
import { type DataType, extensionMetadata, type Field } from "./data-type.ts";

/** Bytes that may be made only when they are written. */
export interface Chunk {
  readonly byteLength: number;
  /** The bytes, possibly a view of the caller's memory. */
  readonly toBytes: () => Uint8Array;
  /** Takes the place of `toBytes` where the bytes have to be read first, which only sinks that are written piece by piece can wait for. */
  readonly load?: () => Promise<Uint8Array>;
}

export type Chunks = readonly Chunk[];

export interface EncodedArray {
  readonly field: Field;
  readonly length: number;
  readonly nullCount: number;
  readonly buffers: readonly Chunks[];
  readonly children: readonly EncodedArray[];
}

/** What an array is called and whether it may hold nulls. */
export interface Column {
  readonly name: string;
  readonly nullable: boolean;
  /** Extension name of the type, if it has one. */
  readonly extension?: string;
}

/** Which elements are not null. */
export type Presence = readonly boolean[];

export function chunkOf(array: TypedArray): Chunk {
  const { byteLength } = array;
  return { byteLength, toBytes: () => new Uint8Array(array.buffer, array.byteOffset, byteLength) };
}

function fieldOf(column: Column, type: DataType, children: readonly EncodedArray[] = []): Field {
  return {
    name: column.name,
    nullable: column.nullable,
    type,
    children: children.map(({ field }) => field),
    dictionary: null,
    metadata: column.extension === undefined ? new Map() : extensionMetadata(column.extension),
  };
}

function build(
  column: Column,
  type: DataType,
  presence: Presence,
  buffers: readonly Chunks[],
  children: readonly EncodedArray[] = [],
): EncodedArray {
  const absent = column.nullable ? presence.reduce((count, present) => count + (present ? 0 : 1), 0) : 0;
  const validity = absent > 0 ? [chunkOf(packBits(presence))] : [];
  const field = fieldOf(column, type, children);
  return { field, length: presence.length, nullCount: absent, buffers: [validity, ...buffers], children };
}

export function packBits(bits: readonly boolean[] | Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) if (bits[i]) packed[i >> 3] = (packed[i >> 3] as number) | (1 << (i & 7));
  return packed;
}

const maxOffset = 2 ** 31 - 1;

function offsetsOf(name: string, lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  let end = 0;
  for (const [i, length] of lengths.entries()) {
    end += length;
    offsets[i + 1] = end;
  }
  if (end <= maxOffset) return offsets;
  throw new InputError({
    subject: `column "${name}"`,
    expected: `at most ${maxOffset} bytes or elements in one table`,
    found: `${end}`,
    remedy: "Write fewer rows to one file",
  });
}

export function encodeNull(name: string, length: number): EncodedArray {
  const field = fieldOf({ name, nullable: true }, { kind: "null" });
  return { field, length, nullCount: length, buffers: [], children: [] };
}

/** Elements of a fixed width; the memory of `values` is not copied. */
export function encodeFixed(column: Column, type: DataType, values: TypedArray, presence: Presence): EncodedArray {
  return build(column, type, presence, [[chunkOf(values)]]);
}

/** Elements of a fixed width, none of them null, whose memory is in several places. */
export function encodeChunks(column: Column, type: DataType, length: number, chunks: Chunks): EncodedArray {
  return { field: fieldOf(column, type), length, nullCount: 0, buffers: [[], chunks], children: [] };
}

export function encodeBool(column: Column, values: readonly (boolean | null)[]): EncodedArray {
  const presence = values.map((value) => value !== null);
  return build(column, { kind: "bool" }, presence, [[chunkOf(packBits(values.map((value) => value === true)))]]);
}

export function encodeBinary(column: Column, type: DataType, values: readonly (Uint8Array | null)[]): EncodedArray {
  const presence = values.map((value) => value !== null);
  const offsets = offsetsOf(
    column.name,
    values.map((value) => value?.length ?? 0),
  );
  const present = values.filter((value) => value !== null);
  return build(column, type, presence, [[chunkOf(offsets)], present.map(chunkOf)]);
}

/**
 * Lists whose elements stand one after the other in `child`; null lists have length null. Offsets are of 32 bits, as long as they can
 * count the elements.
 */
export function encodeList(column: Column, lengths: readonly (number | null)[], child: EncodedArray): EncodedArray {
  const presence = lengths.map((length) => length !== null);
  const present = lengths.map((length) => length ?? 0);
  const large = child.length > maxOffset;
  const offsets = large ? largeOffsetsOf(present) : offsetsOf(column.name, present);
  return build(column, { kind: "list", large }, presence, [[chunkOf(offsets)]], [child]);
}

function largeOffsetsOf(lengths: readonly number[]): BigInt64Array {
  let end = 0;
  return BigInt64Array.from([0, ...lengths], (length) => {
    end += length;
    return BigInt(end);
  });
}

/** Lists of `listSize` elements each, null ones included. */
export function encodeFixedSizeList(
  column: Column,
  listSize: number,
  presence: Presence,
  child: EncodedArray,
): EncodedArray {
  return build(column, { kind: "fixedSizeList", listSize }, presence, [], [child]);
}

export function encodeStruct(column: Column, presence: Presence, children: readonly EncodedArray[]): EncodedArray {
  return build(column, { kind: "struct" }, presence, [], children);
}

/** Maps whose entries (a struct of key and value) stand one after the other in `entries`. */
export function encodeMap(column: Column, lengths: readonly (number | null)[], entries: EncodedArray): EncodedArray {
  const presence = lengths.map((length) => length !== null);
  const offsets = offsetsOf(
    column.name,
    lengths.map((length) => length ?? 0),
  );
  return build(column, { kind: "map", keysSorted: false }, presence, [[chunkOf(offsets)]], [entries]);
}

/** Dense unions with type ids 0, 1, ...: element i stands in child `typeIds[i]`, whose elements are in order. */
export function encodeUnion(column: Column, typeIds: Int8Array, children: readonly EncodedArray[]): EncodedArray {
  const next = children.map(() => 0);
  const positions = Int32Array.from(typeIds, (id) => (next[id] as number)++);
  const type: DataType = { kind: "union", mode: "dense", typeIds: children.map((_, i) => i) };
  const field = fieldOf(column, type, children);
  return { field, length: typeIds.length, nullCount: 0, buffers: [[chunkOf(typeIds)], [chunkOf(positions)]], children };
}
