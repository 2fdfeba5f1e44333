import {
  binary,
  dictionary,
  fixedSizeBinary,
  int8,
  int32,
  largeBinary,
  largeUtf8,
  list,
  uint8,
  utf8,
} from "@uwdata/flechette";
import {
  type ArrowSchema,
  construct,
  type DataType,
  decodeTable,
  encodeTable,
  type FieldLike,
  findViolations,
  schema,
  t,
} from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { newSchemaName, readForeign, roundTrip, thrownBy } from "../../../test/contract/support.ts";

function refusal(type: FieldLike, value: unknown): unknown {
  return thrownBy(() => construct(type, value));
}

/** The Arrow column that a field of a type is written as. */
function columnOf(type: FieldLike, value: unknown) {
  const version = schema(newSchemaName()).version(1, { fields: { value: type } });
  return decodeTable(encodeTable([{ value }], version)).data.schema.fields[0];
}

const uuid = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
const rfcOrder = Uint8Array.from([63, 37, 4, 224, 79, 137, 17, 211, 154, 12, 3, 5, 232, 44, 51, 1]);

describe.each([
  ["string", t.string],
  ["symbol", t.symbol],
])("t.%s", (_, type) => {
  const texts = ["", "a", "ß√🂡", "a\0b", "  ", "x".repeat(1000)];

  test("takes strings as they are", () => {
    expect(texts.map((text) => construct(type, text))).toEqual(texts);
  });

  test.each([
    [null, "missing (null)"],
    [undefined, "missing (null)"],
    [1, "1"],
    [new Date(Number.NaN), "the date Invalid Date"],
    [["a"], "an array of 1"],
  ])("refuses %s", (value, found) => {
    expect(refusal(type, value)).toMatchObject({ message: `value: expected string, found ${found}` });
  });

  test("refuses half a surrogate pair, which UTF-8 cannot hold", () => {
    expect(refusal(type, "a\ud800")).toMatchObject({
      message:
        'value: expected a well-formed string, found "a\\ud800". ' +
        "Half a surrogate pair cannot be stored; value.toWellFormed() replaces it",
    });
  });

  test("keeps its values in a table", () => {
    expect(roundTrip(type, texts)).toEqual(texts);
    expect(roundTrip(t.optional(type), ["a", null, ""])).toEqual(["a", null, ""]);
  });

  test.each([
    ["any string column", utf8()],
    ["strings with 64-bit offsets", largeUtf8()],
    ["strings in a dictionary", dictionary(utf8(), int32())],
    ["strings in a dictionary of bytes", dictionary(utf8(), int8())],
  ])("reads %s", (__, arrowType) => {
    expect(readForeign(type, { values: ["a", "b", "a"], type: arrowType })).toEqual(["a", "b", "a"]);
  });

  test("reads Julia's Symbols", () => {
    expect(readForeign(type, { values: ["a"], type: utf8(), extension: "JuliaLang.Symbol" })).toEqual(["a"]);
  });

  test("refuses a column of bytes", () => {
    expect(() => readForeign(type, { values: [new Uint8Array([65])], type: binary() })).toThrow(
      "the table does not comply",
    );
  });
});

test("a long value is shortened in a message", () => {
  expect(refusal(t.int64, "x".repeat(100))).toMatchObject({
    message: `value: expected int64 (a safe integer), found "${"x".repeat(58)}…`,
  });
});

test("t.symbol is written with Julia's extension name, t.string without", () => {
  expect(columnOf(t.symbol, "a")?.metadata.get("ARROW:extension:name")).toBe("JuliaLang.Symbol");
  expect(columnOf(t.string, "a")?.metadata.size).toBe(0);
});

describe("t.uuid", () => {
  test("takes text of 32 hexadecimal digits, and keeps it in lowercase", () => {
    expect(construct(t.uuid, uuid)).toBe(uuid);
    expect(construct(t.uuid, uuid.toUpperCase())).toBe(uuid);
  });

  test.each([
    ["", '""'],
    [uuid.replaceAll("-", ""), '"3f2504e04f8911d39a0c0305e82c3301"'],
    [`{${uuid}}`, `"{${uuid}}"`],
    [`${uuid}\n`, `"${uuid}\\n"`],
    [uuid.replace("3f", "3g"), `"${uuid.replace("3f", "3g")}"`],
    [rfcOrder, "a Uint8Array of 16 bytes"],
    [null, "missing (null)"],
    [undefined, "missing (null)"],
    [1n, "1n"],
  ])("refuses %s", (value, found) => {
    expect(refusal(t.uuid, value)).toMatchObject({
      message: `value: expected uuid (such as 3f2504e0-4f89-11d3-9a0c-0305e82c3301), found ${found}`,
    });
  });

  test("keeps its values in a table", () => {
    const ids = [uuid, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-fffffffffffe"];
    expect(roundTrip(t.uuid, ids)).toEqual(ids);
    expect(roundTrip(t.optional(t.uuid), [null, uuid])).toEqual([null, uuid]);
  });

  test("is written as Julia's: 16 bytes in reverse, under its extension name", () => {
    const version = schema(newSchemaName()).version(1, { fields: { value: t.uuid } });
    const { data } = decodeTable(encodeTable([{ value: uuid }], version));
    expect(data.schema.fields[0]?.type).toEqual({ kind: "fixedSizeBinary", byteWidth: 16 });
    expect(data.schema.fields[0]?.metadata.get("ARROW:extension:name")).toBe("JuliaLang.UUID");
    expect(data.columns[0]?.[0]?.values).toEqual(rfcOrder.toReversed());
  });

  test.each([
    ["no extension name, in RFC order", undefined, rfcOrder],
    ["arrow.uuid, in RFC order", "arrow.uuid", rfcOrder],
    ["JuliaLang.UUID, in reverse", "JuliaLang.UUID", rfcOrder.toReversed()],
  ])("is read from 16-byte binary under %s", (_, extension, bytes) => {
    const column = { values: [bytes], type: fixedSizeBinary(16), ...(extension && { extension }) };
    expect(readForeign(t.uuid, column)).toEqual([uuid]);
  });

  test.each<[string, DataType, boolean]>([
    ["a 128-bit unsigned integer", { kind: "int", bitWidth: 128, signed: false }, true],
    ["a 128-bit signed integer", { kind: "int", bitWidth: 128, signed: true }, false],
    ["binary of 8 bytes", { kind: "fixedSizeBinary", byteWidth: 8 }, false],
    ["text", { kind: "utf8", large: false }, false],
  ])("of %s: accepted or not", (_, type, accepted) => {
    const version = schema(newSchemaName()).version(1, { fields: { id: t.uuid } });
    const field = { name: "id", type, nullable: false, children: [], dictionary: null, metadata: new Map() };
    const arrowSchema: ArrowSchema = { fields: [field], metadata: new Map() };
    expect(findViolations(arrowSchema, version).length).toBe(accepted ? 0 : 1);
  });
});

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
