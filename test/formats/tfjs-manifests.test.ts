/** Manifests: quantized weights as TensorFlow.js computes them, and everything that must be refused. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { FlatArray, FormatError, SourceError, UnsupportedTypeError, Weights } from "legolas-flux";
import { beforeAll, describe, expect, it } from "vitest";
import { openModelJson } from "../../src/formats/tfjs-files/open-model-json.ts";
import { writeModelJson } from "../../src/formats/tfjs-files/write-model-json.ts";
import { bytesOfArray } from "../helpers/arbitrary-weights.ts";
import { expectSameWeights } from "../helpers/expect-same-weights.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const folder = temporaryFolder();

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

interface Group {
  readonly paths: readonly unknown[];
  readonly weights: readonly object[];
}

/** Writes a model.json of these groups, and files. */
function write(
  groups: readonly Group[] | unknown,
  files: Readonly<Record<string, Uint8Array>> = {},
  more = {},
): string {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(folder.at(name)), { recursive: true });
    writeFileSync(folder.at(name), bytes);
  }
  writeFileSync(folder.at("model.json"), JSON.stringify({ modelTopology: null, weightsManifest: groups, ...more }));
  return folder.at("model.json");
}

async function read(path: string): Promise<Weights> {
  const opened = await openModelJson(path);
  try {
    return await opened.weights.readAll();
  } finally {
    await opened.close();
  }
}

const spec = (name: string, dtype: string, shape: readonly number[], quantization?: object): object => ({
  name,
  dtype,
  shape,
  ...(quantization && { quantization }),
});

it("integers that stand for numbers are computed as TensorFlow.js computes them, bit by bit", async () => {
  const arbitrary = fc.record({
    bytes: fc.uint8Array({ minLength: 2, maxLength: 60 }).map((bytes) => bytes.subarray(0, bytes.length & ~1)),
    dtype: fc.constantFrom("uint8", "uint16"),
    type: fc.constantFrom("float32", "int32"),
    scale: fc.double({ min: 1e-9, max: 1e3, noNaN: true }),
    min: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ bytes, dtype, type, scale, min }) => {
      const length = dtype === "uint8" ? bytes.length : bytes.length / 2;
      const weights = [spec("a", type, [length], { dtype, scale, min, original_dtype: type })];
      const path = write([{ paths: ["w.bin"], weights }], { "w.bin": bytes });
      const { buffer } = Uint8Array.from(bytes);
      const { a } = tf.io.decodeWeights(buffer, weights as tf.io.WeightsManifestEntry[]);
      const expected = (a as tf.Tensor).dataSync() as Float32Array | Int32Array;
      const array = (await read(path)).get("a") as FlatArray;
      expect(array.elementType).toBe(type);
      expect(bytesOfArray(array)).toEqual(Buffer.from(expected.buffer, expected.byteOffset, expected.byteLength));
    }),
    { numRuns: 60 },
  );
}, 60_000);

it("what was quantized is known, and halves keep their bits both ways", async () => {
  const halves = new FlatArray(
    Uint16Array.from({ length: 65_536 }, (_, i) => i),
    [256, 256],
    "float16",
  );
  const weights = new Weights([halves], { names: ["halves"], layout: "tfjs" });
  await writeModelJson(weights, folder.at("model.json"), { shardBytes: 1000 });
  expectSameWeights(await read(folder.at("model.json")), weights);

  const quantization = { dtype: "uint8", scale: 0.5, min: -1 };
  const groups = [{ paths: ["w.bin"], weights: [spec("a", "float32", [2], quantization), spec("b", "float32", [0])] }];
  const opened = await openModelJson(write(groups, { "w.bin": new Uint8Array([0, 4]) }));
  expect([...opened.quantizations]).toEqual([["a", quantization]]);
  expect([...(await opened.weights.read(0)).vec]).toEqual([-1, 1]);
  expect([...(await opened.weights.readPart(0, 1, 2)).vec]).toEqual([1]);
  expect((await opened.weights.readPart(1, 0, 0)).vec).toEqual(new Float32Array(0));
  await opened.close();
});

it("arrays may begin and end anywhere in several files and groups", async () => {
  const bytes = Uint8Array.from({ length: 27 }, (_, i) => (i < 24 ? i * 7 : i & 1));
  const weights = [spec("a", "float32", [3]), spec("b", "int32", [3]), spec("c", "bool", [3])];
  const whole = await read(write([{ paths: ["all.bin"], weights }], { "all.bin": bytes }));
  const files = { "1.bin": bytes.subarray(0, 5), "sub/2.bin": bytes.subarray(5, 6), "3.bin": bytes.subarray(6, 12) };
  const rest = { "4.bin": bytes.subarray(12) };
  const groups = [
    { paths: Object.keys(files), weights: weights.slice(0, 1) },
    { paths: Object.keys(rest), weights: weights.slice(1) },
  ];
  expectSameWeights(await read(write(groups, { ...files, ...rest })), whole);
  expect(whole.arrays.map(bytesOfArray)).toEqual(
    [bytes.subarray(0, 12), bytes.subarray(12, 24), bytes.subarray(24)].map((part) => Buffer.from(part)),
  );
});

describe("refused", () => {
  const four = { "w.bin": new Uint8Array(4) };
  const one = spec("a", "float32", [1]);
  const group = (weights: readonly object[], paths: readonly unknown[] = ["w.bin"]): Group[] => [{ paths, weights }];
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ["no manifest", undefined, /weightsManifest: expected a list/],
    ["groups that are none", [null], /group 0: expected an object/],
    ["weights that are none", [{ paths: [], weights: {} }], /group 0: weights: expected a list/],
    ["a name that is none", group([{ ...one, name: 3 }]), /weight 0: name: expected text/],
    [
      "a type of its own",
      group([spec("a", "float64", [1])]),
      /dtype: expected float32, int32 or bool, found "float64"/,
    ],
    ["lengths below zero", group([spec("a", "float32", [-1, -1])]), /shape: expected whole numbers/],
    ["lengths that overflow", group([spec("a", "float32", [2 ** 40, 2 ** 40])]), /less than 2\^53 bytes/],
    ["more than the files have", group([spec("a", "float32", [2])]), /expected 8 bytes in all, .*found 4/],
    ["less than the files have", group([spec("a", "bool", [3])]), /expected 3 bytes in all, .*found 4/],
    ["petabytes", group([spec("a", "float32", [2 ** 48])]), /expected 1125899906842624 bytes in all/],
    ["a weight twice", group([spec("a", "bool", [2]), spec("a", "bool", [2])]), /weight "a": expected it once/],
    ["a file twice", group([spec("a", "float32", [2])], ["w.bin", "w.bin"]), /file "w.bin": expected it once/],
    [
      "quantized bools",
      group([spec("a", "bool", [4], { dtype: "uint8", scale: 1, min: 0 })]),
      /quantization: expected/,
    ],
    ["unknown quantization", group([spec("a", "float32", [4], { dtype: "int4", scale: 1, min: 0 })]), /found "int4"/],
    ["halves of integers", group([spec("a", "int32", [2], { dtype: "float16" })]), /found "float16" for int32/],
    ["no scale", group([spec("a", "float32", [4], { dtype: "uint8", min: 0 })]), /numbers for scale and min/],
    ...["../w.bin", "/etc/passwd", "a/../../w.bin", "C:\\w.bin", "http://x/w.bin", "%2e%2e/w.bin", "", ".", "a//b"].map(
      (path) => [`the path ${path}`, group([one], [path]), /expected a file in the folder of model.json/] as const,
    ),
  ];
  it.each(cases)("%s", async (_, groups, message) => {
    const error = await read(write(groups, four)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toMatch(message);
  });

  it("texts and complex numbers, by name", async () => {
    await expect(read(write(group([spec("vocabulary", "string", [1])]), four))).rejects.toThrow(UnsupportedTypeError);
    await expect(read(write(group([spec("a", "complex64", [1])]), four))).rejects.toThrow(/weight "a".*complex64/);
  });

  it("bools that are none", async () => {
    const path = write(group([spec("a", "bool", [4])]), { "w.bin": new Uint8Array([0, 1, 2, 1]) });
    await expect(read(path)).rejects.toThrow(/weight "a": expected bools, 0 or 1, found 2 at element 2/);
  });

  it("files that are missing, with their path", async () => {
    const error = await read(write(group([one], ["missing.bin"]))).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceError);
    expect((error as SourceError).location).toContain("missing.bin");
  });

  it.each(["", "{", "[]", "null", '"model"', "\ufeff{}"])("the model.json %j", async (text) => {
    writeFileSync(folder.at("model.json"), text);
    await expect(read(folder.at("model.json"))).rejects.toThrow(FormatError);
    writeFileSync(folder.at("model.json"), new Uint8Array([0xff, 0x7b]));
    await expect(read(folder.at("model.json"))).rejects.toThrow(/UTF-8/);
  });

  it("configurations that go in depth or are none keep the order of the manifest", async () => {
    let layer: object = { config: { name: "a" } };
    for (let depth = 0; depth < 500; depth++) layer = { config: { layer } };
    const weights = [spec("b/x", "bool", [2]), spec("a/x", "bool", [2])];
    for (const modelTopology of [layer, { config: { layers: [3, null, { config: 4 }] } }, { config: [layer] }]) {
      const opened = await openModelJson(write(group(weights), four, { modelTopology }));
      expect(opened.isInLayerOrder).toBe(false);
      expect(opened.weights.names).toEqual(["b/x", "a/x"]);
      await opened.close();
    }
  });
});
