/**
 * The layers of a TensorFlow.js model that hold variables themselves, in an order that does not change when layers are frozen.
 *
 * Idea: `model.weights` lists trainable variables first, so freezing a layer moves its weights to the end, and saved weights of equal shapes
 * would be swapped silently. The list of each single layer keeps its order, so the layers are walked one by one, down to those that
 * hold no others.
 */
import type { LayersModel, LayerVariable, layers } from "@tensorflow/tfjs";
import { InputError } from "../../errors.ts";
import { formatValue } from "../../legolas/format-value.ts";

export type Layer = layers.Layer;

/** A variable of a model. */
export interface ModelVariable {
  /** `layerName/localName`, as the variable was called when it was made; TensorFlow.js numbers later ones of equal name. */
  readonly name: string;
  readonly variable: LayerVariable;
}

/** A layer, or a cell of a recurrent one, that has variables of its own. */
export interface ModelLayer {
  readonly layer: Layer;
  /** The layer of a model that it is, or is held by, such as the wrapper. */
  readonly owner: Layer;
  /** The names of the nested models that it is in, outermost first. */
  readonly path: readonly string[];
  /** Of stacked cells the number, from 0. */
  readonly depth: number;
  /** Whether it is the half of a bidirectional layer that goes backwards. */
  readonly isReverse: boolean;
  readonly variables: readonly ModelVariable[];
}

/** What layers hold others in: models, TimeDistributed, Bidirectional, recurrent layers and stacked cells. */
interface Holder {
  readonly layers?: readonly Layer[];
  readonly layer?: Layer;
  readonly forwardLayer?: Layer;
  readonly backwardLayer?: Layer;
  readonly cell?: Layer;
  readonly cells?: readonly Layer[];
}

/** A layer with what it may hold, which the types of TensorFlow.js keep to themselves. */
export function asHolder(layer: Layer): Holder {
  return layer as Holder;
}

/** How messages call a layer. */
export function labelOf(layer: Layer): string {
  return `layer "${layer.name}" (${layer.getClassName()})`;
}

/** Each layer with variables once, in the order of `model.layers`. @throws {InputError} It is no model, or was disposed. */
export function listLayers(model: LayersModel): ModelLayer[] {
  if (!isLayersModel(model)) {
    throw new InputError({
      subject: "model",
      expected: "a TensorFlow.js LayersModel, such as tf.sequential() or tf.model() give",
      found: formatValue(model),
      remedy:
        'Trees of typed arrays are for fetchWeights and loadWeights of "legolas-flux"; graph models keep no layers',
    });
  }
  const seen = new Set<LayerVariable>();
  return model.layers.flatMap((layer) => walk(layer, { owner: layer, path: [], depth: 0, isReverse: false }, seen));
}

function isLayersModel(model: unknown): model is LayersModel {
  if (typeof model !== "object" || model === null || !("layers" in model) || !Array.isArray(model.layers)) return false;
  return model.layers.every((layer: unknown) => typeof (layer as Layer | null)?.getClassName === "function");
}

/** Each variable once, in the order of {@link listLayers}. @throws {InputError} It is no model, or was disposed. */
export function listVariables(model: LayersModel): ModelVariable[] {
  return listLayers(model).flatMap(({ variables }) => variables);
}

type Surroundings = Pick<ModelLayer, "owner" | "path" | "depth" | "isReverse">;

function walk(layer: Layer, around: Surroundings, seen: Set<LayerVariable>): ModelLayer[] {
  const { layers: nested = [], layer: wrapped, forwardLayer, backwardLayer, cell, cells = [] } = asHolder(layer);
  const path = [...around.path, layer.name];
  const inner = [
    ...nested.flatMap((own) => walk(own, { ...around, owner: own, path }, seen)),
    // What a bidirectional layer wraps is only the pattern of its halves.
    ...(wrapped && !forwardLayer ? walk(wrapped, around, seen) : []),
    ...(forwardLayer ? walk(forwardLayer, around, seen) : []),
    ...(backwardLayer ? walk(backwardLayer, { ...around, isReverse: true }, seen) : []),
    ...(cell ? walk(cell, around, seen) : []),
    ...cells.flatMap((own, depth) => walk(own, { ...around, depth }, seen)),
  ];
  // A wrapper of its own kind may keep variables beside those of the layers it holds.
  const own = layer.weights.filter((variable) => !seen.has(variable));
  for (const variable of own) seen.add(variable);
  if (own.length === 0) return inner;
  const variables = own.map((variable) => ({ name: variable.originalName, variable: checkLive(variable) }));
  return [...inner, { ...around, layer, variables }];
}

function checkLive(variable: LayerVariable): LayerVariable {
  try {
    variable.read();
    return variable;
  } catch (cause) {
    throw new InputError(
      {
        subject: `model, weight "${variable.originalName}"`,
        expected: "a model in use",
        found: "one that was disposed",
        remedy: "Build the model again",
      },
      { cause },
    );
  }
}
