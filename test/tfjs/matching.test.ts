/** Which array goes where: names of PyTorch, partial loads, and what a mismatch suggests. */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import {
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  InputError,
  ModelV1,
  openModelRow,
  Weights,
  WeightsMismatchError,
} from "legolas-flux";
import { type FetchOptions, fetchWeights, type LoadOptions, loadWeights } from "legolas-flux/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const onWarning = (): void => {};

function classifier(classes = 3, { named = true }: { named?: boolean } = {}): tf.Sequential {
  const name = (text: string): object => (named ? { name: text } : {});
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [5, 5, 2], filters: 4, kernelSize: 2, ...name("conv") }),
      tf.layers.batchNormalization({ epsilon: 1e-5, ...name("norm") }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 6, ...name("hidden") }),
      tf.layers.dense({ units: classes, ...name("head") }),
    ],
  });
}

function fill(model: tf.LayersModel): tf.LayersModel {
  tf.tidy(() =>
    model.setWeights(model.getWeights().map((weight, i) => tf.randomUniform(weight.shape, 0.1, 1, "float32", i + 1))),
  );
  return model;
}

const output = (model: tf.LayersModel): number[] =>
  tf.tidy(() => [...(model.predict(tf.randomUniform([2, 5, 5, 2], 0, 1, "float32", 7)) as tf.Tensor).dataSync()]);

const shapes = (weights: Weights): Record<string, string> =>
  Object.fromEntries(weights.arrays.map(({ size }, i) => [weights.names?.[i] ?? "", size.toReversed().join("x")]));

/** The same arrays backwards, as a file that sorts them otherwise. */
const backwards = ({ arrays, names, layout }: Weights): Weights =>
  new Weights(arrays.toReversed(), { names: names?.toReversed() ?? null, layout });

async function mismatch(
  model: tf.LayersModel,
  weights: Weights,
  options: LoadOptions = {},
): Promise<WeightsMismatchError> {
  const error = await loadWeights(model, weights, { onWarning, ...options }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WeightsMismatchError);
  return error as WeightsMismatchError;
}

describe("PyTorch", () => {
  it("has the names and shapes of a state_dict", async () => {
    const weights = await fetchWeights(fill(classifier()), { layout: "torch" });
    expect(weights.layout).toBe("torch");
    expect(shapes(weights)).toEqual({
      "conv.weight": "4x2x2x2",
      "conv.bias": "4",
      "norm.weight": "4",
      "norm.bias": "4",
      "norm.running_mean": "4",
      "norm.running_var": "4",
      "norm.num_batches_tracked": "",
      "hidden.weight": "6x64",
      "hidden.bias": "6",
      "head.weight": "3x6",
      "head.bias": "3",
    });
    expect(weights.get("norm.num_batches_tracked")).toEqual(new FlatArray(new BigInt64Array(1), []));
  });

  it("names recurrent layers, bidirectional and stacked ones, with both biases", async () => {
    const lstm = (name: string): tf.layers.Layer =>
      tf.layers.lstm({ units: 2, returnSequences: true, recurrentActivation: "sigmoid", name });
    const stacked = tf.layers.rnn({
      cell: [tf.layers.simpleRNNCell({ units: 2 }), tf.layers.simpleRNNCell({ units: 2 })],
      name: "stack",
    });
    const model = tf.sequential({
      layers: [
        tf.layers.inputLayer({ inputShape: [4, 3] }),
        tf.layers.bidirectional({ layer: lstm("inner") as tf.RNN, mergeMode: "concat", name: "both" }),
        stacked,
      ],
    });
    const weights = await fetchWeights(fill(model), { layout: "torch" });
    const ends = ["l0", "l0_reverse"].flatMap((end) =>
      ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((part) => `both.${part}_${end}`),
    );
    expect(weights.names?.slice(0, 8)).toEqual(ends);
    expect(weights.names?.slice(8)).toEqual(
      ["l0", "l1"].flatMap((end) =>
        ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((part) => `stack.${part}_${end}`),
      ),
    );
    const split = new Weights(
      weights.arrays.map((array, i) =>
        weights.names?.[i]?.includes("bias_hh")
          ? new FlatArray(new Float32Array(array.length).fill(0.25), array.size)
          : array,
      ),
      weights,
    );
    await loadWeights(model, split);
    const sum = await fetchWeights(model, { layout: "torch" });
    const bias = (from: Weights): number => Number(from.get("stack.bias_ih_l1")?.vec[0]);
    expect(bias(sum)).toBeCloseTo(bias(weights) + 0.25, 6);
  });

  it("loads by name, whatever the order, and without the count of batches", async () => {
    const model = fill(classifier());
    const weights = await fetchWeights(model, { layout: "torch" });
    const fresh = classifier();
    await loadWeights(fresh, backwards(weights));
    expect(output(fresh)).toEqual(output(model));
    const isCount = (name: string): boolean => name.endsWith("num_batches_tracked");
    const kept = (weights.names ?? [])
      .map((name, i) => ({ name, array: weights.arrays[i] as FlatArray }))
      .filter(({ name }) => !isCount(name));
    const again = classifier();
    await loadWeights(
      again,
      new Weights(
        kept.map(({ array }) => array),
        { names: kept.map(({ name }) => name), layout: "torch" },
      ),
    );
    expect(output(again)).toEqual(output(model));
  });

  it("maps layers to modules of other names, both ways", async () => {
    const model = fill(classifier());
    const modules = { conv: "features.0", norm: "features.1", hidden: "classifier.0", head: "classifier.1" };
    const weights = await fetchWeights(model, { layout: "torch", modules });
    expect(weights.names?.[0]).toBe("features.0.weight");
    const fresh = classifier();
    await loadWeights(fresh, weights, { modules });
    expect(output(fresh)).toEqual(output(model));
  });

  it("refuses modules for layers that are not there", async () => {
    await expect(
      fetchWeights(classifier(), { layout: "torch", modules: { convolution: "features.0" } }),
    ).rejects.toThrow(/modules: expected names of layers with weights: conv, norm, hidden, head, found "convolution"/);
  });

  it("lists what is missing, superfluous and of another shape by name", async () => {
    const weights = await fetchWeights(classifier(5), { layout: "torch" });
    const names = weights.names?.map((name) => name.replace("hidden.", "middle.")) ?? [];
    const error = await mismatch(classifier(3), new Weights(weights.arrays, { names, layout: "torch" }));
    expect(error.message).toMatch(/hidden\.weight: expected shape \[6, 64\], found no array/);
    expect(error.message).toMatch(/middle\.weight: expected no array, found shape \[6, 64\]/);
    expect(error.message).toMatch(/head\.weight: expected shape \[3, 6\], found shape \[5, 6\]/);
  });
});

describe("Flux", () => {
  it("shows sizes as Flux has them", async () => {
    const weights = await fetchWeights(classifier(5), { layout: "flux" });
    const { message } = await mismatch(classifier(3), weights);
    expect(message).toMatch(/2 of 10 arrays do not fit the model/);
    expect(message).toMatch(/\[8\] head\/weight: expected size \(3, 6\), found size \(5, 6\)/);
  });

  const memory = (): tf.Sequential =>
    tf.sequential({
      layers: [
        tf.layers.lstm({ units: 2, inputShape: [4, 3], recurrentActivation: "sigmoid" }),
        tf.layers.dense({ units: 1 }),
      ],
    });
  const unnamed = ({ arrays, layout }: Weights): Weights => new Weights(arrays, { layout });

  it.each([
    ["0.14", "0.16", /The sizes fit as Flux 0\.15 and later have them: pass \{ fluxVersion: "0\.16" \}/],
    ["0.16", "0.14", /The sizes fit as Flux 0\.12 to 0\.14 have them: pass \{ fluxVersion: "0\.14" \}/],
  ] as const)("loading as %s weights of %s, suggests that", async (loaded, written, hint) => {
    const weights = await fetchWeights(memory(), { layout: "flux", fluxVersion: written });
    expect((await mismatch(memory(), weights, { fluxVersion: loaded })).message).toMatch(hint);
    await loadWeights(memory(), weights, { fluxVersion: written });
  });

  it("suggests to reset the states of a model that ran in Julia", async () => {
    const { arrays } = await fetchWeights(memory(), { layout: "flux" });
    const state = new FlatArray(new Float32Array(14), [2, 7]);
    const { message } = await mismatch(memory(), new Weights([...arrays.slice(0, 5), state, ...arrays.slice(5)]));
    expect(message).toMatch(/call Flux\.reset!\(model\) before fetch_weights/);
  });

  it("suggests the mark that a file lost in Julia, and the other mark where one is wrong", async () => {
    const { arrays } = await fetchWeights(classifier());
    expect((await mismatch(classifier(), new Weights(arrays))).message).toMatch(
      /The sizes fit the layout "tfjs"; a file loses its mark when Julia reads it and writes it again\. .*layout: "tfjs" \}\)/,
    );
    const flux = await fetchWeights(classifier(), { layout: "flux" });
    expect((await mismatch(classifier(), new Weights(flux.arrays, { layout: "tfjs" }))).message).toMatch(
      /The sizes fit the layout "flux"\. If/,
    );
  });

  it("suggests an order, which loads", async () => {
    const branches = (): tf.LayersModel => {
      const input = tf.input({ shape: [3] });
      const [left, right] = ["left", "right"].map(
        (name, i) => tf.layers.dense({ units: 4 + i, name }).apply(input) as tf.SymbolicTensor,
      );
      const joined = tf.layers.concatenate().apply([right, left] as tf.SymbolicTensor[]) as tf.SymbolicTensor;
      return tf.model({ inputs: input, outputs: joined });
    };
    const model = fill(branches());
    const order = model.layers
      .map(({ name }) => name)
      .filter((name) => ["left", "right"].includes(name))
      .toReversed();
    const weights = unnamed(await fetchWeights(model, { layout: "flux", order }));
    expect((await mismatch(branches(), weights)).message).toMatch(
      /The same sizes in another order: pass \{ order: \[\.\.\.\] \}/,
    );
    const fresh = branches();
    await loadWeights(fresh, weights, { order });
    expect((await fetchWeights(fresh)).arrays).toEqual((await fetchWeights(model)).arrays);
    await expect(loadWeights(branches(), weights, { order: ["left"] })).rejects.toThrow(
      /order: expected each layer with weights once: .*, found left/,
    );
  });

  it("refuses a type of layer that the class is not", async () => {
    const options: FetchOptions = { layout: "flux", fluxLayers: { conv: "GroupNorm" } };
    await expect(fetchWeights(classifier(), options)).rejects.toThrow(
      /fluxLayers: layer "conv" \(Conv2D\): expected Conv or CrossCor, found "GroupNorm"/,
    );
  });
});

describe("strict: false", () => {
  it.each(["tfjs", "flux", "torch"] as const)("loads what fits by name, and says what it did (%s)", async (layout) => {
    const source = fill(classifier(5));
    const weights = backwards(await fetchWeights(source, { layout }));
    const target = classifier(3);
    const head = (await fetchWeights(target)).arrays.slice(-2).map(({ vec }) => [...vec]);
    const report = await loadWeights(target, weights, { strict: false });
    const [kernel, bias] = {
      tfjs: ["head/kernel", "head/bias"],
      flux: ["head/weight", "head/bias"],
      torch: ["head.weight", "head.bias"],
    }[layout];
    const [from, to] =
      layout === "flux"
        ? ["size (5, 6)", "size (3, 6)"]
        : layout === "torch"
          ? ["shape [5, 6]", "shape [3, 6]"]
          : ["shape [6, 5]", "shape [6, 3]"];
    expect(report.missing).toEqual([kernel, bias]);
    expect(report.skipped).toContainEqual({ name: kernel, reason: `${from}, in the model ${to}` });
    expect(report.loaded).toHaveLength(8);
    const [own, theirs] = [await fetchWeights(target), await fetchWeights(source)];
    expect(own.arrays.slice(0, 8)).toEqual(theirs.arrays.slice(0, 8));
    expect(own.arrays.slice(-2).map(({ vec }) => [...vec])).toEqual(head);
  });

  it("tells apart layers of default names by their order", async () => {
    const source = fill(classifier(3, { named: false }));
    const target = classifier(3, { named: false });
    const { missing, skipped } = await loadWeights(target, await fetchWeights(source), { strict: false });
    expect({ missing, skipped }).toEqual({ missing: [], skipped: [] });
    expect(output(target)).toEqual(output(source));
  });

  it("names weights that the model does not have, and reads no more of a file than fits", async () => {
    const weights = await fetchWeights(fill(classifier(5)));
    const small = tf.sequential({
      layers: [tf.layers.conv2d({ inputShape: [5, 5, 2], filters: 4, kernelSize: 2, name: "conv" })],
    });
    const opened = await openModelRow(encodeModelRow(ModelV1({ weights })));
    const report = await loadWeights(small, opened.weights, { strict: false });
    expect(report.loaded).toEqual(["conv/kernel", "conv/bias"]);
    expect(report.skipped.map(({ reason }) => reason)).toEqual(Array(8).fill("the model has no such array"));
    expect((await fetchWeights(small)).arrays).toEqual(weights.arrays.slice(0, 2));
  });

  it("takes a weight in several parts only whole", async () => {
    const gru = (units: number): tf.Sequential =>
      tf.sequential({
        layers: [tf.layers.gru({ units, inputShape: [4, 3], recurrentActivation: "sigmoid", name: "gru" })],
      });
    const weights = await fetchWeights(fill(gru(2)), { layout: "flux" });
    const index = weights.names?.indexOf("gru/Wh_h̃") ?? -1;
    const without = weights.arrays.map((array, i) =>
      i === index ? new FlatArray(new Float32Array(9), [3, 3]) : array,
    );
    const { loaded, missing, skipped } = await loadWeights(gru(2), new Weights(without, weights), { strict: false });
    expect(loaded).toEqual(["gru/Wi", "gru/b"]);
    expect(missing).toEqual(["gru/Wh", "gru/Wh_h̃"]);
    expect(skipped).toContainEqual({ name: "gru/Wh", reason: "another part of the same weight is missing" });
  });

  it("needs names", async () => {
    const { arrays } = await fetchWeights(classifier());
    await expect(loadWeights(classifier(), new Weights(arrays, { layout: "tfjs" }), { strict: false })).rejects.toThrow(
      InputError,
    );
  });
});

describe.each(["cpu", "wasm"])("memory of the backend %s", (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend("cpu"));

  it.each(["tfjs", "flux", "torch"] as const)(
    "is given back, and what was fetched stays as it was (%s)",
    async (layout) => {
      const model = fill(classifier());
      const before = tf.memory();
      const weights = await fetchWeights(model, { layout });
      const copies = weights.arrays.map(({ vec }) => vec.slice());
      await loadWeights(model, weights);
      await loadWeights(model, weights, { strict: false });
      await mismatch(model, new Weights(weights.arrays.slice(1), { layout, names: weights.names?.slice(1) ?? null }));
      expect(tf.memory().numTensors).toBe(before.numTensors);
      expect(model.getWeights().every((weight) => !weight.isDisposed)).toBe(true);
      fill(model);
      expect(weights.arrays.map(({ vec }) => vec)).toEqual(copies);
    },
  );

  it("int32 and bool weights keep their type, through a file too", async () => {
    const make = (): tf.Sequential => tf.sequential({ layers: [new Vocabulary({ inputShape: [3], name: "words" })] });
    const model = make();
    tf.tidy(() => model.setWeights([tf.tensor([5, -7, 2 ** 31 - 1], [3], "int32"), tf.tensor([1, 0], [2], "bool")]));
    const weights = await fetchWeights(model);
    expect(weights.arrays.map(({ elementType }) => elementType)).toEqual(["int32", "bool"]);
    const fresh = make();
    await loadWeights(fresh, decodeModelRow(encodeModelRow(ModelV1({ weights })), ModelV1).weights);
    const [ids, flags] = fresh.getWeights();
    expect([ids?.dtype, [...(ids?.dataSync() ?? [])]]).toEqual(["int32", [5, -7, 2 ** 31 - 1]]);
    expect([flags?.dtype, [...(flags?.dataSync() ?? [])]]).toEqual(["bool", [1, 0]]);
  });

  it("float16 weights load into float32 variables, exactly", async () => {
    const model = fill(classifier());
    const weights = await fetchWeights(model, { layout: "flux" });
    const halves = new Weights(
      weights.arrays.map(({ size, length }) => new FlatArray(new Uint16Array(length).fill(0x3555), size, "float16")),
    );
    await loadWeights(model, halves);
    for (const { vec, elementType } of (await fetchWeights(model)).arrays) {
      expect(elementType).toBe("float32");
      expect([...new Set(Array.from(vec as Float32Array))]).toEqual([0.333251953125]);
    }
  });
});

/** A layer with variables that are no floats. */
class Vocabulary extends tf.layers.Layer {
  static readonly className = "Vocabulary";

  override build(): void {
    this.addWeight("ids", [3], "int32", tf.initializers.zeros(), undefined, false);
    this.addWeight("flags", [2], "bool", tf.initializers.zeros(), undefined, false);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return [inputs].flat()[0] as tf.Tensor;
  }
}
