/** Comparing the arrays of a model with those of weights, before any is touched. */
import { type WeightsMismatch, WeightsMismatchError } from "../errors.ts";

/** An array as it is compared and shown. */
export interface ArrayForm {
  readonly name: string | null;
  /** Such as `size (3, 4)`; arrays fit each other when these are equal. */
  readonly form: string;
}

/** What to do about weights of another architecture. */
export const sameArchitecture =
  "Load weights of the same architecture, or build the model as it was when they were saved";

/** @throws {WeightsMismatchError} The lists differ in length or in an array's form; every difference is listed. */
export function checkArrays(model: readonly ArrayForm[], weights: readonly ArrayForm[], remedy: string): void {
  const count = Math.max(model.length, weights.length);
  const mismatches = Array.from({ length: count }, (_, index): WeightsMismatch => {
    const own = model[index];
    const given = weights[index];
    return { index, name: own?.name ?? given?.name ?? null, expected: own?.form ?? null, found: given?.form ?? null };
  }).filter(({ expected, found }) => expected !== found);
  if (mismatches.length === 0) return;
  const summary =
    model.length === weights.length
      ? `${mismatches.length} of ${weights.length} arrays do not fit the model`
      : `the model has ${model.length} arrays, the weights ${weights.length}`;
  throw new WeightsMismatchError(summary, mismatches, remedy);
}
