/** Bytes of buffers as typed arrays. */
import type { TypedArray } from "./array-data.ts";
import type { DataType } from "./data-type.ts";

type ArrayConstructor = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
};

/** Bytes as elements: a view where they are aligned, otherwise a copy. */
export function viewElements(bytes: Uint8Array, Elements: ArrayConstructor, length: number): TypedArray {
  const aligned = bytes.byteOffset % Elements.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new Elements(aligned.buffer, aligned.byteOffset, length);
}

const signedArrays: Readonly<Record<number, ArrayConstructor>> = {
  8: Int8Array,
  16: Int16Array,
  32: Int32Array,
  64: BigInt64Array,
};
const unsignedArrays: Readonly<Record<number, ArrayConstructor>> = {
  8: Uint8Array,
  16: Uint16Array,
  32: Uint32Array,
  64: BigUint64Array,
};
const floatArrays: Readonly<Record<number, ArrayConstructor>> = { 16: Uint16Array, 32: Float32Array, 64: Float64Array };

/** The typed array that holds elements of a fixed-width type, or null for types kept as bytes. */
function valuesConstructor(type: DataType): ArrayConstructor | null {
  if (type.kind === "int") return (type.signed ? signedArrays : unsignedArrays)[type.bitWidth] ?? null;
  if (type.kind === "float") return floatArrays[type.bitWidth] ?? null;
  if (type.kind === "date") return type.unit === "day" ? Int32Array : BigInt64Array;
  if (type.kind === "time") return type.bitWidth === 32 ? Int32Array : BigInt64Array;
  if (type.kind === "union") return Int8Array;
  return type.kind === "timestamp" || type.kind === "duration" ? BigInt64Array : null;
}

/** The values of an array of so many elements, of which views have four words each; the bytes as they are for types kept so. */
export function viewValues(type: DataType, bytes: Uint8Array, length: number): TypedArray {
  if ("view" in type) return viewElements(bytes, Uint32Array, 4 * length);
  const Elements = valuesConstructor(type);
  return Elements ? viewElements(bytes, Elements, length) : bytes;
}
