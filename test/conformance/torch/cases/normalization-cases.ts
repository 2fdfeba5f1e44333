/** Batch and layer normalization, with statistics and affine parameters that are not those at the start. */
import * as tf from "@tensorflow/tfjs";
import { Family } from "./torch-case.ts";

const image = [6, 5, 3];
const isChannelsFirst = true;
const epsilon = 1e-5;

const batch = new Family("Batch normalization");
batch.chain(
  "of features",
  "batch_norm1d",
  [5],
  () => [
    tf.layers.dense({ units: 4, name: "before" }),
    tf.layers.batchNormalization({ epsilon, name: "norm" }),
    tf.layers.dense({ units: 3, name: "after" }),
  ],
  { modules: { before: "0", norm: "1", after: "2" } },
);
batch.chain(
  "after conv1d",
  "batch_norm_of_steps",
  [6, 3],
  () => [
    tf.layers.conv1d({ filters: 4, kernelSize: 3, name: "conv" }),
    tf.layers.batchNormalization({ epsilon, name: "norm" }),
  ],
  { isChannelsFirst },
);
batch.chain(
  "after conv2d",
  "batch_norm2d",
  image,
  () => [
    tf.layers.conv2d({ filters: 4, kernelSize: 3, name: "conv" }),
    tf.layers.batchNormalization({ epsilon, name: "norm" }),
    tf.layers.reLU(),
  ],
  { isChannelsFirst },
);
batch.chain(
  "with the epsilon of TensorFlow.js; PyTorch's with `eps=1e-3`",
  "batch_norm_epsilon",
  image,
  () => [tf.layers.conv2d({ filters: 4, kernelSize: 3, name: "conv" }), tf.layers.batchNormalization({ name: "norm" })],
  { isChannelsFirst, warning: /epsilon is 0.001/ },
);
batch.chain(
  "without scale",
  "batch_norm_of_image",
  image,
  () => [tf.layers.batchNormalization({ epsilon, scale: false, name: "norm" })],
  { isChannelsFirst, refusesTrained: /"norm.weight" would have to be all 1, but holds .*scale: true/s },
);
batch.chain(
  "without center",
  "batch_norm_of_image",
  image,
  () => [tf.layers.batchNormalization({ epsilon, center: false, name: "norm" })],
  { isChannelsFirst, refusesTrained: /"norm.bias" would have to be all 0, but holds .*center: true/s },
);
batch.chain(
  "without either; PyTorch's with `affine=False`",
  "batch_norm_plain",
  image,
  () => [tf.layers.batchNormalization({ epsilon, scale: false, center: false, name: "norm" })],
  { isChannelsFirst },
);

const layer = new Family("Layer normalization");
layer.chain("of features", "layer_norm", [5], () => [
  tf.layers.dense({ units: 8, name: "linear" }),
  tf.layers.layerNormalization({ epsilon, name: "norm" }),
]);
layer.chain(
  "of images, over all three axes",
  "layer_norm_of_image",
  image,
  () => [
    tf.layers.conv2d({ filters: 2, kernelSize: 3, name: "conv" }),
    tf.layers.layerNormalization({ axis: [1, 2, 3], epsilon, name: "norm" }),
  ],
  { isChannelsFirst },
);
layer.chain(
  "without center; to PyTorch's with a bias of zeros, from that with `bias=False`",
  "layer_norm_of_input",
  [4, 5],
  () => [tf.layers.layerNormalization({ epsilon, center: false, name: "norm" })],
  { ownModule: "layer_norm_without_bias" },
);
layer.chain("without scale and center; PyTorch's with `elementwise_affine=False`", "layer_norm_plain", [4, 5], () => [
  tf.layers.layerNormalization({ epsilon, scale: false, center: false, name: "norm" }),
]);

export const normalizationCases = [batch, layer].flatMap(({ cases }) => cases);
