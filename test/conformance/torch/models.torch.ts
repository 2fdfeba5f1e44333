/** Models of TensorFlow.js and modules of PyTorch give the same with the same weights, whoever made them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { FlatArray, LayerConversionError, Weights } from "legolas-flux";
import { fromSafetensors, toSafetensors } from "legolas-flux/safetensors";
import { fetchWeights, loadWeights } from "legolas-flux/tfjs";
import { afterAll, describe, expect, inject, it } from "vitest";
import { type InputValues, predict, randomInputs, randomizeWeights } from "../../helpers/model-plan.ts";
import { run } from "../run-process.ts";
import { affineCases } from "./cases/affine-cases.ts";
import { normalizationCases } from "./cases/normalization-cases.ts";
import { orderCases } from "./cases/order-cases.ts";
import { recurrentCases } from "./cases/recurrent-cases.ts";
import type { TorchCase } from "./cases/torch-case.ts";
import { wholeModelCases } from "./cases/whole-model-cases.ts";
import { largestDifference } from "./largest-difference.ts";
import { type CaseResult, torchPage, withoutFigures } from "./torch-page.ts";

tf.enableProdMode();
await tf.setBackend("cpu");

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const python = inject("torchPython");
const folder = mkdtempSync(join(tmpdir(), "legolas-flux-torch-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Largest accepted difference, as a part of the largest value. */
const tolerance = 1e-5;

interface Prepared extends TorchCase {
  readonly name: string;
  readonly values: readonly InputValues[];
  /** What TensorFlow.js gives with its own weights. */
  readonly prediction: Float32Array;
  readonly warnings: readonly string[];
}

const allCases = [...affineCases, ...normalizationCases, ...recurrentCases, ...orderCases, ...wholeModelCases];

/** Of each sequence one step less than of the one before, and no 0 in it. */
function padded({ shape, values }: InputValues): InputValues {
  const steps = shape.at(-1) ?? 0;
  return {
    shape,
    values: values.map((value, i) => (i % steps < steps - Math.floor(i / steps) ? Math.max(1, value) : 0)),
  };
}

async function prepare(own: TorchCase, seed: number): Promise<Prepared> {
  const name = `${seed}-${own.module}`;
  const model = own.build();
  randomizeWeights(model, 100 * seed);
  const plan = { isSequential: false, inputs: own.inputs, layers: [], nodes: [], outputs: [] };
  const values = randomInputs(plan, seed).map((input) => (own.isPadded ? padded(input) : input));
  const warnings: string[] = [];
  const onWarning = (warning: string): number => warnings.push(warning);
  const weights = await fetchWeights(model, { layout: "torch", modules: own.modules ?? {}, onWarning });
  await toSafetensors(weights, join(folder, `${name}.safetensors`));
  const arrays = values.map(
    ({ shape, values: elements }, i) =>
      new FlatArray(own.inputs[i]?.vocabulary ? Int32Array.from(elements) : elements, shape.toReversed()),
  );
  const inputs = new Weights(arrays, { names: arrays.map((_, i) => `${i}`), layout: "torch" });
  await toSafetensors(inputs, join(folder, `${name}.inputs.safetensors`));
  const [prediction = new Float32Array()] = predict(model, values);
  return { ...own, name, values, prediction, warnings };
}

const cases: Prepared[] = [];
for (const [i, own] of allCases.entries()) cases.push(await prepare(own, i + 1));
const asked = cases.map(({ name, module, ownModule = module, isChannelsFirst }, seed) => {
  return { name, module, ownModule, isChannelsFirst, seed };
});
writeFileSync(join(folder, "cases.json"), JSON.stringify(asked));
await run(python, [here("python/run_cases.py"), folder]);
const outcome = JSON.parse(readFileSync(join(folder, "outcomes.json"), "utf8")) as {
  readonly torch: string;
  readonly cases: Readonly<Record<string, { readonly error?: string; readonly modules?: readonly string[] }>>;
};

/** What PyTorch gave, in the axes of TensorFlow.js. */
async function outputOf(name: string, weights: "ours" | "own"): Promise<Float32Array> {
  const outputs = await fromSafetensors(join(folder, `${name}.outputs.safetensors`), { layout: "torch" });
  return outputs.weights.get(weights)?.vec as Float32Array;
}

const toTorch = new Map<Prepared, number>();
const fromTorch = new Map<Prepared, number | null>();

describe.each(cases)("$family: $title", (own) => {
  const { name, values, prediction, refusesTrained } = own;

  it("is warned of where it should be, and not otherwise", () => {
    expect(own.warnings.join("\n")).toMatch(own.warning ?? /^$/);
  });

  it("PyTorch loads our weights with strict=True, and gives what TensorFlow.js predicts", async () => {
    expect(outcome.cases[name]?.error).toBeUndefined();
    const found = largestDifference(await outputOf(name, "ours"), prediction);
    toTorch.set(own, found);
    expect(found).toBeLessThan(tolerance);
  });

  const load = async (): Promise<tf.LayersModel> => {
    const { weights } = await fromSafetensors(join(folder, `${name}.own.safetensors`));
    const model = own.build();
    randomizeWeights(model, 7);
    const [before = new Float32Array()] = predict(model, values);
    // With other weights it is something else, so it is the weights that make it the same.
    if (model.weights.length > 0) expect(largestDifference(before, await outputOf(name, "own"))).toBeGreaterThan(0.01);
    const report = await loadWeights(model, weights, { modules: own.modules ?? {}, onWarning: () => {} });
    expect(report.missing).toEqual([]);
    return model;
  };

  if (refusesTrained) {
    it("TensorFlow.js refuses what PyTorch trained and it does not have", async () => {
      const loading = load();
      await expect(loading).rejects.toThrow(LayerConversionError);
      await expect(loading).rejects.toThrow(refusesTrained);
      fromTorch.set(own, null);
    });
    return;
  }

  it("TensorFlow.js predicts what PyTorch gives with weights of its own", async () => {
    const [after = new Float32Array()] = predict(await load(), values);
    const found = largestDifference(after, await outputOf(name, "own"));
    fromTorch.set(own, found);
    expect(found).toBeLessThan(tolerance);
  });
});

it("docs/conformance-torch.md says so, but for the last digits", async () => {
  const results = cases.map((own): CaseResult => {
    const modules = outcome.cases[own.name]?.modules ?? [];
    return { ...own, modules, toTorch: toTorch.get(own) ?? Number.NaN, fromTorch: fromTorch.get(own) ?? null };
  });
  const page = torchPage(results, outcome.torch.replace(/\+.*/, ""), tolerance);
  const path = here("../../../docs/conformance-torch.md");
  const known = existsSync(path) ? readFileSync(path, "utf8") : "";
  console.log(page.match(/^\d+ models;.*/m)?.[0]);
  const isSame = withoutFigures(known) === withoutFigures(page) && !inject("isUpdate");
  await expect(isSame ? known : page).toMatchFileSnapshot(path);
});
