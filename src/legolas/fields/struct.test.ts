import { field, int64, struct, utf8 } from "@uwdata/flechette";
import { FlatArray, Weights } from "legolas-flux";
import { construct, decodeTable, encodeTable, type FieldLike, schema, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { newSchemaName, readForeign, roundTrip, thrownBy } from "../../../test/contract/support.ts";

function refusal(type: FieldLike, value: unknown): unknown {
  return thrownBy(() => construct(type, value));
}

describe("t.struct", () => {
  const point = t.struct({ x: t.int64, label: t.optional(t.string) });

  test("takes objects, each value as its field keeps it, in the declared order", () => {
    const kept = construct(point, { label: "a", x: 1 });
    expect(Object.entries(kept)).toEqual([
      ["x", 1],
      ["label", "a"],
    ]);
    expect(construct(point, { x: 1 })).toEqual({ x: 1, label: null });
  });

  test("drops other keys, and takes nothing from a __proto__ key", () => {
    expect(construct<unknown, unknown>(point, JSON.parse('{ "x": 1, "y": 2, "__proto__": { "label": "a" } }'))).toEqual(
      {
        x: 1,
        label: null,
      },
    );
  });

  test("has null for an absent field with a name that every object inherits", () => {
    expect(Object.entries(construct(t.struct({ toString: t.optional(t.any) }), {} as never))).toEqual([
      ["toString", null],
    ]);
  });

  test("may have a field called __proto__, which is data like any other", () => {
    const type = t.struct({ ["__proto__"]: t.int64, x: t.int64 });
    const given = JSON.parse('{ "__proto__": 1, "x": 2 }');
    const [read] = roundTrip(type, [given]) as [object];
    expect(Object.entries(read)).toEqual([
      ["__proto__", 1],
      ["x", 2],
    ]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  test("keeps a frozen copy", () => {
    const given = { x: 1 };
    const kept = construct(point, given);
    given.x = 2;
    expect(kept.x).toBe(1);
    expect(Object.isFrozen(kept)).toBe(true);
  });

  test.each<[unknown, string]>([
    [null, "missing (null)"],
    [undefined, "missing (null)"],
    [[1, "a"], "an array of 2"],
    [1, "1"],
    ["x", '"x"'],
  ])("refuses %s", (value, found) => {
    expect(refusal(point, value)).toMatchObject({
      message: `value: expected struct<x: int64, label: string?>, found ${found}`,
    });
  });

  test("names the field whose value is refused", () => {
    const nested = t.struct({ points: t.vector(point) });
    expect(refusal(nested, { points: [{ x: "1" }] })).toMatchObject({
      message: 'field "points.0.x": expected int64 (a safe integer), found "1"',
      path: ["points", 0, "x"],
    });
  });

  test("keeps its values in a table", () => {
    expect(roundTrip(point, [{ x: 1 }, { x: 2, label: "b" }])).toEqual([
      { x: 1, label: null },
      { x: 2, label: "b" },
    ]);
    expect(roundTrip(t.optional(t.struct({ inner: point })), [null, { inner: { x: 1 } }])).toEqual([
      null,
      { inner: { x: 1, label: null } },
    ]);
    expect(Object.isFrozen(roundTrip(point, [{ x: 1 }])[0])).toBe(true);
  });

  test("writes its fields in the declared order, nullable only where they may be null", () => {
    const version = schema(newSchemaName()).version(1, { fields: { value: point } });
    const [column] = decodeTable(encodeTable([{ value: { label: "a", x: 1 } }], version)).data.schema.fields;
    expect(column?.children.map(({ name, nullable }) => [name, nullable])).toEqual([
      ["x", false],
      ["label", true],
    ]);
  });

  test("is read by name: order is free, unknown fields are skipped, absent ones null where they may be", () => {
    const label = field("label", utf8());
    const x = field("x", int64());
    const values = [{ label: "a", x: 1n, more: "m" }];
    const swapped = { values, type: struct([label, field("more", utf8()), x]) };
    expect(readForeign(point, swapped)).toEqual([{ x: 1, label: "a" }]);
    expect(readForeign(point, { values, type: struct([x]) })).toEqual([{ x: 1, label: null }]);
    expect(() => readForeign(point, { values, type: struct([label]) })).toThrow(
      "expected struct<x: int64, label: string?>, found struct<label: string?>?",
    );
  });

  test("keeps weights with what accompanies them", () => {
    const weights = new Weights([new FlatArray(new Float32Array([1]), [1])], { names: ["w"], layout: "tfjs" });
    expect(roundTrip(t.struct({ best: t.weights, epoch: t.int64 }), [{ best: weights, epoch: 1 }])).toEqual([
      { best: weights, epoch: 1 },
    ]);
  });
});
