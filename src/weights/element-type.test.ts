import {
  decodeModelRow,
  type ElementType,
  encodeModelRow,
  FlatArray,
  isLegolasError,
  LossyConversionError,
  loadWeights,
  ModelV1,
  Weights,
} from "legolas-flux";
import { describe, expect, test } from "vitest";
import { thrownBy } from "../../test/contract/support.ts";

const arrays: Readonly<Record<ElementType, FlatArray["vec"]>> = {
  bool: new Uint8Array([1]),
  int8: new Int8Array([1]),
  int16: new Int16Array([1]),
  int32: new Int32Array([1]),
  int64: new BigInt64Array([1n]),
  uint8: new Uint8Array([1]),
  uint16: new Uint16Array([1]),
  uint32: new Uint32Array([1]),
  uint64: new BigUint64Array([1n]),
  float16: new Uint16Array([0x3c00]),
  float32: new Float32Array([1]),
  float64: new Float64Array([1]),
};

function weightsOf(...types: ElementType[]): Weights {
  return new Weights(types.map((type) => new FlatArray(arrays[type], [1], type)));
}

describe("the element type of weights is what Julia's promote_type gives", () => {
  test.each<[ElementType, ElementType, ElementType]>([
    ["int8", "float32", "float32"],
    ["float16", "int64", "float16"],
    ["float32", "float64", "float64"],
    ["float16", "float32", "float32"],
    ["uint64", "float16", "float16"],
    ["int8", "int16", "int16"],
    ["int8", "int64", "int64"],
    ["uint8", "uint32", "uint32"],
    ["int8", "uint8", "uint8"],
    ["int16", "uint16", "uint16"],
    ["int32", "uint32", "uint32"],
    ["int64", "uint64", "uint64"],
    ["uint8", "int16", "int16"],
    ["uint32", "int64", "int64"],
    ["int8", "uint16", "uint16"],
    ["bool", "int8", "int8"],
    ["bool", "uint64", "uint64"],
    ["bool", "float16", "float16"],
    ["bool", "bool", "bool"],
  ])("%s and %s: %s, in either order", (one, other, promoted) => {
    expect(weightsOf(one, other).elementType).toBe(promoted);
    expect(weightsOf(other, one).elementType).toBe(promoted);
  });

  test.each(Object.keys(arrays) as ElementType[])("%s alone: itself", (type) => {
    expect(weightsOf(type).elementType).toBe(type);
    expect(weightsOf(type, type, type).elementType).toBe(type);
  });

  test("for many arrays", () => {
    expect(weightsOf("bool", "int8", "uint8", "float16").elementType).toBe("float16");
    expect(weightsOf("uint8", "int16", "uint32").elementType).toBe("uint32");
  });

  test("for none: float32", () => {
    expect(new Weights([]).elementType).toBe("float32");
  });
});

describe("writing promotes every array of a row to one type", () => {
  function stored(weights: Weights): Weights {
    return decodeModelRow(encodeModelRow({ weights })).weights as Weights;
  }

  test.each(Object.keys(arrays) as ElementType[])("keeps %s as it is, where all arrays are of it", (type) => {
    const [array] = stored(weightsOf(type));
    expect(array?.elementType).toBe(type);
    expect(array?.vec).toEqual(arrays[type]);
  });

  test("and remembers the types before", () => {
    const weights = stored(weightsOf("int8", "float32", "float16"));
    expect([...weights].map(({ elementType }) => elementType)).toEqual(["float32", "float32", "float32"]);
    expect([...weights].map(({ vec }) => vec[0])).toEqual([1, 1, 1]);
    expect(weights.dtypes).toEqual(["int8", "float32", "float16"]);
  });

  test("and a load gives the types back", () => {
    const original = { scale: new Float64Array([0.1]), count: new Int8Array([-3]), flag: new Float32Array([0.5]) };
    const fetched = new Weights(Object.values(original).map((vec) => new FlatArray(vec, [1])));
    const fresh = { scale: new Float64Array(1), count: new Int8Array(1), flag: new Float32Array(1) };
    loadWeights(fresh, stored(fetched));
    expect(fresh).toEqual(original);
  });

  test("keeps NaN, infinities and signed zeros across float types", () => {
    const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
    const weights = new Weights([
      new FlatArray(new Float32Array(special), [4]),
      new FlatArray(new Uint16Array([0x7e00, 0x7c00, 0xfc00, 0x8000]), [4], "float16"),
      new FlatArray(new Float64Array(1), [1]),
    ]);
    const [one, two] = stored(weights);
    expect(one?.vec).toEqual(new Float64Array(special));
    expect(two?.vec).toEqual(new Float64Array(special));
  });

  const lossy: [string, FlatArray, FlatArray, string, string, unknown][] = [
    [
      "a large integer that becomes a float",
      new FlatArray(new Int32Array([1, 2 ** 24 + 1]), [2]),
      new FlatArray(arrays.float32, [1]),
      "array 0: expected int32 values that float32 can hold, found 16777217 at element 1, which would become 16777216",
      "float32",
      new Float32Array([1, 2 ** 24]),
    ],
    [
      "a negative integer that becomes unsigned",
      new FlatArray(new Int8Array([-1]), [1]),
      new FlatArray(arrays.uint8, [1]),
      "array 0: expected int8 values that uint8 can hold, found -1 at element 0, which would become 255",
      "uint8",
      new Uint8Array([255]),
    ],
    [
      "an integer that half precision cannot hold",
      new FlatArray(new BigInt64Array([2049n]), [1]),
      new FlatArray(arrays.float16, [1], "float16"),
      "array 0: expected int64 values that float16 can hold, found 2049 at element 0, which would become 2048",
      "float16",
      new Uint16Array([0x6800]),
    ],
    [
      "a 64-bit integer beyond 2^53 that becomes float64",
      new FlatArray(new BigInt64Array([2n ** 53n + 1n]), [1]),
      new FlatArray(arrays.float64, [1]),
      "array 0: expected int64 values that float64 can hold, found 9007199254740993 at element 0, which would become 9007199254740992",
      "float64",
      new Float64Array([2 ** 53]),
    ],
  ];

  test.each(lossy)("throws for %s", (_, array, other, message) => {
    const error = thrownBy(() => encodeModelRow({ weights: new Weights([array, other]) }));
    expect(error).toBeInstanceOf(LossyConversionError);
    expect(error).toMatchObject({
      message: `${message}. Convert the array yourself, keep one element type in the model, or pass { lossy: true }`,
    });
  });

  test.each(lossy)("lets %s change with { lossy: true }", (_, array, other, __, type, vec) => {
    const weights = stored(new Weights([array, other], { lossy: true }));
    expect(weights.at(0)?.elementType).toBe(type);
    expect(weights.at(0)?.vec).toEqual(vec);
  });

  test("loses nothing of large unsigned integers beside signed ones, as the promoted type is unsigned", () => {
    const large = new BigUint64Array([2n ** 63n]);
    const weights = new Weights([new FlatArray(large, [1]), new FlatArray(arrays.int64, [1])]);
    expect(stored(weights).at(0)?.vec).toEqual(large);
  });

  test("names the array that would change, where it has a name", () => {
    const arraysOfTwo = [new FlatArray(arrays.float32, [1]), new FlatArray(new Int32Array([2 ** 25 + 1]), [1])];
    const weights = new Weights(arraysOfTwo, { names: ["kernel", "step"] });
    expect(() => encodeModelRow(ModelV1({ weights }))).toThrow("array 1 (step): expected int32 values");
  });
});

test("bool arrays hold 0 and 1: another number is refused, not made 1", () => {
  const write = () => encodeModelRow({ weights: new Weights([new FlatArray(new Uint8Array([2]), [1], "bool")]) });
  expect(isLegolasError(thrownBy(write))).toBe(true);
});
