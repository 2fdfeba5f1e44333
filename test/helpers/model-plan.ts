/** Descriptions of TensorFlow.js models as plain data, and the models that they describe. */
import * as tf from "@tensorflow/tfjs";
import { seededRandom } from "./seeded-random.ts";

export type Config = Readonly<Record<string, unknown>>;

/** A layer, a wrapper with what it wraps, a recurrent layer with its stacked cells, or a model. */
export interface LayerPlan {
  /** The function of `tf.layers`; `"model"` for a model. */
  readonly type: string;
  readonly config: Config;
  readonly inner?: LayerPlan;
  readonly cells?: readonly LayerPlan[];
  readonly graph?: ModelPlan;
}

export interface InputPlan {
  /** Without the batch. */
  readonly shape: readonly number[];
  /** Of indices for an embedding, how many there are. */
  readonly vocabulary?: number;
}

/** The call of a layer. Tensors are numbered: inputs first, then one for each node. */
export interface NodePlan {
  readonly layer: number;
  readonly inputs: readonly number[];
}

export interface ModelPlan {
  readonly name?: string;
  /** Whether it is a chain without names for its tensors. */
  readonly isSequential: boolean;
  readonly inputs: readonly InputPlan[];
  readonly layers: readonly LayerPlan[];
  readonly nodes: readonly NodePlan[];
  readonly outputs: readonly number[];
}

type Factory = (config: object) => tf.layers.Layer;

/** A layer as described, unbuilt unless it is a model. */
export function buildLayer({ type, config, inner, cells, graph }: LayerPlan): tf.layers.Layer {
  if (graph) return buildModel(graph) as tf.layers.Layer;
  const factory = (tf.layers as unknown as Readonly<Record<string, Factory>>)[type];
  if (!factory) throw new Error(`no layer ${type}`);
  // Some layers change the lists in their configuration.
  return factory({
    ...structuredClone(config),
    ...(inner && { layer: buildLayer(inner) }),
    ...(cells && { cell: cells.map(buildLayer) }),
  });
}

/** The model that a plan describes; its weights are whatever TensorFlow.js starts with. */
export function buildModel(plan: ModelPlan): tf.LayersModel {
  const layers = plan.layers.map(buildLayer);
  return plan.isSequential ? buildSequential(plan, layers) : buildFunctional(plan, layers);
}

const named = ({ name }: ModelPlan): { name?: string } => (name === undefined ? {} : { name });

function buildSequential(plan: ModelPlan, layers: readonly tf.layers.Layer[]): tf.Sequential {
  const model = tf.sequential(named(plan));
  const [input = { shape: [] }] = plan.inputs;
  // A model that comes first brings its own input.
  if (!plan.layers[plan.nodes[0]?.layer ?? 0]?.graph) {
    model.add(tf.layers.inputLayer({ inputShape: [...input.shape] }));
  }
  for (const { layer } of plan.nodes) model.add(layers[layer] as tf.layers.Layer);
  return model;
}

function buildFunctional(plan: ModelPlan, layers: readonly tf.layers.Layer[]): tf.LayersModel {
  const inputs = plan.inputs.map(({ shape }) => tf.input({ shape: [...shape] }));
  const tensors = [...inputs];
  for (const { layer, inputs: sources } of plan.nodes) {
    const taken = sources.map((source) => tensors[source] as tf.SymbolicTensor);
    const [first = taken] = taken;
    tensors.push((layers[layer] as tf.layers.Layer).apply(taken.length === 1 ? first : taken) as tf.SymbolicTensor);
  }
  const outputs = plan.outputs.map((output) => tensors[output] as tf.SymbolicTensor);
  return tf.model({ inputs, outputs, ...named(plan) });
}

/** Random numbers from -1 to 1 that float32 holds. */
function randomNumbers(seed: number, length: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => random(2 ** 24) / 2 ** 23 - 1);
}

/** Gives every variable of a model random values, variances above 0. */
export function randomizeWeights(model: tf.LayersModel, seed: number): void {
  tf.tidy(() => {
    for (const [i, variable] of model.weights.entries()) {
      const shape = variable.shape as number[];
      const isVariance = variable.originalName.endsWith("moving_variance");
      const values = randomNumbers(seed + i, tf.util.sizeFromShape(shape));
      variable.write(tf.tensor(isVariance ? values.map((value) => Math.abs(value) + 0.5) : values, shape));
    }
  });
}

/** Freezes about a third of the layers that a model holds, nested ones too, and frees the others. */
export function freezeAtRandom(model: tf.LayersModel, seed: number): void {
  const random = seededRandom(seed);
  for (const layer of model.layers) {
    if (layer instanceof tf.LayersModel) freezeAtRandom(layer, random(2 ** 30));
    else layer.trainable = random(3) > 0;
  }
}

/** The numbers of an input, for a batch of 2. */
export interface InputValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Random inputs of a model. */
export function randomInputs({ inputs }: ModelPlan, seed: number): InputValues[] {
  return inputs.map(({ shape, vocabulary }, i) => {
    const whole = [2, ...shape];
    const numbers = randomNumbers(seed + i, tf.util.sizeFromShape(whole));
    const values = vocabulary ? numbers.map((value) => Math.floor(((value + 1) / 2) * vocabulary)) : numbers;
    return { shape: whole, values };
  });
}

/** The outputs of a model, one after the other. */
export function predict(model: tf.LayersModel, inputs: readonly InputValues[]): Float32Array[] {
  return tf.tidy(() => {
    const tensors = inputs.map(({ shape, values }) => tf.tensor(values, [...shape]));
    const [first = tensors] = tensors;
    const outputs = [model.predict(tensors.length === 1 ? first : tensors)].flat();
    return outputs.map((output) => output.dataSync() as Float32Array);
  });
}

/** Each layer plan within a model, however deep. */
export function* everyLayer(plan: ModelPlan): Generator<LayerPlan> {
  for (const layer of plan.layers) yield* withInner(layer);
}

/** A layer plan and those within it. */
export function* withInner(layer: LayerPlan): Generator<LayerPlan> {
  yield layer;
  if (layer.inner) yield* withInner(layer.inner);
  for (const cell of layer.cells ?? []) yield* withInner(cell);
  if (layer.graph) yield* everyLayer(layer.graph);
}
