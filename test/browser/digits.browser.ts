/** The page for drawing digits, drawn on with mouse and finger, and used by keyboard. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { encodeModelRow, ModelV1, readModelRow } from "legolas-flux";
import { decodeTable } from "legolas-flux/legolas";
import { loadWeights } from "legolas-flux/tfjs";
import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { DigitsRowV1 } from "../../examples/digits/digits-row.ts";
import { makeModel } from "../../examples/digits/make-model.ts";
import { SampleRowV1 } from "../../viewer/src/digits/sample-row.ts";
import { digitStrokes, type Stroke } from "../helpers/digit-strokes.ts";
import { pathOf } from "../helpers/julia-fixtures.ts";
import { viewerInChromium, viewerPage } from "./viewer-in-chromium.ts";

const viewer = viewerInChromium(async () => null);
const own = (name: string): string => fileURLToPath(new URL(name, viewerPage));

const pad = (): Locator => viewer.page.locator(".pad canvas");
const status = (): Promise<string | null> => viewer.page.getByRole("status").textContent();
const shown = (): Promise<string[]> => viewer.page.locator(".percent").allInnerTexts();
const probabilities = async (): Promise<number[]> => (await shown()).map((percent) => Number.parseFloat(percent) / 100);

/** Opens the page, its model read. */
async function open(): Promise<void> {
  await viewer.open("/digits.html");
  await viewer.page.getByText("digits.model@1 extends legolas-flux.model@1").waitFor();
}

/** Draws strokes onto a part of the pad, given by its top left corner and its size, from 0 to 1. */
async function draw(strokes: readonly Stroke[], [left, top, size] = [0, 0, 1]): Promise<void> {
  const box = await pad().boundingBox();
  if (!box) throw new Error("the pad is not shown");
  const { mouse } = viewer.page;
  for (const stroke of strokes) {
    const points = stroke.map(
      ([x, y]) => [box.x + (left + x * size) * box.width, box.y + (top + y * size) * box.height] as const,
    );
    await mouse.move(...(points[0] ?? [0, 0]));
    await mouse.down();
    for (const point of points) await mouse.move(...point);
    await mouse.up();
  }
}

const clear = (): Promise<void> => viewer.page.getByRole("button", { name: "Clear" }).click();

describe("a digit that is drawn", () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])("with the mouse is told: %i", async (digit) => {
    await open();
    for (const way of digitStrokes[digit] ?? []) {
      await draw(way);
      expect(await status()).toMatch(new RegExp(`^This is a ${digit}, \\d+\\.\\d %$`));
      const values = await probabilities();
      expect(values.indexOf(Math.max(...values))).toBe(digit);
      expect(values.reduce((sum, value) => sum + value)).toBeCloseTo(1, 2);
      await clear();
      expect(await shown()).toEqual(Array(10).fill("–"));
    }
  });

  it("is told however small it is and wherever it stands", async () => {
    await open();
    const corners: [number, number, number][] = [
      [0.02, 0.02, 0.2],
      [0.75, 0.05, 0.22],
      [0.1, 0.7, 0.25],
      [0.6, 0.6, 0.4],
    ];
    for (const [i, digit] of [2, 3, 5, 8].entries()) {
      await draw(digitStrokes[digit]?.[0] ?? [], corners[i]);
      expect(await status()).toMatch(new RegExp(`^This is a ${digit},`));
      await clear();
    }
  });

  it("is told while it is drawn, aloud only once the pen is up, and again when a stroke is taken back", async () => {
    await open();
    const { mouse } = viewer.page;
    const box = await pad().boundingBox();
    const at = (x: number, y: number) => [
      (box?.x ?? 0) + x * (box?.width ?? 0),
      (box?.y ?? 0) + y * (box?.height ?? 0),
    ];
    await mouse.move(...(at(0.5, 0.2) as [number, number]));
    await mouse.down();
    await mouse.move(...(at(0.5, 0.8) as [number, number]), { steps: 10 });
    const line = await probabilities();
    expect(line.indexOf(Math.max(...line))).toBe(1);
    expect(await status()).toBe("");
    await mouse.up();
    expect(await status()).toMatch(/^This is a 1/);
    await draw([
      [
        [0.5, 0.8],
        [0.75, 0.8],
      ],
    ]);
    expect(await probabilities()).not.toEqual(line);
    await viewer.page.getByRole("button", { name: "Undo stroke" }).click();
    expect(await probabilities()).toEqual(line);
  });

  it("may be drawn with a finger, under which the page does not scroll", async () => {
    await viewer.page.setViewportSize({ width: 390, height: 600 });
    await open();
    const session = await viewer.context.newCDPSession(viewer.page);
    await session.send("Emulation.setTouchEmulationEnabled", { enabled: true });
    const box = await pad().boundingBox();
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: readonly (readonly [number, number])[]) =>
      session.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: points.map(([x, y]) => ({
          x: (box?.x ?? 0) + x * (box?.width ?? 0),
          y: (box?.y ?? 0) + y * (box?.height ?? 0),
        })),
      });
    for (const stroke of digitStrokes[4]?.[0] ?? []) {
      const [first = [0, 0], ...rest] = stroke.flatMap(([x, y], i) => {
        const [fromX, fromY] = stroke[Math.max(0, i - 1)] ?? [x, y];
        return [0.25, 0.5, 0.75, 1].map((part) => [fromX + (x - fromX) * part, fromY + (y - fromY) * part] as const);
      });
      await touch("touchStart", [first]);
      for (const point of rest) await touch("touchMove", [point]);
      await touch("touchEnd", []);
    }
    expect(await status()).toMatch(/^This is a 4/);
    expect(await viewer.page.evaluate(() => scrollY)).toBe(0);
  });
});

describe("a test image", () => {
  it("is chosen by keyboard, and has the probabilities that the model has in Node", async () => {
    await open();
    const row = await readModelRow(own("demo.digits.model.arrow"), DigitsRowV1);
    await tf.setBackend("cpu");
    const model = makeModel(row.config);
    await loadWeights(model, row.weights);
    const samples = [...decodeTable(readFileSync(own("samples.digits.image.arrow")), { schemaVersion: SampleRowV1 })];
    const first = viewer.page.getByRole("button", { name: "Test image of 0" });
    await first.waitFor();
    await viewer.page.getByRole("button", { name: "others" }).focus();
    for (const { label, pixels } of samples.slice(0, 10)) {
      await viewer.page.keyboard.press("Tab");
      await viewer.page.keyboard.press("Enter");
      const input = tf.tensor2d(
        Float32Array.from(pixels, (pixel) => pixel / 255),
        [1, 784],
      );
      const expected = await (model.predict(input) as tf.Tensor).data();
      for (const [digit, value] of (await probabilities()).entries())
        expect(value).toBeCloseTo(expected[digit] ?? 0, 2);
      await viewer.page.getByRole("img", { name: `Pad, with a test image of ${label} on it` }).waitFor();
      expect(await status()).toMatch(new RegExp(`^This is a ${label}`));
    }
    await viewer.page.getByRole("button", { name: "others" }).press("Enter");
    await viewer.page.getByRole("button", { name: "Test image of 0", pressed: false }).press("Enter");
    expect(await status()).toMatch(/^This is a 0/);
    // What is drawn takes the image's place.
    await draw(digitStrokes[7]?.[0] ?? []);
    expect(await status()).toMatch(/^This is a 7/);
  });
});

describe("the model", () => {
  it("is read by range, and says how good it is and where it comes from", async () => {
    const answers: [number, string][] = [];
    viewer.page.on("response", (response) => {
      if (!response.url().endsWith("/demo.digits.model.arrow")) return;
      answers.push([response.status(), response.request().headers().range ?? ""]);
    });
    await open();
    await draw(digitStrokes[3]?.[0] ?? []);
    const path = own("demo.digits.model.arrow");
    const { epoch, accuracy, commit_sha } = await readModelRow(path, DigitsRowV1);
    const bytes = readFileSync(path).length.toLocaleString("en-US");
    const facts = viewer.page.locator(".facts-list");
    await facts.getByText(`${bytes} transferred in ${answers.length} requests`).waitFor();
    const text = await viewer.textOf(facts);
    expect(text).toContain(`${bytes} of ${bytes} bytes`);
    expect(text).toMatch(new RegExp(`epoch\\s+${epoch}\\s+accuracy\\s+${(100 * (accuracy ?? 0)).toFixed(1)} %`));
    expect(text).toContain(commit_sha);
    expect(answers.length).toBeGreaterThan(1);
    for (const [code, range] of answers) expect([code, range]).toEqual([206, expect.stringMatching(/^bytes=\d+-\d+$/)]);
    expect(accuracy).toBeGreaterThan(0.98);
    await facts.getByRole("link").click();
    await viewer.page.locator('h1:text-is("demo.digits.model.arrow")').waitFor();
    await viewer.page.getByRole("treeitem", { name: /kernel.*\[784, 128\]/ }).waitFor();
  });

  it("may be one that was trained in Julia, and what cannot be used is told on a card", async () => {
    await open();
    await draw(digitStrokes[3]?.[0] ?? []);
    const before = await probabilities();
    await viewer.choose(pathOf("digits_runnable.arrow"));
    await viewer.page.getByText("digits_runnable.arrow").waitFor();
    await expect.poll(async () => (await probabilities()).reduce((sum, value) => sum + value)).toBeCloseTo(1, 2);
    expect(await probabilities()).not.toEqual(before);
    expect(await viewer.text()).toMatch(/epoch\s+12/);
    const input = viewer.page.locator("input[type=file]");
    await input.setInputFiles({ name: "other.arrow", mimeType: "", buffer: Buffer.from("no table") });
    await viewer.page.getByRole("heading", { name: "other.arrow cannot be used" }).waitFor();
    expect(await viewer.textOf(viewer.page.getByRole("alert"))).toMatch(/FormatError/);
    const weightless = Buffer.from(encodeModelRow(ModelV1({ weights: null })));
    await input.setInputFiles({ name: "none.model.arrow", mimeType: "", buffer: weightless });
    await viewer.page.getByRole("heading", { name: "none.model.arrow cannot be used" }).waitFor();
    await viewer.page.getByRole("button", { name: "Back to the first model" }).click();
    await expect.poll(probabilities).toEqual(before);
    expect(await viewer.page.getByRole("alert").count()).toBe(0);
  });

  it("and TensorFlow.js are loaded by this page only", async () => {
    const scripts: string[] = [];
    viewer.page.on("response", (response) => scripts.push(response.url()));
    const isDemo = (url: string): boolean => /classifier|digits/.test(url);
    await viewer.open();
    await viewer.choose(own("demo.digits.model.arrow"));
    await viewer.page.getByRole("treeitem", { name: /kernel.*\[784, 128\]/ }).waitFor();
    expect(scripts.filter(isDemo)).toEqual([]);
    await viewer.page.getByRole("button", { name: "legolas-flux" }).click();
    await viewer.page.getByRole("link", { name: "Draw a digit" }).click();
    await viewer.page.getByText("digits.model@1 extends legolas-flux.model@1").waitFor();
    expect(scripts.filter(isDemo).length).toBeGreaterThan(2);
    await viewer.page.getByRole("link", { name: "legolas-flux" }).click();
    await viewer.page.getByRole("button", { name: "Choose files…" }).waitFor();
  });
});

describe.each(["light", "dark"] as const)("people with a %s screen", (colorScheme) => {
  it.each([1280, 390])("find nothing that axe objects to, at a width of %i", async (width) => {
    await viewer.page.emulateMedia({ colorScheme });
    await viewer.page.setViewportSize({ width, height: 800 });
    const screens: Record<string, string[]> = {};
    await open();
    screens.empty = await viewer.violations();
    await draw(digitStrokes[6]?.[0] ?? []);
    expect(await status()).toMatch(/^This is a 6/);
    screens.drawn = await viewer.violations();
    await viewer.choose(pathOf("digits_strict.arrow"));
    await viewer.page.getByRole("alert").waitFor();
    screens.error = await viewer.violations();
    // Its weights are Flux's, of another network.
    expect(viewer.complaints.splice(0).join()).toMatch(/in Flux/);
    expect(screens).toEqual({ empty: [], drawn: [], error: [] });
    expect(await viewer.isTooWide()).toBe(false);
  });
});
