import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCodecs } from "legolas-flux";
import { describe, expect, inject, it, vi } from "vitest";
import { conformancePage } from "./conformance-page.ts";
import { libraries } from "./libraries.ts";
import { type ForeignFile, fromJson } from "./outcome.ts";
import { run } from "./run-process.ts";
import { writtenColumns } from "./written-columns.ts";
import { writtenWeights } from "./written-weights.ts";

vi.mock("../../src/arrow/encoded-array.ts", async (original) =>
  (await import("./long-lists.ts")).withLongLists(await original()),
);

const python = inject("python");

async function foreignFiles(interpreter: string): Promise<ForeignFile[]> {
  const folder = mkdtempSync(join(tmpdir(), "legolas-flux-page-"));
  await run(interpreter, [fileURLToPath(new URL("python/write_foreign.py", import.meta.url)), folder]);
  const files = fromJson(readFileSync(join(folder, "foreign.json"), "utf8")) as ForeignFile[];
  rmSync(folder, { recursive: true });
  return files;
}

describe.runIf(python !== null)("docs/conformance.md", () => {
  it("says what the libraries are known to make of the files", async () => {
    await loadCodecs();
    const files = [...(await writtenWeights()), ...writtenColumns()];
    const page = conformancePage(files, await foreignFiles(python ?? ""), libraries);
    console.log(page.slice(page.indexOf("## What others")));
    await expect(page).toMatchFileSnapshot(fileURLToPath(new URL("../../docs/conformance.md", import.meta.url)));
  });
});
