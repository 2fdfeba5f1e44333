import type { ModelShape } from "../model.ts";

/** All elements in one new array. */
export function concatenate(arrays: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const array of arrays) {
    joined.set(array, position);
    position += array.length;
  }
  return joined;
}

/** Views of the arrays in it. */
export function split(joined: Float32Array, { count, length }: ModelShape): Float32Array[] {
  return Array.from({ length: count }, (_, i) => joined.subarray(i * length, (i + 1) * length));
}
