/** The example of LegolasFlux.jl's README, with the verbs for trees of arrays. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchWeights, loadWeights, ModelV1, readModelRow, writeModelRow } from "legolas-flux";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "seed-example-"));
});
afterAll(() => rm(folder, { recursive: true }));

function makeMyModel() {
  const dense = (inputs: number, outputs: number) => ({
    weight: { data: Float32Array.from({ length: inputs * outputs }, Math.random), shape: [inputs, outputs] },
    bias: Float32Array.from({ length: outputs }, Math.random),
  });
  return { layers: [dense(1, 10), dense(10, 10), dense(10, 1)] };
}

test("a model is saved as a row, and loaded into a fresh model", async () => {
  const path = join(folder, "my_model.model.arrow");

  const model = makeMyModel();
  const row = ModelV1({ weights: fetchWeights(model), architecture_version: 1 });
  await writeModelRow(path, row);

  const fresh = makeMyModel();
  expect(fresh).not.toEqual(model);
  const { weights, architecture_version } = await readModelRow(path, ModelV1);
  loadWeights(fresh, weights);

  expect(fresh).toEqual(model);
  expect(architecture_version).toBe(1);
  expect(weights?.length).toBe(6);
  expect([...(weights ?? [])].map(({ size }) => size)).toEqual([[10, 1], [10], [10, 10], [10], [1, 10], [1]]);
});

test("the verbs may be awaited, as those of other entries must be", async () => {
  const model = makeMyModel();
  const row = ModelV1({ weights: await fetchWeights(model) });
  const fresh = makeMyModel();
  await loadWeights(fresh, row.weights);
  expect(fresh).toEqual(model);
  expect(row.architecture_version).toBeNull();
});

test("weights of a model whose code has changed are not loaded", async () => {
  const row = ModelV1({ weights: fetchWeights(makeMyModel()) });
  const changed = makeMyModel();
  changed.layers.pop();
  const before = structuredClone(changed);
  expect(() => loadWeights(changed, row.weights)).toThrow("the model has 4 arrays, the weights 6; nothing was loaded");
  expect(changed).toEqual(before);
});
