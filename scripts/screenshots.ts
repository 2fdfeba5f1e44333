/**
 * Makes the screenshots of docs/screenshots anew: trains the convolutional network of the digits example, keeps each epoch, and looks at the files with
 * the viewer.
 *
 *   npm run build && npm run screenshots [-- --epochs 8] [--images 1500]
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { writeModelRow } from "legolas-flux";
import { fetchWeights } from "legolas-flux/tfjs";
import { chromium, type Page } from "playwright-core";
import { type Digits, imageSide } from "../examples/digits/digit-images.ts";
import { DigitsConfigV1, DigitsRowV1 } from "../examples/digits/digits-row.ts";
import { makeFluxModel } from "../examples/digits/make-flux-model.ts";
import { loadMnist } from "../examples/digits/mnist.ts";
import { serveViewer } from "../src/cli/view/serve-viewer.ts";
import { servedFiles } from "../src/cli/view/served-files.ts";
import { findChromium } from "../test/browser/find-chromium.ts";

const { values: options } = parseArgs({
  options: {
    epochs: { type: "string", default: "8" },
    images: { type: "string", default: "1500" },
    folder: { type: "string", default: "runs/screenshots" },
  },
});

await trainEpochs();
await takeScreenshots();

async function trainEpochs(): Promise<void> {
  // The backend for WebAssembly cannot train convolutions.
  await tf.setBackend("cpu");
  await rm(options.folder, { recursive: true, force: true });
  await mkdir(options.folder, { recursive: true });
  const [train, test] = [
    asTensors(await loadMnist("train", Number(options.images))),
    asTensors(await loadMnist("t10k", 1000)),
  ];
  const model = makeFluxModel();
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const config = DigitsConfigV1({ seed: 5, dropout_rate: 0 });
  for (let epoch = 1; epoch <= Number(options.epochs); epoch++) {
    await model.fit(train.images, train.labels, { epochs: 1, batchSize: 32, verbose: 0 });
    const [, figure] = model.evaluate(test.images, test.labels, { batchSize: 100 }) as tf.Scalar[];
    const accuracy = figure?.dataSync()[0] ?? 0;
    const path = join(options.folder, `epoch-${String(epoch).padStart(2, "0")}.digits.model.arrow`);
    await writeModelRow(
      path,
      DigitsRowV1({ weights: await fetchWeights(model), architecture_version: 2, config, epoch, accuracy }),
    );
    console.log(`${path}: accuracy ${(100 * accuracy).toFixed(2)} %`);
  }
}

function asTensors({ images, labels, count }: Digits): { images: tf.Tensor4D; labels: tf.Tensor1D } {
  return { images: tf.tensor4d(images, [count, imageSide, imageSide, 1]), labels: tf.tensor1d(labels) };
}

async function takeScreenshots(): Promise<void> {
  const server = await serveViewer(await servedFiles(options.folder), new URL("../dist/viewer/", import.meta.url));
  const browser = await chromium.launch({ executablePath: findChromium() ?? "" });
  const take = async (
    name: string,
    colorScheme: "light" | "dark",
    height: number,
    prepare: (page: Page) => Promise<void>,
  ) => {
    const context = await browser.newContext({ viewport: { width: 1280, height }, colorScheme });
    const page = await context.newPage();
    await page.goto(`${server.origin}/?served`);
    await prepare(page);
    // Pictures fade in.
    await page.waitForTimeout(500);
    await page.screenshot({ path: fileURLToPath(new URL(`../docs/screenshots/${name}.png`, import.meta.url)) });
    await context.close();
  };
  const best = async (page: Page): Promise<void> => {
    await page.getByRole("button", { name: "accuracy" }).click();
    await page.getByRole("region", { name: "Runs" }).locator("tbody button").first().click();
  };
  await take("runs-light", "light", 700, async (page) => {
    await page.getByRole("button", { name: "accuracy" }).click();
  });
  await take("kernels-light", "light", 900, async (page) => {
    await best(page);
    await page.getByRole("treeitem", { name: /\[3, 3, 32, 16\]/ }).click();
    await page.getByRole("img", { name: /32 input channels/ }).waitFor();
  });
  await take("matrix-dark", "dark", 760, async (page) => {
    await best(page);
    await page.getByRole("treeitem", { name: /\[90, 10\]/ }).click();
    await page.getByRole("img", { name: /^90 rows/ }).waitFor();
  });
  await take("comparison-light", "light", 1400, async (page) => {
    const marks = page.getByRole("checkbox");
    await marks.first().check();
    await marks.last().check();
    await page.getByRole("button", { name: "Compare two" }).click();
    await page
      .getByRole("region", { name: "Arrays", exact: true })
      .locator("tbody button", { hasText: "kernel" })
      .first()
      .click();
    await page.getByRole("img", { name: /^B − A/ }).waitFor();
  });
  await browser.close();
  await server.close();
}
