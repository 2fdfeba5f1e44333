/** Different arrays in little memory: overlapping views, each one element further than the one before. */

/** Arrays of float32 that share their memory; array i begins at element i of the memory. */
export function sharedArrays(count: number, length: number): Float32Array[] {
  const shared = new Float32Array(length + count);
  for (let i = 0; i < shared.length; i++) shared[i] = valueAt(i);
  return Array.from({ length: count }, (_, i) => shared.subarray(i, i + length));
}

/** The largest prime that float32 counts to, so that no power of two bytes apart the values are the same. */
const period = 16_777_213;

function valueAt(position: number): number {
  return (position % period) / 2 ** 24;
}

/** @throws {Error} The elements are not those of `sharedArrays(...)[index]`. */
export function checkShared(array: Float32Array, index: number): void {
  for (let i = 0; i < array.length; i++) {
    if (array[i] !== valueAt(index + i)) throw new Error(`array ${index}, element ${i} is ${array[i]}`);
  }
}
