/** Putting the numbers back into a TensorFlow.js model. */
import { type LayersModel, type Tensor, tensor, tidy } from "@tensorflow/tfjs";
import { LayoutError, MissingWeightsError, type WeightsMismatch, WeightsMismatchError } from "../errors.ts";
import { checkArrays, sameArchitecture } from "../weights/check-arrays.ts";
import type { FlatArray } from "../weights/flat-array.ts";
import { LazyWeights } from "../weights/lazy-weights.ts";
import { arrayLabel, elementsAs, type Weights } from "../weights/weights.ts";
import { elementTypeOf } from "./fetch-weights.ts";
import { listVariables, type ModelVariable, withoutCounters } from "./model-variables.ts";

/** How weights are put into a TensorFlow.js model. */
export interface LoadOptions {
  /** False loads by position alone, whatever the names say. Default: true. */
  readonly names?: boolean;
  /** Lets values change where the model's variables have another element type. Default: false. */
  readonly lossy?: boolean;
}

/**
 * Puts weights into a model of the same architecture. Everything is checked before the first variable changes. Names must agree in order,
 * but for the numbers in default names, so a second model built by the same code loads.
 *
 * @param weights - In memory, or of an open file: then they are read once the shapes and names are known to fit.
 * @throws {MissingWeightsError} The weights are null.
 * @throws {LayoutError} They follow another framework's layout than TensorFlow.js.
 * @throws {WeightsMismatchError} The number of arrays, a shape or a name differs; all mismatches are listed and the model is unchanged.
 * @throws {LossyConversionError} A value would change; the model is unchanged.
 */
export async function loadWeights(
  model: LayersModel,
  weights: Weights | LazyWeights | null,
  options: LoadOptions = {},
): Promise<void> {
  if (weights === null) throw new MissingWeightsError("loadWeights");
  checkLayout(weights.layout);
  const variables = listVariables(model);
  checkShapes(variables, weights instanceof LazyWeights ? weights.list() : weights.arrays, weights.names);
  if (options.names !== false && weights.names) checkNames(variables, weights.names);
  const { arrays } = weights instanceof LazyWeights ? await weights.readAll() : weights;
  tidy(() => {
    const tensors = arrays.map((array, i) => toTensor(array, i, variables[i] as ModelVariable, options.lossy === true));
    for (const [i, { variable }] of variables.entries()) variable.write(tensors[i] as Tensor);
  });
}

function checkLayout(layout: string | null): void {
  if (layout === "tfjs") return;
  throw new LayoutError({
    subject: "loadWeights",
    expected: 'weights in the layout "tfjs"',
    found: layout === null ? 'no layout, which means "flux", as Julia writes it' : `the layout "${layout}"`,
    remedy:
      "This version does not convert between layouts. If the arrays are known to follow TensorFlow.js, say so: " +
      'new Weights(weights, { names: weights.names, layout: "tfjs" })',
  });
}

function toTensor(array: FlatArray, index: number, { name, variable }: ModelVariable, lossy: boolean): Tensor {
  const elements = elementsAs(array, elementTypeOf(name, variable.dtype), lossy, arrayLabel(index, name));
  // Some backends keep the array they are given, which must not be the caller's. Its class is the one its dtype wants.
  return tensor(elements.slice() as Float32Array, variable.shape as number[], variable.dtype);
}

const unbuilt = "The model has no weights yet: add its layers, the first with an inputShape, before loading";

const formatShape = (shape: readonly (number | null)[]): string => `shape [${shape.join(", ")}]`;

function checkShapes(
  variables: readonly ModelVariable[],
  arrays: readonly { readonly size: readonly number[] }[],
  names: readonly string[] | null,
): void {
  checkArrays(
    variables.map(({ name, variable }) => ({ name, size: variable.shape })),
    arrays.map(({ size }, i) => ({ name: names?.[i] ?? null, size: [...size].reverse() })),
    formatShape,
    variables.length === 0 ? unbuilt : sameArchitecture,
  );
}

function checkNames(variables: readonly ModelVariable[], names: readonly string[]): void {
  const expected = variables.map(({ name }) => withoutCounters(name));
  const found = names.map(withoutCounters);
  const mismatches = variables.flatMap(({ name }, index): WeightsMismatch[] =>
    expected[index] === found[index] ? [] : [{ index, name: null, expected: name, found: names[index] ?? null }],
  );
  if (mismatches.length === 0) return;
  const isReordered = expected.toSorted().join() === found.toSorted().join();
  throw new WeightsMismatchError(
    isReordered
      ? "the weights have the names of the model in another order"
      : `${mismatches.length} of ${names.length} arrays have other names than the model's`,
    mismatches,
    isReordered
      ? "Add the layers in the order in which they were saved"
      : "If the order is right and only the names changed, load with { names: false }",
  );
}
