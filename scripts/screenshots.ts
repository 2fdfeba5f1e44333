/**
 * Makes the screenshots of docs/screenshots anew: trains the digits example, and looks at its files, and at one that Julia wrote, with the viewer.
 *
 *   npm run build && npm run screenshots [-- --epochs 8]       --epochs 0 takes the files of the last time
 */
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { chromium, type Page } from "playwright-core";
import { DigitsConfigV1 } from "../examples/digits/digits-row.ts";
import { loadMnist } from "../examples/digits/mnist.ts";
import { trainDigits } from "../examples/digits/train.ts";
import { serveViewer } from "../src/cli/view/serve-viewer.ts";
import { servedFiles } from "../src/cli/view/served-files.ts";
import { findChromium } from "../test/browser/find-chromium.ts";

const { values: options } = parseArgs({
  options: {
    epochs: { type: "string", default: "8" },
    folder: { type: "string", default: "runs/screenshots" },
  },
});
const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const juliaFile = "flux-digits.model.arrow";

if (Number(options.epochs) > 0) await train();
await takeScreenshots();

async function train(): Promise<void> {
  await tf.setBackend("wasm");
  await rm(options.folder, { recursive: true, force: true });
  await trainDigits({
    config: DigitsConfigV1({ seed: 5, dropout_rate: 0.1 }),
    epochs: Number(options.epochs),
    train: await loadMnist("train"),
    test: await loadMnist("t10k"),
    folder: options.folder,
  });
}

async function takeScreenshots(): Promise<void> {
  await rm(join(options.folder, juliaFile), { force: true });
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
    await page.screenshot({ path: at(`docs/screenshots/${name}.png`) });
    await context.close();
  };
  const best = async (page: Page): Promise<void> => {
    await page.getByRole("button", { name: "accuracy" }).click();
    await page.getByRole("region", { name: "Runs" }).locator("tbody button").first().click();
  };
  await take("runs-light", "light", 700, async (page) => {
    await page.getByRole("button", { name: "accuracy" }).click();
  });
  await take("matrix-dark", "dark", 900, async (page) => {
    await best(page);
    await page.getByRole("treeitem", { name: /\[784, 128\]/ }).click();
    await page.getByRole("img", { name: /^784 rows/ }).waitFor();
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
  await copyFile(at("test/golden/julia/digits_runnable.arrow"), join(options.folder, juliaFile));
  await take("kernels-light", "light", 900, async (page) => {
    await page.getByRole("button", { name: juliaFile }).click();
    await page.getByRole("treeitem", { name: /\[16, 32, 3, 3\]/ }).click();
    await page.getByRole("img", { name: /32 input channels/ }).waitFor();
  });
  await browser.close();
  await server.close();
}
