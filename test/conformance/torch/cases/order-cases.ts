/** Models in which the order of data has to be followed: images flattened, reshaped, permuted, joined. */
import * as tf from "@tensorflow/tfjs";
import { Family } from "./torch-case.ts";

const image = [6, 5, 3];
const isChannelsFirst = true;
const recurrentActivation = "sigmoid";
type Symbolic = tf.SymbolicTensor;

const orders = new Family("Order of data");
const conv = (filters: number, kernelSize: number): tf.layers.Layer =>
  tf.layers.conv2d({ filters, kernelSize, name: "conv" });
const head = (units: number): tf.layers.Layer => tf.layers.dense({ units, name: "head" });

orders.chain(
  "conv2d, pooled, flattened, dense",
  "flattened",
  image,
  () => [
    tf.layers.conv2d({ filters: 4, kernelSize: 2, activation: "relu", name: "conv" }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 5, name: "hidden" }),
    head(2),
  ],
  { isChannelsFirst, modules: { conv: "0", hidden: "4", head: "5" } },
);
orders.chain(
  "the same, with a permute instead",
  "flattened",
  image,
  () => [
    tf.layers.conv2d({ filters: 4, kernelSize: 2, activation: "relu", name: "conv" }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.permute({ dims: [3, 1, 2] }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 5, name: "hidden" }),
    head(2),
  ],
  { isChannelsFirst, modules: { conv: "0", hidden: "4", head: "5" } },
);
orders.chain(
  "the same, of data with its channels first",
  "flattened",
  [3, 6, 5],
  () => [
    tf.layers.conv2d({ filters: 4, kernelSize: 2, activation: "relu", dataFormat: "channelsFirst", name: "conv" }),
    tf.layers.maxPooling2d({ poolSize: 2, dataFormat: "channelsFirst" }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 5, name: "hidden" }),
    head(2),
  ],
  { modules: { conv: "0", hidden: "4", head: "5" } },
);
orders.chain("an input flattened", "flattened_input", image, () => [tf.layers.flatten(), head(4)], {
  isChannelsFirst,
  modules: { head: "1" },
});
orders.chain(
  "conv1d flattened",
  "flattened_steps",
  [6, 3],
  () => [tf.layers.conv1d({ filters: 4, kernelSize: 2, name: "conv" }), tf.layers.flatten(), head(3)],
  { isChannelsFirst },
);
orders.chain(
  "conv3d flattened",
  "flattened_volume",
  [3, 4, 3, 2],
  () => [tf.layers.conv3d({ filters: 3, kernelSize: 2, name: "conv" }), tf.layers.flatten(), head(3)],
  { isChannelsFirst },
);
orders.chain(
  "batch normalization of flattened features",
  "normalized_after_flattening",
  image,
  () => [conv(4, 3), tf.layers.flatten(), tf.layers.batchNormalization({ epsilon: 1e-5, name: "norm" }), head(3)],
  { isChannelsFirst },
);
orders.chain(
  "features reshaped to an image, channels first, and permuted",
  "decoder",
  [5],
  () => [
    tf.layers.dense({ units: 24, activation: "relu", name: "linear" }),
    tf.layers.reshape({ targetShape: [4, 2, 3] }),
    tf.layers.permute({ dims: [2, 3, 1] }),
    tf.layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2, name: "up" }),
  ],
  { isChannelsFirst },
);
orders.graph(
  "an image and a convolution of it, flattened and concatenated",
  "branches",
  [image],
  () => {
    const input = tf.input({ shape: image });
    const parts = [conv(2, 3).apply(input) as Symbolic, input];
    const features = parts.map((part) => tf.layers.flatten().apply(part) as Symbolic);
    const joined = tf.layers.concatenate({ axis: -1 }).apply(features);
    return tf.model({ inputs: input, outputs: head(4).apply(joined) as Symbolic });
  },
  { isChannelsFirst },
);
orders.graph(
  "channels weighted by themselves (squeeze and excitation)",
  "squeeze_and_excitation",
  [image],
  () => {
    const input = tf.input({ shape: image });
    const channels = conv(4, 3).apply(input) as Symbolic;
    const pooled = tf.layers.globalAveragePooling2d({}).apply(channels);
    const gate = tf.layers.dense({ units: 4, activation: "sigmoid", name: "gate" }).apply(pooled);
    const weights = tf.layers.reshape({ targetShape: [1, 1, 4] }).apply(gate) as Symbolic;
    const weighted = tf.layers.multiply().apply([channels, weights]) as Symbolic;
    const flat = tf.layers.flatten().apply(weighted);
    return tf.model({ inputs: input, outputs: head(3).apply(flat) as Symbolic });
  },
  { isChannelsFirst },
);
orders.chain(
  "places of an image as steps of an LSTM",
  "image_as_sequence",
  image,
  () => [
    conv(4, 3),
    tf.layers.reshape({ targetShape: [12, 4] }),
    tf.layers.lstm({ units: 3, recurrentActivation, name: "rnn" }),
    head(2),
  ],
  { isChannelsFirst },
);
orders.chain("timeDistributed: images convolved and flattened, then an LSTM", "frames", [3, 3, 4, 2], () => [
  tf.layers.timeDistributed({ layer: tf.layers.conv2d({ filters: 3, kernelSize: 2 }), name: "conv" }),
  tf.layers.timeDistributed({ layer: tf.layers.flatten() }),
  tf.layers.lstm({ units: 4, recurrentActivation, returnSequences: true, name: "rnn" }),
]);

const others = new Family("Layers without weights");
others.graph(
  "leakyReLU, elu, softmax, pooling, upSampling2d, zeroPadding2d, cropping2D",
  "without_weights",
  [[6, 4, 3]],
  () => {
    const input = tf.input({ shape: [6, 4, 3] });
    const taken = tf.layers.leakyReLU({ alpha: 0.01 }).apply(conv(4, 1).apply(input)) as Symbolic;
    const mean = tf.layers.averagePooling2d({ poolSize: 2 }).apply(taken) as Symbolic;
    const largest = tf.layers.maxPooling2d({ poolSize: 2 }).apply(taken) as Symbolic;
    const pooled = tf.layers.add().apply([mean, largest]) as Symbolic;
    const sum = tf.layers.elu().apply(tf.layers.upSampling2d({ size: [2, 2] }).apply(pooled));
    const padding: [[number, number], [number, number]] = [
      [0, 1],
      [1, 2],
    ];
    const padded = tf.layers.zeroPadding2d({ padding }).apply(sum);
    const cropping: [[number, number], [number, number]] = [
      [1, 0],
      [1, 0],
    ];
    const cropped = tf.layers.cropping2D({ cropping }).apply(padded) as Symbolic;
    const flat = tf.layers
      .flatten()
      .apply(tf.layers.permute({ dims: [3, 1, 2] }).apply(tf.layers.softmax({ axis: -1 }).apply(cropped))) as Symbolic;
    const means = [tf.layers.globalMaxPooling2d({}), tf.layers.globalAveragePooling2d({})].map(
      (layer) => layer.apply(cropped) as Symbolic,
    );
    return tf.model({ inputs: input, outputs: tf.layers.concatenate().apply([...means, flat]) as Symbolic });
  },
  { isChannelsFirst },
);
others.chain(
  'averagePooling2d, padding "same"; PyTorch\'s with `count_include_pad=False`',
  "padded_mean",
  image,
  () => [conv(4, 1), tf.layers.averagePooling2d({ poolSize: 3, strides: 1, padding: "same" })],
  { isChannelsFirst, warning: /leaves the padding out of the mean/ },
);
others.chain(
  'maxPooling2d, padding "same" that is odd; PyTorch\'s with `ceil_mode=True`',
  "padded_maximum",
  [5, 5, 3],
  () => [conv(4, 1), tf.layers.maxPooling2d({ poolSize: 2, padding: "same" })],
  { isChannelsFirst, warning: /pads the high side more here/ },
);
others.chain(
  'maxPooling2d, padding "same" that is even',
  "centered_maximum",
  [5, 5, 3],
  () => [conv(4, 1), tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" })],
  { isChannelsFirst },
);

export const orderCases = [orders, others].flatMap(({ cases }) => cases);
