import * as tf from "@tensorflow/tfjs";

/**
 * The DigitsModel of LegolasFlux.jl's own example. In Julia:
 *
 *   Chain(Conv((3, 3), 1 => 32, relu), BatchNorm(32, relu), MaxPool((2, 2)), Conv((3, 3), 32 => 16, relu), MaxPool((2, 2)),
 *         Conv((3, 3), 16 => 10, relu), Flux.flatten, Dense(90, 10), dense, dense, softmax)
 */
export function makeFluxModel(): tf.LayersModel {
  const dense = tf.layers.dense({ units: 10 });
  const layers = [
    tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
    // Flux's epsilon: that of TensorFlow.js is 1e-3.
    tf.layers.batchNormalization({ epsilon: 1e-5 }),
    tf.layers.reLU(),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 10, kernelSize: 3, activation: "relu" }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 10 }),
    dense,
    dense,
    tf.layers.softmax(),
  ];
  const input = tf.input({ shape: [28, 28, 1] });
  const output = layers.reduce((tensor, layer) => layer.apply(tensor) as tf.SymbolicTensor, input);
  return tf.model({ inputs: input, outputs: output });
}
