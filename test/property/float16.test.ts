import fc from "fast-check";
import { FlatArray, loadWeights, Weights } from "legolas-flux";
import { construct, t } from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";
import { halfValues } from "../helpers/half-values.ts";

const allBits = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

/** The bits of numbers in half precision, as loading them into a half-precision array gives them. */
function halfBits(numbers: readonly number[]): Uint16Array {
  const target = new FlatArray(new Uint16Array(numbers.length), [numbers.length], "float16");
  const source = new FlatArray(Float64Array.from(numbers), [numbers.length]);
  loadWeights([target], new Weights([source]), { lossy: true });
  return target.vec as Uint16Array;
}

/** Finite halves that are not negative, in ascending order: their bits count them. */
const magnitudes = halfValues.slice(0, 0x7c00);

/** The nearest half by search: ties go to the even significand, beyond the middle after the largest to infinity. */
function slowHalfBits(number: number): number {
  if (Number.isNaN(number)) return 0x7e00;
  const sign = number < 0 || Object.is(number, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(number);
  let low = 0;
  let high = magnitudes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((magnitudes[middle] as number) <= magnitude) low = middle + 1;
    else high = middle;
  }
  const below = low - 1;
  const lower = magnitudes[below] as number;
  const upper = magnitudes[below + 1] ?? 65_536;
  const distance = magnitude - lower - (upper - magnitude);
  const nearest = distance < 0 || (distance === 0 && below % 2 === 0) ? below : below + 1;
  return sign | nearest;
}

function bitsOfDouble(high: number, low: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, high);
  view.setUint32(4, low);
  return view.getFloat64(0);
}

vi.setConfig({ testTimeout: 60_000 });

describe("half precision", () => {
  it("widens each of the 65,536 patterns to the number it stands for", () => {
    const widened = new FlatArray(allBits, [65_536], "float16").toFloat32();
    const wrong = Array.from(widened).filter((value, bits) => !Object.is(value, halfValues[bits]));
    expect(widened).toHaveLength(65_536);
    expect(wrong).toEqual([]);
  });

  it("narrows each of the 65,536 numbers to its pattern, NaNs to one NaN", () => {
    const narrowed = halfBits(halfValues);
    const wrong = Array.from(narrowed).filter((found, bits) =>
      Number.isNaN(halfValues[bits]) ? !Number.isNaN(halfValues[found]) : found !== bits,
    );
    expect(narrowed).toHaveLength(65_536);
    expect(wrong).toEqual([]);
  });

  it("rounds every number between two neighbours as the definition says: middle, just below and just above", () => {
    const between = magnitudes.flatMap((lower, i) => {
      const upper = magnitudes[i + 1] ?? 65_536;
      const middle = (lower + upper) / 2;
      const step = Math.max(middle * 2 ** -52, 2 ** -1074);
      return [middle, middle - step, middle + step].flatMap((value) => [value, -value]);
    });
    expect(between).toHaveLength(6 * 0x7c00);
    const found = halfBits(between);
    expect(between.filter((value, i) => found[i] !== slowHalfBits(value))).toEqual([]);
  });

  it("rounds any double to the nearest half", () => {
    const anyDouble = fc.oneof(
      fc.double(),
      fc.double({ min: -70_000, max: 70_000 }),
      fc.double({ min: -(2 ** -13), max: 2 ** -13 }),
      fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)).map(([high, low]) => bitsOfDouble(high, low)),
      fc.tuple(fc.integer({ min: -30, max: 17 }), fc.nat(4096)).map(([power, part]) => 2 ** power * (1 + part / 4096)),
    );
    fc.assert(
      fc.property(fc.array(anyDouble, { minLength: 50, maxLength: 100 }), (numbers) => {
        const found = halfBits(numbers);
        for (const [i, number] of numbers.entries()) {
          const expected = slowHalfBits(number);
          if (Number.isNaN(number)) expect(halfValues[found[i] as number]).toBeNaN();
          else expect([number, found[i]]).toEqual([number, expected]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is what a float16 field keeps", () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.double({ min: -70_000, max: 70_000 })), (number) => {
        const kept = construct(t.float16, number);
        expect(kept).toBe(halfValues[slowHalfBits(number)]);
        expect(construct(t.float16, kept)).toBe(kept);
      }),
      { numRuns: 500 },
    );
  });
});
