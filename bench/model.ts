/**
 * Models to measure with: arrays of pseudo-random float32, each different, any of which can be checked without keeping a second copy.
 *
 * Idea: array i is one pattern turned by i elements.
 */
import { FlatArray, Weights } from "legolas-flux";

/** Arrays of equal length. */
export interface ModelShape {
  readonly count: number;
  /** Elements of each. */
  readonly length: number;
}

/** As many arrays as a large network has, of so many MiB together. */
export function largeModel(mib: number): ModelShape {
  const count = 200;
  return { count, length: Math.floor((mib * 2 ** 20) / 4 / count) };
}

/** Bytes of all elements. */
export function modelBytes({ count, length }: ModelShape): number {
  return count * length * 4;
}

const patterns = new Map<number, Float32Array>();

/** Numbers as those of a trained layer: small, symmetric about 0, with random mantissas. */
function patternOf(length: number): Float32Array {
  const known = patterns.get(length);
  if (known) return known;
  const pattern = new Float32Array(length);
  let state = 0x9e3779b9;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    pattern[i] = state / 2 ** 35;
  }
  patterns.set(length, pattern);
  return pattern;
}

/** Fills an array as the one at an index, in place. */
function fillArray(array: Float32Array, index: number): Float32Array {
  const pattern = patternOf(array.length);
  const turn = index % array.length;
  array.set(pattern.subarray(turn));
  array.set(pattern.subarray(0, turn), array.length - turn);
  return array;
}

/** New arrays with the values of the model. */
export function makeArrays({ count, length }: ModelShape): Float32Array[] {
  return Array.from({ length: count }, (_, index) => fillArray(new Float32Array(length), index));
}

/** New arrays whose memory is there, with other values than the model. */
export function makeTargets({ count, length }: ModelShape): Float32Array[] {
  return Array.from({ length: count }, () => new Float32Array(length).fill(1));
}

/** The weights of arrays of one dimension. */
export function weightsOf(arrays: readonly Float32Array[]): Weights {
  return new Weights(arrays.map((array) => new FlatArray(array, [array.length])));
}

/** The memory of an array. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @throws {Error} The elements are not those of the model's array at an index. */
export function checkArray(array: Float32Array, index: number): void {
  const pattern = patternOf(array.length);
  const turn = index % array.length;
  const split = array.length - turn;
  const isSame =
    Buffer.compare(bytesOf(array.subarray(0, split)), bytesOf(pattern.subarray(turn))) === 0 &&
    Buffer.compare(bytesOf(array.subarray(split)), bytesOf(pattern.subarray(0, turn))) === 0;
  if (!isSame) throw new Error(`array ${index} has other values than the model`);
}

/** @throws {Error} The arrays are not those of the model. */
export function checkArrays(arrays: readonly Float32Array[], { count, length }: ModelShape): void {
  if (arrays.length !== count) throw new Error(`${arrays.length} arrays instead of ${count}`);
  for (const [index, array] of arrays.entries()) {
    if (array.length !== length) throw new Error(`array ${index} has ${array.length} elements instead of ${length}`);
    checkArray(array, index);
  }
}

/** The arrays of weights, as float32. @throws {Error} They are of another type. */
export function arraysOf(weights: Weights | null): Float32Array[] {
  return [...(weights ?? [])].map(({ vec }) => {
    if (vec instanceof Float32Array) return vec;
    throw new Error(`the elements are ${vec.constructor.name}`);
  });
}
