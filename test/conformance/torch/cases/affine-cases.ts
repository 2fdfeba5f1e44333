/** Layers that multiply: dense ones, embeddings, convolutions of each kind. */
import * as tf from "@tensorflow/tfjs";
import { Family } from "./torch-case.ts";

const image = [6, 5, 3];
const isChannelsFirst = true;

const dense = new Family("Dense");
dense.chain(
  "two dense layers",
  "linear",
  [5],
  () => [
    tf.layers.dense({ units: 4, activation: "relu", name: "hidden" }),
    tf.layers.dense({ units: 3, name: "head" }),
  ],
  { modules: { hidden: "0", head: "2" } },
);
dense.chain("without bias, on each step", "linear_on_steps", [4, 5], () => [
  tf.layers.dense({ units: 3, useBias: false, name: "linear" }),
]);

/** Names of activations that are the same functions in both, as PyTorch's defaults have them. */
const activations = [
  ...["relu", "relu6", "elu", "selu", "sigmoid", "tanh", "softplus", "softsign"],
  ...["softmax", "logSoftmax", "swish", "mish", "gelu", "gelu_new", "linear"],
] as const;
dense.graph(`activations: ${activations.join(", ")}`, "activations", [[5]], () => {
  const input = tf.input({ shape: [5] });
  const hidden = tf.layers.dense({ units: 6, name: "linear" }).apply(input) as tf.SymbolicTensor;
  const outputs = activations.map(
    (activation) => tf.layers.activation({ activation: activation as "relu" }).apply(hidden) as tf.SymbolicTensor,
  );
  return tf.model({ inputs: input, outputs: tf.layers.concatenate().apply(outputs) as tf.SymbolicTensor });
});

const embedding = new Family("Embedding");
embedding.chain(
  "embedding; PyTorch's with `padding_idx`",
  "embedding",
  [5],
  () => [tf.layers.embedding({ inputDim: 7, outputDim: 4, name: "embedding" })],
  { vocabulary: 7 },
);

const convolution = new Family("Convolutions");
convolution.chain(
  "conv1d",
  "conv1d",
  [7, 3],
  () => [tf.layers.conv1d({ filters: 4, kernelSize: 3, strides: 2, name: "conv" })],
  { isChannelsFirst },
);
convolution.chain(
  'conv1d, padding "same", dilated',
  "conv1d_dilated",
  [7, 3],
  () => [tf.layers.conv1d({ filters: 4, kernelSize: 3, padding: "same", dilationRate: 2, name: "conv" })],
  { isChannelsFirst },
);
convolution.chain(
  "conv2d with strides, without bias",
  "conv2d",
  image,
  () => [tf.layers.conv2d({ filters: 4, kernelSize: [3, 2], strides: [2, 1], useBias: false, name: "conv" })],
  { isChannelsFirst },
);
convolution.chain(
  'conv2d, padding "same", dilated',
  "conv2d_dilated",
  image,
  () => [tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", dilationRate: 2, name: "conv" })],
  { isChannelsFirst },
);
convolution.chain(
  'conv2d with an even kernel, padding "same"',
  "conv2d_even",
  image,
  () => [tf.layers.conv2d({ filters: 4, kernelSize: [2, 4], padding: "same", name: "conv" })],
  { isChannelsFirst },
);
convolution.chain(
  'conv2d with strides, padding "same"; PyTorch\'s after `nn.ZeroPad2d`',
  "conv2d_strided",
  [6, 6, 3],
  () => [tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: "same", name: "conv" })],
  { isChannelsFirst, warning: /padding "same" with a stride/ },
);
convolution.chain("conv2d of data with its channels first", "conv2d_same", [3, 6, 5], () => [
  tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", dataFormat: "channelsFirst", name: "conv" }),
]);
convolution.chain(
  "conv3d",
  "conv3d",
  [5, 4, 3, 2],
  () => [tf.layers.conv3d({ filters: 4, kernelSize: [3, 2, 1], name: "conv" })],
  { isChannelsFirst },
);

const transposed = new Family("Transposed convolutions");
transposed.chain(
  "conv2dTranspose with strides",
  "conv_transpose2d",
  [4, 3, 3],
  () => [tf.layers.conv2dTranspose({ filters: 2, kernelSize: [3, 4], strides: [2, 3], name: "conv" })],
  { isChannelsFirst },
);
transposed.chain(
  'conv2dTranspose, padding "same"; PyTorch\'s with `padding=1`',
  "conv_transpose2d_same",
  [4, 3, 3],
  () => [tf.layers.conv2dTranspose({ filters: 2, kernelSize: 4, strides: 2, padding: "same", name: "conv" })],
  { isChannelsFirst },
);
transposed.chain(
  'conv2dTranspose, padding "same" that cuts one side more; PyTorch\'s before `nn.ZeroPad2d`',
  "conv_transpose2d_odd",
  [4, 3, 3],
  () => [tf.layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: "same", name: "conv" })],
  { isChannelsFirst, warning: /differ by an odd number cuts one side more/ },
);
transposed.chain(
  "conv2dTranspose with strides beyond its kernel; PyTorch's with `output_padding`",
  "conv_transpose2d_gaps",
  [4, 3, 3],
  () => [tf.layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, useBias: false, name: "conv" })],
  { isChannelsFirst, warning: /output_padding = stride - kernel size/ },
);
transposed.chain(
  'conv2dTranspose with strides beyond its kernel, padding "same"; PyTorch\'s with `output_padding`',
  "conv_transpose2d_wide_gaps",
  [4, 3, 3],
  () => [tf.layers.conv2dTranspose({ filters: 2, kernelSize: 1, strides: 3, padding: "same", name: "conv" })],
  { isChannelsFirst, warning: /output_padding = stride - kernel size/ },
);
transposed.chain(
  "conv3dTranspose",
  "conv_transpose3d",
  [3, 2, 4, 3],
  () => [tf.layers.conv3dTranspose({ filters: 2, kernelSize: [2, 3, 2], strides: 2, name: "conv" })],
  { isChannelsFirst },
);

const grouped = new Family("Depthwise and separable convolutions");
grouped.chain(
  "depthwiseConv2d",
  "depthwise",
  image,
  () => [tf.layers.depthwiseConv2d({ kernelSize: [3, 2], name: "conv" })],
  { isChannelsFirst },
);
grouped.chain(
  "depthwiseConv2d with a multiplier and strides",
  "depthwise_multiplied",
  image,
  () => [tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, useBias: false, name: "conv" })],
  { isChannelsFirst },
);
grouped.chain(
  "separableConv2d with a multiplier",
  "separable",
  image,
  () => [
    tf.layers.separableConv2d({ filters: 4, kernelSize: 3, padding: "same", depthMultiplier: 2, name: "separable" }),
  ],
  { isChannelsFirst },
);

export const affineCases = [dense, embedding, convolution, transposed, grouped].flatMap(({ cases }) => cases);
