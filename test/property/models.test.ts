/**
 * Random TensorFlow.js models keep their predictions through a file in every layout.
 *
 * `MODEL_RUNS=20000 npx vitest run test/property/models.test.ts` tries more of them.
 */
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { decodeModelRow, encodeModelRow, LayerConversionError, Weights } from "legolas-flux";
import { type FetchOptions, fetchWeights, loadWeights } from "legolas-flux/tfjs";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { arbitraryModel } from "../helpers/arbitrary-model.ts";
import {
  buildModel,
  everyLayer,
  freezeAtRandom,
  type InputValues,
  type ModelPlan,
  predict,
  randomInputs,
  randomizeWeights,
} from "../helpers/model-plan.ts";

const numRuns = Number(process.env.MODEL_RUNS ?? 200);
vi.setConfig({ testTimeout: 60_000 + 60 * numRuns });

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});
afterAll(() => tf.disposeVariables());

const onWarning = (): void => {};
const targets: readonly FetchOptions[] = [
  { layout: "tfjs" },
  { layout: "flux", fluxVersion: "0.14", onWarning },
  { layout: "flux", fluxVersion: "0.16", onWarning },
  { layout: "torch", onWarning },
];

/** Bit by bit, so that -0 is not 0. */
function expectSame(found: Iterable<ArrayLike<number | bigint>>, expected: Iterable<ArrayLike<number | bigint>>): void {
  const [own, other] = [[...found], [...expected]];
  expect(own.map(({ length }) => length)).toEqual(other.map(({ length }) => length));
  const isSame = own.every((list, i) => Array.from(list).every((value, j) => Object.is(value, other[i]?.[j])));
  // The comparison of the test framework is asked only for its account of the difference.
  if (!isSame) expect(own.map((list) => [...Array.from(list)])).toEqual(other.map((list) => [...Array.from(list)]));
  expect(isSame).toBe(true);
}

const elementsOf = (weights: Weights): ArrayLike<number | bigint>[] => weights.arrays.map(({ vec }) => vec);

interface Case {
  readonly source: tf.LayersModel;
  readonly target: tf.LayersModel;
  readonly inputs: readonly InputValues[];
  readonly predictions: readonly Float32Array[];
  readonly own: Weights;
}

async function makeCase(plan: ModelPlan, seed: number): Promise<Case> {
  const source = buildModel(plan);
  randomizeWeights(source, seed);
  const target = buildModel(plan);
  const inputs = randomInputs(plan, seed);
  return { source, target, inputs, predictions: predict(source, inputs), own: await fetchWeights(source) };
}

/** Null where the other framework has no such model, which fetching and loading must agree on. */
async function fetchOrRefuse({ source, target, own }: Case, options: FetchOptions): Promise<Weights | null> {
  try {
    return await fetchWeights(source, options);
  } catch (error) {
    expect(error).toBeInstanceOf(LayerConversionError);
    expect((error as Error).message).toMatch(/layer "[^"]+" \(\w+\)/);
    const marked = new Weights(own.arrays, { layout: options.layout ?? "tfjs" });
    await expect(loadWeights(target, marked, options)).rejects.toThrow((error as Error).message.split("\n")[0]);
    return null;
  }
}

async function roundTrip(random: Case, options: FetchOptions, seed: number): Promise<"kept" | "refused"> {
  const { source, target, inputs, predictions, own } = random;
  const weights = await fetchOrRefuse(random, options);
  if (weights === null) return "refused";
  const again = await fetchWeights(source, options);
  expect(again.names).toEqual(weights.names);
  expectSame(elementsOf(again), elementsOf(weights));

  const read = decodeModelRow(encodeModelRow({ weights })).weights;
  randomizeWeights(target, seed + 1);
  freezeAtRandom(target, seed);
  const report = await loadWeights(target, read, options);
  expect([report.missing, report.skipped]).toEqual([[], []]);
  expectSame(predict(target, inputs), predictions);
  expectSame(elementsOf(await fetchWeights(target)), elementsOf(own));
  return "kept";
}

it(`${numRuns} models keep their weights and predictions, or are refused with the name of a layer`, async () => {
  const outcomes = new Map<string, number>();
  const seen = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  const property = fc.asyncProperty(arbitraryModel(), fc.nat(), async ({ plan }, seed) => {
    try {
      const random = await makeCase(plan, seed);
      for (const options of targets) {
        const outcome = await roundTrip(random, options, seed);
        count(outcomes, `${options.layout} ${outcome}`);
      }
      for (const { type } of everyLayer(plan)) count(seen, type);
    } finally {
      tf.disposeVariables();
    }
  });
  await fc.assert(property, { numRuns });
  const refused = (layout: string): number => outcomes.get(`${layout} refused`) ?? 0;
  expect(refused("tfjs")).toBe(0);
  // Flux in two versions; PyTorch has no such GRU either.
  for (const layout of ["flux", "torch"]) expect(refused(layout)).toBeGreaterThan(0);
  expect(refused("flux")).toBeLessThan(0.3 * 2 * numRuns);
  expect(refused("torch")).toBeLessThan(0.35 * numRuns);
  expect(seen.size, [...seen.keys()].join()).toBeGreaterThan(40);
});
