/** Processes that write, and folders for them. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A new folder, and how it is removed. */
export function newFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "legolas-crash-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Bundles the writer, so that a process is at work within a tenth of a second. */
export async function bundleWriter(folder: string): Promise<string> {
  const outfile = join(folder, "writer.mjs");
  await build({
    entryPoints: [at("./writer.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    alias: {
      "#paths": at("../../src/io/paths-node.ts"),
      "#crc32": at("../../src/io/crc32-node.ts"),
      "legolas-flux": at("../../src/index.ts"),
    },
  });
  return outfile;
}

/** A process that writes models without end. */
export interface Writing {
  /** Kills it as it stands, without a chance to clean up, and waits until it is gone. @returns The numbers that it said were written. */
  kill(): Promise<number[]>;
}

/** Starts one; resolves when it has written a model, so that it is about to write the next. */
export async function startWriting(
  writer: string,
  verb: "save" | "append",
  path: string,
  first: number,
): Promise<Writing> {
  const child = spawn(process.execPath, [writer, verb, path, String(first), "forever"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(child.stdout, "data");
  return {
    kill: async () => {
      const isGone = once(child, "close");
      child.kill("SIGKILL");
      await isGone;
      return said.trim().split("\n").map(Number);
    },
  };
}

/** Saves once in a process whose files may not grow beyond some KiB; what it says of its failure. */
export function saveWithLimit(writer: string, path: string, kib: number): Record<string, unknown> {
  const command = `ulimit -f ${kib}; exec "$@"`;
  const output = execFileSync("bash", ["-c", command, "bash", process.execPath, writer, "save", path, "9", "once"], {
    encoding: "utf8",
  });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

/** A file system of its own in a folder, or why there cannot be one (only root may mount). */
export function mountTmpfs(folder: string, size: string): string | null {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], { stdio: "pipe" });
    return null;
  } catch (error) {
    return String(error);
  }
}

export function remountReadOnly(folder: string): void {
  execFileSync("mount", ["-o", "remount,ro", folder]);
}

export function unmount(folder: string): void {
  execFileSync("umount", [folder]);
}

export function temporariesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".tmp"));
}
