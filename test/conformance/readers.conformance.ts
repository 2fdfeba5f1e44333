/** What other libraries read of ours, what we read of their copies, and the page of documentation that says so. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCodecs } from "legolas-flux";
import { afterAll, describe, expect, inject, it, vi } from "vitest";
import { expectCopy, expectRead } from "./expect-outcome.ts";
import { libraries } from "./libraries.ts";
import { type ManifestEntry, type Outcome, toJson } from "./outcome.ts";
import { runLibrary } from "./run-library.ts";
import { writtenColumns } from "./written-columns.ts";
import type { WrittenFile } from "./written-file.ts";
import { writtenWeights } from "./written-weights.ts";

vi.mock("../../src/arrow/encoded-array.ts", async (original) =>
  (await import("./long-lists.ts")).withLongLists(await original()),
);

const python = inject("python");
const asked = libraries.filter(({ language }) => language === "node" || python !== null);
const folder = mkdtempSync(join(tmpdir(), "legolas-flux-conformance-"));
afterAll(() => rmSync(folder, { recursive: true }));

await loadCodecs();
const files = [...(await writtenWeights()), ...writtenColumns()];
const features = [...new Set(files.map(({ feature }) => feature))];

function manifestEntry(file: WrittenFile): ManifestEntry {
  const { name, format, feature } = file;
  const [, codec = null] = /^compression: (lz4|zstd)$/.exec(feature) ?? [];
  const readers = asked.filter(({ reads }) => reads?.(file) ?? true).map((library) => library.name);
  return { name, format, compression: codec as ManifestEntry["compression"], readers };
}

for (const { name, bytes } of files) writeFileSync(join(folder, name), bytes);
writeFileSync(join(folder, "manifest.json"), toJson(files.map(manifestEntry)));

/** What each library made of each file. Two processes at a time: more would not be faster. */
async function runLibraries(): Promise<Map<string, Readonly<Record<string, Outcome>>>> {
  const outcomes = new Map<string, Readonly<Record<string, Outcome>>>();
  const waiting = [...asked];
  const work = async (): Promise<void> => {
    for (let library = waiting.shift(); library; library = waiting.shift()) {
      outcomes.set(library.name, await runLibrary(library, folder, python));
    }
  };
  await Promise.all([work(), work()]);
  return outcomes;
}

const outcomes = await runLibraries();

describe.each(asked)("$name", (library) => {
  const own = outcomes.get(library.name) ?? {};
  const filesOf = (feature: string): WrittenFile[] =>
    files.filter((file) => file.feature === feature && (library.reads?.(file) ?? true));
  const read = features.filter((feature) => filesOf(feature).length > 0);

  it("reads some of all", () => {
    expect(read.length).toBeGreaterThan(15);
    expect(Object.keys(own)).toHaveLength(read.flatMap(filesOf).length);
  });

  it.each(read)("reads %s", (feature) => {
    for (const file of filesOf(feature)) expectRead(library, file, own[file.name]);
  });

  it.each(read)("writes %s", (feature) => {
    for (const file of filesOf(feature)) {
      const outcome = own[file.name];
      if (!outcome || outcome.error !== undefined) continue;
      expectCopy(library, file, outcome, () => readFileSync(join(folder, library.name, file.name)));
    }
    expect(filesOf(feature)).not.toEqual([]);
  });
});
