/**
 * Computes models as Flux and PyTorch would, from their own arrays: data with its channels before the spatial axes, features in the order in
 * which those are flattened, weights as each framework defines them. It shares no code with the library, which reorders weights instead.
 */
import {
  asOurs,
  at,
  type ForeignData,
  fromOurAxes,
  generate,
  inOurAxes,
  inputAxes,
  type NdArray,
  ourShape,
  range,
} from "./foreign-data.ts";
import type { WeightSource } from "./foreign-weights.ts";
import { type InputValues, type LayerPlan, type ModelPlan, withInner } from "./model-plan.ts";
import { join } from "./reference-joins.ts";
import {
  convolve,
  convolveTransposed,
  dense,
  depthwise,
  elementwise,
  embedding,
  globalPooling,
  padded,
  repeatVector,
  separable,
  softmax,
  spatial,
  upSampling,
} from "./reference-kernels.ts";
import { activationOf, pool } from "./reference-layers.ts";
import { batchNormalization, isAffine, layerNormalization } from "./reference-normalization.ts";
import { bidirectional, recurrent } from "./reference-recurrent.ts";
import { flatten, permute, reshape } from "./reference-reshapes.ts";
import { type Rule, Unorderable } from "./reference-rule.ts";

type Tensor = ForeignData | Unorderable;

/**
 * The outputs of a model in the axes of TensorFlow.js; null for those that the other framework has no order for, after which come no weights.
 *
 * @param weights - By the names of its layers, which must be unique.
 */
export function interpret(plan: ModelPlan, weights: WeightSource, inputs: readonly InputValues[]): (NdArray | null)[] {
  const data = inputs.map(({ shape, values }) =>
    fromOurAxes({ shape, data: Float64Array.from(values) }, inputAxes(shape.length), { isOpen: true }),
  );
  return throughModel(plan, weights, data).map((output) => (output instanceof Unorderable ? null : asOurs(output)));
}

function throughModel(plan: ModelPlan, weights: WeightSource, inputs: readonly Tensor[]): Tensor[] {
  const tensors = [...inputs];
  for (const { layer, inputs: sources } of plan.nodes) {
    const taken = sources.map((source) => tensors[source] as Tensor);
    tensors.push(throughLayer(plan.layers[layer] as LayerPlan, weights, taken, null));
  }
  return plan.outputs.map((output) => tensors[output] as Tensor);
}

/** @param scope - The name under which its weights are, where it is wrapped. */
function throughLayer(plan: LayerPlan, weights: WeightSource, inputs: readonly Tensor[], scope: string | null): Tensor {
  if (plan.graph) return throughModel(plan.graph, weights, inputs)[0] as Tensor;
  const broken = inputs.find((input) => input instanceof Unorderable);
  if (broken && hasWeights(plan))
    throw new Error(`${plan.type} has weights after what has no order`, { cause: broken });
  if (broken) return broken;
  try {
    return compute(plan, weights, inputs as readonly ForeignData[], scope ?? String(plan.config.name));
  } catch (error) {
    if (error instanceof Unorderable && !hasWeights(plan)) return error;
    throw error;
  }
}

const weighty = /^(dense|embedding|conv|depthwise|separable|batch|simpleRNN|lstm|gru)/;
const hasWeights = (plan: LayerPlan): boolean =>
  [...withInner(plan)].some(
    ({ type, config }) => weighty.test(type) || (type === "layerNormalization" && isAffine(config)),
  );

function compute(plan: LayerPlan, weights: WeightSource, inputs: readonly ForeignData[], name: string): Tensor {
  const [input] = inputs as [ForeignData];
  if (plan.type === "timeDistributed") return throughTime(plan.inner as LayerPlan, weights, input, name);
  if (inputs.length > 1) return join(plan, inputs);
  const reader = weights(name);
  const found = (rules[plan.type] ?? unknown)(input, plan.config, reader, plan);
  reader.finish();
  return found;
}

const keep: Rule = (input) => input;

const unknown: Rule = (_, __, ___, { type }) => {
  throw new Error(`no rule for ${type}`);
};

/** Each step by itself, and the results one after the other. */
function throughTime(inner: LayerPlan, weights: WeightSource, input: ForeignData, scope: string): Tensor {
  const whole = inOurAxes(input);
  const [batch = 1, steps = 1, ...rest] = whole.shape;
  const left = input.axes.filter((axis) => axis !== 1).map((axis) => Math.max(0, axis - 1));
  const axes = input.isOpen ? inputAxes(left.length) : left;
  const results = range(steps).map((step) => {
    const part = generate([batch, ...rest], ([n = 0, ...index]) => at(whole, [n, step, ...index]));
    return throughLayer(inner, weights, [fromOurAxes(part, axes, input)], inner.graph ? null : scope);
  });
  const [first] = results as [Tensor];
  if (first instanceof Unorderable) return first;
  const parts = (results as ForeignData[]).map(inOurAxes);
  const shape = [batch, steps, ...ourShape(first).slice(1)];
  const ours = generate(shape, ([n = 0, step = 0, ...index]) => at(parts[step] as NdArray, [n, ...index]));
  // Steps of features alone leave the axes where they are.
  const isVector = shape.length === 3 && whole.shape.length === 3;
  const stepped = [0, 1, ...first.axes.slice(1).map((axis) => axis + 1)];
  const kept = isVector && !(input.isOpen && !first.isOpen) ? input.axes : stepped;
  return fromOurAxes(ours, first.isOpen ? inputAxes(shape.length) : kept, first);
}

const rules: Readonly<Record<string, Rule>> = {
  dense,
  embedding,
  conv1d: convolve,
  conv2d: convolve,
  conv3d: convolve,
  conv2dTranspose: convolveTransposed,
  conv3dTranspose: convolveTransposed,
  depthwiseConv2d: depthwise,
  separableConv2d: separable,
  batchNormalization,
  layerNormalization,
  simpleRNN: recurrent,
  lstm: recurrent,
  gru: recurrent,
  rnn: recurrent,
  bidirectional,
  maxPooling1d: spatial((input, config) => pool(input, config, "max")),
  maxPooling2d: spatial((input, config) => pool(input, config, "max")),
  maxPooling3d: spatial((input, config) => pool(input, config, "max")),
  averagePooling1d: spatial((input, config) => pool(input, config, "average")),
  averagePooling2d: spatial((input, config) => pool(input, config, "average")),
  averagePooling3d: spatial((input, config) => pool(input, config, "average")),
  globalMaxPooling1d: globalPooling("max"),
  globalMaxPooling2d: globalPooling("max"),
  globalAveragePooling1d: globalPooling("average"),
  globalAveragePooling2d: globalPooling("average"),
  upSampling2d: upSampling,
  zeroPadding2d: spatial((input, { padding }) => padded(input, padding as number[][], 1)),
  cropping2D: spatial((input, { cropping }) => padded(input, cropping as number[][], -1)),
  flatten,
  reshape,
  permute,
  repeatVector,
  activation: elementwise(activationOf),
  reLU: elementwise(() => activationOf({ activation: "relu" })),
  elu: elementwise(() => activationOf({ activation: "elu" })),
  leakyReLU: elementwise(
    ({ alpha }) =>
      (value) =>
        value > 0 ? value : Number(alpha) * value,
  ),
  softmax,
  dropout: keep,
  alphaDropout: keep,
  gaussianNoise: keep,
  spatialDropout1d: keep,
};
