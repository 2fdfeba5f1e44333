import { decimal128, dictionary, int8, int32, interval, timestamp, uint64, utf8 } from "@uwdata/flechette";
import { FlatArray, Weights } from "legolas-flux";
import {
  construct,
  decodeTable,
  encodeTable,
  type RecordError,
  schema,
  t,
  UnsupportedTypeError,
} from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { newSchemaName, readForeign, roundTrip, thrownBy } from "../../../test/contract/support.ts";

const AnyV1 = schema("any.value").version(1, { fields: { value: t.any } });

function columnOf(...values: unknown[]) {
  const bytes = encodeTable(
    values.map((value) => ({ value })),
    AnyV1,
  );
  return decodeTable(bytes).data.schema.fields[0];
}

describe("t.any", () => {
  const kinds: [string, unknown[]][] = [
    ["booleans", [true, false]],
    ["integers", [1, -5, Number.MAX_SAFE_INTEGER]],
    ["floats", [0.5, Number.NaN, -0]],
    ["integers and floats together", [1, 0.5]],
    ["bigints", [2n ** 63n - 1n, 2n ** 53n]],
    ["strings", ["a", ""]],
    ["dates", [new Date(1), new Date(2)]],
    ["durations", [{ value: 5n, unit: "second" }]],
    ["bytes", [new Uint8Array([1, 2])]],
    ["vectors", [[1, 2], []]],
    ["vectors of vectors", [[[1], [2]]]],
    ["vectors of values of several kinds", [[1, "a", true]]],
    ["structs", [{ a: 1, b: { c: ["x"] } }]],
    ["maps", [new Map([["a", 1]])]],
    ["values of several kinds", [1, "a", true, [2]]],
    ["null among values", [1, null, 2]],
    ["nothing but null", [null, null]],
  ];

  test.each(kinds)("keeps %s in a table", (_, values) => {
    expect(roundTrip(t.any, values)).toEqual(values);
  });

  test("keeps null among values of several kinds", () => {
    expect(roundTrip(t.any, [null, 1, "a", null])).toEqual([null, 1, "a", null]);
    expect(roundTrip(t.any, [[1, "a", null]])).toEqual([[1, "a", null]]);
  });

  test.each<[string, object[]]>([
    ["with other keys", [{ a: 1 }, { b: "x" }]],
    ["with more keys", [{ a: 1 }, { a: 1, b: 2 }]],
    ["with missing values", [{ a: null }, { b: "x" }]],
    ["in lists", [{ list: [{ a: 1 }] }, { list: [{ a: 1, b: 2 }] }]],
  ])("loses no value of structs %s", (_, values) => {
    expect(roundTrip(t.any, values)).toMatchObject(values);
  });

  test("keeps a table of no rows", () => {
    expect(roundTrip(t.any, [])).toEqual([]);
  });

  test.each([
    [1, "int"],
    [0.5, "float"],
    [-0, "float"],
    ["a", "utf8"],
    [true, "bool"],
    [1n, "int"],
    [new Date(0), "timestamp"],
    [[1], "list"],
    [{ a: 1 }, "struct"],
    [new Map([["a", 1]]), "map"],
    [null, "null"],
  ])("writes a column whose type follows from the values: %s is of kind %s", (value, kind) => {
    expect(columnOf(value)?.type.kind).toBe(kind);
  });

  test("takes values as the types that fit them keep them, in new memory", () => {
    const given = { items: [1], bytes: new Uint8Array([1]) };
    const kept = construct(t.any, given);
    given.items.push(2);
    given.bytes[0] = 9;
    expect(kept).toEqual({ items: [1], bytes: new Uint8Array([1]) });
    expect(Object.isFrozen(kept)).toBe(true);
    expect(construct(t.any, new Float32Array([1, 2]))).toEqual([1, 2]);
    expect(construct(t.any, undefined)).toBeNull();
  });

  test("takes typed arrays of every kind as vectors, but bytes as bytes", () => {
    const arrays = [Int8Array, Int16Array, Int32Array, Uint16Array, Uint32Array, Float32Array, Float64Array];
    expect(arrays.map((Numbers) => construct(t.any, Numbers.of(1, 2)))).toEqual(arrays.map(() => [1, 2]));
    expect(construct(t.any, Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 2));
    expect(construct(t.any, BigInt64Array.of(1n, 2n))).toEqual([1n, 2n]);
    expect(construct(t.any, BigUint64Array.of(1n, 2n))).toEqual([1n, 2n]);
  });

  test.each<[unknown, string]>([
    [() => 1, "a function"],
    [Symbol("s"), "Symbol(s)"],
    [new Set([1]), "a Set"],
    [/x/, "a RegExp"],
    [new (class Model {})(), "a Model"],
    [Promise.resolve(1), "a Promise"],
  ])("refuses %s, which no column can hold", (value, found) => {
    expect(thrownBy(() => construct(t.any, value))).toMatchObject({
      message: `value: expected a value that a column can hold, found ${found}`,
    });
  });

  test("names the place of what no column can hold", () => {
    const error = thrownBy(() => construct(t.any, { layers: { activation: Math.tanh } })) as RecordError;
    expect(error.path).toEqual(["layers", "activation"]);
  });

  test("keeps records and weights as they are", () => {
    const PointV1 = schema(newSchemaName()).version(1, { fields: { x: t.int64 } });
    const weights = new Weights([new FlatArray(new Float32Array([1]), [1])]);
    expect(construct(t.any, PointV1({ x: 1 }))).toEqual({ x: 1 });
    expect(construct(t.any, weights)).toBe(weights);
  });

  test("may be absent from a record and from a table", () => {
    expect(AnyV1({})).toEqual({ value: null });
    const EmptyV1 = schema(newSchemaName()).version(1, { fields: { id: t.int64 } });
    const bytes = encodeTable([{ id: 1 }], EmptyV1);
    expect(decodeTable(bytes, { schemaVersion: AnyV1 }).records()).toEqual([{ value: null }]);
  });

  test.each([
    ["small integers", { values: [1, 2], type: int8() }, [1, 2]],
    [
      "64-bit integers that are safe as numbers, others as bigints",
      { values: [1n, 2n ** 60n], type: uint64() },
      [1, 2n ** 60n],
    ],
    ["strings in a dictionary", { values: ["a", "b", "a"], type: dictionary(utf8(), int32()) }, ["a", "b", "a"]],
    ["instants", { values: [5, null], type: timestamp() }, [new Date(5), null]],
  ])("reads %s as they are", (_, column, expected) => {
    expect(readForeign(t.any, column)).toEqual(expected);
  });

  test.each([
    [
      "decimals",
      { values: [1.5], type: decimal128(10, 2) },
      'column "value": expected a type this package can hold, found decimal',
    ],
    [
      "intervals",
      { values: [[1, 2, 3n]], type: interval() },
      'column "value": expected a type this package can hold, found interval',
    ],
  ])("refuses %s, which are not read, by their name", (_, column, message) => {
    expect(() => readForeign(t.any, column)).toThrow(UnsupportedTypeError);
    expect(() => readForeign(t.any, column)).toThrow(message);
  });
});
