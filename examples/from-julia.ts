/**
 * Runs in TensorFlow.js a network that was trained in Julia: a `digits.model@1` row written by LegolasFlux.jl. Then saves it again for Julia.
 *
 *   node --import tsx examples/from-julia.ts [--save again.digits.model.arrow]
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { readModelRow, writeModelRow } from "legolas-flux";
import { fetchWeights, loadWeights } from "legolas-flux/tfjs";
import { DigitsRowV1 } from "./digits/digits-row.ts";
import { drawProbabilities, indexOfMax } from "./digits/draw-digit.ts";
import { makeFluxModel } from "./digits/make-flux-model.ts";

const golden = new URL("../test/golden/julia/", import.meta.url);
const { values: options } = parseArgs({ options: { save: { type: "string" } } });
const path = fileURLToPath(new URL("digits_runnable.arrow", golden));

tf.enableProdMode();
await tf.setBackend("cpu");

const row = await readModelRow(path, DigitsRowV1);
const { seed, dropout_rate } = row.config;
console.log(
  `${path}\n  ${DigitsRowV1.identifier}: epoch ${row.epoch}, seed ${seed}, dropout ${dropout_rate.toFixed(2)}`,
);

const model = makeFluxModel();
const { loaded } = await loadWeights(model, row.weights);
console.log(`  ${loaded.length} arrays loaded into ${model.layers.length} layers`);

const reference = JSON.parse(await readFile(new URL("digits_reference.json", golden), "utf8"));
const probabilities = tf.tidy(() =>
  Float32Array.from((model.predict(tf.tensor(reference.input, [1, 28, 28, 1])) as tf.Tensor).dataSync()),
);
const difference = Math.max(...probabilities.map((value, i) => Math.abs(value - reference.output[i])));
console.log(`\n${drawProbabilities(probabilities).join("\n")}\n`);
console.log(
  `predicted: ${indexOfMax(probabilities)}, at most ${difference.toExponential(0)} from the probabilities of Flux`,
);

const weights = await fetchWeights(model, { layout: "flux" });
const isUnchanged = weights.arrays.every(({ vec, size }, i) => {
  const original = row.weights?.at(i);
  return original?.size.join() === size.join() && vec.every((value, j) => Object.is(value, original.vec[j]));
});
console.log(`taken out again for Flux: ${isUnchanged ? "the same arrays, value for value" : "DIFFERENT arrays"}`);
if (options.save) {
  await writeModelRow(options.save, DigitsRowV1({ ...row, weights }));
  console.log(`saved as ${options.save}`);
}
