import { int64, map, utf8 } from "@uwdata/flechette";
import { FlatArray, Weights } from "legolas-flux";
import { construct, type FieldLike, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { readForeign, roundTrip, thrownBy } from "../../../test/contract/support.ts";

function refusal(type: FieldLike, value: unknown): unknown {
  return thrownBy(() => construct(type, value));
}

describe("t.map", () => {
  const counts = t.map(t.string, t.float32);

  test("takes Maps, each key and value as its type keeps it", () => {
    expect(construct(counts, new Map([["a", 0.1]]))).toEqual(new Map([["a", Math.fround(0.1)]]));
    expect(construct(t.map(t.int64, t.optional(t.string)), new Map([[1, null]]))).toEqual(new Map([[1, null]]));
  });

  test("keeps a copy", () => {
    const given = new Map([["a", 1]]);
    const kept = construct(counts, given);
    given.set("b", 2);
    expect([...kept.keys()]).toEqual(["a"]);
  });

  test.each<[unknown, string]>([
    [{ a: 1 }, "an object with a"],
    [[["a", 1]], "an array of 1"],
    [new WeakMap(), "a WeakMap"],
    [null, "missing (null)"],
    [undefined, "missing (null)"],
  ])("refuses %s", (value, found) => {
    expect(refusal(counts, value)).toMatchObject({ message: `value: expected map<string, float32>, found ${found}` });
  });

  test("names the entry whose key or value is refused", () => {
    expect(refusal(counts, new Map([["accuracy", "high"]]))).toMatchObject({
      message: 'field "accuracy": expected float32, found "high"',
      path: ["accuracy"],
    });
    expect(refusal(counts, new Map([[1, 1]]))).toMatchObject({ message: 'field "0": expected string, found 1' });
  });

  test("keeps its values in a table, in their order, as Julia's Dict", () => {
    const values = [
      new Map([
        ["b", 1],
        ["a", 2],
      ]),
      new Map(),
      new Map([["c", 3]]),
    ];
    const read = roundTrip(counts, values) as Map<string, number>[];
    expect(read.map((entries) => [...entries])).toEqual(values.map((entries) => [...entries]));
    expect(roundTrip(t.optional(counts), [null, values[0]])).toEqual([null, values[0]]);
  });

  test("keeps maps of maps and of vectors in a table", () => {
    const value = new Map([[1, new Map([["a", [true, false]]])]]);
    expect(roundTrip(t.map(t.int64, t.map(t.string, t.vector(t.bool))), [value])).toEqual([value]);
  });

  test("keeps weights in a table", () => {
    const weights = new Weights([new FlatArray(new Float32Array([1, 2]), [2])]);
    const value = new Map([
      ["best", weights],
      ["last", weights],
    ]);
    expect(roundTrip(t.map(t.string, t.weights), [value])).toEqual([value]);
  });

  test("is read from the maps of other writers, and refused for other keys or values", () => {
    const column = { values: [new Map([["a", 1n]])], type: map(utf8(), int64()) };
    expect(readForeign(t.map(t.string, t.int64), column)).toEqual([new Map([["a", 1]])]);
    expect(() => readForeign(t.map(t.int64, t.int64), column)).toThrow("the table does not comply");
    expect(() => readForeign(t.map(t.string, t.bool), column)).toThrow("the table does not comply");
  });
});
