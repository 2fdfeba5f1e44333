import {
  FlatArray,
  fetchWeights,
  InputError,
  LayoutError,
  LossyConversionError,
  loadWeights,
  MissingWeightsError,
  Weights,
  WeightsMismatchError,
} from "legolas-flux";
import { describe, expect, test } from "vitest";
import { thrownBy } from "../../test/contract/support.ts";

const childrenKey = Symbol.for("legolas-flux.children");

/** A model of every kind of leaf and node, filled with numbers from a seed. */
function makeModel(seed: number) {
  let next = seed;
  const fill = (length: number) => Float32Array.from({ length }, () => next++);
  class Norm {
    mean = fill(2);
    variance = fill(2);
    [childrenKey]() {
      return [this.mean, this.variance];
    }
  }
  const tied = fill(3);
  return {
    chain: [{ weight: { data: fill(6), shape: [2, 3] }, bias: fill(2) }, new Norm()],
    heads: new Map([["a", new FlatArray(fill(4), [2, 2])]]),
    extra: new Set([fill(1)]),
    tied,
    again: { tied },
    units: [1, 2],
  };
}

const arraysOf = (tree: unknown) => [...fetchWeights(tree)].map(({ vec }) => Array.from<unknown>(vec));

describe("loadWeights", () => {
  test("copies weights into the arrays of a tree, in place", () => {
    const fresh = makeModel(1000);
    const before = [...fetchWeights(fresh)].map(({ vec }) => vec);
    loadWeights(fresh, fetchWeights(makeModel(0)));
    expect(arraysOf(fresh)).toEqual(arraysOf(makeModel(0)));
    const after = [...fetchWeights(fresh)].map(({ vec }) => vec);
    expect(after.map((vec, i) => vec === before[i])).toEqual(after.map(() => true));
    expect(fresh.again.tied).toBe(fresh.tied);
  });

  test("leaves the weights independent of the tree, and configuration as it was", () => {
    const weights = fetchWeights(makeModel(0));
    const fresh = makeModel(5);
    loadWeights(fresh, weights);
    fresh.tied[0] = -1;
    expect(arraysOf(makeModel(0))).toEqual([...weights].map(({ vec }) => Array.from<unknown>(vec)));
    expect(fresh.units).toEqual([1, 2]);
  });

  test("returns nothing, as it is done at once", () => {
    expect(loadWeights([new Float32Array(1)], fetchWeights([new Float32Array(1)]))).toBeUndefined();
  });

  test("goes by position: other names, or none, do not matter", () => {
    const fresh = { b: new Float32Array(1), a: new Float32Array(2) };
    const arrays = [new FlatArray(new Float32Array([1]), [1]), new FlatArray(new Float32Array([2, 3]), [2])];
    loadWeights(fresh, new Weights(arrays, { names: ["x", "y"] }));
    expect(fresh).toEqual({ b: new Float32Array([1]), a: new Float32Array([2, 3]) });
    loadWeights(fresh, new Weights(arrays));
    expect(fresh.a).toEqual(new Float32Array([2, 3]));
  });

  test("loads a tree 100,000 levels deep", () => {
    const nest = (leaf: Float32Array) => {
      let tree: unknown = leaf;
      for (let level = 0; level < 100_000; level++) tree = { a: tree };
      return tree;
    };
    const leaf = new Float32Array(1);
    loadWeights(nest(leaf), fetchWeights(nest(new Float32Array([7]))));
    expect(leaf).toEqual(new Float32Array([7]));
  });

  test("loads nothing into a tree without arrays from weights without any", () => {
    expect(() => loadWeights({ units: [1] }, new Weights([]))).not.toThrow();
  });

  test("keeps bits as they are: NaN payloads, signed zeros, float16 and bool", () => {
    const bits = new Uint32Array([0x7fc01234, 0x80000000]);
    const tree = () => ({
      floats: new Float32Array(2),
      half: { data: new Uint16Array(2), shape: [2], dtype: "float16" },
      mask: { data: new Uint8Array(2), shape: [2], dtype: "bool" },
      ids: new BigInt64Array(1),
    });
    const [from, into] = [tree(), tree()];
    from.floats.set(new Float32Array(bits.buffer));
    from.half.data.set([0x7e01, 0x8000]);
    from.mask.data.set([1, 0]);
    from.ids.set([-(2n ** 63n)]);
    loadWeights(into, fetchWeights(from));
    expect(new Uint32Array(into.floats.buffer)).toEqual(bits);
    expect(into).toEqual(from);
  });

  test("gives right values where the weights are arrays of the model itself, in another order", () => {
    const model = { a: new Float32Array([1]), b: new Float32Array([2]) };
    const { arrays } = fetchWeights(model);
    loadWeights(model, new Weights([...arrays].reverse()));
    expect(model).toEqual({ a: new Float32Array([2]), b: new Float32Array([1]) });
  });
});

describe("loadWeights checks everything first", () => {
  test("and lists every array that does not fit, by position, name, expected and found size", () => {
    const model = { a: new Float32Array(2), b: { data: new Float32Array(6), shape: [2, 3] }, c: new Float32Array(1) };
    const weights = fetchWeights({
      a: new Float32Array([1, 2]),
      b: { data: new Float32Array(6), shape: [3, 2] },
      c: { data: new Float32Array(1), shape: [] },
    });
    const error = thrownBy(() => loadWeights(model, weights));
    expect(error).toBeInstanceOf(WeightsMismatchError);
    expect(error).toMatchObject({
      message: [
        "2 of 3 arrays do not fit the model; nothing was loaded:",
        "  [1] b: expected size (3, 2), found size (2, 3)",
        "  [2] c: expected size (1), found size ()",
        "Load weights of the same architecture, or build the model as it was when they were saved",
      ].join("\n"),
      mismatches: [
        { index: 1, name: "b", expected: "size (3, 2)", found: "size (2, 3)" },
        { index: 2, name: "c", expected: "size (1)", found: "size ()" },
      ],
    });
    expect(model.a).toEqual(new Float32Array(2));
  });

  test("and lists arrays that the weights lack", () => {
    const error = thrownBy(() =>
      loadWeights({ a: new Float32Array(1), b: new Float32Array(2) }, fetchWeights([new Float32Array(1)])),
    );
    expect(error).toMatchObject({
      message: expect.stringContaining("the model has 2 arrays, the weights 1; nothing was loaded"),
      mismatches: [{ index: 1, name: "b", expected: "size (2)", found: null }],
    });
    expect((error as Error).message).toContain("  [1] b: expected size (2), found no array");
  });

  test("and lists arrays that the model lacks, by the weights' own names", () => {
    const weights = fetchWeights({ first: new Float32Array(1), second: new Float32Array(2) });
    const error = thrownBy(() => loadWeights([new Float32Array(1)], weights));
    expect(error).toMatchObject({ mismatches: [{ index: 1, name: "second", expected: null, found: "size (2)" }] });
    const unnamed = thrownBy(() => loadWeights([], new Weights(weights.arrays)));
    expect(unnamed).toMatchObject({
      mismatches: [
        { index: 0, name: null, expected: null, found: "size (1)" },
        { index: 1, name: null, expected: null, found: "size (2)" },
      ],
    });
    expect((unnamed as Error).message).toContain("  [0]: expected no array, found size (1)");
  });

  test("and leaves the tree untouched on any mismatch", () => {
    const model = makeModel(50);
    const shorter = fetchWeights(makeModel(0)).arrays.slice(0, -1);
    expect(() => loadWeights(model, new Weights(shorter))).toThrow(WeightsMismatchError);
    expect(arraysOf(model)).toEqual(arraysOf(makeModel(50)));
  });

  test("and leaves the tree untouched where a value would change", () => {
    const model = { a: new Float32Array([1]), b: new Float32Array([2]) };
    const weights = fetchWeights({ a: new Float32Array([5]), b: new Float64Array([0.1]) });
    const error = thrownBy(() => loadWeights(model, weights));
    expect(error).toBeInstanceOf(LossyConversionError);
    expect(error).toMatchObject({
      message:
        "array 1 (b): expected float64 values that float32 can hold, found 0.1 at element 0, which would become 0.10000000149011612. " +
        "Convert the array yourself, keep one element type in the model, or pass { lossy: true }",
    });
    expect(model).toEqual({ a: new Float32Array([1]), b: new Float32Array([2]) });
  });

  test("and refuses a tree whose own tensors are malformed", () => {
    const tree = { w: { data: new Float32Array(2), shape: [3] } };
    expect(() => loadWeights(tree, new Weights([]))).toThrow(InputError);
  });
});

describe("loadWeights converts to the model's own element types", () => {
  test("where no value changes", () => {
    const model = { a: new Float32Array(2), b: new Int16Array(1), c: new BigInt64Array(1) };
    loadWeights(
      model,
      fetchWeights({ a: new Float64Array([0.5, Number.NaN]), b: new Float32Array([-3]), c: new Float32Array([7]) }),
    );
    expect(model).toEqual({
      a: new Float32Array([0.5, Number.NaN]),
      b: new Int16Array([-3]),
      c: new BigInt64Array([7n]),
    });
  });

  test("and lets values change with { lossy: true }", () => {
    const model = { a: new Float32Array(1), b: new Int8Array(1) };
    loadWeights(model, fetchWeights({ a: new Float64Array([0.1]), b: new Float32Array([1.5]) }), { lossy: true });
    expect(model).toEqual({ a: new Float32Array([0.1]), b: new Int8Array([1]) });
  });

  test.each<[string, Float32Array | Int8Array | Uint8Array, Float64Array]>([
    ["NaN to an integer", new Int8Array(1), new Float64Array([Number.NaN])],
    ["a fraction to an integer", new Int8Array(1), new Float64Array([0.5])],
    ["a number out of range", new Uint8Array(1), new Float64Array([256])],
    ["infinity to an integer", new Int8Array(1), new Float64Array([Number.POSITIVE_INFINITY])],
    ["a number beyond float32", new Float32Array(1), new Float64Array([1e300])],
  ])("but refuses to make %s", (_, into, from) => {
    expect(() => loadWeights([into], fetchWeights([from]))).toThrow(LossyConversionError);
    expect(Array.from(into)).toEqual([0]);
  });
});

describe("loadWeights and missing weights or other layouts", () => {
  test("throws for the weights of a row that has none", () => {
    const error = thrownBy(() => loadWeights({ a: new Float32Array(1) }, null));
    expect(error).toBeInstanceOf(MissingWeightsError);
    expect(error).toMatchObject({
      message:
        "loadWeights: the row's weights are missing (null). " +
        "Check row.weights before loading, or write the row with weights: await fetchWeights(model)",
    });
  });

  test("throws where both sides name different layouts, and loads nothing", () => {
    const model = [new Float32Array([1])];
    const weights = fetchWeights([new Float32Array([2])], { layout: "tfjs" });
    const error = thrownBy(() => loadWeights(model, weights, { layout: "torch" }));
    expect(error).toBeInstanceOf(LayoutError);
    expect(error).toMatchObject({
      message: expect.stringContaining(
        "loadWeights: expected weights in the layout of torch, found the layout of tfjs",
      ),
    });
    expect(model[0]).toEqual(new Float32Array([1]));
  });

  test.each<[string | undefined, string | undefined]>([
    ["tfjs", "tfjs"],
    ["tfjs", undefined],
    [undefined, "tfjs"],
    [undefined, undefined],
  ])("copies elements as they are for weights of layout %s and a tree of layout %s", (of, to) => {
    const model = [new Float32Array(1)];
    const weights = fetchWeights([new Float32Array([2])], of === undefined ? {} : { layout: of });
    loadWeights(model, weights, to === undefined ? {} : { layout: to });
    expect(model[0]).toEqual(new Float32Array([2]));
  });
});
