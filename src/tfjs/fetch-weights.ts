/** Taking the numbers out of a TensorFlow.js model. */
import { type LayersModel, type Tensor, tidy } from "@tensorflow/tfjs";
import type { TypedArray } from "../arrow/array-data.ts";
import { InputError } from "../errors.ts";
import { gather } from "../layouts/axis-view.ts";
import { allocateElements, type ElementType } from "../weights/element-type.ts";
import { FlatArray, product } from "../weights/flat-array.ts";
import { Weights } from "../weights/weights.ts";
import { type ConversionOptions, type ModelArray, modelArrays } from "./model/model-arrays.ts";
import type { ModelVariable } from "./model/model-layers.ts";

/** A framework whose order and axes arrays follow. */
export type Layout = "tfjs" | "flux" | "torch";

/** How weights are taken out of a TensorFlow.js model. */
export interface FetchOptions extends ConversionOptions {
  /** The framework whose order and axes the arrays follow. Default: `"tfjs"`, the model's own; write `"flux"` for anything Julia will touch. */
  readonly layout?: Layout;
}

const elementTypes: Readonly<Record<string, ElementType>> = { float32: "float32", int32: "int32", bool: "bool" };

/** The element type of a variable. @throws {InputError} It holds text or complex numbers. */
export function elementTypeOf({ name, variable: { dtype } }: ModelVariable): ElementType {
  const type = elementTypes[dtype];
  if (type) return type;
  throw new InputError({ subject: `weight "${name}"`, expected: "float32, int32 or bool", found: dtype });
}

/**
 * The weights of a model, moving statistics of batch normalization included, as one consistent snapshot: all variables are cloned before
 * the first is read, and what is returned is never the model's own memory.
 *
 * Order: layer by layer, each variable once, whatever is frozen. Names: `layerName/localName`, or in the layout `"torch"` those of a
 * state_dict. Sizes are shapes reversed, because arrays are column-major on disk: the bytes are the same.
 *
 * @param model - A layers model; compiled or not.
 * @param options - The layout, and how to convert to it.
 * @returns The weights, in new memory: float32, int32 and bool as they are.
 * @throws {InputError} It is no layers model, was disposed, holds text or complex numbers, or an option names layers that it does not have.
 * @throws {LayoutError} There is no such layout.
 * @throws {LayerConversionError} Another layout is asked for, and a layer has no exact counterpart there; all such layers are listed.
 */
export async function fetchWeights(model: LayersModel, options: FetchOptions = {}): Promise<Weights> {
  const { layout = "tfjs" } = options;
  const arrays = modelArrays(model, layout, options);
  const variables = new Set(arrays.flatMap(({ content }) => (content.kind === "held" ? [content.variable] : [])));
  const values = await readVariables([...variables]);
  const names = arrays.map(({ name }) => name);
  return new Weights(
    arrays.map((array) => takeArray(array, values)),
    { names, layout },
  );
}

type Values = ReadonlyMap<ModelVariable, TypedArray>;

async function readVariables(variables: readonly ModelVariable[]): Promise<Values> {
  for (const variable of variables) elementTypeOf(variable);
  const clones = tidy(() => variables.map(({ variable }) => variable.read().clone()));
  try {
    const values = await Promise.all(clones.map(readTensor));
    return new Map(variables.map((variable, i) => [variable, values[i] as TypedArray]));
  } finally {
    for (const clone of clones) clone.dispose();
  }
}

/** A tensor's elements, row-major, in memory of their own. */
export async function readTensor(tensor: Tensor): Promise<TypedArray> {
  // Some backends give their live memory.
  return (await tensor.data()).slice();
}

function takeArray({ shape, content }: ModelArray, values: Values): FlatArray {
  const size = shape.toReversed();
  if (content.kind === "constant") {
    const { constant, elementType: type = "float32" } = content.rule;
    const elements = allocateElements(type, product(size));
    return new FlatArray(elements.fill((type === "int64" ? BigInt(constant) : constant) as never), size, type);
  }
  const type = elementTypeOf(content.variable);
  const own = values.get(content.variable) as TypedArray;
  if (content.view === null && !content.isAddend) return new FlatArray(own, size, type);
  const elements = allocateElements(type, product(size));
  if (content.view && !content.isAddend) gather(content.view, own, elements);
  return new FlatArray(elements, size, type);
}
