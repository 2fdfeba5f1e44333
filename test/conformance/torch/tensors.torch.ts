/** Tensors of every element type, bit by bit: ours as PyTorch reads them, PyTorch's as we do, and those in shards. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { FlatArray, UnsupportedTypeError, Weights } from "legolas-flux";
import { fromSafetensors, toSafetensors } from "legolas-flux/safetensors";
import { loadWeights } from "legolas-flux/tfjs";
import { afterAll, describe, expect, inject, it } from "vitest";
import { bytesOfArray } from "../../helpers/arbitrary-weights.ts";
import { everyType } from "../../helpers/arrays-of-every-type.ts";
import { run } from "../run-process.ts";

type Tensors = Readonly<Record<string, { dtype: string; shape: readonly number[]; hex: string }>>;

const python = inject("torchPython");
const folder = mkdtempSync(join(tmpdir(), "legolas-flux-tensors-"));
afterAll(() => rmSync(folder, { recursive: true }));
const pathOf = (file: string): string => join(folder, file);

/** What PyTorch reads of each file, by its path in the folder. */
async function readByTorch(): Promise<Readonly<Record<string, Tensors>>> {
  await run(python, [fileURLToPath(new URL("python/tensors.py", import.meta.url)), folder]);
  return JSON.parse(readFileSync(pathOf("tensors.json"), "utf8")) as Record<string, Tensors>;
}

/** The bytes as they are stored: of bfloat16 the upper half of each float32. */
function storedHex(array: FlatArray, dtype: string): string {
  const bytes = bytesOfArray(array);
  return (dtype === "bfloat16" ? bytes.filter((_, i) => i % 4 > 1) : bytes).toString("hex");
}

function described({ names, arrays, dtypes }: Weights): Tensors {
  return Object.fromEntries(
    arrays.map((array, i) => {
      const dtype = dtypes[i] ?? array.elementType;
      return [names?.[i] ?? "", { dtype, shape: array.size.toReversed(), hex: storedHex(array, dtype) }];
    }),
  );
}

const bfloat16 = new Weights([new FlatArray(Float32Array.of(1, -0.5, 2 ** -133, Number.NaN, -0, 2 ** 100), [2, 3])], {
  names: ["a"],
  dtypes: ["bfloat16"],
  layout: "torch",
});
await toSafetensors(everyType, pathOf("ours.safetensors"));
await toSafetensors(bfloat16, pathOf("ours-bfloat16.safetensors"));
const read = await readByTorch();

describe("PyTorch reads", () => {
  it("every element type of ours", () => {
    expect(Object.keys(read["ours.safetensors"] ?? {})).toHaveLength(14);
    expect(read["ours.safetensors"]).toEqual(described(everyType));
  });

  it("bfloat16 of ours", () => {
    expect(read["ours-bfloat16.safetensors"]).toEqual(described(bfloat16));
    expect(read["ours-bfloat16.safetensors"]?.a?.dtype).toBe("bfloat16");
  });
});

describe("of PyTorch", () => {
  it("every element type is read, and written again as it was", async () => {
    const { weights } = await fromSafetensors(pathOf("every-type.safetensors"));
    expect(weights.layout).toBe("torch");
    expect(weights.length).toBe(16);
    expect(described(weights)).toEqual(read["every-type.safetensors"]);
    await toSafetensors(weights, pathOf("copy.safetensors"));
    expect((await readByTorch())["copy.safetensors"]).toEqual(read["every-type.safetensors"]);
  });

  it.each(["float8_e4m3fn", "complex64"])("%s is refused by name", async (dtype) => {
    const reading = fromSafetensors(pathOf(`refused-torch.${dtype}.safetensors`));
    await expect(reading).rejects.toThrow(UnsupportedTypeError);
    await expect(reading).rejects.toThrow(dtype === "complex64" ? /found C64/ : /found F8_E4M3/);
  });

  it("modules in float16 and bfloat16 go into a model of TensorFlow.js, value for value", async () => {
    await tf.setBackend("cpu");
    const { weights } = await fromSafetensors(pathOf("half.safetensors"));
    expect(new Set(weights.dtypes)).toEqual(new Set(["float16", "bfloat16"]));
    const layers = [
      tf.layers.dense({ inputShape: [3], units: 2, name: "a" }),
      tf.layers.dense({ units: 4, name: "b" }),
    ];
    const model = tf.sequential({ layers });
    await loadWeights(model, weights);
    const halves = (hex: string): Uint16Array => new Uint16Array(new Uint8Array(Buffer.from(hex, "hex")).buffer);
    const { "a.bias": a, "b.bias": b } = read["half.safetensors"] ?? {};
    const [, biasA, , biasB] = model.getWeights().map((weight) => [...weight.dataSync()]);
    expect(biasB).toEqual([...new Float32Array(Uint32Array.from(halves(b?.hex ?? ""), (bits) => bits << 16).buffer)]);
    const widened = Array.from(halves(a?.hex ?? ""), (bits) => {
      const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
      return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
    });
    expect(biasA).toEqual(widened);
  });

  it("a model in shards is read as one", async () => {
    const files = readdirSync(pathOf("sharded"));
    const shards = files.filter((file) => file.endsWith(".safetensors"));
    expect(shards.length).toBeGreaterThan(2);
    const { weights } = await fromSafetensors(pathOf("sharded/model.safetensors.index.json"));
    const expected = Object.assign({}, ...shards.map((shard) => read[join("sharded", shard)])) as Tensors;
    expect(Object.keys(expected)).toHaveLength(12);
    expect(described(weights)).toEqual(expected);
    expect(weights.layout).toBe("torch");
  });
});
