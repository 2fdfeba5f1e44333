/** The Python and SQL of docs/guide/reading-elsewhere.md runs, and prints what the page says. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readModelRow } from "legolas-flux";
import { afterAll, describe, expect, inject, it } from "vitest";
import { pageCode } from "../guide/page-code.ts";
import { run } from "./run-process.ts";

const python = inject("python");
const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(join(root, "docs/guide/reading-elsewhere.md"), "utf8");
const folder = join(root, "runs", `conformance-guide-${process.pid}`);
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

interface Block {
  readonly language: string;
  readonly code: string;
}

const blocks: readonly Block[] = [...page.matchAll(/^```(python|sql|text)\n([\s\S]*?)^```$/gm)].map(
  ([, language = "", code = ""]) => ({ language, code }),
);
const marker = "-- the end of a block --";
const program = blocks
  .filter(({ language }) => language !== "text")
  .map(({ language, code }) => (language === "sql" ? `print(duckdb.sql("""${code}""").fetchall())\n` : code))
  .map((code) => `${code}\nprint("${marker}")\n`)
  .join("\n");
/** What each block is said to print: the text right after it. */
const said = blocks
  .map((block, i) => ({ block, next: blocks[i + 1] }))
  .filter(({ block }) => block.language !== "text")
  .map(({ next }) => (next?.language === "text" ? next.code : ""));

async function printed(interpreter: string): Promise<readonly string[]> {
  writeFileSync(join(folder, "page.ts"), pageCode(page) ?? "");
  writeFileSync(join(folder, "page.py"), program);
  const inFolder = { cwd: folder, env: { TSX_TSCONFIG_PATH: join(root, "tsconfig.json") } };
  await run(process.execPath, ["--import", "tsx", "page.ts"], inFolder);
  const output = await run(interpreter, ["page.py"], inFolder);
  return output.split(`${marker}\n`).slice(0, -1);
}

describe.runIf(python !== null)("the page on reading elsewhere", async () => {
  const outputs = python === null ? [] : await printed(python);

  it("prints what it says", () => {
    expect(said.length).toBeGreaterThan(6);
    expect(outputs).toEqual(said);
  });

  it("writes a model that we read", async () => {
    const { weights } = await readModelRow(join(folder, "from-python.model.arrow"));
    expect(weights?.names).toEqual(["0.weight", "0.bias"]);
    expect(weights?.layout).toBe("torch");
    expect(weights?.arrays.map(({ vec, size }) => [[...vec], size])).toEqual([
      [
        [0, 1, 2, 3, 4, 5],
        [2, 3],
      ],
      [[1, 1, 1], [3]],
    ]);
  });
});
