import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { appendModelRows, ModelV1, writeModelRow, writeModelRows } from "legolas-flux";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleWriter, newFolder, startWriting, temporariesIn } from "./processes.ts";
import { readUniform, readUniformRows, uniformModel } from "./uniform-model.ts";

/** Of each kind; together 300. */
const kills = 100;
const maxDelayMs = 50;
const first = 1_000_000;
const together = { ms: 5000, least: 20 };

const folder = newFolder();
const models = newFolder();
const name = "a.model.arrow";
const path = join(models.path, name);
let writer = "";

beforeAll(async () => {
  writer = await bundleWriter(folder.path);
});
afterAll(() => {
  folder.remove();
  models.remove();
});

/** When a kill came, judged by what was left: nothing yet of what was being written, some or all of it that does not count, or what counts. */
type Moment = "before" | "during" | "after";

/** Counts moments, and says in the end how many there were of each. */
class Moments {
  private readonly counts: Record<Moment, number> = { before: 0, during: 0, after: 0 };

  constructor(private readonly what: string) {}

  add(moment: Moment): void {
    this.counts[moment] += 1;
  }

  /** Fails unless the kills came when it mattered. */
  report(): void {
    const { before, during, after } = this.counts;
    console.log(
      `${this.what}: of ${before + during + after} kills ${before} came before anything was written, ` +
        `${during} while it was, ${after} once it counted but before the process could say so`,
    );
    expect(before + during + after).toBe(kills);
    expect(during).toBeGreaterThan(kills / 20);
  }
}

/** Has a process write, from the number `first` on, and kills it at a random moment. @returns How many models it said were written. */
async function killOne(verb: "save" | "append"): Promise<number> {
  const writing = await startWriting(writer, verb, path, first);
  await sleep(Math.random() * maxDelayMs);
  const said = await writing.kill();
  expect(said.length).toBeGreaterThan(0);
  expect(said).toEqual(said.map((_, i) => first + i));
  return said.length;
}

describe("saving over a file", () => {
  it(`killed at ${kills} random moments, always leaves the last model or the next, and the next save clears up`, async () => {
    const moments = new Moments("saves");
    for (let old = 1; old <= kills; old++) {
      await writeModelRow(path, uniformModel(old));
      expect(readdirSync(models.path), `kill ${old}`).toEqual([name]);
      const saved = await killOne("save");
      const found = await readUniform(path);
      const last = first + saved - 1;
      expect([last, first + saved], `kill ${old}`).toContain(found);
      if (found !== last) moments.add("after");
      else moments.add(temporariesIn(models.path).length > 0 ? "during" : "before");
    }
    moments.report();
    await writeModelRow(path, uniformModel(0));
    expect(readdirSync(models.path)).toEqual([name]);
  });

  it("by two processes at once leaves one whole model at every moment", async () => {
    await writeModelRow(path, uniformModel(0));
    const writings = [await startWriting(writer, "save", path, 1), await startWriting(writer, "save", path, first)];
    const seen = new Set<number>();
    let reads = 0;
    for (const end = Date.now() + together.ms; Date.now() < end; reads++) seen.add(await readUniform(path));
    for (const writing of writings) await writing.kill();
    await readUniform(path);
    const byEach = [...seen].map((value) => value >= first);
    expect(new Set(byEach)).toEqual(new Set([false, true]));
    expect(reads).toBeGreaterThan(together.least);
    console.log(`${reads} reads of ${seen.size} different saves`);
    await writeModelRow(path, uniformModel(0));
    expect(readdirSync(models.path)).toEqual([name]);
  });
});

describe.each(["stream", "file"] as const)("appending to a %s", (format) => {
  const write = (...numbers: number[]): Promise<void> =>
    writeModelRows(path, numbers.map(uniformModel), ModelV1, { format });

  /** Bytes of a table, and of each further row: all rows are of one length, and a file's footer grows with them. */
  async function sizesOf(): Promise<(rows: number) => number> {
    const sizes: number[] = [];
    for (const rows of [1, 2, 3]) {
      await write(...Array(rows).keys());
      sizes.push(statSync(path).size);
    }
    const [one = 0, two = 0, three = 0] = sizes;
    expect(three - two).toBe(two - one);
    return (rows) => one + (rows - 1) * (two - one);
  }

  function momentOf(rows: number, known: number, wholeBytes: number): Moment {
    if (rows > known) return "after";
    const hasBegun = format === "file" ? temporariesIn(models.path).length > 0 : statSync(path).size > wholeBytes;
    return hasBegun ? "during" : "before";
  }

  it(`killed at ${kills} random moments, keeps every row and adds the next wholly or not at all`, async () => {
    const sizeOf = await sizesOf();
    const moments = new Moments(`appends to a ${format}`);
    for (let old = 1; old <= kills; old++) {
      await write(old, old + 1);
      expect(readdirSync(models.path), `kill ${old}`).toEqual([name]);
      const appended = await killOne("append");
      const known = [old, old + 1, ...Array.from({ length: appended }, (_, i) => first + i)];
      const found = await readUniformRows(path);
      expect([known, [...known, first + appended]], `kill ${old}`).toContainEqual(found);
      moments.add(momentOf(found.length, known.length, sizeOf(known.length)));
      await appendModelRows(path, [uniformModel(0)]);
      expect(await readUniformRows(path), `after kill ${old}`).toEqual([...found, 0]);
      expect(statSync(path).size, `after kill ${old}`).toBe(sizeOf(found.length + 1));
      expect(readdirSync(models.path), `after kill ${old}`).toEqual([name]);
    }
    moments.report();
  });
});
