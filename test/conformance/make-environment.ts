/** Virtual environments of pinned Python packages, made once and kept. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run-process.ts";

const cache = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));

export interface EnvironmentPlan {
  /** Of its folder, and in what is printed. */
  readonly name: string;
  /** The path of its requirements, with hashes. */
  readonly requirements: string;
  /** How much it takes, in words. */
  readonly space: string;
}

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

/** The interpreter of an environment. @throws {Error} There is no Python for it, or the packages cannot be had. */
export async function makeEnvironment({ name, requirements, space }: EnvironmentPlan): Promise<string> {
  const version = await findPython();
  const digest = createHash("sha256").update(readFileSync(requirements)).update(version).digest("hex").slice(0, 12);
  const folder = join(cache, `${name}-${digest}`);
  const python = join(folder, "bin", "python");
  const marker = join(folder, "complete");
  if (existsSync(marker)) return python;
  console.log(`${name}: installing pinned Python packages into ${folder} (${space}) ...`);
  rmSync(folder, { recursive: true, force: true });
  await run("python3", ["-m", "venv", folder]);
  const options = ["--quiet", "--no-input", "--no-compile", "--require-hashes", "-r", requirements];
  await run(python, ["-m", "pip", "install", ...options]);
  writeFileSync(marker, "");
  return python;
}
