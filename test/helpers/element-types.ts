/** Weights of every element type, with what other readers should see. */
import { FlatArray, Weights } from "legolas-flux";

export interface ElementTypeCase {
  readonly elementType: FlatArray["elementType"];
  /** Three elements, extreme ones among them. */
  readonly vec: FlatArray["vec"];
  /** The elements as generic Arrow readers see them: 64-bit integers as bigint, bools as booleans. */
  readonly values: readonly unknown[];
}

function of(elementType: FlatArray["elementType"], vec: FlatArray["vec"], values: readonly unknown[]): ElementTypeCase {
  return { elementType, vec, values };
}

export const everyElementType: readonly ElementTypeCase[] = [
  of("int8", Int8Array.of(-128, 0, 127), [-128, 0, 127]),
  of("int16", Int16Array.of(-32_768, 0, 32_767), [-32_768, 0, 32_767]),
  of("int32", Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1), [-(2 ** 31), 0, 2 ** 31 - 1]),
  of("int64", BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n), [-(2n ** 63n), 0n, 2n ** 63n - 1n]),
  of("uint8", Uint8Array.of(0, 128, 255), [0, 128, 255]),
  of("uint16", Uint16Array.of(0, 256, 65_535), [0, 256, 65_535]),
  of("uint32", Uint32Array.of(0, 2 ** 31, 2 ** 32 - 1), [0, 2 ** 31, 2 ** 32 - 1]),
  of("uint64", BigUint64Array.of(0n, 2n ** 63n, 2n ** 64n - 1n), [0n, 2n ** 63n, 2n ** 64n - 1n]),
  of("float16", Uint16Array.of(0x3c00, 0xfc00, 0x0001), [1, Number.NEGATIVE_INFINITY, 2 ** -24]),
  of("float32", Float32Array.of(0.5, -0, Number.NaN), [0.5, -0, Number.NaN]),
  of("float64", Float64Array.of(Math.PI, 5e-324, Number.POSITIVE_INFINITY), [
    Math.PI,
    5e-324,
    Number.POSITIVE_INFINITY,
  ]),
  of("bool", Uint8Array.of(1, 0, 1), [true, false, true]),
];

/** Weights as other readers see them. */
export function storedWeights(...arrays: readonly (readonly [readonly unknown[], readonly bigint[]])[]): unknown {
  return { weights: arrays.map(([vec, size]) => ({ vec, size })) };
}

/** Arrays of two, three and no dimensions and one without elements, from the elements of a case; and as other readers see them. */
export function arraysOf({ elementType, vec, values }: ElementTypeCase): { weights: Weights; stored: unknown } {
  const part = (start: number, end: number): FlatArray["vec"] => vec.slice(start, end) as FlatArray["vec"];
  return {
    weights: new Weights([
      new FlatArray(vec, [3, 1], elementType),
      new FlatArray(part(1, 3), [1, 2, 1], elementType),
      new FlatArray(part(0, 0), [0, 2], elementType),
      new FlatArray(part(2, 3), [], elementType),
    ]),
    stored: storedWeights([values, [3n, 1n]], [values.slice(1), [1n, 2n, 1n]], [[], [0n, 2n]], [values.slice(2), []]),
  };
}
