/**
 * Random models computed from the arrays of Flux and PyTorch, as those frameworks would, give what TensorFlow.js predicts.
 *
 * `MODEL_RUNS=20000 npx vitest run test/property/reference-models.test.ts` tries more of them.
 */
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { LayerConversionError } from "legolas-flux";
import { fetchWeights } from "legolas-flux/tfjs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { arbitraryModel } from "../helpers/arbitrary-model.ts";
import { fluxWeights, torchWeights, type WeightSource } from "../helpers/foreign-weights.ts";
import {
  buildModel,
  type LayerPlan,
  type ModelPlan,
  predict,
  randomInputs,
  randomizeWeights,
} from "../helpers/model-plan.ts";
import { interpret } from "../helpers/reference-interpreter.ts";
import { exactModels, refusedModels } from "../helpers/telling-models.ts";

const numRuns = Number(process.env.MODEL_RUNS ?? 200);
vi.setConfig({ testTimeout: 60_000 + 60 * numRuns });

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});
afterAll(() => tf.disposeVariables());

/**
 * What the other frameworks compute otherwise, whatever the weights, or refuse; and normalization along another axis than the last, which the
 * backend of TensorFlow.js for CPUs gets wrong.
 */
const accepts = ({ type, config }: LayerPlan): boolean =>
  type !== "prelu" &&
  config.activation !== "gelu" &&
  config.interpolation !== "bilinear" &&
  !(type === "batchNormalization" && config.axis !== undefined);

const onWarning = (): void => {};
const layouts = [
  { layout: "flux", fluxVersion: "0.14", onWarning },
  { layout: "flux", fluxVersion: "0.16", onWarning },
  { layout: "torch", onWarning },
] as const;

async function fetchSource(model: tf.LayersModel, options: (typeof layouts)[number]): Promise<WeightSource | null> {
  try {
    const weights = await fetchWeights(model, options);
    return options.layout === "flux" ? fluxWeights(weights, options.fluxVersion) : torchWeights(weights);
  } catch (error) {
    if (error instanceof LayerConversionError) return null;
    throw error;
  }
}

/** The largest difference, as a part of the largest value where that is above 1. */
function distance(found: ArrayLike<number>, expected: Float32Array): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  const scale = Math.max(1, ...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs((found[i] ?? Number.NaN) - value) / scale));
}

/** How many outputs were compared; null where the model is refused. */
async function compare(plan: ModelPlan, seed: number, options: (typeof layouts)[number]): Promise<number | null> {
  const model = buildModel(plan);
  randomizeWeights(model, seed);
  const source = await fetchSource(model, options);
  if (!source) return null;
  const inputs = randomInputs(plan, seed);
  const predictions = predict(model, inputs);
  const outputs = interpret(plan, source, inputs);
  for (const [i, output] of outputs.entries()) {
    if (!output) continue;
    const found = distance(output.data, predictions[i] as Float32Array);
    expect(found, `${JSON.stringify(options)}, output ${i}`).toBeLessThan(1e-5);
  }
  return outputs.filter((output) => output !== null).length;
}

it(`${numRuns} models give the same from the arrays of Flux and PyTorch`, async () => {
  const outcomes = { refused: 0, compared: 0 };
  const property = fc.asyncProperty(arbitraryModel({ isNamed: true, accepts }), fc.nat(), async ({ plan }, seed) => {
    try {
      for (const options of layouts) {
        const compared = await compare(plan, seed, options);
        outcomes.compared += compared ?? 0;
        if (compared === null) outcomes.refused += 1;
      }
    } finally {
      tf.disposeVariables();
    }
  });
  await fc.assert(property, { numRuns });
  const total = layouts.length * numRuns;
  expect(outcomes.compared).toBeGreaterThan(total / 2);
  expect(outcomes.refused).toBeLessThan(total / 4);
});

describe.each(layouts)("in the layout of $layout $fluxVersion", (options) => {
  it.each(Object.entries(exactModels()))("gives the same: %s", async (_, plan) => {
    expect(await compare(plan, 5, options)).toBe(1);
  });

  it.each(Object.entries(refusedModels()))("refuses %s", async (_, [plan, message]) => {
    const failure = fetchWeights(buildModel(plan), options);
    await expect(failure).rejects.toThrow(LayerConversionError);
    await expect(failure).rejects.toThrow(message);
  });
});
