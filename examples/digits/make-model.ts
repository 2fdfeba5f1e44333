import * as tf from "@tensorflow/tfjs";
import { digitCount, imagePixels } from "./digit-images.ts";
import type { DigitsConfigV1 } from "./digits-row.ts";

/**
 * A classifier of handwritten digits, from [n, 784] pixels between 0 and 1 to [n, 10] probabilities. Dense layers only: the WASM backend
 * cannot train convolutions.
 */
export function makeModel({ seed, dropout_rate }: DigitsConfigV1): tf.Sequential {
  const kernelInitializer = tf.initializers.glorotUniform({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [imagePixels], units: 128, activation: "relu", kernelInitializer }),
      // Statistics that follow fast: the default momentum of 0.99 lags behind a training of three epochs.
      tf.layers.batchNormalization({ momentum: 0.9 }),
      tf.layers.dropout({ rate: dropout_rate, seed }),
      tf.layers.dense({ units: digitCount, activation: "softmax", kernelInitializer }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.001), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}
