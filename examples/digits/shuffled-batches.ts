import * as tf from "@tensorflow/tfjs";
import { type Digits, imageAt, imagePixels } from "./digit-images.ts";
import { seededRandom } from "./seeded-random.ts";

/**
 * Batches of images and labels, in an order of its own for each epoch that follows from the seed alone: `fit` shuffles without one, so that a
 * training that is resumed would see other batches than one that was not.
 *
 * @param firstEpoch - The epoch of the first pass, from 0; each later pass is the next epoch.
 */
export function shuffledBatches(digits: Digits, batchSize: number, seed: number, firstEpoch: number) {
  let epoch = firstEpoch;
  return tf.data.generator(function* () {
    const order = shuffle(digits.count, seed + 1000 * epoch++);
    for (let start = 0; start < order.length; start += batchSize)
      yield batchOf(digits, order.subarray(start, start + batchSize));
  });
}

function batchOf(digits: Digits, indices: Uint32Array): { xs: tf.Tensor2D; ys: tf.Tensor1D } {
  const pixels = new Float32Array(indices.length * imagePixels);
  for (const [i, index] of indices.entries()) pixels.set(imageAt(digits, index), i * imagePixels);
  const labels = Float32Array.from(indices, (index) => digits.labels[index] as number);
  return { xs: tf.tensor2d(pixels, [indices.length, imagePixels]), ys: tf.tensor1d(labels) };
}

/** The numbers below `count` in an order that follows from the seed: Fisher and Yates. */
function shuffle(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const random = seededRandom(seed);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
