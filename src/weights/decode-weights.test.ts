import {
  type DataType,
  dictionary,
  field,
  fixedSizeList,
  float32,
  float64,
  int32,
  int64,
  largeList,
  list,
  struct,
  utf8,
} from "@uwdata/flechette";
import {
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  FormatError,
  isLegolasError,
  ModelV1,
  UnsupportedTypeError,
  Weights,
} from "legolas-flux";
import { ViolationError } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { foreignTable, thrownBy } from "../../test/contract/support.ts";

interface Foreign {
  readonly vec?: DataType;
  readonly size?: DataType;
  readonly order?: readonly ["vec", "size"] | readonly ["size", "vec"];
  readonly lists?: (item: DataType) => DataType;
}

/** A model row by another writer, whose weights are of the given Arrow types. */
function foreignRow(
  arrays: readonly { vec: unknown; size: unknown }[] | null,
  { vec = list(float32()), size = list(int64()), order = ["vec", "size"], lists = list }: Foreign = {},
): Uint8Array {
  const types = { vec, size };
  const flatArray = struct(order.map((name) => field(name, types[name])));
  const type = struct([field("weights", lists(flatArray))]);
  const identifier = { legolas_schema_qualified: ModelV1.identifier };
  return foreignTable({ weights: { values: [{ weights: arrays }], type } }, identifier);
}

const arrays = [
  { vec: [1, 2, 3, 4, 5, 6], size: [2n, 3n] },
  { vec: [7], size: [] },
];
const expected = new Weights([
  new FlatArray(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3]),
  new FlatArray(new Float32Array([7]), []),
]);

describe("weights by other writers are read", () => {
  const small = arrays.map(({ vec, size }) => ({ vec, size: size.map(Number) }));

  test.each<[string, Uint8Array]>([
    ["nullable at every depth, without extension names", foreignRow(arrays)],
    ["with the size before the elements", foreignRow(arrays, { order: ["size", "vec"] })],
    ["with sizes as int32", foreignRow(small, { size: list(int32()) })],
    [
      "with 64-bit offsets",
      foreignRow(arrays, { vec: largeList(float32()), size: largeList(int64()), lists: largeList }),
    ],
    ["with elements in a dictionary", foreignRow(arrays, { vec: list(dictionary(float32(), int32())) })],
  ])("%s", (_, bytes) => {
    expect(decodeModelRow(bytes).weights).toEqual(expected);
  });

  test("with elements of another type", () => {
    const weights = decodeModelRow(foreignRow([{ vec: [0.1], size: [1n] }], { vec: list(float64()) })).weights;
    expect(weights).toEqual(new Weights([new FlatArray(new Float64Array([0.1]), [1])]));
  });

  test("with no arrays, or an empty first array, which are refused only when written", () => {
    expect(decodeModelRow(foreignRow([])).weights?.length).toBe(0);
    expect(decodeModelRow(foreignRow([{ vec: [], size: [0n] }])).weights?.at(0)?.size).toEqual([0]);
  });
});

describe("weights that are damaged throw, naming the array", () => {
  test.each<[string, { vec: unknown; size: unknown }, string]>([
    ["too few elements", { vec: [1], size: [2n] }, '"weights", array 1: expected 2 elements for size (2), found 1'],
    ["too many elements", { vec: [1, 2], size: [] }, '"weights", array 1: expected 1 elements for size (), found 2'],
    ["a negative size", { vec: [1], size: [-1n] }, '"weights", array 1: expected a size of integers >= 0, found (-1)'],
    ["a missing dimension", { vec: [1], size: [null] }, '"weights", array 1: expected a size of integers >= 0'],
    ["a size beyond 2^53", { vec: [], size: [2n ** 60n] }, '"weights", array 1: expected a size of integers >= 0'],
    [
      "a missing element",
      { vec: [1, null], size: [2n] },
      '"weights", array 1: expected elements that are not null, found null',
    ],
    ["missing elements", { vec: null, size: [0n] }, '"weights", array 1: expected elements and a size, found null'],
    ["a missing size", { vec: [1], size: null }, '"weights", array 1: expected elements and a size, found null'],
  ])("%s", (_, damaged, message) => {
    const bytes = foreignRow([{ vec: [1], size: [1n] }, damaged]);
    expect(() => decodeModelRow(bytes)).toThrow(FormatError);
    expect(() => decodeModelRow(bytes)).toThrow(message);
  });

  test("a missing list of arrays, with an error of this package", () => {
    expect(isLegolasError(thrownBy(() => decodeModelRow(foreignRow(null))))).toBe(true);
  });
});

describe("columns that are no weights do not comply", () => {
  test.each<[string, unknown, Foreign]>([
    ["elements of a fixed number", [1n], { vec: fixedSizeList(float32(), 1) }],
    ["sizes of text", ["1"], { size: list(utf8()) }],
    ["sizes of floats", [1], { size: list(float64()) }],
  ])("%s", (_, size, foreign) => {
    expect(() => decodeModelRow(foreignRow([{ vec: [1], size }], foreign))).toThrow(ViolationError);
  });

  test("elements that are no numbers are refused by their type", () => {
    const bytes = foreignRow([{ vec: ["a"], size: [1n] }], { vec: list(utf8()) });
    expect(() => decodeModelRow(bytes)).toThrow(UnsupportedTypeError);
    expect(() => decodeModelRow(bytes)).toThrow(
      'the elements of "weights": expected a type this package can hold, found string',
    );
  });
});

describe("weights are read without a copy", () => {
  test("as views of the file's bytes where those are aligned", () => {
    const bytes = encodeModelRow({ weights: new Weights([new FlatArray(new Float32Array([1, 2]), [2])]) });
    const read = decodeModelRow(bytes).weights?.at(0)?.vec;
    expect(read?.buffer).toBe(bytes.buffer);
  });

  test("as a copy where they are not, with the same values", () => {
    const weights = new Weights([new FlatArray(new Float64Array([1, 2]), [2])]);
    const bytes = encodeModelRow({ weights });
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const read = decodeModelRow(shifted.subarray(1)).weights;
    expect(read).toEqual(weights);
    expect(read?.at(0)?.vec.buffer).not.toBe(shifted.buffer);
  });
});
