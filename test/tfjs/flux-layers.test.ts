/** Every layer case of Flux that TensorFlow.js has an equivalent of: loaded, computed, and taken out again. */
import * as tf from "@tensorflow/tfjs";
import { Weights } from "legolas-flux";
import { type ConversionOptions, fetchWeights, loadWeights, registerLayer, sameOrder } from "legolas-flux/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  arrayOf,
  casesOf,
  channelsLast,
  distance,
  type FluxArray,
  flatArrays,
  type LayerCase,
  rowMajor,
  zeros,
} from "../helpers/flux-layer-cases.ts";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

type Config = Record<string, unknown>;

const model = (inputShape: readonly (number | null)[], ...layers: readonly tf.layers.Layer[]): tf.Sequential =>
  tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [...inputShape] }), ...layers] });

/** Loads the arrays, compares the output, and takes the same arrays out again, bit by bit. */
async function check(
  own: tf.LayersModel,
  arrays: readonly FluxArray[],
  [inputs, outputs]: readonly [tf.Tensor, tf.Tensor],
  { expectedWarnings = [], ...options }: ConversionOptions & { expectedWarnings?: readonly RegExp[] } = {},
): Promise<void> {
  const weights = flatArrays(...arrays);
  const warnings: string[] = [];
  const quiet = { ...options, onWarning: (warning: string) => void warnings.push(warning) };
  await loadWeights(own, new Weights(weights), quiet);
  expect(distance(own.predict(inputs) as tf.Tensor, outputs)).toBeLessThan(1e-5);
  const back = await fetchWeights(own, { ...quiet, layout: "flux" });
  expect(back.arrays.map(({ vec, size }) => ({ vec: [...vec], size }))).toEqual(
    weights.map(({ vec, size }) => ({ vec: [...vec], size })),
  );
  // Once for the load and once for the fetch.
  expect(warnings).toHaveLength(2 * expectedWarnings.length);
  for (const [i, pattern] of expectedWarnings.entries()) expect(warnings[i]).toMatch(pattern);
}

const batchNormalization = (): tf.layers.Layer => tf.layers.batchNormalization({ epsilon: 1e-5, momentum: 0.9 });

const images = (own: LayerCase): [tf.Tensor, tf.Tensor] => [
  channelsLast(rowMajor(arrayOf(own, "x"))),
  channelsLast(rowMajor(arrayOf(own, "y"))),
];
const plain = (own: LayerCase): [tf.Tensor, tf.Tensor] => [rowMajor(arrayOf(own, "x")), rowMajor(arrayOf(own, "y"))];
const spatial = (values: readonly number[] = []): number[] => values.toReversed();

describe("dense layers", () => {
  it.each(casesOf("dense"))("Dense", async (own) => {
    await check(model([3], tf.layers.dense({ units: 4 })), [arrayOf(own, "w"), arrayOf(own, "b")], plain(own));
  });

  it.each(casesOf("embedding"))("Embedding, its indices counted from 0", async (own) => {
    const indices = tf.sub(rowMajor(arrayOf(own, "idx")), 1);
    const layer = tf.layers.embedding({ inputDim: 7, outputDim: 4 });
    await check(model([4], layer), [arrayOf(own, "w")], [indices, rowMajor(arrayOf(own, "y"))]);
  });

  it.each(casesOf("dense-bn"))("Dense and BatchNorm", async (own) => {
    const layers = [tf.layers.dense({ units: 4 }), batchNormalization(), tf.layers.reLU()];
    const arrays = ["w", "b", "beta", "gamma", "mu", "s2"].map((name) => arrayOf(own, name));
    await check(model([3], ...layers), arrays, plain(own));
  });
});

describe("convolutions", () => {
  const convolutions = { 1: tf.layers.conv1d, 2: tf.layers.conv2d, 3: tf.layers.conv3d };

  it.each(casesOf("conv").filter(({ groups }) => groups === 1))(
    "$n-D, stride $stride, dilation $dilation, flipped: $flip",
    async (own) => {
      const w = arrayOf(own, "w");
      const n = own.n ?? 2;
      const config: Config = {
        name: "conv",
        filters: w.size.at(-1),
        kernelSize: spatial(w.size.slice(0, n)),
        strides: spatial(own.stride),
        dilationRate: spatial(own.dilation),
      };
      const [inputs, outputs] = images(own);
      const layer = convolutions[n](config as never);
      const options = own.flip === false ? { fluxLayers: { conv: "CrossCor" } } : {};
      await check(model(inputs.shape.slice(1), layer), [w, arrayOf(own, "b")], [inputs, outputs], options);
    },
  );

  it.each(casesOf("convT").filter(({ groups }) => groups === 1))(
    "transposed, stride $stride, pad $pad, outpad $outpad",
    async (own) => {
      const w = arrayOf(own, "w");
      const [inputs, outputs] = images(own);
      const [kernelSize, strides] = [spatial(w.size.slice(0, 2)), spatial(own.stride)];
      const config: Config = { filters: w.size[2], kernelSize, strides, padding: "valid" };
      const cut = own.pad?.some((length) => length > 0)
        ? [tf.layers.cropping2D({ cropping: spatial(own.pad) as [number, number] })]
        : [];
      const layers = [tf.layers.conv2dTranspose(config as never), ...cut];
      const isLonger = kernelSize.some((size, i) => size < (strides[i] ?? 1));
      const expectedWarnings = isLonger ? [/outpad = stride - kernel size/] : [];
      const transposed = model(inputs.shape.slice(1), ...layers);
      await check(transposed, [w, arrayOf(own, "b")], [inputs, outputs], { expectedWarnings });
    },
  );

  it.each(casesOf("convT3d"))("transposed, 3-D", async (own) => {
    const w = arrayOf(own, "w");
    const [inputs, outputs] = images(own);
    const layer = tf.layers.conv3dTranspose({ filters: 3, kernelSize: [2, 2, 3], strides: 2 } as never);
    await check(model(inputs.shape.slice(1), layer), [w, arrayOf(own, "b")], [inputs, outputs]);
  });

  it.each(casesOf("conv").filter(({ groups }) => groups === 3))("depthwise, both sizes of its weight", async (own) => {
    const w = arrayOf(own, "w");
    const [inputs, outputs] = images(own);
    const layer = tf.layers.depthwiseConv2d({ kernelSize: [2, 3], depthMultiplier: 2 });
    const depthwise = model(inputs.shape.slice(1), layer);
    await check(depthwise, [w, arrayOf(own, "b")], [inputs, outputs]);
    tf.tidy(() => depthwise.setWeights(depthwise.getWeights().map((weight) => tf.zerosLike(weight))));
    await loadWeights(depthwise, new Weights(flatArrays({ vec: w.vec, size: [3, 2, 2, 3] }, arrayOf(own, "b"))));
    expect(distance(depthwise.predict(inputs) as tf.Tensor, outputs)).toBeLessThan(1e-5);
  });

  it.each([
    ...casesOf("conv").filter(({ groups }) => groups === 2),
    ...casesOf("convT").filter(({ groups }) => groups === 2),
  ])("refuses $kind with groups, of which TensorFlow.js has none", async (own) => {
    const w = arrayOf(own, "w");
    const config = {
      filters: arrayOf(own, "b").size[0] ?? 0,
      kernelSize: spatial(w.size.slice(0, 2)),
      name: "grouped",
    };
    const layer = own.kind === "conv" ? tf.layers.conv2d(config as never) : tf.layers.conv2dTranspose(config as never);
    const grouped = model(images(own)[0].shape.slice(1), layer);
    await expect(loadWeights(grouped, new Weights(flatArrays(w, arrayOf(own, "b"))))).rejects.toThrow(
      /The kernel of layer "grouped" \(Conv2D(Transpose)?\) belongs to a convolution of 2 groups, which TensorFlow\.js does not have/,
    );
  });

  it.each(casesOf("separable"))("separable", async (own) => {
    const [inputs, outputs] = images(own);
    const layer = tf.layers.separableConv2d({ filters: 4, kernelSize: [2, 3], depthMultiplier: 2 });
    const arrays = ["wd", "wp", "b"].map((name) => arrayOf(own, name));
    await check(model(inputs.shape.slice(1), layer), arrays, [inputs, outputs]);
  });
});

describe("normalization", () => {
  it.each(casesOf("bn"))("BatchNorm", async (own) => {
    const [inputs, outputs] = images(own);
    const arrays = ["beta", "gamma", "mu", "s2"].map((name) => arrayOf(own, name));
    await check(model(inputs.shape.slice(1), batchNormalization()), arrays, [inputs, outputs]);
  });

  it.each(casesOf("bnstats"))(
    "BatchNorm in training: the means agree, the variances are announced to differ",
    async (own) => {
      const inputs = channelsLast(rowMajor(arrayOf(own, "x")));
      const trained = model(inputs.shape.slice(1), batchNormalization());
      trained.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      const warnings: string[] = [];
      const onWarning = (warning: string): void => void warnings.push(warning);
      const arrays = ["beta", "gamma", "mu", "s2"].map((name) => arrayOf(own, name));
      await loadWeights(trained, new Weights(flatArrays(...arrays)), { onWarning });
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(/without Bessel's correction, which Flux applies/);
      await trained.fit(inputs, inputs, { epochs: 1, batchSize: 2, shuffle: false, verbose: 0 });
      const [, , mean, variance] = (await fetchWeights(trained)).arrays.map(({ vec }) => [...vec].map(Number));
      const { fm, fv } = own as { fm?: number[]; fv?: number[] };
      expect(Math.max(...(fm ?? []).map((value, i) => Math.abs(value - (mean?.[i] ?? 0))))).toBeLessThan(1e-5);
      const drift = Math.max(...(fv ?? []).map((value, i) => Math.abs(value - (variance?.[i] ?? 0))));
      expect(drift).toBeGreaterThan(1e-5);
      expect(drift).toBeLessThan(1e-2);
    },
  );

  it.each(casesOf("ln"))("LayerNorm", async (own) => {
    const [inputs, outputs] = plain(own);
    const layer = tf.layers.layerNormalization({ epsilon: 1e-5 });
    const arrays = [arrayOf(own, "sc"), arrayOf(own, "bi")];
    await check(model(inputs.shape.slice(1), layer), arrays, [inputs, outputs], { fluxVersion: "0.16" });
  });
});

describe("recurrent layers", () => {
  const sequences = (own: LayerCase): [tf.Tensor, tf.Tensor] => plain(own);
  const returnSequences = true;
  const recurrentActivation = "sigmoid";

  it.each(casesOf("rnn"))("RNN, of both versions", async (own) => {
    const layer = (): tf.layers.Layer => tf.layers.simpleRNN({ units: 4, returnSequences });
    const arrays = ["Wi", "Wh", "b"].map((name) => arrayOf(own, name));
    await check(model([6, 3], layer()), [...arrays, zeros(4, 1)], sequences(own));
    await check(model([6, 3], layer()), arrays, sequences(own), { fluxVersion: "0.16" });
  });

  it.each(casesOf("lstm"))("LSTM, of both versions", async (own) => {
    const layer = (): tf.layers.Layer => tf.layers.lstm({ units: 4, returnSequences, recurrentActivation });
    const arrays = ["Wi", "Wh", "b"].map((name) => arrayOf(own, name));
    await check(model([6, 3], layer()), [...arrays, zeros(4, 1), zeros(4, 1)], sequences(own));
    await check(model([6, 3], layer()), arrays, sequences(own), { fluxVersion: "0.16" });
  });

  it.each(casesOf("gruv3"))("GRUv3, of both versions", async (own) => {
    const layer = (): tf.layers.Layer => tf.layers.gru({ units: 4, returnSequences, recurrentActivation });
    const [Wi, Wh, b, candidate] = ["Wi", "Wh", "b", "Wh_h"].map((name) => arrayOf(own, name)) as [
      FluxArray,
      FluxArray,
      FluxArray,
      FluxArray,
    ];
    await check(model([6, 3], layer()), [Wi, Wh, b, candidate, zeros(4, 1)], sequences(own));
    // From 0.15 on Wh has a third block, which nothing uses: columns of 8 numbers become columns of 12.
    const vec = Array.from({ length: 4 }, (_, column) => [
      ...Wh.vec.slice(8 * column, 8 * column + 8),
      0,
      0,
      0,
      0,
    ]).flat();
    await check(model([6, 3], layer()), [Wi, { vec, size: [12, 4] }, b, candidate], sequences(own), {
      fluxVersion: "0.16",
    });
  });

  it.each(casesOf("lstm-lstm"))("two LSTMs, as layers and as stacked cells", async (own) => {
    const arrays = ["a", "c"].flatMap((name) => {
      const part = own[name] as object;
      return ["Wi", "Wh", "b"].map((field) => arrayOf(part, field));
    });
    const lstm = (): tf.layers.Layer => tf.layers.lstm({ units: 4, returnSequences, recurrentActivation });
    await check(model([6, 3], lstm(), lstm()), arrays, sequences(own), { fluxVersion: "0.16" });
    const cells = [1, 2].map(() => tf.layers.lstmCell({ units: 4, recurrentActivation }));
    const stacked = tf.layers.rnn({ cell: cells, returnSequences });
    await check(model([6, 3], stacked), arrays, sequences(own), { fluxVersion: "0.16" });
  });

  it.each(casesOf("lstm"))("bidirectional: the layer forwards, then the one backwards", async (own) => {
    const arrays = ["Wi", "Wh", "b"].map((name) => arrayOf(own, name));
    const layer = tf.layers.lstm({ units: 4, returnSequences, recurrentActivation }) as tf.RNN;
    const [inputs, outputs] = sequences(own);
    const half = model([6, 3], tf.layers.lstm({ units: 4, returnSequences, recurrentActivation, goBackwards: true }));
    await loadWeights(half, new Weights(flatArrays(...arrays)), { fluxVersion: "0.16" });
    const backwards = tf.reverse(half.predict(inputs) as tf.Tensor, 1);
    const both = model([6, 3], tf.layers.bidirectional({ layer, mergeMode: "concat" }));
    await check(both, [...arrays, ...arrays], [inputs, tf.concat([outputs, backwards], 2)], { fluxVersion: "0.16" });
  });
});

describe("small models", () => {
  const composed = (own: LayerCase): FluxArray[] => ["w1", "b1", "w2", "b2"].map((name) => arrayOf(own, name));
  const dense = (units: number): tf.layers.Layer => tf.layers.dense({ units });

  it.each(casesOf("conv-relu-flatten-dense"))("convolution, flatten and dense, permuted before or not", async (own) => {
    const inputs = channelsLast(rowMajor(arrayOf(own, "x")));
    const outputs = rowMajor(arrayOf(own, "y"));
    const conv = (): tf.layers.Layer => tf.layers.conv2d({ filters: 4, kernelSize: [2, 3], activation: "relu" });
    const shape = inputs.shape.slice(1);
    await check(model(shape, conv(), tf.layers.flatten(), dense(5)), composed(own), [inputs, outputs]);
    const permute = tf.layers.permute({ dims: [3, 1, 2] });
    const permuted = model(shape, conv(), permute, tf.layers.flatten(), dense(5));
    await check(permuted, composed(own), [inputs, outputs]);
    const kernel = (await fetchWeights(permuted)).arrays[2];
    expect([...(kernel?.vec ?? [])], "the dense kernel as Flux has it").toEqual([
      ...(flatArrays(arrayOf(own, "w2"))[0]?.vec ?? []),
    ]);
    const reshaped = model(
      shape,
      conv(),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.reshape({ targetShape: [64] }),
      dense(5),
    );
    await check(reshaped, composed(own), [inputs, outputs]);
  });

  it.each(casesOf("conv1d-relu-flatten-dense"))("the same in one dimension", async (own) => {
    const inputs = channelsLast(rowMajor(arrayOf(own, "x")));
    const conv = tf.layers.conv1d({ filters: 4, kernelSize: 3, activation: "relu" });
    const chain = model(inputs.shape.slice(1), conv, tf.layers.flatten(), dense(3));
    await check(chain, composed(own), [inputs, rowMajor(arrayOf(own, "y"))]);
  });

  it.each(casesOf("mha"))("attention composed of dense layers, in the order of Flux", async (own) => {
    const [queries, keys, outputs] = ["q", "k", "y"].map((name) => rowMajor(arrayOf(own, name))) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const inputs = [tf.input({ shape: queries.shape.slice(1) }), tf.input({ shape: keys.shape.slice(1) })] as const;
    const project = (name: string, input: tf.SymbolicTensor): tf.SymbolicTensor =>
      tf.layers.dense({ units: 6, name }).apply(input) as tf.SymbolicTensor;
    const heads = new Attention(own.nh ?? 2).apply([
      project("q", inputs[0]),
      project("k", inputs[1]),
      project("v", inputs[1]),
    ]);
    const attention = tf.model({ inputs: [...inputs], outputs: project("out", heads as tf.SymbolicTensor) });
    const arrays = ["q", "k", "v", "o"].flatMap((name) => [arrayOf(own, `W${name}`), arrayOf(own, `b${name}`)]);
    await loadWeights(attention, new Weights(flatArrays(...arrays)), { order: ["q", "k", "v", "out"] });
    expect(distance(attention.predict([queries, keys]) as tf.Tensor, outputs)).toBeLessThan(1e-5);
    const back = await fetchWeights(attention, { layout: "flux", order: ["q", "k", "v", "out"] });
    expect(back.arrays).toEqual(flatArrays(...arrays));
  });

  it.each(casesOf("gru"))("a layer of one's own: Flux's first GRU as a cell", async (own) => {
    registerLayer({
      classNames: ["FirstGruCell"],
      flux: { type: "GRU", arrays: ["Wi", "Wh", "b"].map((name) => ({ name, variable: name })) },
      torch: { reason: "its second bias has no place here", remedy: "Use an LSTM" },
      order: sameOrder,
    });
    const arrays = ["Wi", "Wh", "b"].map((name) => arrayOf(own, name));
    const layer = tf.layers.rnn({ cell: new FirstGruCell(4), returnSequences: true });
    await check(model([6, 3], layer), arrays, plain(own));
  });
});

/** Scaled dot products of several heads, without weights of its own. */
class Attention extends tf.layers.Layer {
  static readonly className = "Attention";

  constructor(private readonly heads: number) {
    super({});
  }

  override computeOutputShape(shapes: tf.Shape | tf.Shape[]): tf.Shape {
    return (shapes as tf.Shape[])[0] as tf.Shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [q, k, v] = (inputs as tf.Tensor[]).map((tensor) => {
        const [batch = 1, length = 1, width = 1] = tensor.shape;
        const split = tf.reshape(tensor, [batch, length, this.heads, width / this.heads]);
        return tf.transpose(split, [0, 2, 1, 3]);
      }) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const width = q.shape[3] ?? 1;
      const scores = tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(width)));
      const mixed = tf.transpose(tf.matMul(scores, v), [0, 2, 1, 3]);
      return tf.reshape(mixed, ((inputs as tf.Tensor[])[0] as tf.Tensor).shape as number[]);
    });
  }
}

/** The recurrence of Flux's GRU: the reset gate applies to the recurrent product. */
class FirstGruCell extends tf.layers.RNNCell {
  static readonly className = "FirstGruCell";
  readonly stateSize: number;

  constructor(private readonly units: number) {
    super({});
    this.stateSize = units;
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const [, features] = inputShape as tf.Shape;
    for (const [name, shape] of [
      ["Wi", [features, 3 * this.units]],
      ["Wh", [this.units, 3 * this.units]],
      ["b", [3 * this.units]],
    ] as const) {
      this.addWeight(name, [...shape] as number[], "float32", tf.initializers.zeros());
    }
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      const [x, h] = inputs as [tf.Tensor2D, tf.Tensor2D];
      const [Wi, Wh, b] = this.getWeights() as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
      const [gateR, gateZ, candidate] = tf.split(tf.matMul(x, Wi), 3, 1) as tf.Tensor2D[];
      const [fromR, fromZ, fromH] = tf.split(tf.matMul(h, Wh), 3, 1) as tf.Tensor2D[];
      const [biasR, biasZ, biasH] = tf.split(b, 3);
      const sum = (...terms: (tf.Tensor | undefined)[]): tf.Tensor =>
        (terms as tf.Tensor[]).reduce((a, c) => tf.add(a, c));
      const reset = tf.sigmoid(sum(gateR, fromR, biasR));
      const update = tf.sigmoid(sum(gateZ, fromZ, biasZ));
      const next = tf.tanh(sum(candidate, tf.mul(reset, fromH as tf.Tensor), biasH));
      const output = tf.add(tf.mul(tf.sub(1, update), next), tf.mul(update, h));
      return [output, output];
    });
  }
}
