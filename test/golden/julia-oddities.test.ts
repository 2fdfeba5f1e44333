/** What is odd in the files that Julia wrote, and how each oddity is read or refused. */
import {
  decodeModelRow,
  FlatArray,
  ModelV1,
  RecordError,
  RowCountError,
  readModelRow,
  type Weights,
} from "legolas-flux";
import {
  decodeTable,
  loadCodecs,
  recordEquals,
  schema,
  t,
  UnsupportedTypeError,
  ViolationError,
} from "legolas-flux/legolas";
import { beforeAll, describe, expect, it } from "vitest";
import { expectWeights } from "../helpers/expect-weights.ts";
import { bytesOf, juliaFixture, pathOf } from "../helpers/julia-fixtures.ts";
import { BazV1, DigitsRowV1, ExtendedV1, ValueV1 } from "./schemas.ts";

beforeAll(loadCodecs);

function weightsOf(file: string): Weights {
  return decodeModelRow(bytesOf(file)).weights!;
}

function bitsOf({ vec }: FlatArray): bigint[] {
  const { buffer, byteOffset, byteLength, length } = vec;
  const wide = vec.BYTES_PER_ELEMENT === 8;
  const bits = wide
    ? new BigUint64Array(buffer, byteOffset, length)
    : new Uint32Array(buffer, byteOffset, byteLength / 4);
  return Array.from<number | bigint, bigint>(bits, BigInt);
}

describe("numbers that JavaScript needs care for", () => {
  const BigModelV1 = schema("oracle.big-model").version(1, {
    fields: { weights: t.weights, architecture_version: t.bigint },
  });
  const row = juliaFixture("int64_extremes.arrow").rows[0]!;

  it("int64_extremes: ModelV1 refuses an architecture_version beyond 2^53 and advises t.bigint", async () => {
    const read = () => decodeModelRow(bytesOf("int64_extremes.arrow"));
    expect(read).toThrow(RecordError);
    expect(read).toThrow(expect.objectContaining({ path: ["architecture_version", 0], value: 2n ** 63n - 1n }));
    expect(read).toThrow(/9223372036854775807n.*t\.bigint/);
    await expect(readModelRow(pathOf("int64_extremes.arrow"))).rejects.toThrow(/t\.bigint/);
  });

  it("int64_extremes: a t.bigint declaration reads it, and the weights to the last bit", () => {
    const { weights, architecture_version } = decodeModelRow(bytesOf("int64_extremes.arrow"), BigModelV1);
    expect(architecture_version).toBe(2n ** 63n - 1n);
    expect(weights?.at(0)?.vec).toContain(2n ** 53n + 1n);
    expectWeights(weights, row.weights!);
  });

  it("special_float32: NaN, infinities, -0, subnormals and limits keep their bits", () => {
    const bits = [
      0x7fc00000n,
      0x7f800000n,
      0xff800000n,
      0x80000000n,
      0n,
      1n,
      0x00800000n,
      0x7f7fffffn,
      0xff7fffffn,
      0x34000000n,
    ];
    expect(bitsOf(weightsOf("special_float32.arrow").at(0)!)).toEqual(bits);
  });

  it("special_float64: NaN, infinities, -0, subnormals and limits keep their bits", () => {
    const special = [0x7ff8n << 48n, 0x7ff0n << 48n, 0xfff0n << 48n, 0x8000n << 48n, 0n, 1n];
    const limits = [0x0010n << 48n, (0x7ff0n << 48n) - 1n, (0xfff0n << 48n) - 1n, 0x3cb0n << 48n];
    expect(bitsOf(weightsOf("special_float64.arrow").at(0)!)).toEqual([...special, ...limits]);
  });

  it("eltype_float16: the elements are half-precision bits, and toFloat32 gives their values", () => {
    const [first] = weightsOf("eltype_float16.arrow");
    expect(first?.vec).toBeInstanceOf(Uint16Array);
    expect(first?.vec[0]).toBe(0xc380);
    expect(first?.toFloat32()[0]).toBe(-3.75);
  });

  it("eltype_bool: the elements are 0 and 1, one byte each", () => {
    const [, second] = weightsOf("eltype_bool.arrow");
    expect(second?.vec).toEqual(Uint8Array.of(1, 0, 0));
  });

  it("abstract_number: weights of Julia's abstract Real are stored as what they promote to", () => {
    const weights = weightsOf("abstract_number.arrow");
    expect(weights.elementType).toBe("float32");
    expect(weights.arrays.map(({ vec }) => vec)).toEqual([Float32Array.of(1.5, 2), Float32Array.of(3)]);
  });
});

describe("types that JavaScript has no array for", () => {
  const unheld = [
    ["eltype_int128.arrow", "int128"],
    ["eltype_uint128.arrow", "uint128"],
    ["eltype_complex_float32_.arrow", "struct<re: float32, im: float32>"],
    ["eltype_rational_int64_.arrow", "struct<num: int64, den: int64>"],
  ] as const;

  it.each(unheld)("%s: the weights are refused as %s", async (file, type) => {
    const read = () => decodeModelRow(bytesOf(file));
    expect(read).toThrow(UnsupportedTypeError);
    expect(read).toThrow(expect.objectContaining({ type }));
    await expect(readModelRow(pathOf(file))).rejects.toThrow(UnsupportedTypeError);
  });

  it.each(unheld)("%s: the columns beside the weights are still read", (file) => {
    expect(decodeTable(bytesOf(file)).column("architecture_version")).toEqual([1]);
  });

  it("field_int128: a 128-bit integer is refused by name in a field without a type", () => {
    const table = decodeTable(bytesOf("field_int128.arrow"), { schemaVersion: ValueV1 });
    expect(() => table.records()).toThrow(UnsupportedTypeError);
    expect(() => table.records()).toThrow(expect.objectContaining({ type: "int128" }));
  });
});

describe("fields that are stored as something else", () => {
  const valuesOf = (file: string) => decodeTable(bytesOf(file), { schemaVersion: ValueV1 }).column("value");

  it("field_day: five days are 432000 seconds, for Arrow has no unit of days", () => {
    expect(valuesOf("field_day.arrow")).toEqual([{ value: 432_000n, unit: "second" }]);
  });

  it("field_int_or_string: a union whose type ids are absent counts its members from 0", () => {
    const [column] = decodeTable(bytesOf("field_int_or_string.arrow")).schema.fields;
    expect(column?.type).toMatchObject({ kind: "union", mode: "dense", typeIds: [0, 1] });
    expect(valuesOf("field_int_or_string.arrow")).toEqual([1, "a", 2]);
  });

  it("field_uuid: the bytes stand in reverse, as Julia's 128-bit integer", () => {
    const schemaVersion = schema("oracle.raw-uuid").version(1, { fields: { value: t.bytes } });
    const [first] = decodeTable(bytesOf("field_uuid.arrow"), { schemaVersion }).records();
    expect(Buffer.from(first!.value).toString("hex")).toBe("01332ce805030c9ad311894fe004253f");
    expect(valuesOf("field_uuid.arrow")[0]).toBe("3f2504e0-4f89-11d3-9a0c-0305e82c3301");
  });

  it("field_uuid: reading leaves the caller's bytes as they are, those of a Node Buffer too", () => {
    const bytes = Buffer.from(bytesOf("field_uuid.arrow"));
    decodeTable(bytes).records();
    expect(bytes.equals(bytesOf("field_uuid.arrow"))).toBe(true);
  });

  it.each(["field_bytes.arrow", "field_codeunits.arrow", "field_ntuple_uint8.arrow"])(
    "%s: bytes are copies, and plain Uint8Arrays, even from a Node Buffer",
    (file) => {
      const bytes = Buffer.from(bytesOf(file));
      const schemaVersion = schema("oracle.raw-bytes").version(1, { fields: { value: t.bytes } });
      const [first] = decodeTable(bytes, { schemaVersion }).column("value") as Uint8Array[];
      const content = Array.from(first!);
      bytes.fill(0xee);
      expect(first?.constructor).toBe(Uint8Array);
      expect(Array.from(first!)).toEqual(content);
    },
  );

  it("field_matrix: a matrix is a list of its elements, column-major, without its size", () => {
    expect(valuesOf("field_matrix.arrow")).toEqual([[1, 3, 2, 4]]);
  });

  it("extended: a record has every field in the type declared for it", () => {
    const { weights, ...fields } = decodeModelRow(bytesOf("extended_sha.arrow"), ExtendedV1);
    expect(weights?.length).toBe(2);
    expect(fields).toStrictEqual({
      architecture_version: 5,
      name: 'my modèl "q" ☃ 🎉',
      kind: "relu",
      id: "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
      trained_on: "2023-11-20",
      created_at: new Date("2023-11-20T13:37:42.123Z"),
      losses: [0.5, 0.25, -1e300, 0.1],
      tags: ["a", "", "ccc"],
      hyper: { lr: 0.001, batch: 32, optimiser: "adam" },
      deterministic: true,
      commit_sha: "5e26df4",
    });
  });
});

describe("arrays of no elements and of no dimensions", () => {
  it.each([
    ["empty_0x5_first.arrow", "BoundsError", [[0, 5], [2]]],
    ["empty_0x5_only.arrow", "BoundsError", [[0, 5]]],
    ["empty_weights.arrow", "BoundsError", []],
    ["empty_5x0_and_0.arrow", "ok", [[2, 3], [5, 0], [0]]],
  ])("%s is read here (by Julia: %s)", (file, byJulia, sizes) => {
    expect(juliaFixture(file).julia_read_back).toContain(byJulia);
    expect(weightsOf(file).arrays.map(({ size }) => size)).toEqual(sizes);
  });

  it("zero_dim: an array without dimensions has the size () and one element", () => {
    const [scalar] = weightsOf("zero_dim.arrow");
    expect(scalar).toEqual(new FlatArray(Float32Array.of(2.5), []));
  });
});

describe("missing weights and tables of several rows", () => {
  it.each(["missing_weights.arrow", "missing_weights_arch7.arrow", "extended_no_weights.arrow"])(
    "%s: a column of nothing but null gives null",
    (file) => {
      expect(decodeModelRow(bytesOf(file)).weights).toBeNull();
    },
  );

  it.each([
    ["three_rows.arrow", [2, null, 4], 1],
    ["three_rows_lz4.arrow", [2, null, 4], 1],
    ["three_batches.arrow", [2, null, 4, 1], 3],
  ])("%s: a null row is null although an empty array stands in its slot", (file, lengths, batches) => {
    const table = decodeTable(bytesOf(file), { schemaVersion: ModelV1 });
    expect(table.records().map(({ weights }) => weights?.length ?? null)).toEqual(lengths);
    expect(table.data.columns[0]?.length).toBe(batches);
  });

  it.each([
    ["no_rows.arrow", 0],
    ["three_rows.arrow", 3],
    ["three_rows_lz4.arrow", 3],
    ["three_batches.arrow", 4],
  ])("%s is no model row: it has %i rows", async (file, numRows) => {
    const read = () => decodeModelRow(bytesOf(file));
    expect(read).toThrow(RowCountError);
    expect(read).toThrow(expect.objectContaining({ numRows }));
    await expect(readModelRow(pathOf(file))).rejects.toThrow(RowCountError);
  });

  it("no_rows: a table without rows has a schema version, columns and no records", () => {
    const table = decodeTable(bytesOf("no_rows.arrow"));
    expect(table.schemaVersion).toBe(ModelV1);
    expect(table.columnNames).toEqual(["weights", "architecture_version"]);
    expect(table.column("weights")).toEqual([]);
    expect(table.records()).toEqual([]);
  });
});

describe("one content in many forms", () => {
  it.each(["lz4", "zstd", "stream", "stream_zstd", "largelists", "dictencode", "metadata"])(
    "%s.arrow holds the row of plain_big.arrow",
    async (variant) => {
      const plain = decodeModelRow(bytesOf("plain_big.arrow"));
      expect(recordEquals(decodeModelRow(bytesOf(`${variant}.arrow`)), plain)).toBe(true);
      expect(recordEquals(await readModelRow(pathOf(`${variant}.arrow`)), plain)).toBe(true);
    },
  );

  it.each([
    ["simple_lz4", "simple"],
    ["three_rows_lz4", "three_rows"],
    ["extended_dictencode", "extended_sha"],
    ["baz_dictencode", "baz"],
    ["baz_stream_lz4", "baz"],
    ["baz_dictcolumn_extra", "baz"],
  ])("%s.arrow holds the rows of %s.arrow", (variant, plain) => {
    const expected = decodeTable(bytesOf(`${plain}.arrow`)).records();
    const actual = decodeTable(bytesOf(`${variant}.arrow`)).records();
    expect(actual.length).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(0);
    expect(actual.every((record, i) => recordEquals(record, expected[i]!))).toBe(true);
  });

  it("baz_dictencode_batches: a dictionary that grows between batches serves the rows behind it", () => {
    const table = decodeTable(bytesOf("baz_dictencode_batches.arrow"), { schemaVersion: BazV1 });
    expect(table.data.columns[0]?.map(({ length }) => length)).toEqual([1, 2, 2]);
    expect(table.column("z")).toEqual(["beep_23", "boop_127", "some_other_value", "beep_23", "some_other_value"]);
  });

  it("baz_dictcolumn_extra: an undeclared column is kept by the table and dropped by the records", () => {
    const table = decodeTable(bytesOf("baz_dictcolumn_extra.arrow"), { schemaVersion: BazV1 });
    expect(table.column("extra")).toEqual(["e1", "e2", "e3"]);
    expect(table.records()[0]).not.toHaveProperty("extra");
  });

  it("metadata: the writer's own metadata stand beside the schema's", () => {
    expect(Object.fromEntries(decodeTable(bytesOf("metadata.arrow")).metadata)).toEqual({
      git_sha: "abc",
      emoji: "π≈3.14",
      legolas_schema_qualified: "legolas-flux.model@1",
      legolas_julia_schema_provider_name: "LegolasFlux",
      legolas_julia_schema_provider_version: "0.2.3",
    });
  });

  it.each(["digits.arrow", "digits_strict.arrow"])(
    "%s: a nested record is read with and without the name of its schema in the column",
    (file) => {
      const named = decodeTable(bytesOf(file)).schema.fields.find(({ name }) => name === "config")?.metadata;
      expect(named?.get("ARROW:extension:name") ?? null).toBe(
        file === "digits.arrow" ? null : "JuliaLang.Legolas.Generated.digits-config.1",
      );
      const { config, commit_sha } = decodeModelRow(bytesOf(file), DigitsRowV1);
      expect(config).toStrictEqual(
        file === "digits.arrow" ? { seed: 42, dropout_rate: 0.25 } : { seed: 9, dropout_rate: 0.5 },
      );
      expect(commit_sha).toBeNull();
    },
  );

  it("a model row is refused as an extension whose fields it lacks, naming the column", () => {
    const read = () => decodeModelRow(bytesOf("simple.arrow"), DigitsRowV1);
    expect(read).toThrow(ViolationError);
    expect(read).toThrow(
      expect.objectContaining({ violations: [{ field: "config", expected: "digits-config@1", found: null }] }),
    );
  });
});
