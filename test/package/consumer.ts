import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A folder in which the package is installed as a user would have it: built, packed and unpacked. */
export interface Consumer {
  readonly folder: string;
  /** Paths in the packed package. */
  readonly files: readonly string[];
  /** Runs a program in the folder and gives what it prints. */
  run(program: string, ...args: string[]): string;
  remove(): void;
}

/** Builds and packs the package and installs it beside its dependencies. */
export function installPackage(): Consumer {
  const folder = mkdtempSync(join(tmpdir(), "legolas-flux-consumer-"));
  const inRoot: ExecFileSyncOptionsWithStringEncoding = {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  };
  execFileSync("npm", ["run", "build"], inRoot);
  const packed = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", folder], inRoot)) as unknown;
  const [{ filename, files }] = [packed].flat() as [{ filename: string; files: { path: string }[] }];
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "legolas-flux"), { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, filename), "-C", join(modules, "legolas-flux"), "--strip-components=1"]);
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  return {
    folder,
    files: files.map(({ path }) => path),
    run: (program, ...args) =>
      execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
