/** Models of TensorFlow.js in folders, as its own file handlers write and read them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";

/** What `model.save` hands to a handler, as model.json and shards of so many bytes. Returns the path of model.json. */
export async function saveModel(model: tf.LayersModel, folder: string, shardBytes = 2 ** 22): Promise<string> {
  let saved: tf.io.ModelArtifacts | null = null;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  const { weightData, weightSpecs, ...rest } = saved as unknown as tf.io.ModelArtifacts;
  const bytes = Buffer.from(weightData as ArrayBuffer);
  const paths = Array.from({ length: Math.ceil(bytes.length / shardBytes) }, (_, i) => `group1-shard${i + 1}.bin`);
  mkdirSync(folder, { recursive: true });
  for (const [i, path] of paths.entries()) {
    writeFileSync(join(folder, path), bytes.subarray(i * shardBytes, (i + 1) * shardBytes));
  }
  const path = join(folder, "model.json");
  writeFileSync(path, JSON.stringify({ ...rest, weightsManifest: [{ paths, weights: weightSpecs }] }));
  return path;
}

/** What a file handler of TensorFlow.js gives for a model.json. */
export async function modelArtifacts(path: string): Promise<tf.io.ModelArtifacts> {
  const json = JSON.parse(readFileSync(path, "utf8")) as tf.io.ModelJSON;
  return tf.io.getModelArtifactsForJSON(json, async (manifest) => {
    const specs = manifest.flatMap(({ weights }) => weights);
    const files = manifest.flatMap(({ paths }) => paths.map((name) => readFileSync(join(path, "..", name))));
    return [specs, new Uint8Array(Buffer.concat(files)).buffer];
  });
}

/** Loads a model as its users do. */
export async function loadModel(path: string): Promise<tf.LayersModel> {
  return tf.loadLayersModel({ load: () => modelArtifacts(path) });
}
