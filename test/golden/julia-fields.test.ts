/** Fields that Julia wrote, each read with the declared types that fit it, and written again. */
import { decodeTable, encodeTable, type FieldLike, schema, t, ViolationError } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";
import { bytesOf, listJuliaFiles } from "../helpers/julia-fixtures.ts";
import { DigitsConfigV1 } from "./schemas.ts";

const id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
const one = "00000000-0000-0000-0000-000000000001";
const seconds = (value: bigint) => ({ value, unit: "second" });
const namedTuple = { name: t.string, nested: t.struct({ b: t.optional(t.string), a: t.int64 }), lr: t.float64 };
const triples = [
  [1, 2, 3],
  [4, 5, 6],
];
const config = { seed: 1, dropout_rate: 0 };

/** File, type, and the values it gives; the column of each file is called `value`. */
const typedReads: readonly (readonly [file: string, type: FieldLike, values: readonly unknown[]])[] = [
  ["field_bool_missing", t.optional(t.bool), [true, null, false]],
  ["field_bytes", t.bytes, [Uint8Array.of(1, 2, 255), new Uint8Array()]],
  ["field_bytes", t.vector(t.uint8), [[1, 2, 255], []]],
  ["field_char", t.uint32, [97, 960]],
  ["field_codeunits", t.bytes, [Uint8Array.of(97, 98, 99), new Uint8Array()]],
  [
    "field_complex",
    t.struct({ re: t.float64, im: t.float64 }),
    [
      { re: 1, im: 2 },
      { re: 3, im: -4 },
    ],
  ],
  ["field_date", t.date, ["2023-11-20", "1969-12-31", "0001-01-01"]],
  ["field_date_missing", t.optional(t.date), ["2023-11-20", null]],
  ["field_day", t.duration, [seconds(432_000n)]],
  ["field_dict", t.map(t.string, t.int64), [new Map([["a", 1]]), new Map([["b", 2]])]],
  ["field_dict", t.map(t.string, t.bigint), [new Map([["a", 1n]]), new Map([["b", 2n]])]],
  ["field_dictencode_string", t.optional(t.string), ["a", null, "b", "a"]],
  ["field_dictencode_symbol", t.symbol, ["a", "b", "a"]],
  ["field_int_missing", t.optional(t.int64), [1, null, 3]],
  ["field_int_missing", t.optional(t.bigint), [1n, null, 3n]],
  ["field_int_missing", t.optional(t.integer), [1, null, 3]],
  ["field_int_missing", t.optional(t.real), [1, null, 3]],
  ["field_int_or_string", t.union(t.int64, t.string), [1, "a", 2]],
  ["field_int_or_string", t.union(t.symbol, t.bigint), [1n, "a", 2n]],
  ["field_matrix", t.vector(t.float64), [[1, 3, 2, 4]]],
  ["field_millisecond", t.duration, [{ value: 5n, unit: "millisecond" }]],
  ["field_missing_only", t.optional(t.string), [null, null]],
  ["field_missing_only", t.optional(DigitsConfigV1), [null, null]],
  ["field_missing_only", t.weights, [null, null]],
  [
    "field_namedtuple",
    t.struct(namedTuple),
    [
      { lr: 0.5, name: "x", nested: { a: 1, b: null } },
      { lr: 1.5, name: "", nested: { a: 2, b: null } },
    ],
  ],
  ["field_namedtuple_missing", t.optional(t.struct({ a: t.int64, s: t.string })), [{ a: 1, s: "x" }, null]],
  [
    "field_namedtuple_missing",
    t.optional(t.struct({ s: t.string, more: t.optional(t.bool) })),
    [{ s: "x", more: null }, null],
  ],
  ["field_nothing", t.optional(t.int64), [null, null]],
  ["field_ntuple", t.fixed(t.float32, 3), triples],
  ["field_ntuple", t.vector(t.float32), triples],
  ["field_ntuple_uint8", t.fixed(t.uint8, 4), [[1, 2, 3, 4]]],
  ["field_ntuple_uint8", t.bytes, [Uint8Array.of(1, 2, 3, 4)]],
  ["field_nullable_vector", t.optional(t.vector(t.float64)), [[1, 2.5], null, [3]]],
  ["field_period", t.duration, [seconds(5n), seconds(-1n)]],
  ["field_pooled", t.string, ["a", "b", "a"]],
  [
    "field_rational",
    t.struct({ num: t.int64, den: t.int64 }),
    [
      { num: 1, den: 2 },
      { num: 3, den: 4 },
    ],
  ],
  ["field_real_any", t.real, [1, 2.5]],
  ["field_real_any", t.float64, [1, 2.5]],
  ["field_record", DigitsConfigV1, [config, { seed: 2, dropout_rate: 0.5 }]],
  ["field_record", t.struct({ dropout_rate: t.float32, seed: t.int64 }), [config, { seed: 2, dropout_rate: 0.5 }]],
  ["field_record_missing", t.optional(DigitsConfigV1), [config, null]],
  ["field_schemaversion", t.string, ["example.bar@1", "example.baz@1>example.bar@1"]],
  ["field_string", t.string, ["a", "", "π"]],
  ["field_string", t.optional(t.string), ["a", "", "π"]],
  ["field_string_missing", t.optional(t.string), ["a", null, "π"]],
  ["field_symbol", t.symbol, ["a", "", "π "]],
  ["field_symbol", t.string, ["a", "", "π "]],
  [
    "field_tuple",
    t.struct({ 1: t.int64, 2: t.string }),
    [
      { 1: 1, 2: "a" },
      { 1: 2, 2: "b" },
    ],
  ],
  ["field_uuid", t.uuid, [id, one]],
  ["field_uuid_missing", t.optional(t.uuid), [id, null]],
  ["field_vector_float64", t.vector(t.float64), [[1, 2.5], []]],
  ["field_vector_float64", t.vector(t.real), [[1, 2.5], []]],
  ["field_vector_missing", t.vector(t.optional(t.int64)), [[1, null], []]],
  ["field_vector_string", t.vector(t.string), [["a", ""], []]],
  ["field_vector_vector", t.vector(t.vector(t.int64)), [[[1, 2], []], []]],
];

const typed = schema("oracle.typed");
const cases = typedReads.map(([file, type, values], i) => {
  const schemaVersion = typed.version(i, { fields: { value: type } });
  return { file, schemaVersion, type: schemaVersion.fields.value!.text, values };
});

describe("fields that Julia wrote, read with a declared type", () => {
  it("covers every field_*.arrow but the one of 128-bit integers, which no type reads", () => {
    const covered = new Set(["field_int128.arrow", ...cases.map(({ file }) => `${file}.arrow`)]);
    expect([...covered].sort()).toEqual(
      listJuliaFiles()
        .filter((name) => name.startsWith("field_"))
        .sort(),
    );
    expect(covered.size).toBe(40);
    expect(cases.length).toBe(55);
  });

  it.each(cases)("$file is read as $type", ({ file, schemaVersion, values }) => {
    const table = decodeTable(bytesOf(`${file}.arrow`), { schemaVersion });
    expect(table.records().map(({ value }) => value)).toStrictEqual(values);
    expect(table.column("value")).toStrictEqual(values);
  });

  it.each(cases)("$file as $type is written and read again unchanged", ({ file, schemaVersion, values }) => {
    const records = decodeTable(bytesOf(`${file}.arrow`), { schemaVersion }).records();
    const again = decodeTable(encodeTable(records, schemaVersion)).records() as Record<string, unknown>[];
    expect(again.map(({ value }) => value)).toStrictEqual(values);
  });
});

describe("fields that Julia wrote, read with a type that does not fit", () => {
  const mismatches: readonly (readonly [file: string, type: FieldLike, expected: string, found: string])[] = [
    ["field_string_missing", t.string, "string", "string? with 1 missing values"],
    ["field_missing_only", t.int64, "int64", "null?"],
    ["field_int_missing", t.optional(t.int32), "int32?", "int64?"],
    ["field_int_or_string", t.string, "string", "union<int64?, string>?"],
    ["field_ntuple", t.fixed(t.float32, 4), "fixed<float32, 4>", "list<float32>[3]"],
    [
      "field_record",
      t.struct({ seed: t.string }),
      "struct<seed: string>",
      "struct<seed: int64, dropout_rate: float32> (JuliaLang.Legolas.Generated.digits-config.1)",
    ],
    ["field_namedtuple_missing", t.optional(DigitsConfigV1), "digits-config@1?", "struct<a: int64, s: string>?"],
    ["field_int128", t.int64, "int64", "int128"],
    ["field_uuid", t.string, "string", "binary[16] (JuliaLang.UUID)"],
  ];
  const refusals = mismatches.map(([file, type, expected, found], i) => {
    const schemaVersion = schema("oracle.mistyped").version(i, { fields: { value: type } });
    return { file, schemaVersion, expected, found };
  });

  it.each(refusals)("$file is refused as $expected, naming $found", ({ file, schemaVersion, expected, found }) => {
    const read = () => decodeTable(bytesOf(`${file}.arrow`), { schemaVersion });
    expect(read).toThrow(ViolationError);
    expect(read).toThrow(expect.objectContaining({ violations: [{ field: "value", expected, found }] }));
  });
});
