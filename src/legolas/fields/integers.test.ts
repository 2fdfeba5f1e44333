import { float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64 } from "@uwdata/flechette";
import { construct, type FieldLike, RecordError, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { noNumbers, readForeign, refusal, roundTrip, thrownBy } from "../../../test/contract/support.ts";

const safe = Number.MAX_SAFE_INTEGER;
const unsafeRemedy = ". Declare the field as t.bigint to keep integers beyond 2^53 exactly";

const integers: [keyof typeof t, FieldLike<number>, number, number, string][] = [
  ["int8", t.int8, -128, 127, "int8 (an integer from -128 to 127)"],
  ["int16", t.int16, -32_768, 32_767, "int16 (an integer from -32768 to 32767)"],
  ["int32", t.int32, -(2 ** 31), 2 ** 31 - 1, "int32 (an integer from -2147483648 to 2147483647)"],
  ["uint8", t.uint8, 0, 255, "uint8 (an integer from 0 to 255)"],
  ["uint16", t.uint16, 0, 65_535, "uint16 (an integer from 0 to 65535)"],
  ["uint32", t.uint32, 0, 2 ** 32 - 1, "uint32 (an integer from 0 to 4294967295)"],
  ["int64", t.int64, -safe, safe, "int64 (a safe integer)"],
  ["uint64", t.uint64, 0, safe, "uint64 (a safe integer from 0)"],
  ["integer", t.integer, -safe, safe, "integer (a safe integer)"],
];

/** Numbers that are no integers. */
const noIntegers: [number, string][] = [
  [1.5, "1.5"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [Number.MIN_VALUE, "5e-324"],
];

describe.each(integers)("t.%s", (_, type, minimum, maximum, expected) => {
  test("takes the integers of its range", () => {
    for (const value of [minimum, maximum, 0, 1]) expect(construct(type, value)).toBe(value);
  });

  test("takes bigints of its range, as numbers", () => {
    expect([BigInt(minimum), BigInt(maximum)].map((value) => construct<number, unknown>(type, value))).toEqual([
      minimum,
      maximum,
    ]);
  });

  test("keeps -0 as 0, which is all that the column can hold", () => {
    expect(construct(type, -0)).toBe(0);
  });

  test.each([...noNumbers, ...noIntegers])("refuses %s", (value, found) => {
    const error = refusal(type, value);
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({ message: `value: expected ${expected}, found ${found}`, value });
  });

  test("refuses integers outside its range", () => {
    const remedy = maximum === safe ? unsafeRemedy : "";
    const isUnsigned = minimum === 0;
    expect(refusal(type, maximum + 1)).toMatchObject({
      message: `value: expected ${expected}, found ${maximum + 1}${remedy}`,
    });
    expect(refusal(type, BigInt(maximum) + 1n)).toMatchObject({
      message: `value: expected ${expected}, found ${maximum + 1}n${remedy}`,
    });
    expect(refusal(type, minimum - 1)).toMatchObject({
      message: `value: expected ${expected}, found ${minimum - 1}${isUnsigned ? "" : remedy}`,
    });
    expect(refusal(type, 2n ** 70n)).toBeInstanceOf(RecordError);
  });

  test("keeps its values in a table", () => {
    expect(roundTrip(type, [minimum, maximum, 0])).toEqual([minimum, maximum, 0]);
  });
});

describe.each([
  ["int64", t.int64],
  ["uint64", t.uint64],
  ["integer", t.integer],
  ["real", t.real],
])("t.%s of a table", (_, type) => {
  const column = (value: bigint) => ({ values: [0n, value], type: type === t.uint64 ? uint64() : int64() });

  test("reads 64-bit integers that are safe", () => {
    expect(readForeign(type, column(BigInt(safe)))).toEqual([0, safe]);
  });

  test("throws for integers that are not, and says which", () => {
    const error = thrownBy(() => readForeign(type, column(2n ** 53n)));
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({ path: ["value", 1], value: 2n ** 53n });
    expect((error as RecordError).message).toContain(
      `expected a safe integer (magnitude below 2^53), found 9007199254740992n${unsafeRemedy}`,
    );
  });
});

describe("t.bigint", () => {
  const extremes = [-(2n ** 63n), 2n ** 63n - 1n, 0n, 2n ** 53n + 1n];

  test("takes bigints of 64 bits", () => {
    expect(extremes.map((value) => construct(t.bigint, value))).toEqual(extremes);
  });

  test("takes safe integers, as bigints", () => {
    expect([1, -1, -0, safe].map((value) => construct(t.bigint, value))).toEqual([1n, -1n, 0n, BigInt(safe)]);
  });

  test.each([
    ...noNumbers,
    ...noIntegers,
    [2 ** 53, "9007199254740992"],
    [2n ** 63n, "9223372036854775808n"],
    [-(2n ** 63n) - 1n, "-9223372036854775809n"],
  ])("refuses %s", (value, found) => {
    expect(refusal(t.bigint, value)).toMatchObject({
      message: `value: expected bigint (from -2^63 to 2^63 - 1), found ${found}`,
    });
  });

  test("keeps its values in a table exactly", () => {
    expect(roundTrip(t.bigint, extremes)).toEqual(extremes);
  });
});

describe("columns that hold other numbers", () => {
  const integerTypes = [int8(), int16(), int32(), int64(), uint8(), uint16(), uint32(), uint64()];

  test.each(integerTypes)("t.integer and t.real read integers of any width (%#)", (type) => {
    const big = type.bitWidth === 64 ? [1n, 100n] : [1, 100];
    expect(readForeign(t.integer, { values: big, type })).toEqual([1, 100]);
    expect(readForeign(t.real, { values: big, type })).toEqual([1, 100]);
  });

  test.each([float32(), float64()])("t.real reads floats of any width (%#)", (type) => {
    expect(readForeign(t.real, { values: [0.5, Number.NaN], type })).toEqual([0.5, Number.NaN]);
  });

  test("t.real reads float16", () => {
    expect(roundTrip(t.real.accepting(t.float16), [0.5])).toEqual([0.5]);
  });

  test.each([
    ["int64", t.int64, int32()],
    ["int32", t.int32, int64()],
    ["int32", t.int32, uint32()],
    ["float64", t.float64, float32()],
    ["float32", t.float32, float64()],
    ["integer", t.integer, float64()],
    ["bigint", t.bigint, uint64()],
  ])("t.%s refuses another width, sign or kind (%#)", (_, field, type) => {
    const values = type.typeId === int64().typeId && type.bitWidth === 64 ? [1n] : [1];
    expect(() => readForeign(field, { values, type })).toThrow("the table does not comply");
  });
});
