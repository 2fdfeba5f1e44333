/** The code of docs/guide/web.md, as one program. */
import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { decodeModelRow, encodeModelRow, ModelV1 } from "legolas-flux";
import { fetchWeights } from "legolas-flux/tfjs";
import type { Download } from "playwright-core";
import { expect, it } from "vitest";
import { serve } from "../engine/range-server.ts";
import { pathOf } from "../helpers/julia-fixtures.ts";
import { inChromium } from "./in-chromium.ts";

const chromium = inChromium("guide");

async function irisFile(): Promise<Uint8Array> {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [4], units: 8, activation: "relu", name: "hidden" }),
      tf.layers.batchNormalization({ name: "norm" }),
      tf.layers.dense({ units: 3, activation: "softmax", name: "head" }),
    ],
  });
  return encodeModelRow(ModelV1({ weights: await fetchWeights(model), architecture_version: 1 }));
}

it("the page about browsers runs as written", async () => {
  await tf.setBackend("cpu");
  const { page } = chromium;
  const file = await irisFile();
  const server = await serve(file, {
    headers: { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Content-Range, ETag" },
  });
  await page.route("https://models.example.com/iris.model.arrow", async (route) =>
    route.fulfill({ response: await route.fetch({ url: server.address }) }),
  );
  const lines: string[] = [];
  page.on("console", (message) => lines.push(message.text()));
  const downloads: Download[] = [];
  page.on("download", (download) => downloads.push(download));

  await page.evaluate(`import("/guide.js")`);
  await page.locator("input").setInputFiles(pathOf("simple_arch3.arrow"));
  await expect.poll(() => lines.at(-1)).toBe("simple_arch3.arrow 6");
  await server.close();

  const percents = lines.filter((line) => / %$/.test(line));
  expect(percents).toContain("100 %");
  const rest = lines.filter((line) => !percents.includes(line));
  expect(rest[0]).toMatch(/^Float32Array\(3\)/);
  expect(rest[1]).toMatch(/^1 \[hidden\/kernel, hidden\/bias/);
  expect(rest.slice(2, 5)).toEqual(["[8, 4]", "8", "1 8"]);
  expect(rest.at(-3)).toMatch(/^iris: (\d+) bytes,iris-again: \1 bytes$/);
  expect(rest.at(-2)).toBe("iris,iris-again");
  expect(downloads.map((download) => download.suggestedFilename())).toEqual(["iris.model.arrow", "stored.model.arrow"]);
  for (const download of downloads) {
    const saved = readFileSync(await download.path());
    expect(decodeModelRow(saved).weights?.arrays).toEqual(decodeModelRow(file).weights?.arrays);
  }
});
