import { describe, expect, it } from "vitest";
import { bytesOf, digitsReference } from "../helpers/julia-fixtures.ts";
import { inChromium } from "./in-chromium.ts";
import * as inNode from "./pages/tfjs-models.ts";

const chromium = inChromium<typeof inNode>("tfjs-models");

const backends = ["cpu", "wasm", "webgl"] as const;
const layouts = ["tfjs", "flux", "torch"] as const;

describe.each(backends)("TensorFlow.js on %s in the browser", (backend) => {
  it.each(layouts)("computes the same after a round trip in the layout %s, and leaves no tensor", async (layout) => {
    const trip = await chromium.run("roundTrip", backend, layout);
    expect(trip.backend).toBe(backend);
    expect(trip.loadedPredictions).toEqual(trip.predictions);
    expect(new Set(trip.predictions).size).toBeGreaterThan(4);
    expect(trip.loadedValues).toEqual(trip.values);
    expect(trip.leaked).toEqual([0, 0]);
    if (layout === "tfjs") expect(trip.dtypes).toEqual(expect.arrayContaining(["float32", "int32", "bool"]));
  });

  it("writes the same bytes as Node", async () => {
    for (const layout of layouts) {
      const { bytes } = await chromium.run("roundTrip", backend, layout);
      const expected = await inNode.roundTrip("cpu", layout);
      expect(Buffer.compare(bytes, expected.bytes), layout).toBe(0);
    }
  });

  it("computes what Julia computes with weights that Julia wrote", async () => {
    const { input, output } = digitsReference;
    const file = new Uint8Array(bytesOf("digits_runnable.arrow"));
    const probabilities = await chromium.run("predictDigit", backend, file, input);
    expect(probabilities).toHaveLength(10);
    for (const [i, value] of output.entries()) expect(probabilities[i]).toBeCloseTo(value, 5);
  });

  it("loads weights stored as float16 into variables of float32", async () => {
    const { first, dtypes } = await chromium.run("loadHalfPrecision", backend);
    expect(first.slice(0, 4)).toEqual([0.5, 1, -2, 2 ** -24]);
    expect(new Set(dtypes)).toEqual(new Set(["float32"]));
  });
});
