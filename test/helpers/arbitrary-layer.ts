/** Random layers for data of a given shape. */
import type { Dice } from "./dice.ts";
import type { Config, LayerPlan } from "./model-plan.ts";

type Shape = readonly number[];

/** A layer for data of a shape, without the batch; null where there is none of its kind. */
type LayerChoice = (dice: Dice, shape: Shape) => LayerPlan | null;

const plain =
  (type: string, config: Config = {}): LayerChoice =>
  () => ({ type, config });

const activations = ["relu", "linear", "tanh", "sigmoid", "elu", "softplus", "selu", "gelu"] as const;

const useBias = (dice: Dice): Config => (dice.oneIn(4) ? { useBias: false } : {});
const activation = (dice: Dice): Config => (dice.oneIn(2) ? { activation: dice.pick(activations) } : {});

const dense: LayerChoice = (dice) => ({
  type: "dense",
  config: { units: dice.upTo(4), ...useBias(dice), ...activation(dice) },
});

/** A window over each spatial axis that fits, with its strides and its padding. */
function windows(dice: Dice, lengths: Shape, size: "kernelSize" | "poolSize"): Config {
  const sizes = lengths.map((length) => dice.upTo(Math.min(3, length)));
  const strides = lengths.map(() => (dice.oneIn(3) ? 2 : 1));
  // In three dimensions TensorFlow.js pads less than nothing where windows are smaller than strides.
  const canPad = lengths.length < 3 || sizes.every((own, i) => own >= (strides[i] ?? 1));
  const padding = canPad && dice.oneIn(3) ? "same" : "valid";
  return { [size]: sizes, strides, padding };
}

/** The spatial axes, and where the channels are; TensorFlow.js gets the shape of sequences wrong whose channels come first. */
function spatialAxes(dice: Dice, shape: Shape): { lengths: Shape; format: Config } {
  const isFirst = dice.oneIn(5) && shape.length > 2;
  return {
    lengths: isFirst ? shape.slice(1) : shape.slice(0, -1),
    format: isFirst ? { dataFormat: "channelsFirst" } : {},
  };
}

const convolution =
  (type: string, canDilate: boolean): LayerChoice =>
  (dice, shape) => {
    const { lengths, format } = spatialAxes(dice, shape);
    const config = { filters: dice.upTo(3), ...windows(dice, lengths, "kernelSize") };
    const sizes = config as unknown as { kernelSize: number[]; strides: number[] };
    const isDilated = canDilate && sizes.strides.every((stride) => stride === 1) && dice.oneIn(4);
    const fits = sizes.kernelSize.every((size, i) => 2 * (size - 1) < (lengths[i] ?? 0));
    const dilation = isDilated && fits ? { dilationRate: lengths.map(() => 2) } : {};
    return { type, config: { ...config, ...format, ...dilation, ...useBias(dice), ...activation(dice) } };
  };

const depthwise: LayerChoice = (dice, shape) => {
  const { lengths, format } = spatialAxes(dice, shape);
  const config = { ...windows(dice, lengths, "kernelSize"), strides: dice.upTo(2), depthMultiplier: dice.upTo(2) };
  return { type: "depthwiseConv2d", config: { ...config, ...format, ...useBias(dice), ...activation(dice) } };
};

const separable: LayerChoice = (dice, shape) => {
  const { lengths, format } = spatialAxes(dice, shape);
  const config = {
    filters: dice.upTo(3),
    ...windows(dice, lengths, "kernelSize"),
    strides: 1,
    depthMultiplier: dice.upTo(2),
  };
  // TensorFlow.js adds its bias to the wrong axis where channels come first.
  const bias = format.dataFormat ? { useBias: false } : useBias(dice);
  return { type: "separableConv2d", config: { ...config, ...format, ...bias, ...activation(dice) } };
};

const pooling =
  (type: string): LayerChoice =>
  (dice, shape) => {
    const { lengths, format } = spatialAxes(dice, shape);
    return { type, config: { ...windows(dice, lengths, "poolSize"), ...format } };
  };

const globalPooling =
  (type: string): LayerChoice =>
  (dice, shape) => ({ type, config: type.endsWith("2d") ? spatialAxes(dice, shape).format : {} });

const upSampling: LayerChoice = (dice, shape) => ({
  type: "upSampling2d",
  config: {
    size: [dice.upTo(2), dice.upTo(2)],
    ...(dice.oneIn(5) && { interpolation: "bilinear" }),
    ...spatialAxes(dice, shape).format,
  },
});

const padding: LayerChoice = (dice, shape) => ({
  type: "zeroPadding2d",
  config: {
    padding: [
      [dice.below(2), dice.below(2)],
      [dice.below(2), dice.below(2)],
    ],
    ...spatialAxes(dice, shape).format,
  },
});

const cropping: LayerChoice = (dice, shape) => {
  const { lengths, format } = spatialAxes(dice, shape);
  const cut = lengths.map((length) => (length > 1 ? [dice.below(2), 0] : [0, 0]));
  return { type: "cropping2D", config: { cropping: cut, ...format } };
};

const parts = (dice: Dice): Config => ({
  ...(dice.oneIn(4) && { scale: false }),
  ...(dice.oneIn(4) && { center: false }),
});

const batchNormalization: LayerChoice = (dice, shape) => {
  const axis = dice.oneIn(6) ? { axis: dice.upTo(shape.length) } : {};
  return { type: "batchNormalization", config: { ...parts(dice), epsilon: 1e-2, ...axis } };
};

const layerNormalization: LayerChoice = (dice, shape) => {
  const axes = shape.map((_, axis) => axis + 1).filter(() => dice.oneIn(2));
  const axis = axes.length > 0 ? { axis: dice.oneIn(2) ? axes.map((own) => own - shape.length - 1) : axes } : {};
  return { type: "layerNormalization", config: { ...parts(dice), epsilon: 0.1, ...axis } };
};

/** TensorFlow.js normalizes up to three axes beside the batch. */
const normalization: LayerChoice = (dice, shape) => {
  if (shape.length > 3) return null;
  return dice.oneIn(2) ? layerNormalization(dice, shape) : batchNormalization(dice, shape);
};

/** The factors of the number of elements, as other axes. */
const reshape: LayerChoice = (dice, shape) => {
  const targetShape: number[] = [];
  let rest = shape.reduce((total, length) => total * length, 1);
  const rank = dice.upTo(4);
  while (targetShape.length < rank - 1) {
    const factors = [1, 2, 3, 4].filter((factor) => rest % factor === 0) as [number, ...number[]];
    const factor = dice.pick(factors);
    targetShape.push(factor);
    rest /= factor;
  }
  return { type: "reshape", config: { targetShape: dice.oneIn(2) ? [rest, ...targetShape] : [...targetShape, rest] } };
};

/** The same axes with ones between them. */
const insertOne: LayerChoice = (dice, shape) => ({
  type: "reshape",
  config: { targetShape: shape.toSpliced(dice.below(shape.length + 1), 0, 1) },
});

const permute: LayerChoice = (dice, shape) => {
  const left = shape.map((_, axis) => axis + 1);
  if (dice.oneIn(2)) return { type: "permute", config: { dims: [shape.length, ...left.slice(0, -1)] } };
  const dims: number[] = [];
  while (left.length > 0) dims.push(...left.splice(dice.below(left.length), 1));
  return { type: "permute", config: { dims } };
};

const flatten: LayerChoice = (dice, shape) =>
  shape.length < 2 ? null : { type: "flatten", config: dice.oneIn(6) ? { dataFormat: "channelsFirst" } : {} };

const passing: LayerChoice = (dice) => ({
  ...dice.pick<LayerPlan>([
    { type: "activation", config: { activation: dice.pick(activations) } },
    { type: "dropout", config: { rate: 0.3 } },
    { type: "reLU", config: {} },
    { type: "leakyReLU", config: { alpha: 0.2 } },
    { type: "elu", config: {} },
    { type: "gaussianNoise", config: { stddev: 1 } },
    { type: "softmax", config: { axis: -1 } },
    { type: "alphaDropout", config: { rate: 0.2 } },
  ]),
});

const repeatVector: LayerChoice = (dice) => ({ type: "repeatVector", config: { n: dice.upTo(3) } });

const cellTypes = ["simpleRNN", "lstm", "gru"] as const;

function cellConfig(dice: Dice, type: string): Config {
  if (type.startsWith("simpleRNN")) return { units: dice.upTo(3), ...useBias(dice) };
  const recurrentActivation = dice.oneIn(20) ? {} : { recurrentActivation: "sigmoid" };
  return { units: dice.upTo(3), ...recurrentActivation, ...useBias(dice) };
}

const sequenceConfig = (dice: Dice): Config => ({
  ...(!dice.oneIn(3) && { returnSequences: true }),
  ...(dice.oneIn(5) && { goBackwards: true }),
});

const recurrent: LayerChoice = (dice) => {
  const type = dice.pick(cellTypes);
  return { type, config: { ...cellConfig(dice, type), ...sequenceConfig(dice) } };
};

const stacked: LayerChoice = (dice) => {
  const type = `${dice.pick(cellTypes)}Cell`;
  const cells = Array.from({ length: dice.upTo(3) }, () => ({ type, config: cellConfig(dice, type) }));
  return { type: "rnn", config: sequenceConfig(dice), cells };
};

const bidirectional: LayerChoice = (dice, shape) => {
  const inner = dice.oneIn(4) ? stacked(dice, shape) : recurrent(dice, shape);
  const mergeMode = dice.pick(["concat", "sum", "mul", "ave"]);
  return inner && { type: "bidirectional", config: { mergeMode }, inner };
};

const timeDistributed: LayerChoice = (dice, shape) => {
  const inner = arbitraryLayer(dice, shape.slice(1));
  return inner && { type: "timeDistributed", config: {}, inner };
};

/** A layer that has weights and no counterpart. */
const prelu: LayerChoice = (dice) => (dice.oneIn(20) ? { type: "prelu", config: {} } : null);

const anywhere: readonly LayerChoice[] = [
  dense,
  normalization,
  normalization,
  passing,
  reshape,
  insertOne,
  flatten,
  flatten,
  prelu,
];

/** Of data with 1, 2, 3 and 4 axes, the batch left out. */
const choices: readonly (readonly [LayerChoice, ...LayerChoice[]])[] = [
  [dense, ...anywhere, dense, dense, repeatVector],
  [
    dense,
    ...anywhere,
    convolution("conv1d", true),
    convolution("conv1d", true),
    recurrent,
    recurrent,
    stacked,
    bidirectional,
    pooling("maxPooling1d"),
    pooling("averagePooling1d"),
    globalPooling("globalMaxPooling1d"),
    globalPooling("globalAveragePooling1d"),
    plain("spatialDropout1d", { rate: 0.2 }),
    permute,
    timeDistributed,
  ],
  [
    dense,
    ...anywhere,
    convolution("conv2d", true),
    convolution("conv2d", true),
    convolution("conv2dTranspose", false),
    depthwise,
    separable,
    pooling("maxPooling2d"),
    pooling("averagePooling2d"),
    globalPooling("globalMaxPooling2d"),
    globalPooling("globalAveragePooling2d"),
    upSampling,
    padding,
    cropping,
    permute,
    timeDistributed,
  ],
  [
    dense,
    ...anywhere,
    convolution("conv3d", false),
    convolution("conv3d", false),
    convolution("conv3dTranspose", false),
    pooling("maxPooling3d"),
    pooling("averagePooling3d"),
    permute,
    timeDistributed,
    timeDistributed,
  ],
];

/** A random layer for data of a shape; null where the dice fell on one that does not fit. */
export function arbitraryLayer(dice: Dice, shape: Shape): LayerPlan | null {
  const plan = dice.pick(choices[shape.length - 1] ?? [dense])(dice, shape);
  if (plan === null) return null;
  return dice.oneIn(6) ? { ...plan, config: { ...plan.config, trainable: false } } : plan;
}
