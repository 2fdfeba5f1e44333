import { FlatArray, InputError, Weights } from "legolas-flux";
import { describe, expect, test } from "vitest";
import { thrownBy } from "../../test/contract/support.ts";

const a = new FlatArray(new Float32Array([1, 2]), [2]);
const b = new FlatArray(new Float32Array([3]), []);

describe("Weights", () => {
  test("are an ordered list of arrays as they were given, uncopied", () => {
    const weights = new Weights([a, b]);
    expect(weights.length).toBe(2);
    expect([...weights]).toEqual([a, b]);
    expect(weights.arrays[0]).toBe(a);
    expect(weights.at(0)).toBe(a);
    expect(weights.at(1)).toBe(b);
    expect(weights.at(-1)).toBe(b);
    expect(weights.at(2)).toBeUndefined();
  });

  test("take any iterable of arrays, themselves too", () => {
    expect([...new Weights(new Set([a, b]))]).toEqual([a, b]);
    expect([...new Weights(new Weights([a]))]).toEqual([a]);
    expect(new Weights([]).length).toBe(0);
  });

  test("may have names, by which arrays are found, the first of equal ones", () => {
    const weights = new Weights([a, b, a], { names: ["kernel", "bias", "bias"] });
    expect(weights.names).toEqual(["kernel", "bias", "bias"]);
    expect(weights.get("kernel")).toBe(a);
    expect(weights.get("bias")).toBe(b);
    expect(weights.get("other")).toBeUndefined();
    expect(new Weights([a]).get("kernel")).toBeUndefined();
  });

  test("have neither names nor layout where none are given, and the arrays' own types as dtypes", () => {
    const weights = new Weights([a, new FlatArray(new Int8Array(1), [1])]);
    expect([weights.names, weights.layout]).toEqual([null, null]);
    expect(weights.dtypes).toEqual(["float32", "int8"]);
  });

  test("may say which types the arrays had before promotion", () => {
    expect(new Weights([a], { dtypes: ["bfloat16"], layout: "torch" })).toMatchObject({
      dtypes: ["bfloat16"],
      layout: "torch",
    });
  });

  test("are immutable, but for the elements of their arrays", () => {
    const names = ["w"];
    const list = [a];
    const weights = new Weights(list, { names });
    names[0] = "changed";
    list.push(b);
    expect(weights.length).toBe(1);
    expect(weights.names).toEqual(["w"]);
    const parts = [weights, weights.arrays, weights.names, weights.dtypes];
    expect(parts.map(Object.isFrozen)).toEqual([true, true, true, true]);
    expect(Object.isFrozen(a.vec)).toBe(false);
  });

  test("refuse what is no FlatArray, naming its position", () => {
    expect(thrownBy(() => new Weights([a, new Float32Array(1) as never]))).toMatchObject({
      name: "InputError",
      message: "Weights: array 1: expected a FlatArray, found object. Wrap typed arrays: new FlatArray(vec, size)",
    });
  });

  test("refuse names or dtypes that are not one for each array", () => {
    expect(() => new Weights([a, b], { names: ["w"] })).toThrow(InputError);
    expect(() => new Weights([a, b], { names: ["w"] })).toThrow(
      "Weights: names: expected one for each of 2 arrays, found 1",
    );
    expect(() => new Weights([a], { dtypes: [] })).toThrow(
      "Weights: dtypes: expected one for each of 1 arrays, found 0",
    );
  });
});
