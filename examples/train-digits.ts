/**
 * Trains a classifier of handwritten digits with a checkpoint after each epoch. Killed at any moment and run again, it goes on from its last
 * checkpoint, and ends with the same weights as if it had never been killed.
 *
 *   node --import tsx examples/train-digits.ts --folder runs/my-run [--epochs 6] [--images 2000]
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { openModelRow } from "legolas-flux";
import { ModelCheckpoint, resumeTraining } from "legolas-flux/tfjs";
import { imagePixels } from "./digits/digit-images.ts";
import { DigitsConfigV1, DigitsRowV1 } from "./digits/digits-row.ts";
import { makeModel } from "./digits/make-model.ts";
import { loadMnist } from "./digits/mnist.ts";
import { shuffledBatches } from "./digits/shuffled-batches.ts";

const { values: options } = parseArgs({
  options: {
    folder: { type: "string", default: "runs/digits" },
    epochs: { type: "string", default: "6" },
    images: { type: "string", default: "2000" },
  },
});

await tf.setBackend("wasm");
const last = join(options.folder, "last.digits.model.arrow");
const config = existsSync(last) ? await configOf(last) : DigitsConfigV1({ seed: 5, dropout_rate: 0.1 });
const model = makeModel(config);
const resumed = existsSync(last) ? await resumeTraining(model, last) : null;
const firstEpoch = resumed?.epoch ?? 0;
if (resumed) console.log(`resumed behind epoch ${firstEpoch}`);

const train = await loadMnist("train", Number(options.images));
const test = await loadMnist("t10k", 500);
const checkpoint = new ModelCheckpoint({
  filepath: join(options.folder, "{epoch:02d}-{val_loss:.2f}.digits.model.arrow"),
  saveTopK: 2,
  saveLast: true,
  includeOptimizer: true,
  schema: DigitsRowV1,
  row: () => ({ config, architecture_version: 1 }),
  ...(resumed ? { resumed } : { seed: config.seed }),
});
const progress = new tf.CustomCallback({ onEpochBegin: (epoch) => console.log(`epoch ${epoch + 1} begins`) });
const { history } = await model.fitDataset(shuffledBatches(train, 64, config.seed, firstEpoch), {
  epochs: Number(options.epochs),
  initialEpoch: firstEpoch,
  validationData: [tf.tensor2d(test.images, [test.count, imagePixels]), tf.tensor1d(test.labels)],
  verbose: 0,
  callbacks: [progress, checkpoint],
});

const losses = [...(resumed?.history.loss ?? []), ...((history.loss ?? []) as number[])];
console.log(`loss curve: ${losses.join(" ")}`);
console.log(`best: ${checkpoint.bestModelPath ?? "an earlier epoch"}`);

async function configOf(path: string): Promise<DigitsConfigV1> {
  const { row, close } = await openModelRow(path, DigitsRowV1);
  await close();
  return row.config;
}
