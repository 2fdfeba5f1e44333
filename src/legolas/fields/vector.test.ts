import { fixedSizeBinary, fixedSizeList, int32, int64, largeList, list, utf8 } from "@uwdata/flechette";
import { construct, decodeTable, encodeTable, type FieldLike, schema, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { newSchemaName, readForeign, roundTrip, thrownBy } from "../../../test/contract/support.ts";

function refusal(type: FieldLike, value: unknown): unknown {
  return thrownBy(() => construct(type, value));
}

function columnOf(type: FieldLike, value: unknown) {
  const version = schema(newSchemaName()).version(1, { fields: { value: type } });
  return decodeTable(encodeTable([{ value }], version)).data.schema.fields[0];
}

describe("t.vector", () => {
  test("takes arrays, each element as its item type keeps it", () => {
    expect(construct(t.vector(t.float32), [0.1, 1])).toEqual([Math.fround(0.1), 1]);
    expect(construct(t.vector(t.optional(t.string)), ["a", null, undefined])).toEqual(["a", null, null]);
    expect(construct(t.vector(t.vector(t.int64)), [[], [1]])).toEqual([[], [1]]);
  });

  test("takes typed arrays, and keeps plain arrays", () => {
    expect(construct(t.vector(t.float64), new Float32Array([1, 2]))).toEqual([1, 2]);
    expect(construct(t.vector(t.bigint), new BigInt64Array([1n]))).toEqual([1n]);
  });

  test("keeps a frozen copy", () => {
    const given = [1];
    const kept = construct(t.vector(t.int64), given);
    given.push(2);
    expect(kept).toEqual([1]);
    expect(Object.isFrozen(kept)).toBe(true);
  });

  test.each<[unknown, string]>([
    ["ab", '"ab"'],
    [{ length: 1, 0: 1 }, "an object with 0, length"],
    [new Set([1]), "a Set"],
    [new DataView(new ArrayBuffer(8)), "a DataView of 8 bytes"],
    [new ArrayBuffer(8), "a ArrayBuffer"],
    [null, "missing (null)"],
    [undefined, "missing (null)"],
  ])("refuses %s", (value, found) => {
    expect(refusal(t.vector(t.int64), value)).toMatchObject({
      message: `value: expected vector<int64>, found ${found}`,
    });
  });

  test("names the element that its item type does not take", () => {
    expect(refusal(t.vector(t.vector(t.int64)), [[1], [2, "x"]])).toMatchObject({
      message: 'field "1.1": expected int64 (a safe integer), found "x"',
      path: [1, 1],
    });
  });

  test("takes a hole of an array for a missing element", () => {
    const sparse: number[] = [];
    sparse[1] = 1;
    expect(construct(t.vector(t.optional(t.int64)), sparse)).toEqual([null, 1]);
    expect(refusal(t.vector(t.int64), sparse)).toMatchObject({ path: [0] });
  });

  test("keeps its values in a table", () => {
    const values = [["a", "b"], [], ["c"]];
    expect(roundTrip(t.vector(t.string), values)).toEqual(values);
    expect(roundTrip(t.optional(t.vector(t.optional(t.string))), [null, ["a", null], []])).toEqual([
      null,
      ["a", null],
      [],
    ]);
    expect(roundTrip(t.vector(t.vector(t.float32)), [[[1], []], []])).toEqual([[[1], []], []]);
  });

  test("is written as a list whose items are nullable only where they may be null", () => {
    expect(columnOf(t.vector(t.int64), [1])).toMatchObject({ nullable: false, type: { kind: "list", large: false } });
    expect(columnOf(t.vector(t.int64), [1])?.children[0]?.nullable).toBe(false);
    expect(columnOf(t.vector(t.optional(t.int64)), [1])?.children[0]?.nullable).toBe(true);
  });

  test.each([
    ["lists", list(utf8())],
    ["lists with 64-bit offsets", largeList(utf8())],
    ["lists of a fixed length", fixedSizeList(utf8(), 2)],
  ])("is read from %s", (_, type) => {
    const values = [
      ["a", "b"],
      ["c", "d"],
    ];
    expect(readForeign(t.vector(t.string), { values, type })).toEqual(values);
  });

  test("is read from lists of nothing but null where its items may be null", () => {
    const readAs = (type: FieldLike) => {
      const version = schema(newSchemaName()).version(1, { fields: { value: type } });
      const bytes = encodeTable([{ value: [null, null] }], version, { validate: false });
      return decodeTable(bytes).column("value");
    };
    expect(readAs(t.vector(t.optional(t.string)))).toEqual([[null, null]]);
    expect(() => readAs(t.vector(t.string))).toThrow("expected vector<string>, found list<null?>");
  });

  test("reads a nullable list item that holds no null, and names a null where it may not be", () => {
    expect(readForeign(t.vector(t.int32), { values: [[1]], type: list(int32()) })).toEqual([[1]]);
    const error = thrownBy(() => readForeign(t.vector(t.int32), { values: [[1], [2, null]], type: list(int32()) }));
    expect((error as Error).message).toContain(
      "found missing (null). Declare the field with t.optional(...) if it may be missing",
    );
  });

  test("is read as frozen arrays", () => {
    expect(Object.isFrozen(roundTrip(t.vector(t.int64), [[1]])[0])).toBe(true);
  });

  test("refuses lists of other items", () => {
    expect(() => readForeign(t.vector(t.string), { values: [[1n]], type: list(int64()) })).toThrow(
      "expected vector<string>, found list<int64?>?",
    );
  });
});

describe("t.fixed", () => {
  const pair = t.fixed(t.int64, 2);

  test("takes arrays and typed arrays of its length", () => {
    expect(construct(pair, [1, 2])).toEqual([1, 2]);
    expect(construct(t.fixed(t.real, 2), new Float32Array([1, 2]))).toEqual([1, 2]);
    expect(construct(t.fixed(t.int64, 0), [])).toEqual([]);
  });

  test.each<[unknown, string]>([
    [[1], "an array of 1"],
    [[1, 2, 3], "an array of 3"],
    ["ab", '"ab"'],
    [null, "missing (null)"],
    [undefined, "missing (null)"],
  ])("refuses %s", (value, found) => {
    expect(refusal(pair, value)).toMatchObject({ message: `value: expected fixed<int64, 2>, found ${found}` });
  });

  test("keeps its values in a table, as Julia's NTuple", () => {
    const values = [
      [1, 2],
      [3, 4],
    ];
    expect(roundTrip(pair, values)).toEqual(values);
    expect(roundTrip(t.optional(t.fixed(t.optional(t.string), 2)), [null, ["a", null]])).toEqual([null, ["a", null]]);
    expect(columnOf(pair, [1, 2])?.type).toEqual({ kind: "fixedSizeList", listSize: 2 });
  });

  test("keeps nested lists in a table", () => {
    const matrix = [
      [
        [1, 2],
        [3, 4],
      ],
    ];
    expect(roundTrip(t.fixed(t.fixed(t.float32, 2), 2), matrix)).toEqual(matrix);
  });

  test("of uint8 is read from binary of its width, as Julia writes it", () => {
    const column = { values: [new Uint8Array([1, 2, 3])], type: fixedSizeBinary(3) };
    expect(readForeign(t.fixed(t.uint8, 3), column)).toEqual([[1, 2, 3]]);
    expect(() => readForeign(t.fixed(t.uint8, 4), column)).toThrow("the table does not comply");
    expect(() => readForeign(t.fixed(t.int8, 3), column)).toThrow("the table does not comply");
  });

  test("is not read from lists of another length, nor of any length", () => {
    const column = { values: [[1n, 2n, 3n]], type: fixedSizeList(int64(), 3) };
    expect(readForeign(t.fixed(t.int64, 3), column)).toEqual([[1, 2, 3]]);
    expect(() => readForeign(pair, column)).toThrow("the table does not comply");
    expect(() => readForeign(pair, { values: [[1n, 2n]], type: list(int64()) })).toThrow("the table does not comply");
  });

  test("is read as frozen arrays", () => {
    expect(Object.isFrozen(roundTrip(pair, [[1, 2]])[0])).toBe(true);
  });
});
