/** Parts of arrays, whatever they stand in. */
import {
  encodeModelRow,
  FlatArray,
  InputError,
  type LazyWeights,
  loadCodecs,
  ModelV1,
  openModelRow,
  Weights,
} from "legolas-flux";
import { encodeSafetensors, openSafetensors } from "legolas-flux/safetensors";
import { beforeAll, expect, it } from "vitest";
import { countingSource } from "../helpers/counting-source.ts";

beforeAll(loadCodecs);

const floats = Float32Array.from({ length: 1000 }, (_, i) => (i % 128) / 4);
const bools = Uint8Array.from({ length: 1000 }, (_, i) => Number(i % 3 === 0));

async function expectParts(weights: LazyWeights, elements: Float32Array | Uint8Array): Promise<void> {
  for (const [from, to] of [
    [0, 1000],
    [0, 0],
    [1000, 1000],
    [3, 4],
    [13, 700],
    [999, 1000],
  ] as const) {
    const part = await weights.readPart(1, from, to);
    expect(part.size).toEqual([to - from]);
    expect([...part.vec]).toEqual([...elements.subarray(from, to)]);
  }
}

it.each([undefined, "lz4", "zstd"] as const)(
  "reads parts of a model row's array, compression %s",
  async (compression) => {
    const weights = new Weights([new FlatArray(floats.slice(0, 7), [7]), new FlatArray(floats, [10, 100])]);
    const bytes = encodeModelRow(ModelV1({ weights }), ModelV1, {
      checksum: true,
      ...(compression && { compression }),
    });
    const handle = await openModelRow(bytes);
    await expectParts(handle.weights as LazyWeights, floats);
  },
);

it("reads parts of bools, which share bytes with their neighbours", async () => {
  const weights = new Weights([new FlatArray(bools.slice(0, 7), [7], "bool"), new FlatArray(bools, [10, 100], "bool")]);
  const handle = await openModelRow(encodeModelRow(ModelV1({ weights })));
  await expectParts(handle.weights as LazyWeights, bools);
});

it.each(["float32", "bfloat16"] as const)("reads parts of a tensor of %s", async (dtype) => {
  const arrays = [new FlatArray(floats.slice(0, 7), [7]), new FlatArray(floats, [10, 100])];
  const weights = new Weights(arrays, { names: ["a", "b"], dtypes: [dtype, dtype] });
  const { weights: lazy } = await openSafetensors(encodeSafetensors(weights));
  expect(lazy.dtypes).toEqual([dtype, dtype]);
  await expectParts(lazy, floats);
});

it("reads no more than the part", async () => {
  const weights = new Weights([new FlatArray(new Float32Array(100_000), [100_000])]);
  const source = countingSource(encodeModelRow(ModelV1({ weights })));
  const handle = await openModelRow(source);
  const before = source.reads.length;
  await handle.weights?.readPart(0, 50_000, 50_100);
  expect(source.reads.slice(before).map(({ length }) => length)).toEqual([400]);
});

it.each([
  [-1, 2],
  [0, 1001],
  [5, 4],
  [0.5, 2],
  [0, Number.NaN],
])("refuses elements %s to %s", async (from, to) => {
  const handle = await openModelRow(encodeModelRow(ModelV1({ weights: new Weights([new FlatArray(floats, [1000])]) })));
  await expect(handle.weights?.readPart(0, from, to)).rejects.toThrow(InputError);
  await expect(handle.weights?.readPart(1, 0, 1)).rejects.toThrow(/index from 0 to 0/);
});
