/** Models that TensorFlow.js saved, through our reading and writing and back into TensorFlow.js. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { FlatArray, InputError, LayoutError, LossyConversionError, Weights } from "legolas-flux";
import { fetchWeights, loadWeights } from "legolas-flux/tfjs";
import { beforeAll, expect, it } from "vitest";
import { openModelJson, readModelJson } from "../../src/formats/tfjs-files/open-model-json.ts";
import { writeModelJson } from "../../src/formats/tfjs-files/write-model-json.ts";
import { everyType } from "../helpers/arrays-of-every-type.ts";
import { expectSameWeights } from "../helpers/expect-same-weights.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { loadModel, modelArtifacts, saveModel } from "../helpers/tfjs-files.ts";

const folder = temporaryFolder();

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

type Make = () => tf.LayersModel;

const convolutional: Make = () =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [6, 6, 2], filters: 3, kernelSize: 3 }),
      tf.layers.batchNormalization(),
      tf.layers.separableConv2d({ filters: 3, kernelSize: 2 }),
      tf.layers.batchNormalization({ name: "given/with.slash" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4 }),
    ],
  });

function frozen(): tf.LayersModel {
  const model = convolutional();
  (model.layers[0] as tf.layers.Layer).trainable = false;
  (model.layers[3] as tf.layers.Layer).trainable = false;
  return model;
}

function nested(): tf.LayersModel {
  const block = (): tf.Sequential =>
    tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [4], units: 4 }),
        tf.layers.batchNormalization(),
        tf.layers.dense({ units: 4 }),
      ],
    });
  const inner = tf.sequential();
  inner.add(tf.layers.dense({ inputShape: [4], units: 4 }));
  inner.add(block());
  return tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 }), inner, block()] });
}

function graph(): tf.LayersModel {
  const input = tf.input({ shape: [4] });
  const shared = tf.layers.dense({ units: 4 });
  const last = tf.layers.dense({ units: 4 });
  const long = tf.layers.batchNormalization().apply(shared.apply(input)) as tf.SymbolicTensor;
  const short = last.apply(input) as tf.SymbolicTensor;
  const again = shared.apply(short) as tf.SymbolicTensor;
  const sum = tf.layers.add().apply([again, short, long]) as tf.SymbolicTensor;
  const head = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [4], units: 2 }), tf.layers.batchNormalization()],
  });
  return tf.model({ inputs: input, outputs: head.apply(sum) as tf.SymbolicTensor });
}

function recurrent(): tf.LayersModel {
  const perStep = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [3], units: 3 }), tf.layers.batchNormalization()],
  });
  return tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 5, outputDim: 3, inputLength: 4 }),
      tf.layers.timeDistributed({ layer: perStep }),
      tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 3 }) }),
      tf.layers.bidirectional({
        layer: tf.layers.lstm({ units: 2, returnSequences: true }) as tf.RNN,
        mergeMode: "concat",
      }),
      tf.layers.rnn({
        cell: [tf.layers.lstmCell({ units: 3 }), tf.layers.lstmCell({ units: 2 })],
        returnSequences: true,
      }),
      tf.layers.gru({ units: 2 }),
    ],
  });
}

const models: Readonly<Record<string, Make>> = { convolutional, frozen, nested, graph, recurrent };

/** Values that differ from array to array, moving statistics included. */
async function fill(model: tf.LayersModel): Promise<Weights> {
  let seed = 1;
  for (const layer of model.layers) {
    layer.setWeights(layer.getWeights().map((weight) => tf.randomUniform(weight.shape, 0.1, 1, "float32", seed++)));
  }
  return fetchWeights(model);
}

async function predictions(model: tf.LayersModel): Promise<Float32Array> {
  const [, ...shape] = (model.inputs[0] as tf.SymbolicTensor).shape as number[];
  const size = shape.reduce((product, length) => product * length, 1);
  const input = tf.tensor(
    Array.from({ length: size }, (_, i) => i % 5),
    [1, ...shape],
  );
  const output = model.predict(input) as tf.Tensor;
  return (await output.data()) as Float32Array;
}

it.each(Object.entries(models))(
  "%s: what TensorFlow.js saved is read in the order of the layers",
  async (name, make) => {
    const model = make();
    const expected = await fill(model);
    const path = await saveModel(model, folder.at(`saved-${name}`), 64);
    const opened = await openModelJson(path);
    expect(opened.isInLayerOrder).toBe(true);
    const weights = await opened.weights.readAll();
    expectSameWeights(weights, expected);
    const fresh = make();
    await loadWeights(fresh, opened.weights);
    await opened.close();
    expect(await predictions(fresh)).toEqual(await predictions(model));
  },
);

it.each(Object.entries(models))("%s: what we write is loaded by TensorFlow.js", async (name, make) => {
  const model = make();
  const weights = await fill(model);
  const saved = await readModelJson(await saveModel(model, folder.at(`model-${name}`)));
  const path = folder.at(`written-${name}`, "model.json");
  await writeModelJson(weights, path, { model: saved, shardBytes: 100, metadata: { epoch: "3" } });
  expect(await predictions(await loadModel(path))).toEqual(await predictions(model));
  const opened = await openModelJson(path);
  expectSameWeights(await opened.weights.readAll(), weights);
  expect(opened.metadata).toEqual({ epoch: "3" });
  await opened.close();
});

it("what was saved in the order of trainability is not in the order of the layers", async () => {
  const path = await saveModel(frozen(), folder.at("order"));
  const { weightsManifest } = JSON.parse(readFileSync(path, "utf8")) as tf.io.ModelJSON;
  const listed = weightsManifest.flatMap(({ weights }) => weights.map((weight) => weight.name));
  const opened = await openModelJson(path);
  expect(opened.weights.names).not.toEqual(listed);
  expect(opened.weights.names?.toSorted()).toEqual(listed.toSorted());
  await opened.close();
});

it("weights without a model load into any model of theirs", async () => {
  const model = convolutional();
  const path = folder.at("weights-only", "model.json");
  await writeModelJson(await fill(model), path);
  const opened = await openModelJson(path);
  expect(opened.model.modelTopology).toBeNull();
  expect(opened.isInLayerOrder).toBe(false);
  await opened.close();
  const { weightData, weightSpecs } = await modelArtifacts(path);
  const fresh = tf.sequential({ layers: model.layers.map((layer) => layer as tf.layers.Layer) });
  const expected = await predictions(model);
  const named = tf.io.decodeWeights(weightData as ArrayBuffer, weightSpecs as tf.io.WeightsManifestEntry[]);
  for (const layer of fresh.layers) layer.setWeights(layer.getWeights().map((weight) => tf.zerosLike(weight)));
  fresh.loadWeights(named);
  expect(await predictions(fresh)).toEqual(expected);
});

it("a model.json is replaced with its files, and other files stay", async () => {
  const model = convolutional();
  const path = folder.at("replaced", "model.json");
  const first = await fill(model);
  await writeModelJson(first, path, { shardBytes: 300 });
  const before = readdirSync(join(path, ".."));
  await writeModelJson(first, path, { shardBytes: 1000 });
  const after = readdirSync(join(path, ".."));
  expect(before.filter((name) => name.startsWith("group1-shard")).length).toBeGreaterThan(2);
  expect(after.filter((name) => name.startsWith("group1-"))).toEqual([]);
  const opened = await openModelJson(path);
  expectSameWeights(await opened.weights.readAll(), first);
  await opened.close();
});

it("a model.json whose successor cannot be written stays as it was", async () => {
  const path = folder.at("kept", "model.json");
  const weights = await fill(convolutional());
  await writeModelJson(weights, path, { shardBytes: 300 });
  const before = readdirSync(folder.at("kept"));
  const last = weights.length - 1;
  const wide = new FlatArray(new Float64Array([0.1, 0.2, 0.3, 0.4]), [4]);
  const { names, layout, dtypes } = weights;
  const changed = new Weights([...weights.arrays.slice(0, last), wide], { names, layout, dtypes });
  await expect(writeModelJson(changed, path, { shardBytes: 100 })).rejects.toThrow(LossyConversionError);
  expect(readdirSync(folder.at("kept"))).toEqual(before);
  const opened = await openModelJson(path);
  expectSameWeights(await opened.weights.readAll(), weights);
  await opened.close();
});

it("refuses what TensorFlow.js has not, other layouts and other models, and leaves no file", async () => {
  const path = folder.at("refused", "model.json");
  await expect(writeModelJson(everyType, path)).rejects.toThrow(LayoutError);
  const typed = new Weights(everyType, { names: everyType.names, layout: "tfjs" });
  await expect(writeModelJson(typed, path)).rejects.toThrow(
    /array 1 \(int8\): expected float32, float16, int32 or bool/,
  );
  const saved = await readModelJson(await saveModel(nested(), folder.at("other")));
  await expect(writeModelJson(await fill(convolutional()), path, { model: saved })).rejects.toThrow(InputError);
  expect(existsSync(folder.at("refused"))).toBe(false);
});
