import * as tf from "@tensorflow/tfjs";
import { type Digits, imagePixels } from "./digit-images.ts";

/** The probabilities of the ten digits for each image: row-major [count, 10]. */
export function predict(model: tf.Sequential, { images, count }: Digits): Float32Array {
  return tf.tidy(() => {
    const probabilities = model.predict(tf.tensor2d(images, [count, imagePixels]), { batchSize: 1000 }) as tf.Tensor;
    // A copy: some backends give their live memory.
    return Float32Array.from(probabilities.dataSync());
  });
}
