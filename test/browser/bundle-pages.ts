/** Once before all browser tests: builds the package and bundles the modules of `pages` and the code of the guide's page as a user would. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import type { TestProject } from "vitest/node";
import { pageCode } from "../guide/page-code.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder that holds what the browser loads. */
    site: string;
  }
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const wasmFolder = at("../../node_modules/@tensorflow/tfjs-backend-wasm/wasm-out");

/** Without the paths of tsconfig.json, `legolas-flux` is the built package, through the conditions of its package.json. */
const common = { bundle: true, tsconfigRaw: "{}", logLevel: "warning" } satisfies BuildOptions;

export async function setup(project: TestProject): Promise<() => void> {
  execFileSync("npm", ["run", "build"], { cwd: at("../.."), stdio: ["ignore", "ignore", "inherit"] });
  const site = mkdtempSync(join(tmpdir(), "legolas-flux-site-"));
  const pages = readdirSync(at("pages")).map((name) => join(at("pages"), name));
  await build({ ...common, entryPoints: pages, outdir: site, format: "esm", splitting: true });
  // As esbuild does it when told nothing: one script, no module.
  await build({ ...common, entryPoints: [at("classic-script.ts")], outfile: join(site, "classic-script.js") });
  const guide = pageCode(readFileSync(at("../../docs/guide/web.md"), "utf8")) ?? "";
  await build({
    ...common,
    stdin: { contents: guide, resolveDir: at("."), loader: "ts" },
    outfile: join(site, "guide.js"),
    format: "esm",
  });
  for (const name of readdirSync(wasmFolder)) {
    if (name.endsWith(".wasm")) copyFileSync(join(wasmFolder, name), join(site, name));
  }
  project.provide("site", site);
  return () => rmSync(site, { recursive: true });
}
