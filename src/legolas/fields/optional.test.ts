import { int64, nullType, utf8 } from "@uwdata/flechette";
import { construct, decodeTable, encodeTable, findViolations, schema, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { foreignTable, newSchemaName, readForeign, roundTrip, thrownBy } from "../../../test/contract/support.ts";

describe("t.optional", () => {
  const count = t.optional(t.int64);

  test("takes what its type takes, or null", () => {
    expect(construct(count, 1)).toBe(1);
    expect(construct(count, null)).toBeNull();
    expect(construct(count, undefined)).toBeNull();
  });

  test("refuses the rest, as its type does", () => {
    expect(thrownBy(() => construct<unknown, unknown>(count, "1"))).toMatchObject({
      message: 'value: expected int64 (a safe integer), found "1"',
    });
    for (const value of [false, "", 0.5, Number.NaN]) expect(() => construct<unknown, unknown>(count, value)).toThrow();
  });

  test("of an optional is the optional", () => {
    expect(construct(t.optional(count), null)).toBeNull();
    expect(roundTrip(t.optional(count), [null, 1])).toEqual([null, 1]);
  });

  test("keeps its values in a table", () => {
    const values = [1, null, 0, null];
    expect(roundTrip(count, values)).toEqual(values);
    expect(roundTrip(count, [null])).toEqual([null]);
    expect(roundTrip(count, [])).toEqual([]);
  });

  test("is written as a nullable column of its type, also where every value is null; its type alone is not nullable", () => {
    const OwnV1 = schema(newSchemaName()).version(1, { fields: { a: count, b: t.int64 } });
    const [a, b] = decodeTable(encodeTable([{ a: null, b: 1 }], OwnV1)).data.schema.fields;
    expect([a?.type.kind, a?.nullable]).toEqual(["int", true]);
    expect([b?.type.kind, b?.nullable]).toEqual(["int", false]);
  });

  test("is read from a column of nothing but null", () => {
    expect(readForeign(count, { values: [null, null], type: nullType() })).toEqual([null, null]);
  });

  test("is read as null where the column is absent", () => {
    const WiderV1 = schema(newSchemaName()).version(1, { fields: { id: t.string, count } });
    const bytes = foreignTable({ id: { values: ["a", "b"], type: utf8() } });
    const table = decodeTable(bytes, { schemaVersion: WiderV1 });
    expect(findViolations(table, WiderV1)).toEqual([]);
    expect(table.records()).toEqual([
      { id: "a", count: null },
      { id: "b", count: null },
    ]);
  });

  test("is read from a column with and without nulls", () => {
    expect(readForeign(count, { values: [1n, null], type: int64() })).toEqual([1, null]);
    expect(readForeign(count, { values: [1n, 2n], type: int64() })).toEqual([1, 2]);
  });
});
