import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeModelRow } from "legolas-flux";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleWriter, kill, newFolder, startSaving, temporariesIn } from "./processes.ts";
import { readUniform, uniformModel } from "./uniform-model.ts";

const kills = 300;
const maxDelayMs = 50;
const together = { ms: 5000, least: 20 };

const folder = newFolder();
const models = newFolder();
const path = join(models.path, "a.model.arrow");
let writer = "";

beforeAll(async () => {
  writer = await bundleWriter(folder.path);
});
afterAll(() => {
  folder.remove();
  models.remove();
});

describe("saving over a file", () => {
  it(`killed at ${kills} random moments, always leaves the old model or a new one, and the next save clears up`, async () => {
    let interrupted = 0;
    for (let i = 1; i <= kills; i++) {
      const [old, first] = [i, 1_000_000];
      await writeModelRow(path, uniformModel(old));
      expect(readdirSync(models.path), `kill ${i}`).toEqual(["a.model.arrow"]);
      const child = await startSaving(writer, path, first);
      await sleep(Math.random() * maxDelayMs);
      await kill(child);
      interrupted += temporariesIn(models.path).length;
      const found = await readUniform(path);
      expect(found === old || found >= first, `kill ${i}: ${found}`).toBe(true);
    }
    // Otherwise the kills came at moments when nothing was being written.
    expect(interrupted).toBeGreaterThan(kills / 20);
    console.log(`${interrupted} of ${kills} kills came in the midst of a save`);
    await writeModelRow(path, uniformModel(0));
    expect(readdirSync(models.path)).toEqual(["a.model.arrow"]);
  });

  it("by two processes at once leaves one whole model at every moment", async () => {
    await writeModelRow(path, uniformModel(0));
    const children = [await startSaving(writer, path, 1), await startSaving(writer, path, 1_000_000)];
    const seen = new Set<number>();
    let reads = 0;
    for (const end = Date.now() + together.ms; Date.now() < end; reads++) seen.add(await readUniform(path));
    for (const child of children) await kill(child);
    await readUniform(path);
    const byEach = [...seen].map((value) => value >= 1_000_000);
    expect(new Set(byEach)).toEqual(new Set([false, true]));
    expect(reads).toBeGreaterThan(together.least);
    console.log(`${reads} reads of ${seen.size} different saves`);
    await writeModelRow(path, uniformModel(0));
    expect(readdirSync(models.path)).toEqual(["a.model.arrow"]);
  });
});
