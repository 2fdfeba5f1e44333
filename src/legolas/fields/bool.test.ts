import { construct, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { refusal, roundTrip } from "../../../test/contract/support.ts";

describe("t.bool", () => {
  test("takes booleans and nothing else", () => {
    expect([true, false].map((value) => construct(t.bool, value))).toEqual([true, false]);
    expect(refusal(t.bool, 1)).toMatchObject({ message: "value: expected bool, found 1" });
    expect(refusal(t.bool, 0)).toMatchObject({ message: "value: expected bool, found 0" });
    expect(refusal(t.bool, "true")).toMatchObject({ message: 'value: expected bool, found "true"' });
    expect(refusal(t.bool, null)).toMatchObject({ message: "value: expected bool, found missing (null)" });
    expect(refusal(t.bool, undefined)).toMatchObject({ message: "value: expected bool, found missing (null)" });
  });

  test("keeps its values in a table, over more than one byte of bits", () => {
    const values = Array.from({ length: 19 }, (_, i) => i % 3 === 0);
    expect(roundTrip(t.bool, values)).toEqual(values);
    const withNulls = values.map((value, i) => (i % 5 === 0 ? null : value));
    expect(roundTrip(t.optional(t.bool), withNulls)).toEqual(withNulls);
  });
});
