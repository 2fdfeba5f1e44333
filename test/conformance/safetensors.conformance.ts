/** safetensors files of ours, read and written again by the package of that name. PyTorch has a suite of its own, in torch/. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FlatArray, Weights } from "legolas-flux";
import { fromSafetensors, toSafetensors } from "legolas-flux/safetensors";
import { afterAll, describe, expect, inject, it } from "vitest";
import { bytesOfArray } from "../helpers/arbitrary-weights.ts";
import { arraysOf, everyElementType } from "../helpers/element-types.ts";
import { fromJson } from "./outcome.ts";
import { run } from "./run-process.ts";

type Tensors = Readonly<Record<string, { dtype: string; shape: readonly number[]; values: readonly unknown[] }>>;
interface Outcome {
  readonly error?: string;
  readonly metadata?: object;
  readonly tensors?: Tensors;
}

const python = inject("python");
const folder = mkdtempSync(join(tmpdir(), "legolas-flux-safetensors-"));
afterAll(() => rmSync(folder, { recursive: true }));

const names = ["0.weight", "0.bias", "none.at.all", "ö/β₁"];
const cases = everyElementType.map((typeCase) => {
  const { weights, stored } = arraysOf(typeCase);
  const { weights: arrays } = stored as { weights: { vec: readonly unknown[]; size: readonly bigint[] }[] };
  const tensors = arrays.map(({ vec, size }, i) => {
    const shape = size.map(Number).toReversed();
    return [names[i] as string, { dtype: typeCase.elementType, shape, values: vec }] as const;
  });
  const named = new Weights(weights.arrays, { names, layout: "torch" });
  return { file: `${typeCase.elementType}.safetensors`, weights: named, tensors: Object.fromEntries(tensors) };
});
const bfloat16 = new Weights([new FlatArray(Float32Array.of(1, -0.5, 2 ** -133, Number.NaN), [2, 2])], {
  names: ["a"],
  dtypes: ["bfloat16"],
});

async function write(interpreter: string): Promise<Readonly<Record<string, Outcome>>> {
  for (const { file, weights } of cases) {
    await toSafetensors(weights, join(folder, file), { metadata: { epoch: "3", text: "ö" } });
  }
  await toSafetensors(bfloat16, join(folder, "bfloat16.safetensors"));
  await run(interpreter, [fileURLToPath(new URL("python/read_safetensors.py", import.meta.url)), folder]);
  return fromJson(readFileSync(join(folder, "outcomes.json"), "utf8")) as Record<string, Outcome>;
}

const outcomes = python === null ? {} : await write(python);

function sorted({ names: own, arrays }: Weights): unknown {
  const entries = arrays.map((array, i): [string, unknown] => [
    own?.[i] ?? "",
    [array.elementType, array.size, bytesOfArray(array).toString("hex")],
  ]);
  return Object.fromEntries(entries);
}

describe.runIf(python !== null)("the safetensors package", () => {
  it.each(cases)("reads and writes $file", async ({ file, weights, tensors }) => {
    const { error, metadata, tensors: read } = outcomes[file] ?? {};
    expect(error).toBeUndefined();
    expect(metadata).toEqual({ epoch: "3", text: "ö", format: "pt" });
    expect(read).toEqual(tensors);
    const copy = await fromSafetensors(join(folder, "copies", file));
    expect(sorted(copy.weights)).toEqual(sorted(weights));
    expect(copy.weights.layout).toBe("torch");
    expect(copy.metadata).toEqual(metadata);
  });

  it("cannot give numpy the bfloat16 that it lacks", () => {
    expect(outcomes["bfloat16.safetensors"]?.error).toMatch(/bfloat16|bf16/i);
  });
});
