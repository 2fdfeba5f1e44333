/**
 * The variables of a TensorFlow.js model, in an order that does not change when layers are frozen.
 *
 * Idea: `model.weights` lists trainable variables first, so freezing a layer moves its weights to the end, and saved weights of equal shapes
 * would be swapped silently. The list of each single layer keeps its order, so the layers are walked one by one, down to those that
 * hold no others.
 */
import type { LayersModel, LayerVariable, layers } from "@tensorflow/tfjs";
import { InputError } from "../errors.ts";
import { formatValue } from "../legolas/format-value.ts";

type Layer = layers.Layer;

/** A variable of a model. */
export interface ModelVariable {
  /** `layerName/localName`, as the variable was called when it was made; TensorFlow.js numbers later ones of equal name. */
  readonly name: string;
  readonly variable: LayerVariable;
}

/** Each variable once, in the order of `model.layers`. @throws {InputError} It is no model, or was disposed. */
export function listVariables(model: LayersModel): ModelVariable[] {
  if (typeof model !== "object" || model === null || !Array.isArray((model as Partial<LayersModel>).layers)) {
    throw new InputError({
      subject: "model",
      expected: "a TensorFlow.js LayersModel, such as tf.sequential() or tf.model() give",
      found: formatValue(model),
      remedy:
        'Trees of typed arrays are for fetchWeights and loadWeights of "legolas-flux"; graph models keep no layers',
    });
  }
  const variables = new Set((model.layers as Layer[]).flatMap(variablesOf));
  return [...variables].map((variable) => ({ name: variable.originalName, variable: checkLive(variable) }));
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

function variablesOf(layer: Layer): LayerVariable[] {
  const { layers: nested = [], layer: wrapped, forwardLayer, backwardLayer, cell, cells = [] } = layer as Holder;
  const held = [...nested, wrapped, forwardLayer, backwardLayer, cell, ...cells].filter((part) => part !== undefined);
  const inner = held.flatMap(variablesOf);
  // A wrapper of its own kind may keep variables beside those of the layers it holds.
  return [...inner, ...layer.weights.filter((variable) => !inner.includes(variable))];
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

const defaultName = /^([a-z0-9_]+)_([A-Z][A-Za-z0-9]*?)\d+$/;

/**
 * A name without the numbers that TensorFlow.js counts through the process in default layer names: `dense_Dense3/kernel` of one model is
 * `dense_Dense1/kernel` of its copy in another process. Names given by the user stay as they are.
 */
export function withoutCounters(name: string): string {
  return name
    .split("/")
    .map((part) => {
      const [, prefix = "", className = ""] = defaultName.exec(part) ?? [];
      const snake = toSnakeCase(className);
      const isDefault = className !== "" && (prefix === snake || prefix.endsWith(`_${snake}`));
      return isDefault ? `${prefix}_${className}` : part;
    })
    .join("/");
}

/** How TensorFlow.js derives the first half of a default name from the class. */
function toSnakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z0-9]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}
