/** What is refused or warned of because PyTorch computes something else: it does, and nothing but that differs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { FlatArray, LayerConversionError, Weights } from "legolas-flux";
import { fromSafetensors, toSafetensors } from "legolas-flux/safetensors";
import { fetchWeights } from "legolas-flux/tfjs";
import { afterAll, expect, inject, it } from "vitest";
import { seededRandom } from "../../helpers/seeded-random.ts";
import { run } from "../run-process.ts";
import { largestDifference } from "./largest-difference.ts";

await tf.setBackend("cpu");

const folder = mkdtempSync(join(tmpdir(), "legolas-flux-differences-"));
afterAll(() => rmSync(folder, { recursive: true }));

const units = 4;
const random = seededRandom(3);
const numbers = (...shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random(2 ** 24) / 2 ** 23 - 1),
    shape,
  );

const gates = numbers(units, 2 * units);
const candidate = numbers(units, units);
const given = {
  sequence: numbers(2, 6, 3),
  image: numbers(2, 4, 5, 3),
  kernel: numbers(3, 3 * units),
  bias: numbers(3 * units),
  "whole.recurrent_kernel": tf.concat([gates, candidate], 1),
  // Of a diagonal product it does not matter whether the reset gate comes before or after it.
  "diagonal.recurrent_kernel": tf.concat([gates, candidate.mul(tf.eye(units))], 1),
};
const arrays = Object.values(given).map(
  (tensor) => new FlatArray(tensor.dataSync() as Float32Array, tensor.shape.toReversed()),
);
await toSafetensors(new Weights(arrays, { names: Object.keys(given) }), join(folder, "given.safetensors"));
await run(inject("torchPython"), [fileURLToPath(new URL("python/differences.py", import.meta.url)), folder]);
const found = (await fromSafetensors(join(folder, "found.safetensors"))).weights;

/** How far PyTorch is from a layer of TensorFlow.js. */
function distance(name: string, layer: tf.layers.Layer, input: tf.Tensor, weights: readonly tf.Tensor[] = []): number {
  const output = layer.apply(input) as tf.Tensor;
  if (weights.length > 0) layer.setWeights([...weights]);
  const expected = weights.length > 0 ? (layer.apply(input) as tf.Tensor) : output;
  return largestDifference(found.get(name)?.vec as Float32Array, expected.dataSync() as Float32Array);
}

const gru = (): tf.layers.Layer =>
  tf.layers.gru({ units, recurrentActivation: "sigmoid", returnSequences: true, name: "gru" });

it("a GRU is another one, because its reset gate applies after the recurrent product", async () => {
  const distanceOf = (kind: "whole" | "diagonal"): number =>
    distance(`gru.${kind}`, gru(), given.sequence, [given.kernel, given[`${kind}.recurrent_kernel`], given.bias]);
  expect(distanceOf("diagonal")).toBeLessThan(1e-5);
  expect(distanceOf("whole")).toBeGreaterThan(0.01);
  const input = tf.input({ shape: [6, 3] });
  const model = tf.model({ inputs: input, outputs: gru().apply(input) as tf.SymbolicTensor });
  await expect(fetchWeights(model, { layout: "torch" })).rejects.toThrow(LayerConversionError);
});

it("bilinear interpolation measures from elsewhere, whether corners are aligned or not", () => {
  const layer = (): tf.layers.Layer => tf.layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" });
  expect(distance("bilinear", layer(), given.image)).toBeGreaterThan(0.01);
  expect(distance("bilinear, corners aligned", layer(), given.image)).toBeGreaterThan(0.01);
});

it("hardSigmoid has another slope", () => {
  const layer = tf.layers.activation({ activation: "hardSigmoid" });
  expect(distance("hardSigmoid", layer, given.image)).toBeGreaterThan(0.01);
});
