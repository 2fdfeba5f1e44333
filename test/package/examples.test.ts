import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("the digits example trains, saves, picks the best file and predicts the same from it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "legolas-flux-digits-"));
  const script = fileURLToPath(new URL("../../examples/digits.ts", import.meta.url));
  const args = ["--import", "tsx", script, "--epochs", "2", "--images", "4000", "--folder", folder];
  const output = execFileSync("node", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
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
  const script = fileURLToPath(new URL("../../examples/resume.ts", import.meta.url));
  const args = ["--import", "tsx", script, "--epochs", "6", "--images", "1000", "--folder", folder];
  const output = execFileSync("node", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
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
