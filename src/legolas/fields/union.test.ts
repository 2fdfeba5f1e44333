import { int64, utf8 } from "@uwdata/flechette";
import { FlatArray, Weights } from "legolas-flux";
import { construct, decodeTable, encodeTable, type FieldLike, schema, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { newSchemaName, readForeign, roundTrip, thrownBy } from "../../../test/contract/support.ts";

function refusal(type: FieldLike, value: unknown): unknown {
  return thrownBy(() => construct(type, value));
}

describe("t.union", () => {
  test("takes a value of any member: of the first that keeps it as it is, else of the first that takes it", () => {
    const type = t.union(t.int64, t.string, t.float32);
    expect([1, "a", 0.1].map((value) => construct(type, value))).toEqual([1, "a", Math.fround(0.1)]);
    expect(construct(t.union(t.float32, t.float64), 0.1)).toBe(0.1);
    expect(construct(t.union(t.float32, t.float16), 0.1)).toBe(Math.fround(0.1));
    expect(construct(t.union(t.float64, t.float32), 0.1)).toBe(0.1);
  });

  test.each<[unknown, string]>([
    [true, "true"],
    [1.5, "1.5"],
    [null, "missing (null)"],
    [undefined, "missing (null)"],
    [{}, "an object with no keys"],
  ])("refuses %s, which no member takes", (value, found) => {
    expect(refusal(t.union(t.int64, t.string), value)).toMatchObject({
      message: `value: expected union<int64, string>, found ${found}`,
    });
  });

  test("takes null where a member does", () => {
    const type = t.union(t.int64, t.optional(t.string));
    expect(construct(type, null)).toBeNull();
    expect(construct(type, undefined)).toBeNull();
    expect(construct(t.optional(t.union(t.int64, t.string)), null)).toBeNull();
  });

  test("keeps its values in a table", () => {
    const values = [1, "a", "b", 2, ""];
    expect(roundTrip(t.union(t.int64, t.string), values)).toEqual(values);
    const point = t.struct({ x: t.int64 });
    const mixed = [{ x: 1 }, true, [1, 2], "a"];
    expect(roundTrip(t.union(t.bool, t.string, point, t.vector(t.int64)), mixed)).toEqual(mixed);
  });

  test.each<[string, FieldLike]>([
    ["a member that may be null", t.union(t.int64, t.optional(t.string))],
    ["the first member that may be null", t.union(t.optional(t.int64), t.string)],
    ["an optional union", t.optional(t.union(t.int64, t.string))],
  ])("keeps null in a table: %s", (_, type) => {
    expect(roundTrip(type, [null, 1, "a", null])).toEqual([null, 1, "a", null]);
    expect(roundTrip(type, [null])).toEqual([null]);
  });

  test("keeps null in vectors, structs and maps of a table", () => {
    const either = t.optional(t.union(t.date, t.bool));
    expect(roundTrip(t.vector(either), [["2024-01-01", null, true]])).toEqual([["2024-01-01", null, true]]);
    expect(roundTrip(t.struct({ either }), [{ either: null }])).toEqual([{ either: null }]);
    expect(roundTrip(t.map(t.string, either), [new Map([["a", null]])])).toEqual([new Map([["a", null]])]);
  });

  test("keeps weights in a table", () => {
    const weights = new Weights([new FlatArray(new Float32Array([1, 2]), [2])]);
    expect(roundTrip(t.union(t.weights, t.string), [weights, "none", null])).toEqual([weights, "none", null]);
    expect(roundTrip(t.union(t.string, t.weights), [weights, "none", null])).toEqual([weights, "none", null]);
  });

  test("is written as a dense union with the type ids 0, 1, ...", () => {
    const version = schema(newSchemaName()).version(1, { fields: { value: t.union(t.int64, t.string) } });
    const { data } = decodeTable(encodeTable([{ value: "a" }, { value: 1 }, { value: "b" }], version));
    expect(data.schema.fields[0]?.type).toEqual({ kind: "union", mode: "dense", typeIds: [0, 1] });
    expect(Array.from(data.columns[0]?.[0]?.values as Int8Array)).toEqual([1, 0, 1]);
    expect(Array.from(data.columns[0]?.[0]?.offsets as Int32Array)).toEqual([0, 0, 1]);
  });

  test("is read from a column of one of its members", () => {
    expect(readForeign(t.union(t.int64, t.string), { values: ["a"], type: utf8() })).toEqual(["a"]);
    expect(readForeign(t.union(t.int64, t.string), { values: [1n], type: int64() })).toEqual([1]);
    expect(() => readForeign(t.union(t.bool, t.string), { values: [1n], type: int64() })).toThrow(
      "the table does not comply",
    );
  });

  test("reads a table by the types, not by the order, of its members", () => {
    const OneV1 = schema(newSchemaName()).version(1, { fields: { value: t.union(t.int64, t.string) } });
    const OtherV1 = schema(newSchemaName()).version(1, { fields: { value: t.union(t.bool, t.string, t.int64) } });
    const bytes = encodeTable([{ value: 1 }, { value: "a" }], OneV1);
    expect(decodeTable(bytes, { schemaVersion: OtherV1 }).column("value")).toEqual([1, "a"]);
  });
});
