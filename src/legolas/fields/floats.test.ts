import { construct, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { noNumbers, refusal, roundTrip } from "../../../test/contract/support.ts";

describe.each([
  ["float16", t.float16],
  ["float32", t.float32],
  ["float64", t.float64],
  ["real", t.real],
])("t.%s", (name, type) => {
  const special = [0, -0, 1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

  test("keeps NaN, the infinities and the sign of zero", () => {
    expect(special.map((value) => construct(type, value))).toEqual(special);
  });

  test("keeps them in a table", () => {
    expect(roundTrip(type, special)).toEqual(special);
  });

  test.each([...noNumbers, [1n, "1n"]])("refuses %s", (value, found) => {
    const expected = name === "real" ? "a number" : name;
    expect(refusal(type, value)).toMatchObject({ message: `value: expected ${expected}, found ${found}` });
  });
});

describe("rounding on construction", () => {
  test.each([
    [0.1, 0.100_000_001_490_116_12],
    [16_777_217, 16_777_216],
    [1e39, Number.POSITIVE_INFINITY],
    [1e-50, 0],
    [-1e-50, -0],
    [1.401298464324817e-45, 1.401298464324817e-45],
  ])("float32 makes %d the nearest single-precision number, %d", (value, kept) => {
    expect(construct(t.float32, value)).toBe(kept);
    expect(construct(t.float32, kept)).toBe(kept);
  });

  test.each([
    [0.1, 0.099_975_585_937_5],
    [2049, 2048],
    [2051, 2052],
    [65_504, 65_504],
    [65_519.99, 65_504],
    [65_520, Number.POSITIVE_INFINITY],
    [-65_520, Number.NEGATIVE_INFINITY],
    [2 ** -24, 2 ** -24],
    [2 ** -25, 0],
    [1.5 * 2 ** -24, 2 ** -23],
    [2 ** -14 - 2 ** -26, 2 ** -14],
    [-(2 ** -26), -0],
  ])("float16 makes %d the nearest half-precision number, ties to even, %d", (value, kept) => {
    expect(construct(t.float16, value)).toBe(kept);
    expect(construct(t.float16, kept)).toBe(kept);
  });

  test("float64 and real keep numbers as they are", () => {
    expect([0.1, Number.MAX_VALUE].map((value) => construct(t.float64, value))).toEqual([0.1, Number.MAX_VALUE]);
    expect([0.1, Number.MAX_VALUE].map((value) => construct(t.real, value))).toEqual([0.1, Number.MAX_VALUE]);
  });

  test("gives what a table gives back", () => {
    expect(roundTrip(t.float32, [0.1])).toEqual([construct(t.float32, 0.1)]);
    expect(roundTrip(t.float16, [0.1])).toEqual([construct(t.float16, 0.1)]);
  });
});
