/** An array whose elements are still where they are stored, whatever the format. */
import type { TypedArray } from "../arrow/array-data.ts";
import type { ByteRange } from "../io/read-plan.ts";
import { type ArraySpan, toFlatArray, unpackBits } from "./decode-weights.ts";
import { type ElementType, storedBits } from "./element-type.ts";
import type { FlatArray } from "./flat-array.ts";

/** What is known of an array before its elements are read, and how its stored bytes become elements. */
export interface StoredArray {
  /** Of the elements once they are read. */
  readonly type: ElementType;
  /** The number of elements. */
  readonly length: number;
  readonly size: readonly number[];
  /** Where the elements stand in the source: whole bytes, which bools may share with their neighbours. Null where they are loaded. */
  readonly place: ByteRange | null;
  /** The part of the elements' own memory that takes the stored bytes as they are; null where they cannot be unpacked there. */
  landing(vec: TypedArray): Uint8Array | null;
  /** Makes elements of the stored bytes, which stand in the landing if there is one. @throws {FormatError} They cannot be elements. */
  unpack(vec: TypedArray, bytes: Uint8Array): void;
  /** The elements of an array that has no place; absent where every array has one. */
  loaded?(): FlatArray;
  /** Elements `from` up to, not including, `to`, which all exist, as an array of one dimension. */
  part(from: number, to: number): StoredArray;
}

/** The memory of elements as bytes. */
export function bytesOfElements({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A range of elements of an Arrow column. */
export class StoredSpan implements StoredArray {
  readonly place: ByteRange | null;

  constructor(private readonly span: ArraySpan) {
    this.place = placeOf(span);
  }

  get type(): ElementType {
    return this.span.type;
  }

  get length(): number {
    return this.span.to - this.span.from;
  }

  get size(): readonly number[] {
    return this.span.size;
  }

  landing(vec: TypedArray): Uint8Array | null {
    return this.span.type === "bool" ? null : bytesOfElements(vec);
  }

  unpack(vec: TypedArray, bytes: Uint8Array): void {
    if (this.span.type !== "bool") return;
    const from = this.span.from & 7;
    (vec as Uint8Array).set(unpackBits(bytes, from, from + vec.length));
  }

  loaded(): FlatArray {
    return toFlatArray(this.span);
  }

  part(from: number, to: number): StoredSpan {
    const start = this.span.from;
    return new StoredSpan({ ...this.span, from: start + from, to: start + to, size: [to - from] });
  }
}

function placeOf({ items, type, from, to }: ArraySpan): ByteRange | null {
  if (items.values !== null || items.valuesPlace === null) return null;
  const bits = storedBits(type);
  const start = Math.floor((from * bits) / 8);
  return { position: items.valuesPlace.position + start, length: Math.ceil((to * bits) / 8) - start };
}
