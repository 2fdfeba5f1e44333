import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { SingleBar } from "cli-progress";
import { writeModelRow } from "legolas-flux";
import { fetchWeights } from "legolas-flux/tfjs";
import { type Digits, imagePixels } from "./digit-images.ts";
import { DigitsConfigV1, DigitsRowV1 } from "./digits-row.ts";
import { makeModel } from "./make-model.ts";
import { predict } from "./predict.ts";
import { varyImages } from "./vary-images.ts";

const batchSize = 128;

/** What a training is given. */
export interface TrainingOptions {
  readonly config: DigitsConfigV1;
  readonly epochs: number;
  readonly train: Digits;
  readonly test: Digits;
  /** Where the files go. */
  readonly folder: string;
  /** Whether each epoch sees the images otherwise, as other hands would have written them. */
  readonly isVaried?: boolean;
}

/** Trains a model and writes a file after each epoch; gives each epoch's predictions on the test images, [epochs][count * 10]. */
export async function trainDigits(options: TrainingOptions): Promise<Float32Array[]> {
  const { config, epochs, train, test, folder, isVaried = false } = options;
  const model = makeModel(DigitsConfigV1(config));
  const commit_sha = currentCommit();
  const predictions: Float32Array[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    await trainEpoch(model, isVaried ? varyImages(train, config.seed + epoch) : train, `epoch ${epoch} of ${epochs}`);
    const accuracy = evaluate(model, test);
    const weights = await fetchWeights(model);
    const path = join(folder, `training_run.epoch-${String(epoch).padStart(2, "0")}.digits.model.arrow`);
    await writeModelRow(path, DigitsRowV1({ weights, architecture_version: 1, config, epoch, accuracy, commit_sha }));
    console.log(`epoch ${epoch}: accuracy ${(100 * accuracy).toFixed(2)} % on ${test.count} test images -> ${path}`);
    predictions.push(predict(model, test));
  }
  model.dispose();
  return predictions;
}

async function trainEpoch(model: tf.Sequential, { images, labels, count }: Digits, label: string): Promise<void> {
  const bar = new SingleBar({
    format: `${label} {bar} {percentage} %  loss {loss}  {eta} s left`,
    stream: process.stderr,
  });
  bar.start(Math.ceil(count / batchSize), 0, { loss: "-" });
  const inputs = tf.tensor2d(images, [count, imagePixels]);
  const outputs = tf.tensor1d(labels);
  await model.fit(inputs, outputs, {
    batchSize,
    epochs: 1,
    verbose: 0,
    callbacks: { onBatchEnd: async (_, logs) => bar.increment(1, { loss: Number(logs?.loss).toFixed(3) }) },
  });
  bar.stop();
  tf.dispose([inputs, outputs]);
}

/** The share of images whose digit is told right, 0 to 1. */
function evaluate(model: tf.Sequential, { images, labels, count }: Digits): number {
  return tf.tidy(() => {
    const figures = model.evaluate(tf.tensor2d(images, [count, imagePixels]), tf.tensor1d(labels), { batchSize: 1000 });
    return (figures as tf.Scalar[])[1]?.dataSync()[0] ?? 0;
  });
}

/** The commit of the code, or null outside a repository. */
function currentCommit(): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}
