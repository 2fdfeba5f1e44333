/** Whole models: how parts are named, nested, shared and joined. */
import * as tf from "@tensorflow/tfjs";
import { Family } from "./torch-case.ts";

const isChannelsFirst = true;
const epsilon = 1e-5;
type Symbolic = tf.SymbolicTensor;

const apply = (tensor: Symbolic, ...layers: readonly tf.layers.Layer[]): Symbolic =>
  layers.reduce((input, layer) => layer.apply(input) as Symbolic, tensor);
const norm = (name: string): tf.layers.Layer => tf.layers.batchNormalization({ epsilon, name });

const whole = new Family("Whole models");
whole.chain(
  "nested Sequential, by `modules`",
  "nested_sequential",
  [6, 5, 3],
  () => [
    tf.layers.conv2d({ filters: 4, kernelSize: 3, useBias: false, name: "conv1" }),
    norm("norm1"),
    tf.layers.reLU(),
    tf.layers.conv2d({ filters: 6, kernelSize: 2, useBias: false, name: "conv2" }),
    norm("norm2"),
    tf.layers.reLU(),
    tf.layers.flatten(),
    tf.layers.dense({ units: 8, activation: "relu", name: "hidden" }),
    tf.layers.dropout({ rate: 0.5 }),
    tf.layers.dense({ units: 3, name: "head" }),
  ],
  {
    isChannelsFirst,
    modules: {
      conv1: "features.0.0",
      norm1: "features.0.1",
      conv2: "features.1.0",
      norm2: "features.1.1",
      hidden: "classifier.1",
      head: "classifier.4",
    },
  },
);

function part(name: string, inputs: number, units: number, outputs: number): tf.LayersModel {
  const layers = [
    tf.layers.dense({ inputShape: [inputs], units, activation: "tanh", name: "fc1" }),
    tf.layers.dense({ units: outputs, name: "fc2" }),
  ];
  return tf.sequential({ name, layers });
}
whole.graph("nested models, by their names", "nested", [[6]], () => {
  const input = tf.input({ shape: [6] });
  return tf.model({ inputs: input, outputs: apply(input, part("encoder", 6, 5, 2), part("decoder", 2, 5, 6)) });
});

/** A nested model, so that its layers are those of a module. */
function block(name: string, shape: readonly number[], filters: number): tf.LayersModel {
  const input = tf.input({ shape: [...shape] });
  const conv = (own: string): tf.layers.Layer =>
    tf.layers.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false, name: own });
  const long = apply(input, conv("conv1"), norm("bn1"), tf.layers.reLU(), conv("conv2"), norm("bn2"));
  const short = apply(input, tf.layers.conv2d({ filters, kernelSize: 1, name: "shortcut" }));
  const sum = tf.layers.add().apply([long, short]) as Symbolic;
  return tf.model({ inputs: input, outputs: apply(sum, tf.layers.reLU()), name });
}
whole.graph(
  "residual blocks",
  "residual",
  [[6, 6, 3]],
  () => {
    const input = tf.input({ shape: [6, 6, 3] });
    const pool = tf.layers.maxPooling2d({ poolSize: 2 });
    const blocks = [block("layer1", [6, 6, 3], 4), pool, block("layer2", [3, 3, 4], 8)];
    const head = [tf.layers.globalAveragePooling2d({}), tf.layers.dense({ units: 3, name: "fc" })];
    return tf.model({ inputs: input, outputs: apply(input, ...blocks, ...head) });
  },
  { isChannelsFirst },
);
whole.graph(
  "two inputs, an image and features",
  "two_inputs",
  [[6, 5, 3], [5]],
  () => {
    const inputs = [tf.input({ shape: [6, 5, 3] }), tf.input({ shape: [5] })] as [Symbolic, Symbolic];
    const image = apply(inputs[0], tf.layers.conv2d({ filters: 4, kernelSize: 3, name: "conv" }), tf.layers.flatten());
    const numbers = apply(inputs[1], tf.layers.dense({ units: 4, name: "numbers" }));
    const joined = tf.layers.concatenate().apply([image, numbers]) as Symbolic;
    return tf.model({ inputs, outputs: apply(joined, tf.layers.dense({ units: 3, name: "head" })) });
  },
  { isChannelsFirst },
);
whole.graph("a layer shared by two inputs", "shared", [[5], [5]], () => {
  const inputs = [tf.input({ shape: [5] }), tf.input({ shape: [5] })];
  const tower = tf.layers.dense({ units: 4, activation: "tanh", name: "tower" });
  const joined = tf.layers.concatenate().apply(inputs.map((input) => apply(input, tower))) as Symbolic;
  return tf.model({ inputs, outputs: apply(joined, tf.layers.dense({ units: 1, name: "head" })) });
});
whole.chain(
  "embedding, two bidirectional LSTMs, layer normalization, dense",
  "text_classifier",
  [6],
  () => {
    const lstm = (returnSequences: boolean): tf.RNN =>
      tf.layers.lstm({ units: 4, recurrentActivation: "sigmoid", returnSequences }) as tf.RNN;
    return [
      tf.layers.embedding({ inputDim: 11, outputDim: 5, name: "embedding" }),
      tf.layers.bidirectional({ layer: lstm(true), mergeMode: "concat", name: "lstm1" }),
      tf.layers.bidirectional({ layer: lstm(false), mergeMode: "concat", name: "lstm2" }),
      tf.layers.layerNormalization({ epsilon, name: "norm" }),
      tf.layers.dense({ units: 3, name: "fc" }),
    ];
  },
  { vocabulary: 11, modules: { lstm1: "lstm", lstm2: "lstm" } },
);
whole.chain(
  "separable and depthwise convolutions with batch normalization",
  "mobile",
  [6, 5, 3],
  () => [
    tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu", name: "stem" }),
    tf.layers.separableConv2d({ filters: 6, kernelSize: 3, useBias: false, name: "sep" }),
    norm("bn"),
    tf.layers.reLU({ maxValue: 6 }),
    tf.layers.depthwiseConv2d({ kernelSize: 2, name: "dw" }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 2, name: "fc" }),
  ],
  { isChannelsFirst },
);
whole.graph(
  "a convolution, pooled, and upwards again beside it (U-Net)",
  "autoencoder",
  [[6, 4, 3]],
  () => {
    const input = tf.input({ shape: [6, 4, 3] });
    const conv = (filters: number, name: string): tf.layers.Layer =>
      tf.layers.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu", name });
    const before = apply(input, conv(4, "down"));
    const middle = apply(before, tf.layers.maxPooling2d({ poolSize: 2 }), conv(8, "middle"));
    const up = apply(middle, tf.layers.conv2dTranspose({ filters: 4, kernelSize: 2, strides: 2, name: "up" }));
    const joined = tf.layers.concatenate().apply([up, before]) as Symbolic;
    const out = tf.layers.conv2d({ filters: 2, kernelSize: 1, activation: "sigmoid", name: "out" });
    return tf.model({ inputs: input, outputs: apply(joined, out) });
  },
  { isChannelsFirst },
);

export const wholeModelCases = whole.cases;
