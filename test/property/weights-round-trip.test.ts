import fc from "fast-check";
import {
  decodeModelRow,
  type ElementType,
  encodeModelRow,
  type FlatArray,
  LossyConversionError,
  ModelV1,
  Weights,
} from "legolas-flux";
import { decodeTable, encodeTable } from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";
import { arbitraryMixedWeights, arbitraryWeights, bytesOfArray, elementTypes } from "../helpers/arbitrary-weights.ts";
import { halfValues } from "../helpers/half-values.ts";

const formats = fc.constantFrom("file" as const, "stream" as const);
const alignments = fc.integer({ min: 0, max: 8 });

/** The same bytes at another place in memory. */
function shifted(bytes: Uint8Array, by: number): Uint8Array {
  const memory = new Uint8Array(bytes.length + by);
  memory.set(bytes, by);
  return memory.subarray(by);
}

function expectSameArrays(found: Iterable<FlatArray>, expected: readonly FlatArray[]): void {
  const arrays = [...found];
  expect(arrays).toHaveLength(expected.length);
  for (const [i, array] of arrays.entries()) {
    const wanted = expected[i] as FlatArray;
    expect([array.elementType, array.size]).toEqual([wanted.elementType, wanted.size]);
    expect(Buffer.compare(bytesOfArray(array), bytesOfArray(wanted))).toBe(0);
  }
}

vi.setConfig({ testTimeout: 60_000 });

describe("weights of one element type", () => {
  it("come back bit for bit, with their names, layout and dtypes, from any place in memory", () => {
    const seen = new Set<ElementType>();
    fc.assert(
      fc.property(
        arbitraryWeights,
        fc.option(fc.maxSafeInteger()),
        formats,
        alignments,
        (weights, version, format, by) => {
          const row = { weights, architecture_version: version };
          const read = decodeModelRow(shifted(encodeModelRow(row, ModelV1, { format }), by), ModelV1);
          const found = read.weights as Weights;
          expectSameArrays(found, weights.arrays);
          expect([found.names, found.layout]).toEqual([weights.names, weights.layout]);
          expect(found.dtypes).toEqual(weights.dtypes);
          expect(read.architecture_version).toBe(version);
          seen.add(weights.elementType);
        },
      ),
      { numRuns: 500 },
    );
    expect([...seen].sort()).toEqual([...elementTypes].sort());
  });

  it("give the same bytes when they are written again", () => {
    fc.assert(
      fc.property(arbitraryWeights, formats, (weights, format) => {
        const once = encodeModelRow({ weights }, ModelV1, { format });
        const twice = encodeModelRow(decodeModelRow(once), ModelV1, { format });
        expect(Buffer.compare(once, twice)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it("come back from tables of many rows, null where they are missing", () => {
    const rows = fc.constantFrom(...elementTypes).chain((type) =>
      fc.array(fc.option(arbitraryWeights.filter(({ elementType }) => elementType === type)), {
        minLength: 2,
        maxLength: 4,
      }),
    );
    fc.assert(
      fc.property(rows, formats, (column, format) => {
        const bytes = encodeTable(
          column.map((weights) => ({ weights })),
          ModelV1,
          { format },
        );
        const found = decodeTable(bytes, { schemaVersion: ModelV1 }).records();
        expect(found).toHaveLength(column.length);
        for (const [i, { weights }] of found.entries()) {
          const expected = column[i] ?? null;
          if (expected === null) expect(weights).toBeNull();
          else {
            expectSameArrays(weights as Weights, expected.arrays);
            expect([weights?.names, weights?.layout, weights?.dtypes]).toEqual([
              expected.names,
              expected.layout,
              expected.dtypes,
            ]);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("are views of the bytes where those are aligned", () => {
    fc.assert(
      fc.property(arbitraryWeights, (weights) => {
        const bytes = encodeModelRow({ weights });
        for (const { vec, elementType } of decodeModelRow(bytes).weights as Weights) {
          expect(vec.buffer === bytes.buffer).toBe(elementType !== "bool");
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** An element as an exact value: a bigint for integers, a number for floats. */
function exact({ vec, elementType }: FlatArray, index: number): number | bigint {
  const element = vec[index] as number | bigint;
  if (elementType === "float16") return halfValues[Number(element)] as number;
  return elementType.startsWith("float") ? element : BigInt(element);
}

const integerRange = (type: ElementType): readonly [bigint, bigint] => {
  const bits = BigInt(type.replace(/\D/g, ""));
  return type.startsWith("u") ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
};

/** Whether a type has exactly this value. */
function holds(type: ElementType, value: number | bigint): boolean {
  if (type === "bool") return value === 0n || value === 1n;
  if (!type.startsWith("float")) {
    const [minimum, maximum] = integerRange(type);
    return typeof value === "bigint" && value >= minimum && value <= maximum;
  }
  const number = Number(value);
  if (typeof value === "bigint" && BigInt(number) !== value) return false;
  if (Number.isNaN(number) || type === "float64") return true;
  return type === "float32" ? Math.fround(number) === number : halfValues.includes(number);
}

const sameValue = (a: number | bigint, b: number | bigint): boolean =>
  typeof a === typeof b ? Object.is(a, b) : Number(a) === Number(b);

describe("weights of several element types", () => {
  it("come back with equal values, or are refused where the common type lacks one", () => {
    const outcomes = { kept: 0, refused: 0 };
    fc.assert(
      fc.property(arbitraryMixedWeights, (weights) => {
        const type = weights.elementType;
        const values = weights.arrays.map((array) => Array.from({ length: array.length }, (_, i) => exact(array, i)));
        const fits = values.every((list) => list.every((value) => holds(type, value)));
        if (!fits) {
          expect(() => encodeModelRow({ weights })).toThrow(LossyConversionError);
          outcomes.refused += 1;
          return;
        }
        const found = decodeModelRow(encodeModelRow({ weights })).weights as Weights;
        expect(found.arrays.map(({ size }) => size)).toEqual(weights.arrays.map(({ size }) => size));
        expect(new Set(found.arrays.map(({ elementType }) => elementType))).toEqual(new Set([type]));
        for (const [i, array] of found.arrays.entries()) {
          const list = values[i] as (number | bigint)[];
          expect(list.every((value, j) => sameValue(value, exact(array, j)))).toBe(true);
        }
        expect(found.dtypes).toEqual(weights.dtypes);
        outcomes.kept += 1;
      }),
      { numRuns: 500 },
    );
    expect(outcomes.kept).toBeGreaterThan(50);
    expect(outcomes.refused).toBeGreaterThan(50);
  });

  it("are always written where loss is allowed, as the nearest values", () => {
    fc.assert(
      fc.property(arbitraryMixedWeights, ({ arrays }) => {
        const weights = new Weights(arrays, { lossy: true });
        const found = decodeModelRow(encodeModelRow({ weights })).weights as Weights;
        expect(found.elementType).toBe(weights.elementType);
        for (const [i, array] of found.arrays.entries()) {
          const source = arrays[i] as FlatArray;
          for (let j = 0; j < array.length; j++) {
            const before = exact(source, j);
            if (holds(weights.elementType, before)) expect(sameValue(before, exact(array, j))).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
