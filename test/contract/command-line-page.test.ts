import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openModelRow } from "legolas-flux";
import { expect, it } from "vitest";
import { commandLinePage } from "../../scripts/command-line-page.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsx = import.meta.resolve("tsx");

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function runIn(folder: string, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    // Without it, the folder has no tsconfig.json, and imports that begin with # lead to the built package, which need not be there.
    const env = { ...process.env, TSX_TSCONFIG_PATH: join(root, "tsconfig.json") };
    const command = ["--import", tsx, join(root, "src/cli/main.ts"), ...args];
    execFile("node", command, { cwd: folder, env }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

it("docs/guide/command-line.md shows what the commands print", async () => {
  const folder = mkdtempSync(join(tmpdir(), "legolas-flux-guide-"));
  const offsetOf = new Map<string, number>();
  const run = async (...args: string[]) => {
    const damaged = join(folder, "runs/epoch-2.digits.model.arrow");
    if (!offsetOf.has(damaged)) {
      const handle = await openModelRow<object>(damaged, undefined, { validate: false });
      offsetOf.set(damaged, handle.weights?.list()[2]?.byteOffset ?? 0);
      await handle.close();
    }
    return runIn(folder, ...args);
  };
  const damage = (path: string): void => {
    const bytes = readFileSync(path);
    const offset = offsetOf.get(path) ?? 0;
    bytes[offset] = (bytes[offset] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  };
  const page = await commandLinePage(folder, run, { damage, save: writeFileSync });
  rmSync(folder, { recursive: true });
  await expect(page).toMatchFileSnapshot(fileURLToPath(new URL("../../docs/guide/command-line.md", import.meta.url)));
}, 60_000);
