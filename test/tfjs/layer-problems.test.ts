/** What cannot be converted exactly is refused by name; what depends on the other model is a warning. */
import * as tf from "@tensorflow/tfjs";
import { type FlatArray, LayerConversionError, Weights } from "legolas-flux";
import { type ConversionOptions, type FetchOptions, fetchWeights, loadWeights } from "legolas-flux/tfjs";
import { beforeAll, describe, expect, it, vi } from "vitest";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

type Layers = readonly tf.layers.Layer[];

const chain = (inputShape: readonly number[], ...layers: Layers): tf.Sequential =>
  tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [...inputShape] }), ...layers] });

/** What fetching says, as one text: the error's message, or the warnings. */
async function verdict(
  model: tf.LayersModel,
  options: FetchOptions = {},
): Promise<{ refused: string; warned: string }> {
  const warnings: string[] = [];
  const onWarning = (warning: string): void => void warnings.push(warning);
  const refused = await fetchWeights(model, { layout: "flux", ...options, onWarning }).then(
    () => "",
    (error: unknown) => {
      expect(error).toBeInstanceOf(LayerConversionError);
      return (error as Error).message;
    },
  );
  return { refused, warned: warnings.join("\n") };
}

const image = [6, 6, 2];
const sequence = [5, 3];

describe("refused", () => {
  class Scale extends tf.layers.Layer {
    static readonly className = "Scale";
    override build(): void {
      this.addWeight("factor", [1], "float32", tf.initializers.ones());
      this.built = true;
    }
    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      return [inputs].flat()[0] as tf.Tensor;
    }
  }

  const conv = (): tf.layers.Layer => tf.layers.conv2d({ filters: 2, kernelSize: 3 });
  const cases: readonly [string, () => tf.LayersModel, RegExp, ConversionOptions?][] = [
    [
      "an LSTM with the recurrent activation that TensorFlow.js has by default",
      () => chain(sequence, tf.layers.lstm({ units: 2, name: "memory" })),
      /layer "memory" \(LSTM\): recurrentActivation is "hardSigmoid", in Flux's LSTM always "sigmoid"\. Build the layer with recurrentActivation: "sigmoid"/,
    ],
    [
      "an LSTM with another activation",
      () => chain(sequence, tf.layers.lstm({ units: 2, activation: "relu", recurrentActivation: "sigmoid" })),
      /activation is "relu", in Flux's LSTM always "tanh"/,
    ],
    [
      "a GRU with the recurrent activation that TensorFlow.js has by default",
      () => chain(sequence, tf.layers.gru({ units: 2 })),
      /\(GRU\): recurrentActivation is "hardSigmoid", in Flux's GRUv3 always "sigmoid"/,
    ],
    [
      "PReLU",
      () => chain(sequence, tf.layers.prelu({ name: "act" })),
      /layer "act" \(PReLU\): is not known in Flux\. Describe its class with registerLayer/,
    ],
    [
      "a convolutional LSTM",
      () => chain([2, 6, 6, 1], tf.layers.convLstm2d({ filters: 1, kernelSize: 2 })),
      /\(ConvLSTM2D\): is not known in Flux/,
    ],
    [
      "a layer of one's own",
      () => chain([3], new Scale({ name: "mine" })),
      /layer "mine" \(Scale\): is not known in Flux/,
    ],
    [
      "dilation that TensorFlow.js ignores",
      () => chain(image, tf.layers.depthwiseConv2d({ kernelSize: 2, dilationRate: 2 })),
      /\(DepthwiseConv2D\): TensorFlow\.js ignores dilationRate in it\. Build it without dilation/,
    ],
    [
      "batch normalization of another axis",
      () => chain(image, conv(), tf.layers.batchNormalization({ axis: 1, epsilon: 1e-5 })),
      /\(BatchNormalization\): axis 1 is not that of the channels\. Set axis: 3/,
    ],
    [
      "features reshaped to an image with its channels last",
      () =>
        chain(
          [4],
          tf.layers.dense({ units: 32 }),
          tf.layers.reshape({ targetShape: [4, 4, 2] }),
          tf.layers.conv2d({ filters: 1, kernelSize: 2, name: "paint" }),
        ),
      /layer "paint" \(Conv2D\): takes features that were reshaped with their channels last.*permute\(\{ dims: \[2,3,1\] \}\)/,
    ],
    [
      "an image reshaped to something else",
      () =>
        chain(image, conv(), tf.layers.reshape({ targetShape: [8, 4] }), tf.layers.dense({ units: 2, name: "last" })),
      /layer "last" \(Dense\): layer "reshape_Reshape\d+" \(Reshape\) reshapes data that the other framework has in another order\. Permute/,
    ],
    [
      "an image whose axes were swapped before a convolution",
      () =>
        chain(image, conv(), tf.layers.permute({ dims: [2, 1, 3] }), tf.layers.conv2d({ filters: 1, kernelSize: 2 })),
      /\(Conv2D\): takes data in another order\. Give it data with its channels last/,
    ],
    [
      "a layer shared between features of two orders",
      () => {
        const input = tf.input({ shape: [3, 3, 2] });
        const shared = tf.layers.dense({ units: 2, name: "shared" });
        const flat = (tensor: tf.SymbolicTensor): tf.SymbolicTensor =>
          tf.layers.flatten().apply(tensor) as tf.SymbolicTensor;
        const permuted = tf.layers.permute({ dims: [3, 1, 2] }).apply(input) as tf.SymbolicTensor;
        const ends = [flat(input), flat(permuted)].map((tensor) => shared.apply(tensor) as tf.SymbolicTensor);
        return tf.model({ inputs: input, outputs: ends });
      },
      /layer "shared" \(Dense\): is shared between data that the other framework has in different orders/,
    ],
  ];

  it.each(cases)("%s", async (_, make, message) => {
    const { refused } = await verdict(make());
    expect(refused).toMatch(
      /^the weights of this model cannot be converted exactly between TensorFlow\.js and Flux:\n {2}layer "/,
    );
    expect(refused).toMatch(message);
  });

  it("a GRU for PyTorch, whose reset gate applies elsewhere", async () => {
    const gru = chain(sequence, tf.layers.gru({ units: 2, recurrentActivation: "sigmoid" }));
    expect((await verdict(gru)).refused).toBe("");
    expect((await verdict(gru, { layout: "torch" })).refused).toMatch(
      /PyTorch's GRU applies the reset gate after the recurrent product/,
    );
  });

  it("everything at once, and the model stays as it was", async () => {
    const model = chain(sequence, tf.layers.lstm({ units: 2, returnSequences: true }), tf.layers.prelu());
    const before = model.getWeights().map((weight) => [...weight.dataSync()]);
    const error = await loadWeights(model, new Weights([])).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LayerConversionError);
    expect((error as LayerConversionError).problems.map(({ label }) => label.replace(/\d+"/, '"'))).toEqual([
      'layer "lstm_LSTM" (LSTM)',
      'layer "p_re_lu_PReLU" (PReLU)',
    ]);
    expect(model.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
  });

  it("an initial state that is not zero, and numbers of a part that the layer was built without", async () => {
    const rnn = chain(sequence, tf.layers.simpleRNN({ units: 2, name: "memory" }));
    const { arrays } = await fetchWeights(rnn, { layout: "flux" });
    (arrays[3] as FlatArray).vec[1] = 0.5;
    await expect(loadWeights(rnn, new Weights(arrays, { layout: "flux" }))).rejects.toThrow(
      /layer "memory" \(SimpleRNN\): "memory\/state0" would have to be all 0, but holds 0\.5\. TensorFlow\.js keeps no initial state/,
    );
    const norm = chain([3], tf.layers.batchNormalization({ center: false, epsilon: 1e-5, name: "norm" }));
    const statistics = await fetchWeights(norm, { layout: "flux" });
    expect(statistics.names).toEqual(["norm/β", "norm/γ", "norm/μ", "norm/σ²"]);
    (statistics.at(0) as FlatArray).vec.fill(1 as never);
    await expect(loadWeights(norm, statistics)).rejects.toThrow(
      /"norm\/β" would have to be all 0, but holds 1\. Build the layer with center: true/,
    );
  });
});

describe("warned of", () => {
  const cases: readonly [string, () => tf.LayersModel, RegExp, FetchOptions?][] = [
    [
      "the epsilon that TensorFlow.js has by default",
      () => chain([3], tf.layers.batchNormalization({ name: "norm" })),
      /^layer "norm" \(BatchNormalization\): epsilon is 0\.001, in Flux 1e-5 unless set otherwise\. Set epsilon: 1e-5, or the other model's$/,
    ],
    [
      "layer normalization of Flux up to 0.14",
      () => chain([3], tf.layers.layerNormalization({ epsilon: 1e-5 })),
      /epsilon is 0\.00001; Flux up to 0\.14 has 1e-5 added to the deviation, nearest is 1e-10\. Set epsilon: 1e-10/,
    ],
    [
      "layer normalization of later ones",
      () => chain([3], tf.layers.layerNormalization()),
      /epsilon is 0\.001; Flux has 1e-5 \(1e-10 from 0\.15 to 0\.16\.10\)\. Set epsilon: 0\.00001/,
      { fluxVersion: "0.16" },
    ],
    [
      'padding "same" with a stride',
      () => chain(image, tf.layers.conv2d({ filters: 1, kernelSize: 3, strides: 2, padding: "same" })),
      /\(Conv2D\): padding "same" with an even kernel or a stride pads the high side more; Flux's SamePad\(\) pads the low side more/,
    ],
    [
      'transposed convolution with padding "same"',
      () => chain(image, tf.layers.conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, padding: "same" })),
      /\(Conv2DTranspose\): padding "same" where kernel size and stride differ by an odd number/,
    ],
    [
      "the exact gelu",
      () => chain([3], tf.layers.dense({ units: 2, activation: "gelu" })),
      /activation "gelu" is the exact one, Flux's the tanh approximation\. Set activation: "gelu_new"/,
    ],
    [
      "hardSigmoid",
      () =>
        chain([3], tf.layers.dense({ units: 2 }), tf.layers.activation({ activation: "hardSigmoid", name: "hard" })),
      /layer "hard" \(Activation\): activation "hardSigmoid" is 0\.2x \+ 0\.5, Flux's \(x \+ 3\) \/ 6/,
    ],
    [
      "means over padding",
      () =>
        chain(
          image,
          tf.layers.averagePooling2d({ poolSize: 2, padding: "same" }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 1 }),
        ),
      /\(AveragePooling2D\): padding "same" leaves the padding out of the mean, Flux counts it/,
    ],
    [
      "bilinear interpolation",
      () =>
        chain(
          image,
          tf.layers.upSampling2d({ interpolation: "bilinear" }),
          tf.layers.conv2d({ filters: 1, kernelSize: 3 }),
        ),
      /\(UpSampling2D\): interpolation "bilinear" does not align corners, Flux does/,
    ],
    [
      "a compiled model's momentum and variance",
      () => {
        const model = chain([3], tf.layers.batchNormalization({ epsilon: 1e-5 }));
        model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
        return model;
      },
      /momentum 0\.99 means 1 - 0\.99 in Flux, 0\.1 unless set otherwise\. Set momentum: 0\.9\n.*without Bessel's correction, which Flux applies/,
    ],
  ];

  it.each(cases)("%s", async (_, make, message, options) => {
    const { refused, warned } = await verdict(make(), options);
    expect(refused).toBe("");
    expect(warned).toMatch(message);
  });

  it("nothing, where the layers are configured as Flux has them", async () => {
    const model = chain(
      image,
      tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: "same", activation: "relu" }),
      tf.layers.batchNormalization({ epsilon: 1e-5 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, activation: "gelu_new" }),
    );
    expect(await verdict(model)).toEqual({ refused: "", warned: "" });
  });

  it("on the console, where nobody listens", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await fetchWeights(chain([3], tf.layers.batchNormalization({ name: "norm" })), { layout: "flux" });
    expect(warn.mock.calls.flat().join("\n")).toMatch(/layer "norm" \(BatchNormalization\): epsilon is 0\.001/);
    warn.mockRestore();
  });
});
