/**
 * Everything that is written, read back value by value by other Arrow libraries.
 *
 * Idea: what only the package's own reader understands is not Arrow.
 */
import { encodeModelRow, FlatArray, ModelV1, Weights } from "legolas-flux";
import { encodeTable, type FieldLike, schema, t } from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";
import { arraysOf, everyElementType, storedWeights } from "../helpers/element-types.ts";
import { everyType } from "../helpers/every-type.ts";
import { type Columns, readWith } from "../helpers/read-with.ts";
import { typeVariants } from "../helpers/type-variants.ts";

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

  describe.each(typeVariants)("$name", (variant) => {
    it.each(everyType)("$name", (typeCase) => {
      const { type, rows, stored } = variant.of(typeCase);
      expectColumn(read, write(type, rows), stored);
    });
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

describe.each(readers)("%s reads weights", (_, read) => {
  it("has every element type", () => {
    expect(new Set(everyElementType.map(({ elementType }) => elementType)).size).toBe(12);
  });

  it.each(everyElementType)("of $elementType", (typeCase) => {
    const { weights, stored } = arraysOf(typeCase);
    for (const format of formats) {
      const columns = read(encodeModelRow({ weights, architecture_version: 4 }, ModelV1, { format }));
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
