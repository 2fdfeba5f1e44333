/**
 * Bounds-checked reading of flatbuffers that may be hostile.
 *
 * Idea: every offset, length and count is checked against the buffer before it is used, and a budget bounds the work that
 * aliased offsets could otherwise multiply. Source: https://flatbuffers.dev/internals/
 */
import { FormatError } from "../errors.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Aliased strings may be read this many times the buffer's length in all. */
const stringBudgetFactor = 16;
/** No table that carries anything is smaller than this, so a buffer cannot hold more tables than its length over it. */
const minTableBytes = 8;

interface Buffer {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  /** Position of the buffer in the file, for messages. */
  readonly filePosition: number;
  readonly budget: { tables: number; stringBytes: number };
}

/** A flatbuffer table; slots count from 0 in the order of the schema's fields. */
export class FlatTable {
  private constructor(
    private readonly buffer: Buffer,
    private readonly position: number,
    private readonly vtable: number,
    private readonly vtableBytes: number,
  ) {}

  /** The root table of a buffer that starts at `filePosition` bytes of its file. */
  static root(bytes: Uint8Array, filePosition: number): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const budget = { tables: Math.ceil(bytes.length / minTableBytes), stringBytes: bytes.length * stringBudgetFactor };
    const buffer = { view, bytes, filePosition, budget };
    return FlatTable.at(buffer, follow(buffer, 0));
  }

  private static at(buffer: Buffer, position: number): FlatTable {
    if (--buffer.budget.tables < 0) throw corrupt(buffer, position, "more tables than its length can hold");
    need(buffer, position, 4);
    const vtable = position - buffer.view.getInt32(position, true);
    need(buffer, vtable, 4);
    const vtableBytes = buffer.view.getUint16(vtable, true);
    if (vtableBytes < 4 || vtableBytes % 2 !== 0) throw corrupt(buffer, vtable, "a malformed vtable");
    need(buffer, vtable, vtableBytes);
    return new FlatTable(buffer, position, vtable, vtableBytes);
  }

  /** Position of a slot's value, or null where the slot is absent and has its default. */
  private slot(index: number, width: number): number | null {
    const entry = 4 + 2 * index;
    if (entry + 2 > this.vtableBytes) return null;
    const offset = this.buffer.view.getUint16(this.vtable + entry, true);
    if (offset === 0) return null;
    if (offset < 4) throw corrupt(this.buffer, this.position, "a field that overlaps its table's head");
    // The table's own length is not checked: Arrow.jl shares vtables between tables of different lengths, so it may be too small.
    need(this.buffer, this.position + offset, width);
    return this.position + offset;
  }

  bool(index: number): boolean {
    return this.uint8(index) !== 0;
  }

  uint8(index: number): number {
    const at = this.slot(index, 1);
    return at === null ? 0 : this.buffer.view.getUint8(at);
  }

  int16(index: number, fallback = 0): number {
    const at = this.slot(index, 2);
    return at === null ? fallback : this.buffer.view.getInt16(at, true);
  }

  int32(index: number, fallback = 0): number {
    const at = this.slot(index, 4);
    return at === null ? fallback : this.buffer.view.getInt32(at, true);
  }

  bigint(index: number): bigint {
    const at = this.slot(index, 8);
    return at === null ? 0n : this.buffer.view.getBigInt64(at, true);
  }

  /** A 64-bit count or size: a safe integer >= 0. */
  size(index: number): number {
    const at = this.slot(index, 8);
    return at === null ? 0 : readSize(this.buffer, at);
  }

  table(index: number): FlatTable | null {
    const at = this.slot(index, 4);
    return at === null ? null : FlatTable.at(this.buffer, follow(this.buffer, at));
  }

  string(index: number): string | null {
    const vector = this.vector(index, 1);
    if (vector === null) return null;
    const { start, length } = vector;
    this.buffer.budget.stringBytes -= length;
    if (this.buffer.budget.stringBytes < 0) throw corrupt(this.buffer, start, "more text than its length can hold");
    const text = decodeUtf8(this.buffer.bytes.subarray(start, start + length));
    if (text === null) throw corrupt(this.buffer, start, "text that is not UTF-8");
    return text;
  }

  tables(index: number): FlatTable[] {
    const vector = this.vector(index, 4);
    if (vector === null) return [];
    return Array.from({ length: vector.length }, (_, i) =>
      FlatTable.at(this.buffer, follow(this.buffer, vector.start + 4 * i)),
    );
  }

  int32s(index: number): number[] {
    const vector = this.vector(index, 4);
    if (vector === null) return [];
    return Array.from({ length: vector.length }, (_, i) => this.buffer.view.getInt32(vector.start + 4 * i, true));
  }

  /** A vector of 64-bit sizes. */
  sizes(index: number): number[] {
    const vector = this.vector(index, 8);
    if (vector === null) return [];
    return Array.from({ length: vector.length }, (_, i) => readSize(this.buffer, vector.start + 8 * i));
  }

  /** A vector of structs of two 64-bit sizes. */
  sizePairs(index: number): [number, number][] {
    const vector = this.vector(index, 16);
    if (vector === null) return [];
    return Array.from({ length: vector.length }, (_, i) => {
      const at = vector.start + 16 * i;
      return [readSize(this.buffer, at), readSize(this.buffer, at + 8)];
    });
  }

  /** A vector of `Block` structs: int64 offset, int32 metadata length, four bytes of padding, int64 body length. */
  blocks(index: number): { offset: number; metadataLength: number; bodyLength: number }[] {
    const vector = this.vector(index, 24);
    if (vector === null) return [];
    return Array.from({ length: vector.length }, (_, i) => {
      const at = vector.start + 24 * i;
      const metadataLength = this.buffer.view.getInt32(at + 8, true);
      if (metadataLength < 0) throw corrupt(this.buffer, at + 8, `a length of ${metadataLength}`);
      return { offset: readSize(this.buffer, at), metadataLength, bodyLength: readSize(this.buffer, at + 16) };
    });
  }

  private vector(index: number, stride: number): { start: number; length: number } | null {
    const at = this.slot(index, 4);
    if (at === null) return null;
    const start = follow(this.buffer, at);
    need(this.buffer, start, 4);
    const length = this.buffer.view.getUint32(start, true);
    need(this.buffer, start + 4, length * stride);
    return { start: start + 4, length };
  }

  /** An error about this table's place in the file. */
  error(found: string): FormatError {
    return corrupt(this.buffer, this.position, found);
  }
}

function follow(buffer: Buffer, at: number): number {
  need(buffer, at, 4);
  return at + buffer.view.getUint32(at, true);
}

function readSize(buffer: Buffer, at: number): number {
  const size = buffer.view.getBigInt64(at, true);
  if (size < 0n || size > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt(buffer, at, `a size of ${size}`);
  return Number(size);
}

function need(buffer: Buffer, position: number, length: number): void {
  if (position < 0 || position + length > buffer.bytes.length)
    throw corrupt(buffer, position, "an offset outside of it");
}

function corrupt(buffer: Buffer, position: number, found: string): FormatError {
  return new FormatError({
    subject: "Arrow metadata",
    expected: "a valid flatbuffer",
    found,
    remedy: "The file is damaged or was not written as Arrow: write it again, or take it from its source once more",
    byteOffset: buffer.filePosition + Math.max(0, position),
  });
}
