/**
 * Trains digits twice: once in peace, once killed in the middle and run again. Both must end with the same loss curve and the same weights.
 *
 *   node --import tsx examples/resume.ts [--epochs 6] [--images 2000] [--folder runs/resume]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readModelRow } from "legolas-flux";
import { DigitsRowV1 } from "./digits/digits-row.ts";

const { values: options } = parseArgs({
  options: {
    epochs: { type: "string", default: "6" },
    images: { type: "string", default: "2000" },
    folder: { type: "string", default: `runs/resume-${new Date().toISOString().replace(/[:.]/g, "-")}` },
  },
});
const whole = join(options.folder, "whole");
const killed = join(options.folder, "killed");
const killAt = `epoch ${Math.ceil(Number(options.epochs) / 2) + 1} begins`;

const expected = await run(whole);
await run(killed, killAt);
const curve = await run(killed);

console.log(`\nin peace: ${expected}\nkilled:   ${curve}`);
const [a, b] = await Promise.all([weightsIn(whole), weightsIn(killed)]);
const isSame = expected !== null && expected === curve && a.every((values, i) => values.equals(b[i] as Buffer));
console.log(`\nloss curve and final weights: ${isSame ? "identical" : "DIFFERENT"}`);
if (!isSame) process.exitCode = 1;

/** Trains in a process of its own, which is killed as soon as it prints a text; gives its loss curve, or null where it was killed. */
async function run(folder: string, killOn: string | null = null): Promise<string | null> {
  const script = fileURLToPath(new URL("train-digits.ts", import.meta.url));
  const args = ["--folder", folder, "--epochs", options.epochs, "--images", options.images];
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    process.stdout.write(text);
    output += text;
    if (killOn !== null && output.includes(killOn)) child.kill("SIGKILL");
  });
  const { code, signal } = await ended(child);
  if (signal === "SIGKILL" && killOn !== null) console.log("killed");
  else if (code !== 0) throw new Error(`training in ${folder} ended with ${code ?? signal}`);
  return /^loss curve: (.*)$/m.exec(output)?.[1] ?? null;
}

function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
}

/** The bytes of each array of a run's last checkpoint. */
async function weightsIn(folder: string): Promise<Buffer[]> {
  const { weights } = await readModelRow(join(folder, "last.digits.model.arrow"), DigitsRowV1);
  return (weights?.arrays ?? []).map(({ vec }) => Buffer.from(vec.buffer, vec.byteOffset, vec.byteLength));
}
