/** The process itself: what only it can get wrong. */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { writeRun } from "./models.ts";

const folder = temporaryFolder();
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const command = ["--import", "tsx", main];

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function start(...args: string[]): Promise<Ended> {
  return promisify(execFile)("node", [...command, ...args], { env: { ...process.env, NO_COLOR: "" } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Ended) => error,
  );
}

describe("the process", () => {
  it("ends with the command's code, results on stdout and errors on stderr, without colours in a pipe", async () => {
    await writeRun(folder.at("a.arrow"));
    await writeRun(folder.at("b.arrow"), { epoch: 2 });
    const [a, b, none] = ["a.arrow", "b.arrow", "none.arrow"].map((name) => folder.at(name)) as [
      string,
      string,
      string,
    ];
    const [same, other, wrong, failed] = await Promise.all([
      start("diff", a, a),
      start("diff", a, b),
      start("diff", a),
      start("diff", a, none),
    ]);
    expect([same, other, wrong, failed].map(({ code }) => code)).toEqual([0, 1, 2, 3]);
    expect(same.stdout).toContain("No differences.");
    expect(same.stdout + other.stdout).not.toContain("\u001b");
    expect([wrong.stdout, failed.stdout]).toEqual(["", ""]);
    expect(wrong.stderr).toContain("missing required argument 'b'");
    expect(failed.stderr).toMatch(/^error: .*ENOENT/);
  }, 30_000);

  it("shows colours in a terminal, unless NO_COLOR is set", () => {
    const inTerminal = (environment: string): string =>
      execFileSync(
        "script",
        ["-qec", `${environment} node ${command.join(" ")} inspect test/golden/julia/simple.arrow`, "/dev/null"],
        { encoding: "utf8" },
      );
    expect(inTerminal("NO_COLOR= TERM=xterm")).toContain("\u001b[1mColumns\u001b[22m");
    expect(inTerminal("NO_COLOR=1 TERM=xterm")).not.toContain("\u001b[1m");
  }, 30_000);

  it("ends quietly when its reader has had enough", () => {
    const { stdout, stderr, status } = spawnSync(
      "bash",
      ["-o", "pipefail", "-c", `node ${command.join(" ")} inspect --json test/golden/julia | head -n 2`],
      { encoding: "utf8" },
    );
    expect({ stdout, stderr, status }).toEqual({ stdout: "[\n  {\n", stderr: "", status: 0 });
  }, 30_000);
});
