/** Models of TensorFlow.js on every backend; the same code runs in Node, for comparison. */
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { decodeModelRow, encodeModelRow, FlatArray, ModelV1, Weights } from "legolas-flux";
import { fetchWeights, type Layout, loadWeights } from "legolas-flux/tfjs";
import { makeFluxModel } from "../../../examples/digits/make-flux-model.ts";

export type Backend = "cpu" | "wasm" | "webgl";

/** Weights of types that no layer of TensorFlow.js has itself. */
class Counters extends tf.layers.Layer {
  static className = "Counters";

  override build(shape: tf.Shape): void {
    this.addWeight("steps", [3], "int32", tf.initializers.zeros(), undefined, false);
    this.addWeight("mask", [2, 2], "bool", tf.initializers.zeros(), undefined, false);
    super.build(shape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return Array.isArray(inputs) ? (inputs[0] as tf.Tensor) : inputs;
  }
}

function makeModel(withCounters: boolean): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "conv", inputShape: [6, 5, 2], filters: 3, kernelSize: 3, activation: "relu" }),
      tf.layers.batchNormalization({ name: "norm", epsilon: 1e-5 }),
      tf.layers.flatten({ name: "flatten" }),
      ...(withCounters ? [new Counters({ name: "counters" })] : []),
      tf.layers.dense({ name: "head", units: 4, activation: "softmax" }),
    ],
  });
}

/** Gives every variable values of its own, so that a swap shows. */
function fillDistinct(model: tf.LayersModel): void {
  tf.tidy(() => {
    let next = 1;
    const filled = model.getWeights().map(({ shape, size, dtype }) => {
      const values = Array.from({ length: size }, () => next++);
      if (dtype === "int32") return tf.tensor(Int32Array.from(values), shape, dtype);
      if (dtype === "bool")
        return tf.tensor(
          Uint8Array.from(values, (value) => value % 2),
          shape,
          dtype,
        );
      return tf.tensor(
        Float32Array.from(values, (value) => Math.fround(0.01 + (value % 7) / 9)),
        shape,
      );
    });
    model.setWeights(filled);
  });
}

async function predict(model: tf.LayersModel): Promise<Float32Array> {
  const inputs = tf.randomUniform([3, 6, 5, 2], -1, 1, "float32", 11);
  const outputs = model.predict(inputs) as tf.Tensor;
  const values = Float32Array.from(await outputs.data());
  tf.dispose([inputs, outputs]);
  return values;
}

export async function useBackend(backend: Backend): Promise<void> {
  tf.enableProdMode();
  // In Node the backend finds its files itself.
  if (backend === "wasm" && "document" in globalThis) setWasmPaths("/");
  await tf.setBackend(backend);
  await tf.ready();
}

const valuesOf = (model: tf.LayersModel): Promise<number[][]> =>
  Promise.all(model.getWeights().map(async (weight) => [...(await weight.data())]));

export interface RoundTrip {
  /** What TensorFlow.js says it computes on. */
  readonly backend: string;
  /** The model row as a file. */
  readonly bytes: Uint8Array;
  readonly dtypes: readonly string[];
  readonly values: readonly number[][];
  readonly loadedValues: readonly number[][];
  readonly predictions: Float32Array;
  /** Of a fresh model that the weights were loaded into. */
  readonly loadedPredictions: Float32Array;
  /** Tensors that fetching, and then loading, left behind. */
  readonly leaked: readonly [number, number];
}

/** Takes the weights out of a model that was used, through a file, and into a fresh model. */
export async function roundTrip(backend: Backend, layout: Layout): Promise<RoundTrip> {
  await useBackend(backend);
  const withCounters = layout === "tfjs";
  const model = makeModel(withCounters);
  fillDistinct(model);
  // The variables are on the device from here on, if it has memory of its own.
  const predictions = await predict(model);

  const beforeFetch = tf.memory().numTensors;
  const row = ModelV1({ weights: await fetchWeights(model, { layout }), architecture_version: 2 });
  const afterFetch = tf.memory().numTensors;
  const bytes = encodeModelRow(row);

  const fresh = makeModel(withCounters);
  const beforeLoad = tf.memory().numTensors;
  await loadWeights(fresh, decodeModelRow(bytes, ModelV1).weights);
  const afterLoad = tf.memory().numTensors;

  return {
    backend: tf.getBackend(),
    bytes,
    dtypes: model.getWeights().map(({ dtype }) => dtype),
    values: await valuesOf(model),
    loadedValues: await valuesOf(fresh),
    predictions,
    loadedPredictions: await predict(fresh),
    leaked: [afterFetch - beforeFetch, afterLoad - beforeLoad],
  };
}

/** 0.5, 1, -2 and the smallest half above zero, as bits of float16. */
const halfBits = [0x3800, 0x3c00, 0xc000, 0x0001];

/** Loads weights that are stored as float16 into a model, and gives the values of its first variable and the types of all. */
export async function loadHalfPrecision(backend: Backend): Promise<{ first: number[]; dtypes: string[] }> {
  await useBackend(backend);
  const model = makeModel(false);
  const { arrays, names } = await fetchWeights(model);
  const halves = arrays.map(({ size, length }) => {
    const bits = Uint16Array.from({ length }, (_, i) => halfBits[i % halfBits.length] ?? 0);
    return new FlatArray(bits, size, "float16");
  });
  const bytes = encodeModelRow(ModelV1({ weights: new Weights(halves, { names, layout: "tfjs" }) }));
  const { weights } = decodeModelRow(bytes, ModelV1);
  if (weights?.elementType !== "float16") throw new Error(`stored as ${weights?.elementType}`);
  await loadWeights(model, weights);
  return { first: (await valuesOf(model))[0] ?? [], dtypes: model.getWeights().map(({ dtype }) => dtype) };
}

/** What the network that Julia trained makes of an image of a digit. */
export async function predictDigit(backend: Backend, file: Uint8Array, image: readonly number[]): Promise<number[]> {
  await useBackend(backend);
  const model = makeFluxModel();
  await loadWeights(model, decodeModelRow(file, ModelV1).weights);
  const inputs = tf.tensor([...image], [1, 28, 28, 1]);
  return [...(await (model.predict(inputs) as tf.Tensor).data())];
}
