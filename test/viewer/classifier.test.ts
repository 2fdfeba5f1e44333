/** Models of the page for drawing: what is let go of those that cannot be shown. */
import type * as tf from "@tensorflow/tfjs";
import { encodeModelRow, FlatArray, Weights } from "legolas-flux";
import { beforeEach, expect, it, vi } from "vitest";
import { DigitsRowV1 } from "../../examples/digits/digits-row.ts";
import * as making from "../../examples/digits/make-model.ts";
import { openClassifier } from "../../viewer/src/digits/classifier.ts";

let closed = 0;

vi.mock("legolas-flux", async (original) => {
  const module = await original<typeof import("legolas-flux")>();
  const openModelRow = async (...given: Parameters<typeof module.openModelRow>) => {
    const handle = await module.openModelRow(...given);
    const close = async (): Promise<void> => {
      closed += 1;
      await handle.close();
    };
    return { ...handle, close };
  };
  return { ...module, openModelRow };
});
vi.mock("../../examples/digits/make-model.ts", { spy: true });

beforeEach(() => {
  closed = 0;
});

function fileOf(arrays: number): File {
  const weights = new Weights(Array.from({ length: arrays }, () => new FlatArray(new Float32Array(4), [4])));
  const row = DigitsRowV1({ weights, config: { seed: 5, dropout_rate: 0 } });
  return new File([new Uint8Array(encodeModelRow(row, DigitsRowV1))], "a.digits.model.arrow");
}

it("closes the file where no model can be made of its configuration", async () => {
  vi.mocked(making.makeModel).mockImplementationOnce(() => {
    throw new RangeError("no such rate");
  });
  await expect(openClassifier(fileOf(1), () => {})).rejects.toThrow("no such rate");
  expect(closed).toBe(1);
});

it("closes the file and frees the model where its weights do not fit", async () => {
  await expect(openClassifier(fileOf(3), () => {})).rejects.toThrow();
  expect(closed).toBe(1);
  const model = vi.mocked(making.makeModel).mock.results.at(-1)?.value as tf.Sequential;
  expect(() => model.getWeights().map((tensor) => tensor.dataSync())).toThrow(/disposed/);
});
