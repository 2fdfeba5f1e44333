/** What PyTorch has otherwise than Flux: what is refused, warned of and named. `npm run conformance:torch` asks PyTorch itself. */
import * as tf from "@tensorflow/tfjs";
import { FlatArray, InputError, LayerConversionError, Weights } from "legolas-flux";
import { type FetchOptions, fetchWeights, loadWeights } from "legolas-flux/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { randomizeWeights } from "../helpers/model-plan.ts";

beforeAll(() => tf.setBackend("cpu"));

const image = [6, 6, 2];
const sequence = [5, 3];

const chain = (inputShape: readonly number[], ...layers: readonly tf.layers.Layer[]): tf.Sequential =>
  tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [...inputShape] }), ...layers] });

async function warningsOf(model: tf.LayersModel, layout: FetchOptions["layout"] = "torch"): Promise<string> {
  const warnings: string[] = [];
  await fetchWeights(model, { layout, onWarning: (warning) => warnings.push(warning) });
  return warnings.join("\n");
}

const conv = (config: object): tf.layers.Layer =>
  tf.layers.conv2d({ filters: 1, kernelSize: 2, padding: "same", ...config });
const simpleRNN = (activation: "relu" | "sigmoid"): tf.layers.Layer => tf.layers.simpleRNN({ units: 2, activation });

describe("for PyTorch", () => {
  it.each<[string, readonly number[], () => tf.layers.Layer[], RegExp]>([
    [
      'padding "same" with a stride',
      image,
      () => [conv({ strides: 2 })],
      /padding "same" with a stride pads the high side more; PyTorch has no "same" with strides, and pads both sides alike/,
    ],
    [
      "an RNN with relu",
      sequence,
      () => [simpleRNN("relu")],
      /activation is "relu", in PyTorch "tanh" unless set otherwise\. Set nonlinearity="relu" there/,
    ],
    [
      "pooling whose padding is odd",
      image,
      () => [tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }), conv({})],
      /\(MaxPooling2D\): padding "same" pads the high side more here, PyTorch both sides alike\. Pad the high side with -inf there/,
    ],
    [
      "transposed convolution that leaves gaps",
      image,
      () => [tf.layers.conv2dTranspose({ filters: 1, kernelSize: 1, strides: 3, padding: "same" })],
      /strides beyond the size of the kernel make the result longer\. Give the other model output_padding = stride - kernel size/,
    ],
    [
      "indices that are masked",
      [4],
      () => [tf.layers.embedding({ inputDim: 3, outputDim: 2, maskZero: true, name: "words" })],
      /layer "words" \(Embedding\): maskZero lets recurrent layers skip steps, PyTorch takes them all\. Pack sequences there: torch\.nn\.utils\.rnn\.pack_padded_sequence, or leave it out/,
    ],
    [
      "steps that are masked",
      sequence,
      () => [tf.layers.masking({ maskValue: 0 }), tf.layers.simpleRNN({ units: 2 })],
      /\(Masking\): it lets recurrent layers skip steps, PyTorch takes them all/,
    ],
    [
      "bilinear interpolation",
      image,
      () => [tf.layers.upSampling2d({ interpolation: "bilinear" }), conv({})],
      /interpolation "bilinear" measures from the corners of pixels, PyTorch from their centers/,
    ],
    [
      "the slope that TensorFlow.js has by default",
      [3],
      () => [tf.layers.dense({ units: 2 }), tf.layers.leakyReLU({ name: "act" })],
      /layer "act" \(LeakyReLU\): alpha is 0\.3, in PyTorch 0\.01 unless set otherwise\. Set alpha: 0\.01/,
    ],
  ])("is warned of: %s", async (_, shape, makeLayers, message) => {
    expect(await warningsOf(chain(shape, ...makeLayers()))).toMatch(message);
  });

  it('even kernels with padding "same" are the same, and single elements whatever the stride', async () => {
    expect(await warningsOf(chain(image, conv({})))).toBe("");
    expect(await warningsOf(chain(image, conv({ kernelSize: 1, strides: 2 })))).toBe("");
    expect(await warningsOf(chain(image, conv({ kernelSize: 1, strides: 2 })), "flux")).toBe("");
    expect(await warningsOf(chain(image, conv({ kernelSize: [1, 2] })), "flux")).toMatch(/pads the low side more/);
  });

  it("pooling whose padding is even is the same", async () => {
    const pool = (config: object): tf.layers.Layer =>
      tf.layers.maxPooling2d({ poolSize: 2, padding: "same", ...config });
    expect(await warningsOf(chain(image, pool({}), conv({})))).toBe("");
    expect(await warningsOf(chain(image, pool({ poolSize: 3, strides: 1 }), conv({})))).toBe("");
    const isFirst = { dataFormat: "channelsFirst" };
    expect(await warningsOf(chain([3, 6, 6], pool(isFirst), conv(isFirst)))).toBe("");
    expect(await warningsOf(chain([3, 5, 6], pool(isFirst), conv(isFirst)))).toMatch(/pads the high side more here/);
  });

  it("an RNN with an activation that PyTorch's cannot have is refused, though not for Flux", async () => {
    const fetching = fetchWeights(chain(sequence, simpleRNN("sigmoid")), { layout: "torch" });
    await expect(fetching).rejects.toThrow(LayerConversionError);
    await expect(fetching).rejects.toThrow(/activation is "sigmoid", in PyTorch's RNN "tanh" or "relu"/);
    expect(await warningsOf(chain(sequence, simpleRNN("sigmoid")), "flux")).toBe("");
  });
});

const output = (model: tf.LayersModel): number[] => {
  const input = tf.tensor(
    Array.from({ length: 30 }, (_, i) => Math.sin(i)),
    [2, 5, 3],
  );
  return [...(model.predict(input) as tf.Tensor).dataSync()];
};

describe("modules", () => {
  const lstm = (returnSequences: boolean): tf.RNN =>
    tf.layers.lstm({ units: 2, recurrentActivation: "sigmoid", returnSequences }) as tf.RNN;
  const both = (name: string, returnSequences: boolean): tf.layers.Layer =>
    tf.layers.bidirectional({ layer: lstm(returnSequences), mergeMode: "concat", name });
  const twoLayers = (seed: number): tf.LayersModel => {
    const model = chain(sequence, both("lower", true), both("upper", false), tf.layers.dense({ units: 2, name: "fc" }));
    randomizeWeights(model, seed);
    return model;
  };
  const modules = { lower: "encoder.lstm", upper: "encoder.lstm" };

  it("that recurrent layers share are stacked, in the order of the model", async () => {
    const model = twoLayers(1);
    const weights = await fetchWeights(model, { layout: "torch", modules });
    const parts = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];
    const ends = ["l0", "l0_reverse", "l1", "l1_reverse"];
    expect(weights.names).toEqual([
      ...ends.flatMap((end) => parts.map((part) => `encoder.lstm.${part}_${end}`)),
      "fc.weight",
      "fc.bias",
    ]);
    // The upper layer takes both directions of the lower one.
    expect(weights.get("encoder.lstm.weight_ih_l1_reverse")?.size).toEqual([4, 8]);
    const other = twoLayers(50);
    await loadWeights(other, weights, { modules });
    expect(output(other)).toEqual(output(model));
  });

  it("count stacked cells, too", async () => {
    const cell = [1, 2].map(() => tf.layers.simpleRNNCell({ units: 2 }));
    const model = chain(
      sequence,
      tf.layers.rnn({ cell, returnSequences: true, name: "lower" }),
      tf.layers.simpleRNN({ units: 2, name: "upper" }),
    );
    const { names } = await fetchWeights(model, { layout: "torch", modules: { lower: "rnn", upper: "rnn" } });
    expect(names?.filter((name) => name.includes("weight_ih"))).toEqual([
      "rnn.weight_ih_l0",
      "rnn.weight_ih_l1",
      "rnn.weight_ih_l2",
    ]);
  });

  const run = (name: string, config: object = {}): tf.layers.Layer =>
    tf.layers.lstm({ units: 3, recurrentActivation: "sigmoid", returnSequences: true, name, ...config });
  const messageFor = async (model: tf.LayersModel, ...names: string[]): Promise<string> => {
    const shared = Object.fromEntries(names.map((name) => [name, "rnn"]));
    const fetching = fetchWeights(model, { layout: "torch", modules: shared, onWarning: () => {} });
    return fetching.then(
      ({ names: found }) => found?.filter((name) => name.includes("weight_ih")).join() ?? "",
      (error: Error) => (error instanceof InputError ? error.message : `${error}`),
    );
  };

  it.each<[string, () => tf.layers.Layer[], RegExp]>([
    [
      "of several classes",
      () => [run("a"), tf.layers.simpleRNN({ units: 3, name: "b" })],
      /"rnn" for layer "a" \(LSTM\), layer "b" \(SimpleRNN\): class of "a" and "b" is not the same/,
    ],
    ["and others", () => [run("a"), tf.layers.dense({ units: 3, name: "b" })], /class of "a" and "b" is not the same/],
    ["of several sizes", () => [run("a"), run("b", { units: 2 })], /number of units of "a" and "b" is not the same/],
    ["with and without bias", () => [run("a"), run("b", { useBias: false })], /useBias of "a" and "b" is not the same/],
    ["in one direction and both", () => [both("a", true), run("b", { units: 2 })], /direction of "a" and "b"/],
    ["that go backwards again", () => ["a", "b"].map((name) => run(name, { goBackwards: true })), /"b" goes backwards/],
    [
      "that add their directions",
      () => ["a", "b"].map((name) => tf.layers.bidirectional({ layer: lstm(true), mergeMode: "sum", name })),
      /"a" does not concatenate its directions/,
    ],
    [
      "with another layer between them",
      () => [run("a"), tf.layers.dense({ units: 3, name: "between" }), run("b")],
      /"b" does not take what "a" gives\. Give each of these layers a module of its own/,
    ],
  ])("are refused for recurrent layers %s", async (_, makeLayers, message) => {
    expect(await messageFor(chain(sequence, ...makeLayers()), "a", "b")).toMatch(message);
  });

  it("are refused for recurrent layers beside each other, or one that is called on something else as well", async () => {
    const input = tf.input({ shape: sequence });
    const [a, b] = [run("a").apply(input), run("b").apply(input)] as tf.SymbolicTensor[];
    const beside = tf.model({ inputs: input, outputs: [a, b] as tf.SymbolicTensor[] });
    expect(await messageFor(beside, "a", "b")).toMatch(/"b" does not take what "a" gives/);
    const same = tf.input({ shape: [5, 3] });
    const upper = run("b");
    const outputs = [run("a").apply(same), same].map((each) => upper.apply(each) as tf.SymbolicTensor);
    expect(await messageFor(tf.model({ inputs: same, outputs }), "a", "b")).toMatch(/"b" does not take what "a" gives/);
  });

  it("may stack recurrent layers across nested models, and with dropout between them", async () => {
    const stacked = "rnn.weight_ih_l0,rnn.weight_ih_l1";
    const dropout = tf.layers.dropout({ rate: 0.5 });
    expect(await messageFor(chain(sequence, run("a"), dropout, run("b")), "a", "b")).toBe(stacked);
    const nested = chain(sequence, chain(sequence, run("a")), chain([5, 3], run("b")));
    expect(await messageFor(nested, "a", "b")).toBe(stacked);
  });

  it("of other layers are their own", async () => {
    const model = chain([3], tf.layers.dense({ units: 3, name: "a" }), tf.layers.dense({ units: 3, name: "b" }));
    const fetching = fetchWeights(model, { layout: "torch", modules: { a: "fc", b: "fc" } });
    await expect(fetching).rejects.toThrow(InputError);
    await expect(fetching).rejects.toThrow(
      /a module of its own for each layer, .* found "fc\.weight" for layer "a" \(Dense\), layer "b" \(Dense\)/,
    );
  });

  it("that are the name of another layer are refused, and only the layers that collide are named", async () => {
    const dense = (name: string): tf.layers.Layer => tf.layers.dense({ units: 3, useBias: false, name });
    const messageOf = async (modules: Record<string, string>): Promise<string> => {
      const layers = [tf.layers.layerNormalization({ scale: false, name: "a" }), dense("b"), dense("c")];
      const fetching = fetchWeights(chain([3], ...layers), { layout: "torch", modules, onWarning: () => {} });
      return fetching.then(
        () => "",
        (error: Error) => (error instanceof InputError ? error.message : `${error}`),
      );
    };
    expect(await messageOf({ b: "c" })).toMatch(/found "c\.weight" for layer "b" \(Dense\), layer "c" \(Dense\)\./);
    expect(await messageOf({ a: "x.y", b: "x", c: "x" })).toMatch(
      /found "x\.weight" for layer "b" \(Dense\), layer "c" \(Dense\)\./,
    );
    expect(await messageOf({ a: "x.y", b: "x" })).toBe("");
  });

  it.each(["constructor", "toString", "hasOwnProperty"])("are not found where a layer is called %s", async (name) => {
    const model = chain([3], tf.layers.dense({ units: 2, name }));
    for (const options of [{}, { modules: {}, fluxLayers: {} }]) {
      expect((await fetchWeights(model, { layout: "torch", ...options })).names).toEqual([
        `${name}.weight`,
        `${name}.bias`,
      ]);
      expect((await fetchWeights(model, { layout: "flux", ...options })).length).toBe(2);
    }
  });
});

it("a layer normalization without bias, as PyTorch writes it and as we do", async () => {
  const makeModel = (): tf.LayersModel =>
    chain(sequence, tf.layers.layerNormalization({ center: false, epsilon: 1e-5, name: "norm" }));
  const model = makeModel();
  randomizeWeights(model, 1);
  const weights = await fetchWeights(model, { layout: "torch" });
  expect(weights.names).toEqual(["norm.weight", "norm.bias"]);
  const withoutBias = new Weights(weights.arrays.slice(0, 1), { names: ["norm.weight"], layout: "torch" });
  for (const given of [weights, withoutBias]) {
    const other = makeModel();
    expect((await loadWeights(other, given)).missing).toEqual([]);
    expect(output(other)).toEqual(output(model));
  }
});

describe("weights by names that the model does not have", () => {
  const remedyOf = async (
    model: tf.LayersModel,
    names: readonly string[],
    sizes: readonly number[][],
  ): Promise<string> => {
    const arrays = sizes.map((size) => new FlatArray(new Float32Array(size.reduce((a, b) => a * b)), size));
    const loading = loadWeights(model, new Weights(arrays, { names, layout: "torch" }));
    return loading.then(
      () => "",
      (error: Error) => error.message,
    );
  };

  it("are said to need modules", async () => {
    const model = chain([3], tf.layers.dense({ units: 2, name: "head" }));
    expect(await remedyOf(model, ["0.weight", "0.bias"], [[3, 2], [2]])).toMatch(
      /Say which layer is which module: \{ modules: \{ head: \.\.\. \} \} with those of the weights, "0"$/,
    );
  });

  it("and those of stacked modules as many layers", async () => {
    const names = ["weight_ih_l0", "weight_hh_l0", "weight_ih_l1", "weight_hh_l1"].map((name) => `rnn.${name}`);
    const layers = ["lower", "upper"].map((name) =>
      tf.layers.simpleRNN({ units: 2, useBias: false, returnSequences: true, name }),
    );
    const sizes = [
      [3, 2],
      [2, 2],
      [2, 2],
      [2, 2],
    ];
    expect(await remedyOf(chain(sequence, ...layers), names, sizes)).toMatch(
      /modules: \{ lower: \.\.\. \} \} with those of the weights, "rnn"\. A recurrent module of several layers \(l0, l1\) is given to/,
    );
  });
});
