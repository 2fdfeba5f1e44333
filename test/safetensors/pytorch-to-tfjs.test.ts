/** What PyTorch saved, in a TensorFlow.js model. */
import * as tf from "@tensorflow/tfjs";
import { LayoutError } from "legolas-flux";
import { decodeSafetensors, encodeSafetensors } from "legolas-flux/safetensors";
import { fetchWeights, loadWeights } from "legolas-flux/tfjs";
import { beforeAll, expect, it } from "vitest";
import { safetensorsBytes } from "../helpers/safetensors-bytes.ts";

beforeAll(() => tf.setBackend("cpu"));

/** `torch.nn.Linear(3, 2)` as safetensors.torch saves it: weight [out, in], then bias. */
const linear = (metadata?: object): Uint8Array =>
  safetensorsBytes({
    header: {
      ...(metadata && { __metadata__: metadata }),
      "fc.bias": { dtype: "F32", shape: [2], data_offsets: [0, 8] },
      "fc.weight": { dtype: "F32", shape: [2, 3], data_offsets: [8, 32] },
    },
    data: new Uint8Array(Float32Array.of(10, 20, 1, 2, 3, 4, 5, 6).buffer),
  });

const makeModel = (): tf.Sequential =>
  tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 2, name: "fc" })] });

it("computes what PyTorch computes: x times the transposed weight, plus the bias", async () => {
  const model = makeModel();
  await loadWeights(model, decodeSafetensors(linear({ format: "pt" })).weights);
  const output = model.predict(tf.tensor2d([[1, 10, 100]])) as tf.Tensor;
  expect([...(await output.data())]).toEqual([1 + 20 + 300 + 10, 4 + 50 + 600 + 20]);
});

it("goes back with the same names, shapes and numbers", async () => {
  const model = makeModel();
  const { weights, metadata } = decodeSafetensors(linear({ format: "pt" }));
  await loadWeights(model, weights);
  const again = decodeSafetensors(encodeSafetensors(await fetchWeights(model, { layout: "torch" }), { metadata }));
  expect(again.weights.layout).toBe("torch");
  for (const name of ["fc.weight", "fc.bias"]) expect(again.weights.get(name)).toEqual(weights.get(name));
});

it("without a word on the framework is refused, with what to say, and loads once it is said", async () => {
  const model = makeModel();
  const loading = loadWeights(model, decodeSafetensors(linear()).weights);
  await expect(loading).rejects.toThrow(LayoutError);
  await expect(loading).rejects.toThrow(/found "unknown"\. .*fromSafetensors\(source, \{ layout: "torch" \}\)/);
  await loadWeights(model, decodeSafetensors(linear(), { layout: "torch" }).weights);
  const [kernel] = model.getWeights();
  expect([...((await kernel?.data()) ?? [])]).toEqual([1, 4, 2, 5, 3, 6]);
});
