import { FlatArray, InputError } from "legolas-flux";
import { describe, expect, test } from "vitest";
import { thrownBy } from "../../test/contract/support.ts";

describe("a FlatArray", () => {
  test("keeps the array it is given, live, with its size", () => {
    const vec = new Float32Array([1, 2, 3, 4, 5, 6]);
    const array = new FlatArray(vec, [2, 3]);
    expect(array.vec).toBe(vec);
    expect(array.size).toEqual([2, 3]);
    expect(array.length).toBe(6);
    expect(array.elementType).toBe("float32");
  });

  test("is frozen, and so is its size, which is a copy", () => {
    const size = [2];
    const array = new FlatArray(new Int8Array(2), size);
    size[0] = 3;
    expect(array.size).toEqual([2]);
    expect(Object.isFrozen(array)).toBe(true);
    expect(Object.isFrozen(array.size)).toBe(true);
  });

  test.each<[FlatArray["vec"], string]>([
    [new Int8Array(1), "int8"],
    [new Int16Array(1), "int16"],
    [new Int32Array(1), "int32"],
    [new BigInt64Array(1), "int64"],
    [new Uint8Array(1), "uint8"],
    [new Uint16Array(1), "uint16"],
    [new Uint32Array(1), "uint32"],
    [new BigUint64Array(1), "uint64"],
    [new Float32Array(1), "float32"],
    [new Float64Array(1), "float64"],
    [Buffer.alloc(1), "uint8"],
  ])("of %s has the element type %s", (vec, elementType) => {
    expect(new FlatArray(vec, [1]).elementType).toBe(elementType);
  });

  test("is told float16 and bool from the integers that hold them by its element type", () => {
    expect(new FlatArray(new Uint16Array(1), [1], "float16").elementType).toBe("float16");
    expect(new FlatArray(new Uint8Array(1), [1], "bool").elementType).toBe("bool");
    expect(new FlatArray(new Uint8Array(1), [1], "uint8").elementType).toBe("uint8");
  });

  test.each<[number[], number]>([
    [[], 1],
    [[0], 0],
    [[5, 0], 0],
    [[0, 5], 0],
    [[1, 1, 1], 1],
    [[2, 3, 4], 24],
  ])("may have the size %j, of %d elements", (size, length) => {
    expect(new FlatArray(new Float32Array(length), size).size).toEqual(size);
  });

  test.each<[number[], number, string]>([
    [[2, 3], 5, "FlatArray: expected 6 elements for size (2, 3), found 5"],
    [[], 2, "FlatArray: expected 1 elements for size (), found 2"],
    [[0], 1, "FlatArray: expected 0 elements for size (0), found 1"],
  ])("may not have the size %j with %d elements", (size, length, message) => {
    expect(() => new FlatArray(new Float32Array(length), size)).toThrow(InputError);
    expect(() => new FlatArray(new Float32Array(length), size)).toThrow(
      `${message}. The product of the size must be the number of elements`,
    );
  });

  test.each(["[-1]", "[1.5]", '["1"]', "null", "1", '{ "0": 1, "length": 1 }'])("may not have the size %s", (text) => {
    expect(thrownBy(() => new FlatArray(new Float32Array(1), JSON.parse(text)))).toMatchObject({
      name: "InputError",
      message: `FlatArray: size: expected an array of integers >= 0, found ${JSON.stringify(JSON.parse(text))}`,
    });
  });

  test.each<[unknown, string]>([
    [[1, 2], "an array of 2"],
    [new DataView(new ArrayBuffer(2)), "a DataView of 2 bytes"],
    [new ArrayBuffer(2), "a ArrayBuffer"],
    [new Uint8ClampedArray(2), "a Uint8ClampedArray of 2 bytes"],
    [null, "missing (null)"],
  ])("may not be made of %s", (vec, found) => {
    expect(thrownBy(() => new FlatArray(vec as never, [2]))).toMatchObject({
      name: "InputError",
      message: `FlatArray: vec: expected an integer or floating-point typed array, found ${found}`,
    });
  });

  test("may not have an element type that its array cannot hold", () => {
    expect(thrownBy(() => new FlatArray(new Float32Array(1), [1], "float16"))).toMatchObject({
      message: "FlatArray: vec: expected a typed array that holds float16, found a Float32Array of 4 bytes",
    });
    expect(() => new FlatArray(new Uint16Array(1), [1], "bool")).toThrow("a typed array that holds bool");
    expect(() => new FlatArray(new Int8Array(1), [1], "uint8")).toThrow("a typed array that holds uint8");
  });
});

describe("toFloat32", () => {
  test.each<[FlatArray, number[]]>([
    [new FlatArray(new Float32Array([0.1, Number.NaN, -0]), [3]), [Math.fround(0.1), Number.NaN, -0]],
    [new FlatArray(new Float64Array([0.1, 1e300]), [2]), [Math.fround(0.1), Number.POSITIVE_INFINITY]],
    [
      new FlatArray(new Uint16Array([0x3c00, 0xc000, 0x7c00, 0x0001]), [4], "float16"),
      [1, -2, Number.POSITIVE_INFINITY, 2 ** -24],
    ],
    [new FlatArray(new Uint16Array([0x3c00]), [1]), [0x3c00]],
    [new FlatArray(new BigInt64Array([-5n, 2n ** 60n]), [2]), [-5, 2 ** 60]],
    [new FlatArray(new BigUint64Array([2n ** 64n - 1n]), [1]), [2 ** 64]],
    [new FlatArray(new Uint8Array([0, 1]), [2], "bool"), [0, 1]],
    [new FlatArray(new Int32Array([2 ** 24 + 1]), [1]), [2 ** 24]],
  ])("gives the elements as float32 (%#)", (array, expected) => {
    expect(array.toFloat32()).toEqual(new Float32Array(expected));
  });

  test("gives new memory, and keeps the order of the elements", () => {
    const vec = new Float32Array([1, 2, 3, 4]);
    const floats = new FlatArray(vec, [2, 2]).toFloat32();
    vec[0] = 9;
    expect(floats).toEqual(new Float32Array([1, 2, 3, 4]));
  });
});
