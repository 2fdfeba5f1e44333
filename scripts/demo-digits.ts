/**
 * Makes what the viewer's page for drawing digits loads: trains the digits example on images that are varied anew in each epoch, takes the best
 * epoch's file as it is, and puts test images beside it.
 *
 *   npm run demo:digits [-- --epochs 30]
 */
import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { writeTable } from "legolas-flux/legolas";
import { type Digits, digitCount, imageAt } from "../examples/digits/digit-images.ts";
import { DigitsConfigV1 } from "../examples/digits/digits-row.ts";
import { loadMnist } from "../examples/digits/mnist.ts";
import { pickBest } from "../examples/digits/pick-best.ts";
import { trainDigits } from "../examples/digits/train.ts";
import { SampleRowV1 } from "../viewer/src/digits/sample-row.ts";

const { values: options } = parseArgs({
  options: { epochs: { type: "string", default: "30" }, folder: { type: "string", default: "runs/demo-digits" } },
});
const beside = (name: string): string => fileURLToPath(new URL(`../viewer/public/${name}`, import.meta.url));

await tf.setBackend("wasm");
const test = await loadMnist("t10k");
await trainDigits({
  config: DigitsConfigV1({ seed: 5, dropout_rate: 0.1 }),
  epochs: Number(options.epochs),
  train: await loadMnist("train"),
  test,
  folder: options.folder,
  isVaried: true,
});
const { path, row } = await pickBest(options.folder);
await copyFile(path, beside("demo.digits.model.arrow"));
console.log(`epoch ${row.epoch} of accuracy ${row.accuracy} -> ${beside("demo.digits.model.arrow")}`);
await writeTable(beside("samples.digits.image.arrow"), samplesOf(test, 4), SampleRowV1);

/** The first image of each digit, then the second of each, and so on. */
function samplesOf(digits: Digits, each: number): object[] {
  const indices = Array.from({ length: digitCount }, (_, label) =>
    Array.from(digits.labels.keys()).filter((i) => digits.labels[i] === label),
  );
  const chosen = Array.from({ length: each }, (_, turn) => indices.map((own) => own[turn] ?? 0)).flat();
  return chosen.map((i) =>
    SampleRowV1({
      label: digits.labels[i] ?? 0,
      pixels: Uint8Array.from(imageAt(digits, i), (pixel) => Math.round(255 * pixel)),
    }),
  );
}
