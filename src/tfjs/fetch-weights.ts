/** Taking the numbers out of a TensorFlow.js model. */
import { type LayersModel, type Tensor, tidy } from "@tensorflow/tfjs";
import { InputError, LayoutError } from "../errors.ts";
import type { ElementType } from "../weights/element-type.ts";
import { FlatArray } from "../weights/flat-array.ts";
import { Weights } from "../weights/weights.ts";
import { listVariables } from "./model-variables.ts";

/** How weights are taken out of a TensorFlow.js model. */
export interface FetchOptions {
  /** The framework whose order and axes the arrays follow. Only `"tfjs"` is available: the model's own. */
  readonly layout?: "tfjs";
}

const elementTypes: Readonly<Record<string, ElementType>> = { float32: "float32", int32: "int32", bool: "bool" };

/** The element type of a variable. @throws {InputError} It holds text or complex numbers. */
export function elementTypeOf(name: string, dtype: string): ElementType {
  const type = elementTypes[dtype];
  if (type) return type;
  throw new InputError({ subject: `weight "${name}"`, expected: "float32, int32 or bool", found: dtype });
}

/**
 * The weights of a model, moving statistics of batch normalization included, as one consistent snapshot: all variables are cloned before
 * the first is read, and what is returned is never the model's own memory.
 *
 * Order: layer by layer, each variable once, whatever is frozen. Names: `layerName/localName`. Sizes are shapes reversed, because arrays
 * are column-major on disk: the bytes are the same.
 *
 * @throws {InputError} It is no layers model, or was disposed.
 */
export async function fetchWeights(model: LayersModel, { layout = "tfjs" }: FetchOptions = {}): Promise<Weights> {
  if (layout !== "tfjs") {
    throw new LayoutError({
      subject: "fetchWeights",
      expected: 'layout "tfjs"',
      found: `"${layout}"`,
      remedy: "This version stores TensorFlow.js models in their own layout only",
    });
  }
  const variables = listVariables(model);
  const types = variables.map(({ name, variable }) => elementTypeOf(name, variable.dtype));
  const clones = tidy(() => variables.map(({ variable }) => variable.read().clone()));
  try {
    const arrays = await Promise.all(clones.map((clone, i) => readTensor(clone, types[i] as ElementType)));
    return new Weights(arrays, { names: variables.map(({ name }) => name), layout });
  } finally {
    for (const clone of clones) clone.dispose();
  }
}

async function readTensor(tensor: Tensor, type: ElementType): Promise<FlatArray> {
  // Some backends give their live memory; a copy is the caller's to keep.
  const values = (await tensor.data()).slice();
  return new FlatArray(values, [...tensor.shape].reverse(), type);
}
