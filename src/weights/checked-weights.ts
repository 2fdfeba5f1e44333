import { InputError, MissingWeightsError } from "../errors.ts";
import { formatValue } from "../legolas/format-value.ts";
import { LazyWeights } from "./lazy-weights.ts";
import { isWeights, type Weights } from "./weights.ts";

/**
 * The weights that a verb was given.
 *
 * @throws {MissingWeightsError} They are null, as a row may have them.
 * @throws {InputError} They are no weights.
 */
export function checkedWeights(weights: unknown, verb: string): Weights | LazyWeights {
  if (weights === null) throw new MissingWeightsError(verb);
  if (weights instanceof LazyWeights || isWeights(weights)) return weights;
  throw notWeights(verb, weights, "Take them from a row (row.weights) or from a model: fetchWeights(model)");
}

export function notWeights(verb: string, found: unknown, remedy: string): InputError {
  return new InputError({ subject: verb, expected: "Weights", found: formatValue(found), remedy });
}
