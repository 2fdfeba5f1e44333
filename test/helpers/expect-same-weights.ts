/** Weights that are the same in every bit. */
import type { Weights } from "legolas-flux";
import { expect } from "vitest";
import { bytesOfArray } from "./arbitrary-weights.ts";

/** Arrays (types, sizes, bits), names, layout and types before promotion are the same. */
export function expectSameWeights(found: Weights, expected: Weights): void {
  expect(describe(found)).toEqual(describe(expected));
}

function describe({ arrays, names, layout, dtypes }: Weights): unknown {
  return {
    names,
    layout,
    dtypes,
    arrays: arrays.map((array) => ({
      type: array.elementType,
      size: array.size,
      hex: bytesOfArray(array).toString("hex"),
    })),
  };
}
