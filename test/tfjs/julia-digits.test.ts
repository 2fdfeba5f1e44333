/** The DigitsModel of LegolasFlux.jl's own example: weights that Julia wrote give what Julia computes. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { decodeModelRow, encodeModelRow, ModelV1, readModelRow, type Weights } from "legolas-flux";
import { fetchWeights, loadWeights } from "legolas-flux/tfjs";
import { beforeAll, expect, it } from "vitest";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const golden = new URL("../golden/julia/", import.meta.url);
const file = fileURLToPath(new URL("digits_runnable.arrow", golden));
const reference: { input: number[]; output: number[]; logits: number[] } = JSON.parse(
  readFileSync(new URL("digits_reference.json", golden), "utf8"),
);

/** @param permutation - What stands before the dense layers. */
function makeDigitsModel(permutation: readonly tf.layers.Layer[]): tf.LayersModel {
  const dense = tf.layers.dense({ units: 10 });
  const layers = [
    tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu" }),
    tf.layers.batchNormalization({ epsilon: 1e-5 }),
    tf.layers.reLU(),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 10, kernelSize: 3, activation: "relu" }),
    ...permutation,
    tf.layers.flatten(),
    tf.layers.dense({ units: 10 }),
    dense,
    dense,
  ];
  const input = tf.input({ shape: [28, 28, 1] });
  const logits = layers.reduce((tensor, layer) => layer.apply(tensor) as tf.SymbolicTensor, input);
  const probabilities = tf.layers.softmax().apply(logits) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: [logits, probabilities] });
}

const distance = (tensor: tf.Tensor, expected: readonly number[]): number =>
  Math.max(...Array.from(tensor.dataSync(), (value, i) => Math.abs(value - (expected[i] ?? Number.NaN))));

const plain = (weights: Weights): object[] =>
  weights.arrays.map(({ vec, size }) => ({ bits: [...new Uint8Array(vec.slice().buffer)], size }));

it.each([
  ["a plain flatten", () => []],
  ["a permute before it", () => [tf.layers.permute({ dims: [3, 1, 2] })]],
])("computes the probabilities of Julia with %s", async (_, permutation) => {
  const row = await readModelRow(file, ModelV1);
  const model = makeDigitsModel(permutation());
  await loadWeights(model, row.weights);
  const [logits, probabilities] = model.predict(tf.tensor(reference.input, [1, 28, 28, 1])) as [tf.Tensor, tf.Tensor];
  expect(distance(probabilities, reference.output)).toBeLessThan(1e-6);
  expect(distance(logits, reference.logits)).toBeLessThan(1e-5);

  const weights = await fetchWeights(model, { layout: "flux" });
  const again = decodeModelRow(encodeModelRow(ModelV1({ weights })), ModelV1);
  expect(again.weights?.layout).toBe("flux");
  expect(plain(again.weights as Weights)).toEqual(plain(row.weights as Weights));
});
