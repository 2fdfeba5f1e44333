/**
 * Element types of weights, and conversion between them.
 *
 * Source of the promotion rules: Julia's `promote_type` for its number types.
 */
import type { TypedArray } from "../arrow/array-data.ts";
import type { DataType } from "../arrow/data-type.ts";
import { float16FromBits, float16ToBits } from "../arrow/float16.ts";

/** The type of the elements of an array of weights. */
export type ElementType =
  | "bool"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "float16"
  | "float32"
  | "float64";

interface ElementKind {
  readonly family: "bool" | "int" | "uint" | "float";
  readonly bits: number;
  readonly Array: ArrayConstructor;
}

type ArrayConstructor = {
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
};

const kinds: Readonly<Record<ElementType, ElementKind>> = {
  bool: { family: "bool", bits: 1, Array: Uint8Array },
  int8: { family: "int", bits: 8, Array: Int8Array },
  int16: { family: "int", bits: 16, Array: Int16Array },
  int32: { family: "int", bits: 32, Array: Int32Array },
  int64: { family: "int", bits: 64, Array: BigInt64Array },
  uint8: { family: "uint", bits: 8, Array: Uint8Array },
  uint16: { family: "uint", bits: 16, Array: Uint16Array },
  uint32: { family: "uint", bits: 32, Array: Uint32Array },
  uint64: { family: "uint", bits: 64, Array: BigUint64Array },
  float16: { family: "float", bits: 16, Array: Uint16Array },
  float32: { family: "float", bits: 32, Array: Float32Array },
  float64: { family: "float", bits: 64, Array: Float64Array },
};

const typeNames = Object.keys(kinds) as ElementType[];

export function isElementType(text: string): text is ElementType {
  return Object.hasOwn(kinds, text);
}

const typesByClass = new Map<unknown, readonly ElementType[]>();

/** The element types that a typed array can hold: its own first, then those kept in its bits. Empty for other values. */
export function elementTypesOf(array: unknown): readonly ElementType[] {
  const known = typesByClass.get((array as object | null | undefined)?.constructor);
  if (known) return known;
  const own = typeNames.filter((name) => array instanceof kinds[name].Array);
  own.sort((a, b) => Number(a === "bool" || a === "float16") - Number(b === "bool" || b === "float16"));
  if (ArrayBuffer.isView(array)) typesByClass.set(array.constructor, own);
  return own;
}

/** Bytes of so many elements in memory; on disk bools are packed to bits. */
export function bytesPerElement(type: ElementType): number {
  return Math.ceil(kinds[type].bits / 8);
}

/** Copies elements between arrays of one class. */
export function copyElements(into: TypedArray, from: TypedArray): void {
  // Both have the same class, which the union of classes cannot say.
  (into as Float32Array).set(from as Float32Array);
}

/** Bits of an element on disk. */
export function storedBits(type: ElementType): number {
  return kinds[type].bits;
}

/** A typed array of zeros for so many elements. */
export function allocateElements(type: ElementType, length: number): TypedArray {
  return new kinds[type].Array(length);
}

/** Bytes, as many as whole elements have, as elements: a view of them where they are aligned, else of a copy. */
export function viewElements(type: ElementType, bytes: Uint8Array): TypedArray {
  const Elements = kinds[type].Array;
  const width = Elements.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return new Elements(aligned.buffer, aligned.byteOffset, aligned.byteLength / width);
}

/** The type that Julia's `promote_type` gives for two. */
export function promote(a: ElementType, b: ElementType): ElementType {
  if (a === b || kinds[b].family === "bool") return a;
  if (kinds[a].family === "bool") return b;
  const aIsFloat = kinds[a].family === "float";
  const bIsFloat = kinds[b].family === "float";
  if (aIsFloat !== bIsFloat) return aIsFloat ? a : b;
  if (kinds[a].bits !== kinds[b].bits) return kinds[a].bits > kinds[b].bits ? a : b;
  return kinds[a].family === "uint" ? a : b;
}

/** The Arrow type of elements on disk. */
export function arrowTypeOf(type: ElementType): DataType {
  const { family, bits } = kinds[type];
  if (family === "bool") return { kind: "bool" };
  // The table above holds only widths that the Arrow types have.
  if (family === "float") return { kind: "float", bitWidth: bits as 16 | 32 | 64 };
  return { kind: "int", bitWidth: bits as 8 | 16 | 32 | 64, signed: family === "int" };
}

/** The element type of an Arrow type, or null where no typed array holds it. */
export function elementTypeOfArrow(type: DataType): ElementType | null {
  if (type.kind === "bool") return "bool";
  if (type.kind === "float") return `float${type.bitWidth}`;
  if (type.kind !== "int" || type.bitWidth === 128) return null;
  return type.signed ? `int${type.bitWidth}` : `uint${type.bitWidth}`;
}

/** Reads an element as a number, or as a bigint where the type has 64-bit integers. */
function read(type: ElementType, array: TypedArray, index: number): number | bigint {
  const element = array[index] as number | bigint;
  return type === "float16" ? float16FromBits(element as number) : element;
}

/** Writes a number, converted, and returns what the element then is. */
function write(type: ElementType, array: TypedArray, index: number, value: number | bigint): number | bigint {
  const { family, bits } = kinds[type];
  if (family === "float") array[index] = type === "float16" ? float16ToBits(Number(value)) : Number(value);
  else if (bits === 64) (array as BigInt64Array)[index] = toBigint(value);
  else array[index] = Number(value);
  return read(type, array, index);
}

function toBigint(value: number | bigint): bigint {
  if (typeof value === "bigint") return value;
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
}

function same(a: number | bigint, b: number | bigint): boolean {
  // Numbers and bigints compare by mathematical value with ==; NaN must stay NaN and the sign of zero is kept by every float type.
  // biome-ignore lint/suspicious/noDoubleEquals: the comparison across number and bigint is meant
  return a == b || (Number.isNaN(a) && Number.isNaN(b));
}

/** What a conversion changed first. */
export interface Loss {
  readonly index: number;
  readonly from: string;
  readonly to: string;
}

/** Elements converted to another type, in new memory, with the first value that changed, or null where none did. */
export function convertElements(
  array: TypedArray,
  from: ElementType,
  to: ElementType,
): { converted: TypedArray; loss: Loss | null } {
  const converted = new kinds[to].Array(array.length);
  let loss: Loss | null = null;
  for (let i = 0; i < array.length; i++) {
    const before = read(from, array, i);
    const target = to === "bool" ? Number(before !== 0 && before !== 0n) : before;
    const after = write(to, converted, i, target);
    if (loss === null && !same(before, after)) loss = { index: i, from: String(before), to: String(after) };
  }
  return { converted, loss };
}
