import { FlatArray, fetchWeights, InputError } from "legolas-flux";
import { describe, expect, test, vi } from "vitest";
import { thrownBy } from "../../test/contract/support.ts";

const childrenKey = Symbol.for("legolas-flux.children");
const one = () => new Float32Array([1]);

function namesIn(tree: unknown): readonly string[] | null {
  return fetchWeights(tree).names;
}

describe("fetchWeights", () => {
  test("walks depth first, in the order of the keys, and names arrays by their key paths", () => {
    const tree = {
      layers: [{ weight: one(), bias: one() }, { nested: { scale: one() } }],
      head: { 1: one(), 0: one(), b: one(), a: one() },
    };
    expect(namesIn(tree)).toEqual([
      "layers.0.weight",
      "layers.0.bias",
      "layers.1.nested.scale",
      "head.0",
      "head.1",
      "head.b",
      "head.a",
    ]);
  });

  test("gives the arrays as they are, live and uncopied", () => {
    const tree = { w: new Float32Array([1, 2]) };
    const weights = fetchWeights(tree);
    expect(weights.at(0)?.vec).toBe(tree.w);
    (weights.at(0)?.vec as Float32Array)[0] = 9;
    expect(tree.w[0]).toBe(9);
  });

  test("takes an array that is the whole tree, under an empty name", () => {
    expect([...fetchWeights(one())].map(({ size }) => size)).toEqual([[1]]);
    expect(namesIn(one())).toEqual([""]);
  });

  test("takes typed arrays as one-dimensional, FlatArrays with their size", () => {
    const flat = new FlatArray(new Float32Array(6), [2, 3]);
    const weights = fetchWeights({ typed: new Int8Array(4), flat });
    expect(weights.at(0)).toEqual(new FlatArray(new Int8Array(4), [4]));
    expect(weights.at(1)).toBe(flat);
  });

  test("takes row-major tensors { data, shape } as arrays of the reversed size, without a copy", () => {
    const data = new Float32Array(24);
    const weights = fetchWeights({ kernel: { data, shape: [2, 3, 4] }, scalar: { data: one(), shape: [] } });
    expect(weights.at(0)?.size).toEqual([4, 3, 2]);
    expect(weights.at(0)?.vec).toBe(data);
    expect(weights.at(1)?.size).toEqual([]);
    expect(weights.names).toEqual(["kernel", "scalar"]);
  });

  test("tells float16 and bool tensors by their dtype, and leaves other dtypes to their data", () => {
    const weights = fetchWeights([
      { data: new Uint16Array(1), shape: [1], dtype: "float16" },
      { data: new Uint8Array(1), shape: [1], dtype: "bool" },
      { data: new Uint16Array(1), shape: [1] },
      { data: new Float32Array(1), shape: [1], dtype: "F32" },
    ]);
    expect([...weights].map(({ elementType }) => elementType)).toEqual(["float16", "bool", "uint16", "float32"]);
  });

  test("does not change the shape of a tensor", () => {
    const tensor = { data: new Float32Array(6), shape: [2, 3] };
    fetchWeights(tensor);
    expect(tensor.shape).toEqual([2, 3]);
  });

  test("takes plain arrays of numbers, and all other values, for configuration", () => {
    const tree = {
      units: [10, 20],
      activation: (x: number) => x,
      name: "dense",
      rate: 0.5,
      nothing: null,
      absent: undefined,
      at: new Date(),
      pattern: /x/,
      buffer: new ArrayBuffer(8),
      view: new DataView(new ArrayBuffer(8)),
      big: 1n,
      [Symbol("hidden")]: one(),
    };
    expect(fetchWeights(tree).length).toBe(0);
  });

  test.each([null, undefined, 1, "text", true, Symbol("s"), () => one()])("gives no arrays for %s", (tree) => {
    expect(fetchWeights(tree).length).toBe(0);
  });

  test("walks the values of Maps, by their keys, and of Sets, by their positions", () => {
    const tree = {
      map: new Map<unknown, unknown>([
        ["b", one()],
        [1, { w: one() }],
      ]),
      set: new Set([one(), one()]),
    };
    expect(namesIn(tree)).toEqual(["map.b", "map.1.w", "set.0", "set.1"]);
  });

  test("skips accessors, and does not run them", () => {
    const getter = vi.fn(one);
    const tree = Object.defineProperty({ own: one() }, "computed", { get: getter, enumerable: true });
    class Layer {
      weight = one();
      get transposed() {
        return getter();
      }
    }
    expect(namesIn({ tree, layer: new Layer() })).toEqual(["tree.own", "layer.weight"]);
    expect(getter).not.toHaveBeenCalled();
  });

  test("walks the fields of class instances, but not private, inherited or hidden ones", () => {
    class Base {
      base = one();
      #secret = one();
      secretSize() {
        return this.#secret.length;
      }
    }
    class Dense extends Base {
      weight = one();
    }
    Object.assign(Base.prototype, { shared: one() });
    const dense = Object.defineProperty(new Dense(), "hidden", { value: one(), enumerable: false });
    expect(dense.secretSize()).toBe(1);
    expect(namesIn(dense)).toEqual(["base", "weight"]);
  });

  test("asks a class which children it has, where it says", () => {
    class Norm {
      mean = one();
      scale = one();
      cache = one();
      [childrenKey]() {
        return { scale: this.scale, mean: this.mean };
      }
    }
    class Chain {
      constructor(readonly layers: unknown[]) {}
      [childrenKey]() {
        return this.layers;
      }
    }
    expect(namesIn({ model: new Chain([new Norm(), one()]) })).toEqual(["model.0.scale", "model.0.mean", "model.1"]);
  });

  test.each([null, undefined, 5, "text"])("takes a class whose children are %s for one without any", (children) => {
    const tree = { layer: { weight: one(), [childrenKey]: () => children }, rest: one() };
    expect(namesIn(tree)).toEqual(["rest"]);
  });

  test("takes each identical typed array once, at its first position", () => {
    const shared = new Float32Array([1, 2]);
    const flat = new FlatArray(new Float32Array(2), [1, 2]);
    const tree = {
      embedding: shared,
      other: one(),
      output: shared,
      tensor: { data: shared, shape: [1, 2] },
      flat,
      again: flat,
      raw: flat.vec,
    };
    expect(namesIn(tree)).toEqual(["embedding", "other", "flat"]);
  });

  test("takes equal arrays, and several views of one buffer, for several", () => {
    const { buffer } = new Float32Array(4);
    expect(fetchWeights([one(), one()]).length).toBe(2);
    expect(fetchWeights([new Float32Array(buffer, 0, 2), new Float32Array(buffer, 8, 2)]).length).toBe(2);
  });

  test("ends on cycles, and walks shared objects once", () => {
    const shared = { w: one() };
    const tree: Record<string, unknown> = { first: shared, second: shared };
    tree.self = tree;
    tree.list = [tree, new Map([["tree", tree]])];
    expect(namesIn(tree)).toEqual(["first.w"]);
  });

  test("walks trees 100,000 levels deep", () => {
    let tree: object = { w: one() };
    for (let level = 0; level < 100_000; level++) tree = level % 2 === 0 ? [tree] : { a: tree };
    const weights = fetchWeights(tree);
    expect(weights.length).toBe(1);
    expect(weights.names?.[0]?.length).toBe(200_001);
  });

  test("walks trees of 100,000 branches, and past a million plain numbers", () => {
    const branches = Array.from({ length: 100_000 }, () => ({ w: one() }));
    const vocabulary = Array.from({ length: 1_000_000 }, (_, i) => i);
    expect(fetchWeights({ branches, vocabulary, last: one() }).length).toBe(100_001);
  });

  test("records a layout only where it is told", () => {
    expect(fetchWeights([one()]).layout).toBeNull();
    expect(fetchWeights([one()], { layout: "torch" }).layout).toBe("torch");
  });

  test("lets promotion change values only where it is told", () => {
    expect(fetchWeights([one()]).lossy).toBe(false);
    expect(fetchWeights([one()], { lossy: true }).lossy).toBe(true);
  });

  test("refuses a tensor whose shape does not fit its data, naming it", () => {
    const tree = { layers: [{ kernel: { data: new Float32Array(5), shape: [2, 3] } }] };
    const error = thrownBy(() => fetchWeights(tree));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({
      message:
        '"layers.0.kernel": FlatArray: expected 6 elements for size (3, 2), found 5. ' +
        "The product of the size must be the number of elements",
    });
  });

  test("refuses a tensor whose dtype does not fit its data, naming it", () => {
    const tree = { kernel: { data: new Float32Array(1), shape: [1], dtype: "float64" } };
    expect(() => fetchWeights(tree)).toThrow(
      '"kernel": FlatArray: vec: expected a typed array that holds float64, found a Float32Array of 4 bytes',
    );
  });

  test("refuses typed arrays of elements that weights cannot have, naming them", () => {
    expect(() => fetchWeights({ pixels: new Uint8ClampedArray(1) })).toThrow('"pixels": FlatArray: vec: expected');
  });

  test("refuses the models and tensors of TensorFlow.js, and names the entry that takes them", () => {
    const model = { layers: [], getWeights: () => [] };
    expect(() => fetchWeights(model)).toThrow(InputError);
    expect(() => fetchWeights(model)).toThrow(
      "model: expected a tree of objects and typed arrays, found a TensorFlow.js model. " +
        'Import fetchWeights and loadWeights from "legolas-flux/tfjs"',
    );
    expect(() => fetchWeights({ w: { dataSync: () => one(), shape: [1] } })).toThrow(
      '"w": expected a tree of objects and typed arrays, found a TensorFlow.js tensor',
    );
  });
});
