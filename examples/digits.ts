/**
 * Trains a classifier of handwritten digits, keeps a file of each epoch, then starts afresh from the files alone: picks the best, rebuilds
 * its model, loads the weights and checks that it predicts exactly the same.
 *
 *   npm run example -- [--epochs 3] [--images 60000] [--folder runs/my-run]
 */
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { loadWeights } from "legolas-flux/tfjs";
import { type Digits, digitCount, imageAt } from "./digits/digit-images.ts";
import { DigitsConfigV1 } from "./digits/digits-row.ts";
import { drawDigit, drawProbabilities, indexOfMax, sideBySide } from "./digits/draw-digit.ts";
import { makeModel } from "./digits/make-model.ts";
import { loadMnist } from "./digits/mnist.ts";
import { pickBest } from "./digits/pick-best.ts";
import { predict } from "./digits/predict.ts";
import { trainDigits } from "./digits/train.ts";

const { values: options } = parseArgs({
  options: {
    epochs: { type: "string", default: "3" },
    images: { type: "string", default: "60000" },
    folder: { type: "string", default: `runs/digits-${new Date().toISOString().replace(/[:.]/g, "-")}` },
  },
});

await tf.setBackend("wasm");
const train = await loadMnist("train", Number(options.images));
const test = await loadMnist("t10k");
const config = DigitsConfigV1({ seed: 5, dropout_rate: 0.1 });
const trained = await trainDigits({ config, epochs: Number(options.epochs), train, test, folder: options.folder });

const { path, row } = await pickBest(options.folder);
console.log(`\nbest file: ${path}\n  ${describe(row)}`);

const model = makeModel(row.config);
await loadWeights(model, row.weights);
const predictions = predict(model, test);
const original = trained[(row.epoch ?? 0) - 1];
const isIdentical = original?.every((probability, i) => Object.is(probability, predictions[i])) === true;
console.log(
  `predictions on ${test.count} test images: ${isIdentical ? "identical to those before saving" : "DIFFERENT"}\n`,
);
showPrediction(test, predictions, 0);
if (!isIdentical) process.exitCode = 1;

function describe({ epoch, accuracy, commit_sha, config: { seed, dropout_rate }, weights }: typeof row): string {
  const percent = (100 * (accuracy ?? 0)).toFixed(2);
  return `epoch ${epoch}, accuracy ${percent} %, seed ${seed}, dropout ${dropout_rate.toFixed(2)}, ${weights?.length} arrays, commit ${commit_sha}`;
}

function showPrediction(digits: Digits, probabilities: Float32Array, index: number): void {
  const own = probabilities.subarray(index * digitCount, (index + 1) * digitCount);
  console.log(sideBySide(drawDigit(imageAt(digits, index)), drawProbabilities(own)));
  console.log(`\ntest image ${index} is a ${digits.labels[index]}, predicted ${indexOfMax(own)}`);
}
