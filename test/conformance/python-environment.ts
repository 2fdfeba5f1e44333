/** The Python that the other libraries run in: a virtual environment of the pinned requirements, made once and kept. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { run } from "./run-process.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The Python that has the requirements, or null where it cannot be had. */
    python: string | null;
  }
}

const requirements = fileURLToPath(new URL("python/requirements.txt", import.meta.url));
const cache = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));

/** The version of the machine's Python. @throws {Error} There is none that the pinned packages have wheels for. */
async function findPython(): Promise<string> {
  const version = await run("python3", ["-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]).catch(
    (cause) => {
      throw cause.code === "ENOENT" ? new Error("there is no python3 on the path", { cause }) : cause;
    },
  );
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major === 3 && minor >= 11) return version.trim();
  throw new Error(`python3 is ${version.trim()}, and the pinned packages need 3.11 or newer`);
}

async function makeEnvironment(): Promise<string> {
  const version = await findPython();
  const digest = createHash("sha256").update(readFileSync(requirements)).update(version).digest("hex").slice(0, 12);
  const folder = join(cache, `conformance-${digest}`);
  const python = join(folder, "bin", "python");
  const marker = join(folder, "complete");
  if (existsSync(marker)) return python;
  console.log(`conformance: installing pinned Python packages into ${folder} (600 MB) ...`);
  rmSync(folder, { recursive: true, force: true });
  await run("python3", ["-m", "venv", folder]);
  const options = ["--quiet", "--no-input", "--no-compile", "--require-hashes", "-r", requirements];
  await run(python, ["-m", "pip", "install", ...options]);
  writeFileSync(marker, "");
  return python;
}

/** Called by Vitest before the tests. Without Python the run fails where it counts (CI), and elsewhere says what is missing. */
export async function setup(project: TestProject): Promise<void> {
  try {
    project.provide("python", await makeEnvironment());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const missing = `conformance: pyarrow, pandas, numpy, polars, DuckDB and safetensors are NOT tested: ${reason}`;
    if (process.env.CI) throw new Error(missing);
    console.warn(`\n${missing}\n`);
    project.provide("python", null);
  }
}
