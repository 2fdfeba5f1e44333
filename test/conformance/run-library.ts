/** Processes in which libraries read a folder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Library } from "./libraries.ts";
import { fromJson, type Outcome } from "./outcome.ts";
import { run } from "./run-process.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What a library made of each file of a folder, by file name. */
export async function runLibrary(
  { name, language }: Library,
  folder: string,
  python: string | null,
): Promise<Readonly<Record<string, Outcome>>> {
  if (language === "node") {
    await run(process.execPath, ["--import", "tsx", here("read-with-node.ts"), name, folder]);
  } else {
    if (python === null) throw new Error(`${name} needs the Python environment`);
    await run(python, [here("python/read_with.py"), name, folder]);
  }
  return fromJson(await readFile(join(folder, `${name}.json`), "utf8")) as Record<string, Outcome>;
}
