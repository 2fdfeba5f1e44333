/** The viewer as somebody uses it: files, folders, addresses, and what is wrong with them. */
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModelRow, FlatArray, ModelV1, Weights, writeModelRow } from "legolas-flux";
import { schema, t } from "legolas-flux/legolas";
import { encodeSafetensors } from "legolas-flux/safetensors";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { serveViewer } from "../../src/cli/view/serve-viewer.ts";
import { servedFiles } from "../../src/cli/view/served-files.ts";
import { viewerInChromium, viewerPage } from "./viewer-in-chromium.ts";

const RunV1 = schema("viewer.model").version(1, {
  extends: ModelV1,
  fields: { epoch: t.int64, accuracy: t.float32, note: t.string },
});

const folder = mkdtempSync(join(tmpdir(), "legolas-flux-viewer-"));
const runs = join(folder, "runs");
const at = (name: string): string => join(folder, name);
const run = (epoch: number): string => join(runs, `run-${epoch}.viewer.model.arrow`);

/** What must be shown and never obeyed. */
const hostile = `<img src=x onerror="document.title='obeyed'"><script>document.title='obeyed'</script>\u202e\u0007`;

function filled(shape: readonly number[], of: (i: number) => number): FlatArray {
  const length = shape.reduce((total, axis) => total * axis, 1);
  return new FlatArray(
    Float32Array.from({ length }, (_, i) => of(i)),
    shape.toReversed(),
  );
}

function runWeights(epoch: number): Weights {
  const arrays = [
    filled([3, 3, 2, 4], (i) => Math.sin(i)),
    filled([4], (i) => (i === 0 ? 0 : i === 1 ? Number.NaN : i === 2 ? Number.POSITIVE_INFINITY : 1)),
    filled([20, 30], (i) => i / 600 + epoch),
    filled([30], (i) => i * (epoch + 1)),
  ];
  return new Weights(arrays, {
    names: ["conv/kernel", "conv/bias", "dense/kernel", "dense/bias"],
    layout: "tfjs",
  });
}

async function writeFiles(): Promise<void> {
  mkdirSync(runs);
  for (const epoch of [1, 2, 3]) {
    const row = RunV1({ weights: runWeights(epoch), epoch, accuracy: epoch / 4, note: `run ${epoch}` });
    await writeModelRow(run(epoch), row, undefined, { metadata: { by: "a test" } });
  }
  writeFileSync(join(runs, "broken.arrow"), readFileSync(run(1)).subarray(0, 900));
  const HostileV1 = schema("viewer.hostile").version(1, { extends: ModelV1, fields: { [hostile]: t.string } });
  const weights = new Weights([filled([4, 5], Math.sin), filled([5], Math.cos)], {
    names: [hostile, `${hostile}/b`],
    layout: hostile,
  });
  const options = { metadata: { [hostile]: hostile }, provider: { name: hostile, version: hostile } };
  await writeModelRow(at("hostile.arrow"), HostileV1({ weights, [hostile]: hostile } as never), undefined, options);
  writeFileSync(at("hostile.safetensors"), encodeSafetensors(weights, { metadata: { [hostile]: hostile } }));
}

beforeAll(writeFiles);
const viewer = viewerInChromium(() => servedFiles(runs));
afterAll(() => rmSync(folder, { recursive: true }));
const { open, choose, drop, text, textOf, violations, complaints } = viewer;
let page: Page;
beforeEach(() => {
  page = viewer.page;
});

const item = (name: RegExp) => page.getByRole("treeitem", { name });

describe("a file", () => {
  it("shows metadata at once, and reads an array when it is chosen", async () => {
    await open();
    await choose(run(2));
    await item(/kernel.*\[20, 30\]/).waitFor();
    const shown = await text();
    expect(shown).toMatch(/viewer\.model@1 extends legolas-flux\.model@1/);
    expect(shown).toMatch(/by\s+a test/);
    expect(shown).toMatch(/accuracy\s+0\.5\s+float32/);
    expect(shown).toMatch(/706 parameters in 4 arrays/);
    await item(/kernel.*\[20, 30\]/).click();
    await page.getByRole("img", { name: /^20 rows down \(axis 0\), 30 columns across \(axis 1\)/ }).waitFor();
    expect(await text()).toMatch(/mean\s+2\.499\s+std\s+0\.2887\s+min\s+2\s+max\s+2\.998/);
    expect(await page.getByRole("img", { name: /^Histogram of the values from 2 to 2\.998/ }).count()).toBe(1);
    expect(await text()).toMatch(
      /Row-major shape \[20, 30\], last axis fastest; in Julia the size \(30, 20\), first axis fastest\. Layout tfjs/,
    );
  });

  it("paints what stands in the array: below zero blue, above red", async () => {
    await open();
    await choose(run(1));
    await item(/kernel.*\[3, 3, 2, 4\]/).click();
    await page
      .getByRole("img", { name: /axes \[height, width, input, output\].*3 × 3.*4 output channels.*2 input/ })
      .waitFor();
    await page.waitForTimeout(200);
    const colours = await page.evaluate(() => {
      const canvas = document.querySelector("figure canvas") as HTMLCanvasElement;
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext(
        "2d",
      ) as OffscreenCanvasRenderingContext2D;
      copy.drawImage(canvas, 0, 0);
      // Rows 0 and 1 of the first kernel; beside each other along the width are elements 8 apart.
      const { data } = copy.getImageData(0, 0, 3, 1);
      return [0, 1, 2].map((x) => [...data.subarray(4 * x, 4 * x + 4)]);
    });
    // sin(0) = 0, sin(8) = 0.99, sin(16) = -0.29
    expect(colours[0]?.slice(0, 3)).toEqual([250, 249, 247]);
    expect(colours[1]?.[0]).toBeGreaterThan((colours[1]?.[2] ?? 0) + 50);
    expect(colours[2]?.[2]).toBeGreaterThan((colours[2]?.[0] ?? 0) + 20);
  });

  it("counts NaN, Inf and zeros", async () => {
    await open();
    await choose(run(1));
    await item(/bias.*\[4\]/).click();
    await page.getByText("NaN or Inf").waitFor();
    expect(await text()).toMatch(/zeros\s+1 \(25\.0 %\)\s+NaN\s+1\s+Inf\s+1/);
  });

  it("is used by keyboard alone", async () => {
    await open();
    await choose(run(1));
    await page.getByRole("searchbox").focus();
    await page.keyboard.press("Tab");
    for (const key of ["ArrowLeft", "ArrowRight", "ArrowRight", "End", "ArrowUp", "Enter"])
      await page.keyboard.press(key);
    await page.getByRole("heading", { name: "dense/kernel" }).waitFor();
    expect(await textOf(page.locator('[role=treeitem][aria-selected="true"]'))).toMatch(/kernel/);
    await page.getByRole("searchbox").fill("bias [30]");
    await page.getByText("1 array found").waitFor();
    expect(await page.getByRole("treeitem").allInnerTexts()).toHaveLength(1);
  });

  it("opens at an address, reading less than 1 MiB of 1 GiB, in less than a second", async () => {
    const large = at("large.safetensors");
    const length = 2 ** 28;
    const header = Buffer.from(
      JSON.stringify({ big: { dtype: "F32", shape: [2 ** 14, 2 ** 14], data_offsets: [0, 4 * length] } }),
    );
    const file = openSync(large, "w");
    writeSync(file, Buffer.concat([Buffer.from(new BigUint64Array([BigInt(header.length)]).buffer), header]));
    ftruncateSync(file, 8 + header.length + 4 * length);
    closeSync(file);
    const own = await serveViewer(await servedFiles(large), viewerPage);
    try {
      let bytes = 0;
      page.on("response", (response) => {
        bytes += Number(response.headers()["content-length"] ?? 0);
      });
      await page.goto(`${own.origin}/`);
      const start = performance.now();
      await page.goto(`${own.origin}/?served`);
      await page.getByText("268,435,456 parameters").waitFor();
      expect(performance.now() - start).toBeLessThan(1000);
      expect(bytes).toBeGreaterThan(0);
      expect(bytes).toBeLessThan(2 ** 20);
      await page.getByRole("treeitem").click();
      await page.getByText(/Sampled: 4,194,304 of 268,435,456 elements, in 128 pieces spread evenly/).waitFor();
      expect(await text()).toMatch(/zeros\s+4,194,304 \(100 %\)/);
    } finally {
      await own.close();
      rmSync(large);
    }
  });
});

describe("two checkpoints", () => {
  it("are compared array by array, the largest difference first, and side by side", async () => {
    await open("/?served");
    await page.getByLabel("Mark run-1.viewer.model.arrow").check();
    await page.getByLabel("Mark run-3.viewer.model.arrow").check();
    await page.getByRole("button", { name: "Compare two" }).click();
    const table = page.getByRole("region", { name: "Arrays", exact: true });
    await table.waitFor();
    const lines = (await table.locator("tbody tr").allInnerTexts()).map((line) =>
      line.split(/\t|\n/).map((cell) => cell.trim()),
    );
    expect(lines.map(([name]) => name)).toEqual(["dense/bias", "dense/kernel", "conv/kernel", "conv/bias"]);
    expect(lines[0]?.slice(1)).toEqual(["[30]", "changed", "58", "29", "96.7 %"]);
    expect(lines[1]?.slice(2)).toEqual(["changed", "2", "2", "100 %"]);
    expect(lines[3]?.slice(2)).toEqual(["same", "0", "0", "0 %"]);
    expect(await text()).toMatch(/accuracy\s+0\.25\s+0\.75/);
    await page.getByRole("button", { name: "dense/kernel" }).click();
    await page.getByRole("img", { name: /^B − A: 20 rows/ }).waitFor();
    await page.getByRole("button", { name: "array" }).click();
    expect(await textOf(table.locator("tbody tr").first())).toMatch(/^conv\/bias/);
  });

  it("may be a file that is open and one that is chosen", async () => {
    await open();
    await choose(run(1));
    await page.getByText("Compare with another checkpoint").click();
    await page.locator(".compare-with input[type=file]").setInputFiles(run(2));
    await page.getByText("4 arrays, matched by name: 2 same, 2 changed.").waitFor();
    await page.waitForTimeout(300);
    expect(await textOf(page.locator("p.busy"))).toBe("");
    expect(await textOf(page.locator(".sides"))).toMatch(/run-1.*run-2/s);
  });
});

describe("a folder", () => {
  it("is a table of runs that can be sorted, with a chart; a file that is damaged does not keep the others from it", async () => {
    await open("/?served");
    const rows = page.getByRole("region", { name: "Runs" }).locator("tbody tr");
    await rows.first().waitFor();
    expect(await rows.count()).toBe(3);
    expect(await textOf(page.getByRole("alert"))).toMatch(/broken\.arrow cannot be read.*FormatError/s);
    await page.getByRole("button", { name: "accuracy" }).click();
    expect(await textOf(rows.first())).toMatch(/run-3.*0\.75/s);
    expect(await page.getByRole("columnheader", { name: "accuracy", exact: true }).getAttribute("aria-sort")).toBe(
      "descending",
    );
    await page.getByRole("img", { name: "Chart of accuracy over epoch: 3 runs, from 0.25 to 0.75" }).waitFor();
    await page.getByRole("button", { name: "run-2" }).click();
    await item(/kernel.*\[20, 30\]/).waitFor();
    await page.getByRole("button", { name: "4 files" }).click();
    await rows.first().waitFor();
  });
});

describe("what is wrong", () => {
  it("is told on a card when a corrupt file is dropped, and the next file opens", async () => {
    await open();
    const bytes = readFileSync(run(1));
    await drop("corrupt.model.arrow", bytes.subarray(0, bytes.length - 40));
    await page.getByRole("alert").waitFor();
    expect(await textOf(page.getByRole("alert"))).toMatch(/corrupt\.model\.arrow cannot be read.*FormatError/s);
    await drop("whole.model.arrow", bytes);
    await item(/kernel.*\[20, 30\]/).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("is told for anything that is no model", async () => {
    await open();
    const others: Readonly<Record<string, Uint8Array>> = {
      "empty.arrow": new Uint8Array(0),
      "page.html": Buffer.from("<!doctype html><title>no</title>"),
      "cut.safetensors": encodeSafetensors(new Weights([filled([4], Math.sin)], { names: ["a"] })).subarray(0, 40),
    };
    for (const [name, bytes] of Object.entries(others)) {
      await drop(name, bytes);
      await page.getByRole("heading", { name: `${name} cannot be read` }).waitFor();
      expect(await textOf(page.getByRole("alert"))).toMatch(/FormatError/);
    }
    await page.getByLabel("or open an address").fill("javascript:alert(1)");
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page.getByText('"javascript:alert(1)" is not an address that begins with https:// or http://').waitFor();
  });

  it("shows bytes that were changed anywhere as a file or as a card, never as a blank page", async () => {
    await open();
    const whole = encodeModelRow(ModelV1({ weights: runWeights(1) }));
    for (let i = 0; i < 40; i++) {
      const bytes = whole.slice();
      for (let k = 0; k < 3; k++) bytes[(i * 7919 + k * 104_729) % bytes.length] = (i * 37 + k * 101) % 256;
      await drop(`changed-${i}.arrow`, bytes);
      await page.locator(`h1:text-is("changed-${i}.arrow"), h2:text-is("changed-${i}.arrow cannot be read")`).waitFor();
      expect((await text()).length).toBeGreaterThan(50);
    }
  });

  it.each(["hostile.arrow", "hostile.safetensors"])("never obeys what stands in %s", async (name) => {
    await open();
    await choose(at(name));
    await page.getByRole("treeitem").last().click();
    await page.getByRole("heading", { name: "Histogram" }).waitFor();
    await choose(at(name), run(1));
    await page.getByRole("region", { name: "Runs" }).waitFor();
    expect(await page.title()).toBe("legolas-flux viewer");
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.content()).not.toContain("\u202e");
  });

  it("keeps scripts out that do not belong to it", async () => {
    await open();
    const error = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'obeyed'";
      document.body.append(script);
      return document.title;
    });
    expect(error).toBe("legolas-flux viewer");
    expect(complaints.splice(0).join()).toMatch(/Content Security Policy/);
  });
});

describe.each(["light", "dark"] as const)("people with a %s screen", (colorScheme) => {
  it.each([1280, 390])("find nothing that axe objects to, at a width of %i", async (width) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    const screens: Record<string, string[]> = {};
    await open();
    screens.start = await violations();
    await open("/?served");
    await page.getByRole("region", { name: "Runs" }).waitFor();
    screens.runs = await violations();
    await choose(run(1));
    await item(/kernel.*\[3, 3, 2, 4\]/).click();
    await page.getByRole("heading", { name: "Kernels" }).waitFor();
    screens.file = await violations();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.getByText("Compare with another checkpoint").click();
    await page.locator(".compare-with input[type=file]").setInputFiles(run(2));
    await page.getByRole("button", { name: "dense/kernel" }).click();
    await page.getByRole("img", { name: /^B − A/ }).waitFor();
    screens.comparison = await violations();
    await drop("corrupt.arrow", new Uint8Array(100));
    await page.getByRole("alert").waitFor();
    screens.error = await violations();
    expect(screens).toEqual({ start: [], runs: [], file: [], comparison: [], error: [] });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});
