import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import {
  FlatArray,
  LayoutError,
  LossyConversionError,
  MissingWeightsError,
  ModelV1,
  readModelRow,
  Weights,
  WeightsMismatchError,
  writeModelRow,
} from "legolas-flux";
import { fetchWeights, loadWeights } from "legolas-flux/tfjs";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

let folder = "";
let tensors = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "legolas-flux-tfjs-"));
  tensors = tf.memory().numTensors;
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  tf.disposeVariables();
});

function makeMyModel(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [4], units: 5, activation: "relu" }),
      tf.layers.batchNormalization(),
      tf.layers.dropout({ rate: 0.1 }),
      tf.layers.dense({ units: 5 }),
      tf.layers.dense({ units: 3, useBias: false }),
    ],
  });
}

/** Gives every variable values of its own, so that a swap shows. */
function fillDistinct(model: tf.LayersModel): void {
  tf.tidy(() => {
    let next = 1;
    const filled = model.getWeights().map((weight) => {
      const values = Float32Array.from({ length: weight.size }, () => next++ / 64);
      return tf.tensor(values, weight.shape);
    });
    model.setWeights(filled);
  });
}

function predictions(model: tf.LayersModel, inputs: tf.Tensor): Float32Array {
  return tf.tidy(() => Float32Array.from((model.predict(inputs) as tf.Tensor).dataSync()));
}

const snapshot = (model: tf.LayersModel): number[][] => model.getWeights().map((weight) => [...weight.dataSync()]);

describe("a model and its file", () => {
  it("runs the README's example: a fresh model gives the same predictions", async () => {
    const path = join(folder, "my_model.model.arrow");
    const model = makeMyModel();
    fillDistinct(model);
    const row = ModelV1({ weights: await fetchWeights(model), architecture_version: 1 });
    await writeModelRow(path, row);

    const fresh = makeMyModel();
    const { weights, architecture_version } = await readModelRow(path, ModelV1);
    await loadWeights(fresh, weights);

    expect(architecture_version).toBe(1);
    const inputs = tf.randomUniform([7, 4], -1, 1, "float32", 3);
    expect(predictions(fresh, inputs)).toEqual(predictions(model, inputs));
  });

  it("keeps names, shapes reversed, the layout and the moving statistics", async () => {
    const weights = await fetchWeights(makeMyModel());
    expect(weights.layout).toBe("tfjs");
    expect(weights.names?.map((name) => name.replace(/\d+\//, "/"))).toEqual([
      "dense_Dense/kernel",
      "dense_Dense/bias",
      "batch_normalization_BatchNormalization/gamma",
      "batch_normalization_BatchNormalization/beta",
      "batch_normalization_BatchNormalization/moving_mean",
      "batch_normalization_BatchNormalization/moving_variance",
      "dense_Dense/kernel",
      "dense_Dense/bias",
      "dense_Dense/kernel",
    ]);
    expect(weights.at(0)?.size).toEqual([5, 4]);
  });

  it("never returns the model's own memory, nor keeps the caller's", async () => {
    const model = makeMyModel();
    fillDistinct(model);
    const before = snapshot(model);
    const weights = await fetchWeights(model);
    await loadWeights(model, weights);
    for (const { vec } of weights) (vec as Float32Array).fill(99);
    expect(snapshot(model)).toEqual(before);
  });

  it("leaks no tensor and disposes no variable", async () => {
    const model = makeMyModel();
    const own = tf.memory().numTensors;
    const weights = await fetchWeights(model);
    await loadWeights(model, weights);
    expect(tf.memory().numTensors).toBe(own);
    expect(() => predictions(model, tf.zeros([1, 4]))).not.toThrow();
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensors + 1);
  });

  it("reads one consistent snapshot while training goes on", async () => {
    const model = makeMyModel();
    fillDistinct(model);
    const before = await fetchWeights(model);
    const fetching = fetchWeights(model);
    tf.tidy(() => model.setWeights(model.getWeights().map((weight) => tf.zerosLike(weight))));
    const during = await fetching;
    expect(during.arrays.map(({ vec }) => [...(vec as Float32Array)])).toEqual(
      before.arrays.map(({ vec }) => [...(vec as Float32Array)]),
    );
  });
});

describe("order", () => {
  const named = (): tf.Sequential =>
    tf.sequential({
      layers: [
        tf.layers.dense({ name: "first", inputShape: [4], units: 4 }),
        tf.layers.batchNormalization({ name: "norm" }),
        tf.layers.dense({ name: "second", units: 4 }),
      ],
    });

  it("does not change when layers are frozen, so equal shapes are never swapped", async () => {
    const model = named();
    fillDistinct(model);
    const free = await fetchWeights(model);
    model.getLayer("first").trainable = false;
    const frozen = await fetchWeights(model);
    expect(frozen.names).toEqual(free.names);
    expect(frozen.arrays).toEqual(free.arrays);
    model.trainable = false;
    expect((await fetchWeights(model)).arrays).toEqual(free.arrays);
  });

  it("loads weights of a free model into a frozen one", async () => {
    const model = named();
    fillDistinct(model);
    const frozen = named();
    frozen.getLayer("first").trainable = false;
    await loadWeights(frozen, await fetchWeights(model));
    const inputs = tf.ones([2, 4]);
    expect(predictions(frozen, inputs)).toEqual(predictions(model, inputs));
  });

  it("lists a layer that is shared, or added twice, once", async () => {
    const input = tf.input({ shape: [3] });
    const shared = tf.layers.dense({ name: "shared", units: 3 });
    const output = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
    expect((await fetchWeights(tf.model({ inputs: input, outputs: output }))).names).toEqual([
      "shared/kernel",
      "shared/bias",
    ]);

    const layer = tf.layers.dense({ name: "twice", units: 3, inputShape: [3] });
    const sequential = tf.sequential();
    sequential.add(layer);
    sequential.add(layer);
    const weights = await fetchWeights(sequential);
    expect(weights.names).toEqual(["twice/kernel", "twice/bias"]);
    await expect(loadWeights(sequential, weights)).resolves.toMatchObject({ missing: [] });
  });

  it("walks nested models, bidirectional, recurrent, stacked and time-distributed layers, frozen inside or not", async () => {
    const make = (): tf.Sequential => {
      const inner = tf.sequential({
        name: "inner",
        layers: [
          tf.layers.dense({ name: "in_a", inputShape: [3], units: 3 }),
          tf.layers.batchNormalization({ name: "in_bn" }),
          tf.layers.dense({ name: "in_b", units: 3 }),
        ],
      });
      const cells = [tf.layers.lstmCell({ units: 3 }), tf.layers.gruCell({ units: 3 })];
      return tf.sequential({
        layers: [
          tf.layers.timeDistributed({ name: "td", layer: inner, inputShape: [2, 3] }),
          tf.layers.rnn({ name: "stacked", cell: cells, returnSequences: true }) as tf.layers.Layer,
          tf.layers.bidirectional({
            name: "bi",
            layer: tf.layers.lstm({ name: "ls", units: 3 }) as tf.RNN,
            mergeMode: "concat",
          }),
          tf.layers.dense({ name: "out", units: 2 }),
        ],
      });
    };
    const model = make();
    fillDistinct(model);
    const weights = await fetchWeights(model);
    expect(weights.names).toEqual([
      ...["in_a/kernel", "in_a/bias"],
      ...["in_bn/gamma", "in_bn/beta", "in_bn/moving_mean", "in_bn/moving_variance"],
      ...["in_b/kernel", "in_b/bias"],
      ...["stacked/RNNCell_0/kernel", "stacked/RNNCell_0/recurrent_kernel", "stacked/RNNCell_0/bias"],
      ...["stacked/RNNCell_1/kernel", "stacked/RNNCell_1/recurrent_kernel", "stacked/RNNCell_1/bias"],
      ...["bi/forward_ls/kernel", "bi/forward_ls/recurrent_kernel", "bi/forward_ls/bias"],
      ...["bi/backward_ls/kernel", "bi/backward_ls/recurrent_kernel", "bi/backward_ls/bias"],
      ...["out/kernel", "out/bias"],
    ]);
    const fresh = make();
    (fresh.layers[0] as unknown as { layer: tf.Sequential }).layer.getLayer("in_a").trainable = false;
    await loadWeights(fresh, weights);
    const inputs = tf.ones([2, 2, 3]);
    expect(predictions(fresh, inputs)).toEqual(predictions(model, inputs));
  });
});

describe("bad input", () => {
  const twoLayers = (first: string, second: string): tf.Sequential =>
    tf.sequential({
      layers: [
        tf.layers.dense({ name: first, inputShape: [3], units: 3 }),
        tf.layers.dense({ name: second, units: 3 }),
      ],
    });

  async function failure(run: Promise<unknown>): Promise<Error> {
    return run.then(
      () => expect.unreachable("it must throw"),
      (error: unknown) => error as Error,
    );
  }

  it("lists all shapes that differ, names what to do, and leaves the model as it was", async () => {
    const model = makeMyModel();
    const before = snapshot(model);
    const other = tf.sequential({ layers: [tf.layers.dense({ name: "wide", inputShape: [4], units: 6 })] });
    const error = await failure(loadWeights(model, await fetchWeights(other)));
    expect(error).toBeInstanceOf(WeightsMismatchError);
    expect((error as WeightsMismatchError).mismatches).toHaveLength(9);
    expect(error.message).toMatch(/the model has 9 arrays, the weights 2; nothing was loaded:/);
    expect(error.message).toMatch(/\[0\] dense_Dense\d+\/kernel: expected shape \[4, 5\], found shape \[4, 6\]/);
    expect(error.message).toMatch(/Load weights of the same architecture/);
    expect(snapshot(model)).toEqual(before);
  });

  it("refuses the same names in another order, and other names, unless told to go by position", async () => {
    const weights = await fetchWeights(twoLayers("a", "b"));
    const swapped = await failure(loadWeights(twoLayers("b", "a"), weights));
    expect(swapped.message).toMatch(/the names of the model in another order; nothing was loaded/);
    const renamed = await failure(loadWeights(twoLayers("a", "c"), weights));
    expect(renamed.message).toMatch(
      /2 of 4 arrays have other names[\s\S]*expected c\/kernel, found b\/kernel[\s\S]*names: false/,
    );
    const model = twoLayers("b", "a");
    await loadWeights(model, weights, { names: false });
    expect((await fetchWeights(model)).arrays).toEqual(weights.arrays);
  });

  it("says that a model without layers must get them first", async () => {
    const error = await failure(loadWeights(tf.sequential(), await fetchWeights(twoLayers("a", "b"))));
    expect(error.message).toMatch(/has no weights yet: add its layers, the first with an inputShape/);
  });

  it("refuses missing weights and those of a layout that it does not know", async () => {
    const model = twoLayers("a", "b");
    expect(await failure(loadWeights(model, null))).toBeInstanceOf(MissingWeightsError);
    const { arrays } = await fetchWeights(model);
    const error = await failure(loadWeights(model, new Weights(arrays, { layout: "keras" })));
    expect(error).toBeInstanceOf(LayoutError);
    expect(error.message).toMatch(/expected "tfjs", "flux" or "torch", found "keras"/);
  });

  it("refuses values that a variable cannot hold, unless told that loss is fine", async () => {
    const model = twoLayers("a", "b");
    const before = snapshot(model);
    const { arrays, names } = await fetchWeights(model);
    const third = new FlatArray(new Float64Array(9).fill(1 / 3), [3, 3]);
    const weights = new Weights([third, ...arrays.slice(1)], { names, layout: "tfjs" });
    const error = await failure(loadWeights(model, weights));
    expect(error).toBeInstanceOf(LossyConversionError);
    expect(error.message).toMatch(/array 0 \(a\/kernel\): expected float64 values that float32 can hold/);
    expect(snapshot(model)).toEqual(before);
    await loadWeights(model, weights, { lossy: true });
    expect(snapshot(model)[0]).toEqual(Array(9).fill(Math.fround(1 / 3)));
  });

  it("refuses what is no model, and a disposed one", async () => {
    for (const tree of [
      { kernel: new Float32Array(3) },
      { layers: [{ kernel: new Float32Array(3) }] },
      { layers: [null] },
      null,
    ]) {
      const notModel = await failure(fetchWeights(tree as unknown as tf.LayersModel));
      expect(notModel.message).toMatch(/expected a TensorFlow.js LayersModel[\s\S]*"legolas-flux"/);
    }
    const model = twoLayers("a", "b");
    model.dispose();
    expect((await failure(fetchWeights(model))).message).toMatch(
      /"a\/kernel": expected a model in use, found one that was disposed/,
    );
  });
});
