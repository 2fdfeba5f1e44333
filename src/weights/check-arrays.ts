/** Comparing the arrays of a model with those of weights, before any is touched. */
import { type WeightsMismatch, WeightsMismatchError } from "../errors.ts";

/** An array as it is compared. */
export interface ComparedArray {
  readonly name: string | null;
  /** The length of each dimension, in the order in which it is shown. */
  readonly size: readonly (number | null)[];
}

/** What to do about weights of another architecture. */
export const sameArchitecture =
  "Load weights of the same architecture, or build the model as it was when they were saved";

/**
 * @param format - A size as messages show it, such as `size (3, 4)`.
 * @throws {WeightsMismatchError} The lists differ in length or in an array's size; every difference is listed.
 */
export function checkArrays(
  model: readonly ComparedArray[],
  weights: readonly ComparedArray[],
  format: (size: ComparedArray["size"]) => string,
  remedy: string,
): void {
  const mismatches: WeightsMismatch[] = [];
  for (let index = 0; index < Math.max(model.length, weights.length); index++) {
    const own = model[index];
    const given = weights[index];
    if (own && given && isSameSize(own.size, given.size)) continue;
    mismatches.push({
      index,
      name: own?.name ?? given?.name ?? null,
      expected: own ? format(own.size) : null,
      found: given ? format(given.size) : null,
    });
  }
  if (mismatches.length === 0) return;
  const summary =
    model.length === weights.length
      ? `${mismatches.length} of ${weights.length} arrays do not fit the model`
      : `the model has ${model.length} arrays, the weights ${weights.length}`;
  throw new WeightsMismatchError(summary, mismatches, remedy);
}

function isSameSize(a: ComparedArray["size"], b: ComparedArray["size"]): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}
