/** Weights through archives: the same bits, names, layout and texts, and the same bytes for the same weights. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { FlatArray, InputError, LossyConversionError, Weights } from "legolas-flux";
import { expect, it } from "vitest";
import { fromNpz } from "../../src/formats/npz/from-npz.ts";
import { type ToNpzOptions, toNpz } from "../../src/formats/npz/to-npz.ts";
import { arbitraryMixedWeights, bytesOfArray } from "../helpers/arbitrary-weights.ts";
import { everyType } from "../helpers/arrays-of-every-type.ts";
import { expectSameWeights } from "../helpers/expect-same-weights.ts";
import { memorySink } from "../helpers/memory-sink.ts";

async function encode(weights: Weights, options?: ToNpzOptions): Promise<Uint8Array> {
  const sink = memorySink();
  await toNpz(weights, sink, options);
  return sink.bytes() as Uint8Array;
}

const ours = new URL("../golden/npz/ours/", import.meta.url);

it("writes what numpy reads: every element type, bit by bit", async () => {
  const metadata = { epoch: "3", note: "größer 重み" };
  const bytes = await encode(everyType, { metadata });
  expect(Buffer.compare(bytes, readFileSync(new URL("every-type.npz", ours)))).toBe(0);
  const described = everyType.arrays.map((array, i) => ({
    name: everyType.names?.[i],
    dtype: array.elementType,
    shape: array.size.toReversed(),
    hex: bytesOfArray(array).toString("hex"),
  }));
  expect(JSON.parse(readFileSync(new URL("every-type.json", ours), "utf8"))).toEqual(described);
  const read = await fromNpz(bytes);
  expectSameWeights(read.weights, everyType);
  expect(read.metadata).toEqual(metadata);
});

it("gives back any weights", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryMixedWeights, fc.dictionary(fc.string(), fc.string()), async (given, metadata) => {
      const weights = new Weights(given, { names: given.arrays.map((_, i) => `a/${i}`), layout: given.layout });
      const bytes = await encode(weights, { metadata });
      const read = await fromNpz(bytes);
      expectSameWeights(read.weights, new Weights(weights, { ...weights, layout: weights.layout ?? "flux" }));
      expect(read.metadata).toEqual({ ...metadata });
      expect(Buffer.compare(await encode(weights, { metadata }), bytes)).toBe(0);
    }),
    { numRuns: 60 },
  );
}, 60_000);

it("types before promotion are written, and bfloat16 is remembered", async () => {
  const wide = new FlatArray(new Float64Array([1.5, -2]), [2]);
  const weights = new Weights([wide, wide, wide], {
    names: ["a", "b", "c"],
    dtypes: ["float16", "bfloat16", "float64"],
  });
  const read = (await fromNpz(await encode(weights))).weights;
  expect(read.arrays.map(({ elementType }) => elementType)).toEqual(["float16", "float32", "float64"]);
  expect(read.dtypes).toEqual(["float16", "bfloat16", "float64"]);
  const changed = new Weights([new FlatArray(new Float64Array([0.1]), [1])], { names: ["a"], dtypes: ["float32"] });
  await expect(encode(changed)).rejects.toThrow(LossyConversionError);
});

it.each(["../a", "a/../b", "/a", "a\\b", "c:a", "", "a\0b"])(
  "the name %j is refused, which no archive keeps",
  async (name) => {
    const weights = new Weights([new FlatArray(new Float32Array(1), [1])], { names: [name] });
    await expect(encode(weights)).rejects.toThrow(InputError);
  },
);

it("names are asked for", async () => {
  const array = new FlatArray(new Float32Array(1), [1]);
  await expect(encode(new Weights([array]))).rejects.toThrow(/array 0: expected a name of its own, found none/);
  await expect(encode(new Weights([array, array], { names: ["a", "a"] }))).rejects.toThrow(
    /one that an array before has/,
  );
});

it("texts too long for a comment are refused, and the sink is left alone", async () => {
  const sink = memorySink();
  await expect(toNpz(everyType, sink, { metadata: { long: "x".repeat(70_000) } })).rejects.toThrow(/65535/);
  expect(sink.bytes()).toBeNull();
});

it("an array that cannot be written aborts the archive", async () => {
  const sink = memorySink();
  const bools = new FlatArray(new Uint8Array([0, 2]), [2], "bool");
  await expect(toNpz(new Weights([bools], { names: ["b"] }), sink)).rejects.toThrow(LossyConversionError);
  expect(sink.bytes()).toBeNull();
});
