/**
 * Everything that is written, read back value by value by other Arrow libraries.
 *
 * Idea: what only the package's own reader understands is not Arrow.
 */
import { encodeModelRow, FlatArray, ModelV1, Weights } from "legolas-flux";
import { encodeTable, type FieldLike, schema, t } from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";
import { everyType } from "../helpers/every-type.ts";
import { type Columns, readWith } from "../helpers/read-with.ts";

const readers = Object.entries(readWith);
const formats = ["file", "stream"] as const;

/** Writes values as a column called `value`, once with each format. */
function write(type: FieldLike, values: readonly unknown[]): Uint8Array[] {
  const ValueV1 = schema("test.value").version(1, { fields: { value: type } }, { replace: true });
  const rows = values.map((value) => ({ value }));
  return formats.map((format) => encodeTable(rows, ValueV1, { format }));
}

function expectColumn(read: (bytes: Uint8Array) => Columns, files: readonly Uint8Array[], values: readonly unknown[]) {
  expect(files).toHaveLength(formats.length);
  for (const bytes of files) expect(read(bytes).value).toEqual(values);
}

vi.setConfig({ testTimeout: 60_000 });

describe.each(readers)("%s reads every field type", (_, read) => {
  it("of which there are enough", () => {
    expect(everyType).toHaveLength(33);
    expect(new Set(everyType.map(({ name }) => name)).size).toBe(33);
  });

  it.each(everyType)("$name, one row", ({ type, values, stored }) => {
    for (const [i, value] of values.entries()) expectColumn(read, write(type, [value]), [stored[i]]);
  });

  it.each(everyType)("$name, many rows", ({ type, values, stored }) => {
    const [a, b, c] = values;
    expectColumn(read, write(type, [a, b, c, b, b]), [stored[0], stored[1], stored[2], stored[1], stored[1]]);
  });

  it.each(everyType)("$name, no rows", ({ type }) => {
    expectColumn(read, write(type, []), []);
  });

  it.each(everyType)("$name, with nulls before, between and after", ({ type, values, stored }) => {
    const rows = [null, values[0], null, null, values[1], values[2], null];
    const expected = [null, stored[0], null, null, stored[1], stored[2], null];
    expectColumn(read, write(t.optional(type), rows), expected);
  });

  it.each(everyType)("$name, optional without nulls", ({ type, values, stored }) => {
    expectColumn(read, write(t.optional(type), values), stored);
  });

  it.each(everyType)("$name, nothing but null", ({ type }) => {
    for (const rows of [[null], [null, null, null]]) expectColumn(read, write(t.optional(type), rows), rows);
  });

  it.each(everyType)("$name, in lists", ({ type, values, stored }) => {
    const rows = [[values[0], values[1]], [], [values[2]]];
    expectColumn(read, write(t.vector(type), rows), [[stored[0], stored[1]], [], [stored[2]]]);
  });

  it.each(everyType)("$name, in lists with nulls inside and outside", ({ type, values, stored }) => {
    const rows = [[null, values[0]], null, [values[1], null, values[2]], []];
    const expected = [[null, stored[0]], null, [stored[1], null, stored[2]], []];
    expectColumn(read, write(t.optional(t.vector(t.optional(type))), rows), expected);
  });

  it.each(everyType)("$name, in fixed lists with nulls", ({ type, values, stored }) => {
    const rows = [[values[0], null], null, [values[1], values[2]]];
    const expected = [[stored[0], null], null, [stored[1], stored[2]]];
    expectColumn(read, write(t.optional(t.fixed(t.optional(type), 2)), rows), expected);
  });

  it.each(everyType)("$name, in structs with nulls at both levels", ({ type, values, stored }) => {
    const struct = t.struct({ before: t.int8, inner: t.optional(type), after: t.string });
    const of = (inner: unknown, i: number): object => ({ before: i, inner, after: `row ${i}` });
    const rows = [of(values[0], 1), null, of(null, 2), of(values[1], 3), of(values[2], 4)];
    const expected = [of(stored[0], 1), null, of(null, 2), of(stored[1], 3), of(stored[2], 4)];
    expectColumn(read, write(t.optional(struct), rows), expected);
  });

  it.each(everyType)("$name, not optional under a struct that is missing", ({ type, values, stored }) => {
    const rows = [{ inner: values[0] }, null, { inner: values[1] }];
    const expected = [{ inner: stored[0] }, null, { inner: stored[1] }];
    expectColumn(read, write(t.optional(t.struct({ inner: type })), rows), expected);
  });

  it.each(everyType)("$name, as values of maps", ({ type, values, stored }) => {
    const rows = [new Map([["a", values[0]]]), new Map(), new Map(Object.entries({ b: values[1], c: values[2] }))];
    const expected = [
      [["a", stored[0]]],
      [],
      [
        ["b", stored[1]],
        ["c", stored[2]],
      ],
    ];
    expectColumn(read, write(t.map(t.string, type), rows), expected);
  });
});

describe.each(readers)("%s reads columns typed by their values", (_, read) => {
  const cases: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
    ["integers", [1, -2, 3], [1n, -2n, 3n]],
    ["numbers", [1, 0.5], [1, 0.5]],
    ["numbers with null", [null, 0.5], [null, 0.5]],
    ["text and integers", ["a", 1], ["a", 1n]],
    ["text, integers and null", ["a", null, 1, null], ["a", null, 1n, null]],
    ["typed arrays", [Float32Array.of(0.5), Float32Array.of()], [[0.5], []]],
    ["lists of objects", [[{ a: 1 }], []], [[{ a: 1n }], []]],
    ["only null", [null, null], [null, null]],
  ];

  it.each(cases)("%s", (_name, values, stored) => {
    expectColumn(read, write(t.any, values), stored);
  });

  it("of keys that the schema does not declare", () => {
    const bytes = encodeModelRow({ weights: null, epoch: 3, note: "x", nested: { list: [true] } }, ModelV1);
    const columns = read(bytes);
    expect([columns.epoch, columns.note, columns.nested]).toEqual([[3n], ["x"], [{ list: [true] }]]);
  });
});

const elementTypes: readonly (readonly [FlatArray["elementType"], FlatArray["vec"], readonly unknown[]])[] = [
  ["int8", Int8Array.of(-128, 0, 127), [-128, 0, 127]],
  ["int16", Int16Array.of(-32_768, 0, 32_767), [-32_768, 0, 32_767]],
  ["int32", Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1), [-(2 ** 31), 0, 2 ** 31 - 1]],
  ["int64", BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n), [-(2n ** 63n), 0n, 2n ** 63n - 1n]],
  ["uint8", Uint8Array.of(0, 128, 255), [0, 128, 255]],
  ["uint16", Uint16Array.of(0, 256, 65_535), [0, 256, 65_535]],
  ["uint32", Uint32Array.of(0, 2 ** 31, 2 ** 32 - 1), [0, 2 ** 31, 2 ** 32 - 1]],
  ["uint64", BigUint64Array.of(0n, 2n ** 63n, 2n ** 64n - 1n), [0n, 2n ** 63n, 2n ** 64n - 1n]],
  ["float16", Uint16Array.of(0x3c00, 0xfc00, 0x0001), [1, Number.NEGATIVE_INFINITY, 2 ** -24]],
  ["float32", Float32Array.of(0.5, -0, Number.NaN), [0.5, -0, Number.NaN]],
  ["float64", Float64Array.of(Math.PI, 5e-324, Number.POSITIVE_INFINITY), [Math.PI, 5e-324, Number.POSITIVE_INFINITY]],
  ["bool", Uint8Array.of(1, 0, 1), [true, false, true]],
];

/** Weights as other readers see them. */
function storedWeights(...arrays: readonly (readonly [readonly unknown[], readonly bigint[]])[]): unknown {
  return { weights: arrays.map(([vec, size]) => ({ vec, size })) };
}

describe.each(readers)("%s reads weights", (_, read) => {
  it("has every element type", () => {
    expect(elementTypes).toHaveLength(12);
  });

  it.each(elementTypes)("of %s", (type, vec, values) => {
    const tail = vec.slice(1) as FlatArray["vec"];
    const arrays = [
      new FlatArray(vec, [3, 1], type),
      new FlatArray(tail, [1, 2, 1], type),
      new FlatArray(vec.slice(0, 0) as FlatArray["vec"], [0, 2], type),
      new FlatArray(vec.slice(2) as FlatArray["vec"], [], type),
    ];
    const stored = storedWeights(
      [values, [3n, 1n]],
      [values.slice(1), [1n, 2n, 1n]],
      [[], [0n, 2n]],
      [values.slice(2), []],
    );
    for (const format of formats) {
      const columns = read(
        encodeModelRow({ weights: new Weights(arrays), architecture_version: 4 }, ModelV1, { format }),
      );
      expect(columns.weights).toEqual([stored]);
      expect(columns.architecture_version).toEqual([4n]);
    }
  });

  it("of bools whose arrays do not end at whole bytes", () => {
    const bits = Array.from({ length: 29 }, (_value, i) => i % 3 === 0);
    const bounds = [0, 1, 10, 15, 29];
    const slices = bounds.slice(1).map((end, i) => bits.slice(bounds[i], end));
    const arrays = slices.map((slice) => new FlatArray(Uint8Array.from(slice, Number), [slice.length], "bool"));
    const [value] = read(encodeModelRow({ weights: new Weights(arrays) })).weights ?? [];
    expect(value).toEqual(storedWeights(...slices.map((slice) => [slice, [BigInt(slice.length)]] as const)));
  });

  it("promoted to one type", () => {
    const arrays = [
      new FlatArray(Int8Array.of(-3), [1]),
      new FlatArray(Uint16Array.of(0x3800), [1], "float16"),
      new FlatArray(Uint8Array.of(1), [1], "bool"),
      new FlatArray(BigUint64Array.of(2048n), [1]),
    ];
    const [value] = read(encodeModelRow({ weights: new Weights(arrays) })).weights ?? [];
    expect(value).toEqual(storedWeights([[-3], [1n]], [[0.5], [1n]], [[1], [1n]], [[2048], [1n]]));
  });

  it("of many rows, some missing, with their companions", () => {
    const first = new Weights([new FlatArray(Float32Array.of(1, 2), [2])], { names: ["a"], layout: "tfjs" });
    const second = new Weights([new FlatArray(Float32Array.of(3), []), new FlatArray(Int8Array.of(4, 5), [2, 1])]);
    const rows = [{ weights: first }, { weights: null }, { weights: second, architecture_version: 1 }];
    for (const format of formats) {
      const columns = read(encodeTable(rows, ModelV1, { format }));
      expect(columns.weights).toEqual([
        storedWeights([[1, 2], [2n]]),
        null,
        storedWeights(
          [[3], []],
          [
            [4, 5],
            [2n, 1n],
          ],
        ),
      ]);
      expect(columns.weights_names).toEqual([["a"], null, null]);
      expect(columns.weights_layout).toEqual(["tfjs", null, null]);
      expect(columns.weights_dtypes).toEqual([null, null, ["float32", "int8"]]);
      expect(columns.architecture_version).toEqual([null, null, 1n]);
    }
  });

  it("nested in structs, lists, maps and unions", () => {
    const weights = new Weights([new FlatArray(Float32Array.of(1, 2), [2])], { names: ["a"], layout: "flux" });
    const plain = new Weights(weights.arrays);
    const stored = storedWeights([[1, 2], [2n]]);
    const StudentV1 = schema("test.student").version(1, { fields: { w: t.weights, id: t.int8 } });
    const NestV1 = schema("test.nest").version(1, {
      fields: {
        one: StudentV1,
        list: t.vector(t.weights),
        map: t.map(t.string, t.weights),
        first: t.union(t.weights, t.string),
        last: t.union(t.string, t.weights),
      },
    });
    const row = {
      one: { w: weights, id: 1 },
      list: [plain, plain],
      map: new Map([["k", plain]]),
      first: plain,
      last: plain,
    };
    const columns = read(encodeTable([row, { ...row, first: "a", last: "b" }], NestV1));
    const one = { w: stored, w_names: ["a"], w_layout: "flux", id: 1 };
    expect(columns.one).toMatchObject([one, one]);
    expect(columns.list).toEqual([
      [stored, stored],
      [stored, stored],
    ]);
    expect(columns.map).toEqual([[["k", stored]], [["k", stored]]]);
    expect(columns.first).toEqual([stored, "a"]);
    expect(columns.last).toEqual([stored, "b"]);
  });
});
