/** How far the elements of two arrays of one size are apart. */
import type { FlatArray } from "../index.ts";
import { numbersIn } from "./numbers-in.ts";

export interface ArrayDifference {
  /** Whether every element is the same number; NaN is the same as NaN. */
  readonly isSame: boolean;
  /** The largest |difference|; Infinity where one of the two is infinite. */
  readonly max: number;
  readonly mean: number;
  /** How many elements differ, those counted by `nan` included. */
  readonly differing: number;
  /** How many are NaN on one side only; they are in neither `max` nor `mean`. */
  readonly nan: number;
}

/** @param a - The array, or the pieces of it that were read. @param b - As many of the same sizes. */
export function compareArrays(a: readonly FlatArray[], b: readonly FlatArray[]): ArrayDifference {
  let max = 0;
  let sum = 0;
  let differing = 0;
  let nan = 0;
  let length = 0;
  for (const [part, array] of a.entries()) {
    const [left, right] = [numbersIn(array), numbersIn(b[part] as FlatArray)];
    length += left.length;
    for (let i = 0; i < left.length; i++) {
      const difference = distance(left[i] as number | bigint, right[i] as number | bigint);
      if (difference === 0) continue;
      differing += 1;
      if (Number.isNaN(difference)) nan += 1;
      else {
        if (difference > max) max = difference;
        sum += difference;
      }
    }
  }
  const compared = length - nan;
  return { isSame: differing === 0, max, mean: compared === 0 ? 0 : sum / compared, differing, nan };
}

/** NaN where one of the two is. */
function distance(a: number | bigint, b: number | bigint): number {
  if (a === b) return 0;
  if (typeof a === "bigint" && typeof b === "bigint") return Number(a > b ? a - b : b - a);
  const [x, y] = [Number(a), Number(b)];
  return x === y || (Number.isNaN(x) && Number.isNaN(y)) ? 0 : Math.abs(x - y);
}
