import { describe, expect, it } from "vitest";
import { loadHalfPrecision, roundTrip } from "../browser/pages/tfjs-models.ts";

const layouts = ["tfjs", "flux", "torch"] as const;

describe.each(["cpu", "wasm"] as const)("TensorFlow.js on %s in Node", (backend) => {
  it.each(layouts)("computes the same after a round trip in the layout %s, and leaves no tensor", async (layout) => {
    const trip = await roundTrip(backend, layout);
    expect(trip.backend).toBe(backend);
    expect(trip.loadedPredictions).toEqual(trip.predictions);
    expect(trip.loadedValues).toEqual(trip.values);
    expect(trip.leaked).toEqual([0, 0]);
  });

  it("loads weights stored as float16 into variables of float32", async () => {
    const { first } = await loadHalfPrecision(backend);
    expect(first.slice(0, 4)).toEqual([0.5, 1, -2, 2 ** -24]);
  });
});
