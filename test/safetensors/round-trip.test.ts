import fc from "fast-check";
import {
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  fetchWeights,
  InputError,
  isLegolasError,
  LayoutError,
  LossyConversionError,
  loadWeights,
  MissingWeightsError,
  ModelV1,
  Weights,
} from "legolas-flux";
import { decodeSafetensors, encodeSafetensors } from "legolas-flux/safetensors";
import { describe, expect, it } from "vitest";
import {
  arbitraryArray,
  arbitraryMixedWeights,
  arbitraryText,
  bytesOfArray,
  elementTypes,
} from "../helpers/arbitrary-weights.ts";
import { safetensorsBytes } from "../helpers/safetensors-bytes.ts";

const f32 = (...values: number[]): FlatArray => new FlatArray(Float32Array.from(values), [values.length]);

function again(weights: Weights, options = {}): Weights {
  return decodeSafetensors(encodeSafetensors(weights, options)).weights;
}

/** The JSON of the header. */
function headerOf(bytes: Uint8Array): Record<string, { dtype: string; shape: number[]; data_offsets: number[] }> {
  const buffer = Buffer.from(bytes);
  return JSON.parse(buffer.subarray(8, 8 + Number(buffer.readBigUInt64LE())).toString()) as never;
}

function expectSame(found: Weights, expected: Weights): void {
  expect(found.names).toEqual(expected.names);
  expect(found.layout).toBe(expected.layout ?? "flux");
  expect(found.dtypes).toEqual(expected.arrays.map(({ elementType }) => elementType));
  expect(found.arrays.map(({ size }) => size)).toEqual(expected.arrays.map(({ size }) => size));
  expect(found.arrays.map(bytesOfArray)).toEqual(expected.arrays.map(bytesOfArray));
}

const named = (weights: Weights, names: readonly string[]): Weights =>
  new Weights(weights.arrays, { names: names.slice(0, weights.length), layout: weights.layout });

const arbitraryNames = fc
  .uniqueArray(arbitraryText, { minLength: 5, maxLength: 5 })
  .filter((names) => !names.includes("__metadata__"));

describe("weights and back", () => {
  it.each(elementTypes)("keep every bit of %s", (type) => {
    fc.assert(
      fc.property(arbitraryArray(type), (array) => {
        const weights = new Weights([array], { names: ["a"] });
        expectSame(again(weights), weights);
      }),
    );
  });

  it("keep names, order, sizes, types and layout, whatever they are", () => {
    fc.assert(
      fc.property(arbitraryMixedWeights, arbitraryNames, (arrays, names) => {
        const weights = named(arrays, names);
        expectSame(again(weights), weights);
      }),
      { numRuns: 300 },
    );
  });

  it("of any types before promotion come back with the same values, or are refused", () => {
    const arbitraryTypes = fc.array(fc.constantFrom(...elementTypes, "bfloat16"), { minLength: 5, maxLength: 5 });
    let written = 0;
    fc.assert(
      fc.property(arbitraryMixedWeights, arbitraryTypes, (arrays, types) => {
        const names = [..."abcde"].slice(0, arrays.length);
        const weights = new Weights(arrays.arrays, { names, dtypes: types.slice(0, arrays.length) });
        const found = writtenOrRefused(() => again(weights));
        if (found === null) return;
        written++;
        expect(found.dtypes).toEqual(weights.dtypes);
        expect(found.arrays.map(({ size }) => size)).toEqual(weights.arrays.map(({ size }) => size));
        // Integers have one zero.
        const unsigned = (numbers: string[], i: number): string[] =>
          /float/.test(types[i] ?? "") ? numbers : numbers.map((text) => (text === "-0" ? "0" : text));
        expect(found.arrays.map(numbersOf)).toEqual(weights.arrays.map(numbersOf).map(unsigned));
      }),
      { numRuns: 1000 },
    );
    expect(written).toBeGreaterThan(10);
  });

  it("through a model row, which promotes them to one type, have their own types again", () => {
    let written = 0;
    fc.assert(
      fc.property(arbitraryMixedWeights, (arrays) => {
        const weights = named(arrays, [..."abcde"]);
        const row = writtenOrRefused(() => decodeModelRow(encodeModelRow(ModelV1({ weights }))));
        if (!row?.weights) return;
        written++;
        const found = again(row.weights);
        expect(found.arrays.map(({ elementType }) => elementType)).toEqual(
          weights.arrays.map(({ elementType }) => elementType),
        );
        expect(found.arrays.map(numbersOf)).toEqual(weights.arrays.map(numbersOf));
      }),
      { numRuns: 300 },
    );
    expect(written).toBeGreaterThan(30);
  });

  it("give the same bytes each time", () => {
    const weights = new Weights([f32(1, 2), new FlatArray(Uint8Array.of(1), [1])], { names: ["b", "a"] });
    const metadata = { epoch: "3" };
    expect(encodeSafetensors(weights, { metadata })).toEqual(encodeSafetensors(weights, { metadata }));
  });
});

/** Numbers as text, all digits of it: 2^53 differs from 2^53 + 1, and -0 from 0, but no integer from the same one as a float. */
function numbersOf(array: FlatArray): string[] {
  const values = array.elementType === "float16" ? array.toFloat32() : array.vec;
  return Array.from(values as ArrayLike<number | bigint>, (value) => {
    if (Object.is(value, -0)) return "-0";
    return Number.isInteger(value) ? BigInt(value).toString() : String(value);
  });
}

function writtenOrRefused<T>(write: () => T): T | null {
  try {
    return write();
  } catch (error) {
    if (error instanceof LossyConversionError) return null;
    throw error;
  }
}

describe("bfloat16", () => {
  const patterns = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const file = safetensorsBytes({
    header: { x: { dtype: "BF16", shape: [256, 256], data_offsets: [0, 131_072] } },
    data: new Uint8Array(patterns.buffer),
  });

  /** From the definition: sign, 8 bits of exponent, 7 of fraction. */
  function numberOf(bits: number): number {
    const sign = bits >> 15 ? -1 : 1;
    const exponent = (bits >> 7) & 0xff;
    const fraction = bits & 0x7f;
    if (exponent === 255) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return exponent === 0 ? sign * fraction * 2 ** -133 : sign * (128 + fraction) * 2 ** (exponent - 134);
  }

  it("becomes float32 of the same value, for all of its 65,536 patterns", () => {
    const { weights } = decodeSafetensors(file);
    const values = weights.at(0)?.vec as Float32Array;
    expect(weights.at(0)?.elementType).toBe("float32");
    expect(weights.dtypes).toEqual(["bfloat16"]);
    expect([...values].every((value, bits) => Object.is(value, numberOf(bits)))).toBe(true);
  });

  it("comes back bit by bit, NaNs too, also through a model row", () => {
    const { weights, metadata } = decodeSafetensors(file);
    const row = decodeModelRow(encodeModelRow(ModelV1({ weights })));
    expect(row.weights?.elementType).toBe("float32");
    for (const read of [weights, row.weights]) {
      const bytes = Buffer.from(encodeSafetensors(read, { metadata }));
      expect(headerOf(bytes).x).toEqual({ dtype: "BF16", shape: [256, 256], data_offsets: [0, 131_072] });
      expect(bytes.subarray(-131_072).equals(Buffer.from(patterns.buffer))).toBe(true);
    }
  });

  it("is refused for values it does not have, by name, element and value", () => {
    const weights = new Weights([f32(1, 1.0078125, 1.00390625)], { names: ["w"], dtypes: ["bfloat16"] });
    expect(() => encodeSafetensors(weights)).toThrow(LossyConversionError);
    expect(() => encodeSafetensors(weights)).toThrow(/array 0 \(w\): .*bfloat16.*found 1\.00390625 at element 2/);
  });

  it("with { lossy: true } is the nearest, ties to even, and NaNs stay NaNs", () => {
    const cases: readonly (readonly [number, number])[] = [
      [1.00390625, 1],
      [1.01171875, 1.015625],
      [1.00391, 1.0078125],
      [-1.00391, -1.0078125],
      [3.3895313892515355e38, 3.3895313892515355e38],
      [3.4028234663852886e38, Number.POSITIVE_INFINITY],
      [1e-45, 0],
      [-1e-45, -0],
    ];
    const weights = new Weights([f32(...cases.map(([from]) => from))], { names: ["w"], dtypes: ["bfloat16"] });
    expect([...(again(weights, { lossy: true }).at(0)?.vec ?? [])]).toEqual(cases.map(([, to]) => to));
    const marked = new Weights(weights, { names: ["w"], dtypes: ["bfloat16"], lossy: true });
    expect([...(again(marked).at(0)?.vec ?? [])]).toEqual(cases.map(([, to]) => to));
    const nan = new Float32Array(Uint32Array.of(0x7f80_0001, 0xffff_ffff).buffer);
    const kept = again(new Weights([new FlatArray(nan, [2])], { names: ["n"], dtypes: ["bfloat16"] }));
    expect([...(kept.at(0)?.vec ?? [])]).toEqual([Number.NaN, Number.NaN]);
  });

  it("is narrowed from float64, to which a row with float64 promotes it", () => {
    const weights = new Weights([new FlatArray(Float64Array.of(1.5, -2), [2])], { names: ["w"], dtypes: ["bfloat16"] });
    expect([...(again(weights).at(0)?.vec ?? [])]).toEqual([1.5, -2]);
    const third = new Weights([new FlatArray(Float64Array.of(1 / 3), [1])], { names: ["w"], dtypes: ["bfloat16"] });
    expect(() => encodeSafetensors(third)).toThrow(LossyConversionError);
  });
});

describe("the file", () => {
  const weights = new Weights(
    [
      new FlatArray(Uint8Array.of(1, 0, 1), [3], "bool"),
      new FlatArray(Float64Array.of(1, 2), [2, 1]),
      new FlatArray(Uint16Array.of(1), [1], "float16"),
      f32(1, 2, 3),
      new FlatArray(BigInt64Array.of(5n), []),
    ],
    { names: ["9", "1", "f16", "__proto__", "i"] },
  );
  const bytes = encodeSafetensors(weights);

  it("lists tensors in the order of the weights, with row-major shapes", () => {
    const text = Buffer.from(bytes).toString("latin1");
    const places = ['"9":', '"1":', '"f16":', '"__proto__":', '"i":'].map((key) => text.indexOf(key));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(decodeSafetensors(bytes).weights.names).toEqual(weights.names);
    expect(headerOf(bytes)["1"]?.shape).toEqual([1, 2]);
  });

  it("has every element where its type may stand, the header padded with spaces", () => {
    const length = Number(Buffer.from(bytes).readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(
      Buffer.from(bytes)
        .subarray(8, 8 + length)
        .toString(),
    ).toMatch(/^\{.*\} *$/);
    const widths: Readonly<Record<string, number>> = { BOOL: 1, F64: 8, F16: 2, F32: 4, I64: 8 };
    for (const { dtype, data_offsets: offsets } of Object.values(headerOf(bytes))) {
      if (dtype) expect((offsets[0] as number) % (widths[dtype] as number)).toBe(0);
    }
  });

  it("that is in memory is viewed where its elements are aligned, and copied where they are not", () => {
    expect(decodeSafetensors(bytes).weights.at(3)?.vec.buffer).toBe(bytes.buffer);
    const odd = safetensorsBytes({
      header: {
        pad: { dtype: "BOOL", shape: [1], data_offsets: [0, 1] },
        x: { dtype: "F32", shape: [1], data_offsets: [1, 5] },
      },
      data: Uint8Array.of(1, 0, 0, 0xc0, 0x3f),
    });
    const x = decodeSafetensors(odd).weights.get("x");
    expect(x?.vec).toEqual(Float32Array.of(1.5));
    expect(x?.vec.buffer).not.toBe(odd.buffer);
  });

  it("of no arrays is a file, with its metadata", () => {
    const none = encodeSafetensors(new Weights([], { layout: "torch" }), { metadata: { a: "b" } });
    const read = decodeSafetensors(none);
    expect(read.weights.length).toBe(0);
    expect({ ...read.metadata }).toEqual({ a: "b", format: "pt" });
  });
});

describe("metadata", () => {
  const one = (layout: string | null): Weights => new Weights([f32(1)], { names: ["a"], layout });

  it("come back as they were given", () => {
    const metadata = JSON.parse('{ "format": "pt", "9": "x", "1": "ü\\u0000", "__proto__": "p", "": "" }') as Record<
      string,
      string
    >;
    const read = decodeSafetensors(encodeSafetensors(one("torch"), { metadata }));
    expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
    expect(Object.getPrototypeOf(read.metadata)).toBeNull();
  });

  it.each<[string, string | null, Record<string, string>, string]>([
    ["torch, for which Python has a word", "torch", { format: "pt" }, "torch"],
    ["flux", "flux", { "legolas-flux.layout": "flux" }, "flux"],
    ["none, which means flux", null, { "legolas-flux.layout": "flux" }, "flux"],
    ["tfjs", "tfjs", { "legolas-flux.layout": "tfjs" }, "tfjs"],
    ["unknown, which needs no words", "unknown", {}, "unknown"],
  ])("say the layout: %s", (_, layout, expected, read) => {
    const bytes = encodeSafetensors(one(layout));
    expect({ ...decodeSafetensors(bytes).metadata }).toEqual(expected);
    expect(decodeSafetensors(bytes).weights.layout).toBe(read);
  });

  it.each<[string, Record<string, string>, string]>([
    ["nothing", {}, "unknown"],
    ["format pt", { format: "pt" }, "torch"],
    ["another format", { format: "mlx" }, "mlx"],
    ["our own word against theirs", { format: "pt", "legolas-flux.layout": "tfjs" }, "tfjs"],
  ])("are where the layout is read from: %s", (_, metadata, layout) => {
    const bytes = safetensorsBytes({ header: { __metadata__: metadata } });
    expect(decodeSafetensors(bytes).weights.layout).toBe(layout);
    expect(decodeSafetensors(bytes, { layout: "torch" }).weights.layout).toBe("torch");
    expect(decodeSafetensors(bytes, { layout: null }).weights.layout).toBeNull();
  });

  it("keep saying the right layout once weights are converted to another", () => {
    const from = decodeSafetensors(encodeSafetensors(one("tfjs"), { metadata: { epoch: "1" } }));
    const bytes = encodeSafetensors(one("torch"), { metadata: from.metadata });
    expect({ ...decodeSafetensors(bytes).metadata }).toEqual({ epoch: "1", format: "pt" });
    const back = encodeSafetensors(one("flux"), { metadata: decodeSafetensors(bytes).metadata });
    expect(decodeSafetensors(back).weights.layout).toBe("flux");
  });

  it("that say no layout leave weights that no loader takes for its own", () => {
    const { weights } = decodeSafetensors(
      safetensorsBytes({ header: { a: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }, data: 4 }),
    );
    expect(() => loadWeights({ a: new Float32Array(1) }, weights, { layout: "flux" })).toThrow(LayoutError);
    expect(() => loadWeights({ a: new Float32Array(1) }, weights, { layout: "torch" })).toThrow(/layout of unknown/);
  });

  it("must be text", () => {
    const metadata = { epoch: 3 } as never;
    expect(() => encodeSafetensors(one(null), { metadata })).toThrow(InputError);
    expect(() => encodeSafetensors(one(null), { metadata })).toThrow(/metadata "epoch": .*found 3\. Pass String/);
    expect(() => encodeSafetensors(one(null), { metadata: { a: "\ud800" } })).toThrow(InputError);
  });
});

describe("weights that no file can hold are refused, with the remedy", () => {
  it.each<[string, unknown, RegExp]>([
    ["without names", new Weights([f32(1)]), /found 1 arrays without\. Name them: new Weights\(weights, \{ names/],
    ["with a name twice", new Weights([f32(1), f32(2)], { names: ["a", "a"] }), /array 1: expected a name that no/],
    ["with the name of metadata", new Weights([f32(1)], { names: ["__metadata__"] }), /found "__metadata__"/],
    ["with half a character", new Weights([f32(1)], { names: ["\udc00"] }), /a name that a header can hold/],
    ["of an unknown type", new Weights([f32(1)], { names: ["a"], dtypes: ["float8"] }), /\(a\): .*found "float8"/],
    ["that are a model", { a: f32(1) }, /expected Weights, found an object with a\. Take them from a row/],
    ["that are undefined", undefined, /expected Weights/],
  ])("%s", (_, weights, message) => {
    const write = (): unknown => encodeSafetensors(weights as Weights);
    expect(write).toThrow(InputError);
    expect(write).toThrow(message);
  });

  it("null", () => {
    expect(() => encodeSafetensors(null)).toThrow(MissingWeightsError);
  });

  it("bools that are neither 0 nor 1", () => {
    const weights = new Weights([new FlatArray(Uint8Array.of(1, 2), [2], "bool")], { names: ["a"] });
    expect(() => encodeSafetensors(weights)).toThrow(LossyConversionError);
  });

  it("a header that would be too long", () => {
    const weights = new Weights([f32(1)], { names: ["a".repeat(100_000_000)] });
    const error = caught(() => encodeSafetensors(weights));
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message.length).toBeLessThan(500);
  }, 30_000);
});

function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return isLegolasError(error) ? error : null;
  }
}

it("a tree of arrays goes to Python's names and back", () => {
  const net = { layers: [{ weight: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] } }] };
  const bytes = encodeSafetensors(fetchWeights(net));
  expect(headerOf(bytes)["layers.0.weight"]).toEqual({ dtype: "F32", shape: [2, 3], data_offsets: [0, 24] });
  const fresh = { layers: [{ weight: { data: new Float32Array(6), shape: [2, 3] } }] };
  loadWeights(fresh, decodeSafetensors(bytes).weights);
  expect(fresh).toEqual(net);
});
