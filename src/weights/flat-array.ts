/**
 * One array of weights as it stands on disk.
 *
 * Idea: a column-major `vec` of size S is byte-identical to a row-major tensor of shape reverse(S), so going between JavaScript's
 * row-major tensors and Julia's arrays copies nothing. Source: LegolasFlux.jl, `FlatArray`.
 */
import type { TypedArray } from "../arrow/array-data.ts";
import { InputError } from "../errors.ts";
import { formatValue } from "../legolas/format-value.ts";
import { checksumOf } from "./checksum.ts";
import { convertElements, type ElementType, elementTypesOf } from "./element-type.ts";

/** The number of elements of a size. */
export function product(size: readonly number[]): number {
  return size.reduce((total, dimension) => total * dimension, 1);
}

/** Whether all are lengths that a dimension can have. */
export function isSize(size: readonly unknown[]): size is readonly number[] {
  return size.every((dimension) => Number.isSafeInteger(dimension) && (dimension as number) >= 0);
}

/** A size as text: `(3, 4)`. */
export function formatSize(size: readonly (number | null)[]): string {
  return `(${size.join(", ")})`;
}

const flatArrayBrand: unique symbol = Symbol.for("legolas-flux.flat-array") as never;

/** Whether a value is a FlatArray of any loaded copy of this package. */
export function isFlatArray(value: unknown): value is FlatArray {
  return typeof value === "object" && value !== null && flatArrayBrand in value;
}

/**
 * An array of weights: its elements in column-major order (the first index varies fastest) and its size. Immutable, but for its elements.
 *
 * A row-major array of shape S is, byte for byte, one of size reverse(S): `new FlatArray(data, [4, 3])` for a matrix of 3 rows and 4 columns.
 */
export class FlatArray {
  /** @internal */
  declare readonly [flatArrayBrand]: true;

  /**
   * The elements, as the array that was given: live, not copied. 64-bit integers are bigints, float16 its 16 bits in a Uint16Array,
   * bool 0 or 1 in a Uint8Array.
   */
  readonly vec: TypedArray;
  /** The length of each dimension; empty for a single value without dimensions. */
  readonly size: readonly number[];
  /** The type of the elements on disk; float16 and bool are held in arrays of another one, see {@link FlatArray.vec}. */
  readonly elementType: ElementType;

  /**
   * @param vec - The elements in column-major order; kept, not copied.
   * @param size - The length of each dimension; its product is `vec.length`.
   * @param elementType - `"float16"` for a Uint16Array of half-precision bits, `"bool"` for a Uint8Array of 0 and 1; otherwise it follows
   *   from `vec`.
   * @throws {InputError} The parts do not fit each other.
   */
  constructor(vec: TypedArray, size: readonly number[], elementType?: ElementType) {
    const types = elementTypesOf(vec);
    const type = elementType ?? types[0];
    if (type === undefined || !types.includes(type)) {
      const expected =
        elementType === undefined
          ? "an integer or floating-point typed array"
          : `a typed array that holds ${elementType}`;
      throw new InputError({ subject: "FlatArray: vec", expected, found: formatValue(vec) });
    }
    checkSize(vec, size);
    this.vec = vec;
    this.size = Object.isFrozen(size) ? size : Object.freeze([...size]);
    this.elementType = type;
    Object.freeze(this);
  }

  /** The number of elements. */
  get length(): number {
    return this.vec.length;
  }

  /** The elements as float32, in new memory, column-major; values that float32 does not have are rounded. */
  toFloat32(): Float32Array {
    // Converting to float32 gives a Float32Array.
    return convertElements(this.vec, this.elementType, "float32").converted as Float32Array;
  }

  /** The digest of the elements, `crc32:xxxxxxxx`, which `{ checksum: true }` stores: over their little-endian bytes, bools packed to bits. */
  checksum(): string {
    return checksumOf(this.vec, this.elementType);
  }
}

function checkSize(vec: TypedArray, size: readonly number[]): void {
  if (!Array.isArray(size) || !isSize(size)) {
    throw new InputError({
      subject: "FlatArray: size",
      expected: "an array of integers >= 0",
      found: JSON.stringify(size) ?? "undefined",
    });
  }
  if (product(size) !== vec.length) {
    throw new InputError({
      subject: "FlatArray",
      expected: `${product(size)} elements for size ${formatSize(size)}`,
      found: `${vec.length}`,
      remedy: "The product of the size must be the number of elements",
    });
  }
}

Object.defineProperty(FlatArray.prototype, flatArrayBrand, { value: true });
