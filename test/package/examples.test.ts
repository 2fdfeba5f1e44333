import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ModelV1, readModelRow } from "legolas-flux";
import { expect, it } from "vitest";

function runExample(name: string, ...args: readonly string[]): string {
  const script = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  return execFileSync("node", ["--import", "tsx", script, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

it("a network trained in Julia runs, and is saved for Julia again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "legolas-flux-julia-"));
  const path = join(folder, "again.digits.model.arrow");
  const output = runExample("from-julia.ts", "--save", path);
  expect(output).toMatch(/digits\.model@1>legolas-flux\.model@1: epoch 12, seed 7, dropout 0\.25/);
  expect(output).toMatch(/14 arrays loaded into 12 layers/);
  expect(output).toMatch(/predicted: 8, at most \de-\d from the probabilities of Flux/);
  expect(output).toMatch(/the same arrays, value for value/);
  expect((await readModelRow(path, ModelV1)).weights).toMatchObject({ layout: "flux", length: 14 });
  await rm(folder, { recursive: true });
}, 60_000);

it("the digits example trains, saves, picks the best file and predicts the same from it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "legolas-flux-digits-"));
  const output = runExample("digits.ts", "--epochs", "2", "--images", "4000", "--folder", folder);
  expect(output).toMatch(/epoch 2: accuracy \d\d\.\d\d % on 10000 test images/);
  expect(output).toMatch(/predictions on 10000 test images: identical to those before saving/);
  expect(output).toMatch(/test image 0 is a 7, predicted 7/);
  expect(await readdir(folder)).toEqual([
    "training_run.epoch-01.digits.model.arrow",
    "training_run.epoch-02.digits.model.arrow",
  ]);
  await rm(folder, { recursive: true });
}, 90_000);

it("a training that is killed and run again has the loss curve and the weights of one that was not", async () => {
  const folder = await mkdtemp(join(tmpdir(), "legolas-flux-resume-"));
  const output = runExample("resume.ts", "--epochs", "6", "--images", "1000", "--folder", folder);
  expect(output).toMatch(/\nkilled\nresumed behind epoch [2-5]\n/);
  const [whole, resumed] = [...output.matchAll(/^(?:in peace|killed): +(.*)$/gm)].map(([, curve]) => curve?.split(" "));
  expect(whole).toHaveLength(6);
  expect(resumed).toEqual(whole);
  expect(output).toMatch(/loss curve and final weights: identical/);
  for (const run of ["whole", "killed"]) {
    const names = await readdir(join(folder, run));
    expect(names).toContain("last.digits.model.arrow");
    expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
  }
  await rm(folder, { recursive: true });
}, 90_000);
