/** The code of the guide compiles and runs, each page as one program in a folder of its own. That of the README runs from the package. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pageCode } from "./page-code.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "runs", `guide-${process.pid}`);
const tsconfig = join(root, "tsconfig.json");
/** Pages whose code needs a browser; test/browser runs it. */
const inBrowsers = new Set(["docs/guide/web.md"]);

const guide = join(root, "docs", "guide");
const pages = readdirSync(guide)
  .map((name) => join(guide, name))
  .map((path) => ({ name: path.slice(root.length), code: pageCode(readFileSync(path, "utf8")) }))
  .filter(({ code }) => code !== null)
  .map(({ name, code }) => ({ name, code, folder: join(folder, name.replace(/\W/g, "-")) }));

beforeAll(() => {
  for (const page of pages) {
    mkdirSync(page.folder, { recursive: true });
    // A page may be interested in what it makes without using it.
    writeFileSync(join(page.folder, "page.ts"), `${page.code}\nexport {};\n`);
  }
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, rootDir: root };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: tsconfig, compilerOptions, include: ["*/page.ts"] }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("compiles", () => {
  const tsc = join(root, "node_modules", ".bin", "tsc");
  const { stdout } = spawnSync(tsc, ["-p", folder, "--noEmit"], { encoding: "utf8" });
  expect(stdout).toBe("");
}, 60_000);

it.each(pages.filter(({ name }) => !inBrowsers.has(name)))(
  "$name runs",
  ({ folder: cwd }) => {
    const env = { ...process.env, TSX_TSCONFIG_PATH: tsconfig };
    const run = (): string =>
      execFileSync("node", ["--import", "tsx", "page.ts"], {
        cwd,
        env,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    expect(run).not.toThrow();
  },
  60_000,
);
