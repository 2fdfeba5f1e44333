import { binary, fixedSizeBinary, int8, largeBinary, list, uint8 } from "@uwdata/flechette";
import { construct, decodeTable, encodeTable, schema, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { columnOf, newSchemaName, readForeign, refusal, roundTrip } from "../../../test/contract/support.ts";

describe("t.bytes", () => {
  const values = [new Uint8Array([0, 127, 255]), new Uint8Array(), new Uint8Array([1])];

  test("takes a Uint8Array, a subclass of it or an ArrayBuffer, and copies it to a Uint8Array", () => {
    const given = new Uint8Array([1, 2, 3]);
    const kept = construct(t.bytes, given.subarray(1));
    given[1] = 9;
    expect(kept).toEqual(new Uint8Array([2, 3]));
    const fromBuffer = construct(t.bytes, Buffer.from([1, 2]));
    expect(Object.getPrototypeOf(fromBuffer)).toBe(Uint8Array.prototype);
    expect(construct<Uint8Array, unknown>(t.bytes, new Uint8Array([4]).buffer)).toEqual(new Uint8Array([4]));
  });

  test.each([
    [[1, 2], "an array of 2"],
    [new Uint16Array(2), "a Uint16Array of 4 bytes"],
    ["ab", '"ab"'],
    [null, "missing (null)"],
    [undefined, "missing (null)"],
  ])("refuses %s", (value, found) => {
    expect(refusal(t.bytes, value)).toMatchObject({
      message: `value: expected bytes (a Uint8Array), found ${found}`,
    });
  });

  test("is written as Julia's Vector{UInt8}, a list of unsigned bytes", () => {
    const column = columnOf(t.bytes, new Uint8Array([1]));
    expect(column?.type.kind).toBe("list");
    expect(column?.children[0]).toMatchObject({ nullable: false, type: { kind: "int", bitWidth: 8, signed: false } });
  });

  test("keeps its values in a table", () => {
    expect(roundTrip(t.bytes, values)).toEqual(values);
    expect(roundTrip(t.optional(t.bytes), [null, values[0]])).toEqual([null, values[0]]);
  });

  test.each([
    ["binary", binary(), values],
    ["binary with 64-bit offsets", largeBinary(), values],
    ["binary of a fixed width", fixedSizeBinary(2), [new Uint8Array([1, 2]), new Uint8Array([3, 4])]],
    ["a list of unsigned bytes", list(uint8()), values],
  ])("is read from %s", (_, type, expected) => {
    expect(readForeign(t.bytes, { values: expected, type })).toEqual(expected);
  });

  test("is read as a copy, which does not keep the file in memory", () => {
    const version = schema(newSchemaName()).version(1, { fields: { value: t.bytes } });
    const file = encodeTable([{ value: new Uint8Array([1, 2]) }], version);
    const [value] = decodeTable(file).column("value") as [Uint8Array];
    expect(value.buffer.byteLength).toBe(2);
  });

  test("refuses a list with a null among its bytes", () => {
    expect(() => readForeign(t.bytes, { values: [[1, null]], type: list(uint8()) })).toThrow(
      "expected bytes without nulls among them",
    );
  });

  test("refuses a list of other integers", () => {
    expect(() => readForeign(t.bytes, { values: [[1]], type: list(int8()) })).toThrow("the table does not comply");
  });
});
