/** TensorFlow.js, with the functions by which its own savers and loaders turn weights into bytes. */
import { readFileSync, rmSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { prepared } from "../measure.ts";
import { checkArrays, type ModelShape, makeArrays } from "../model.ts";
import { writeDurably } from "../raw-files.ts";
import type { Peer } from "./peer.ts";

// Silences the advice to install native code.
tf.enableProdMode();

async function write(path: string, tensors: tf.NamedTensorMap): Promise<void> {
  const { data, specs } = await tf.io.encodeWeights(tensors);
  writeDurably(path, [new Uint8Array(data)]);
  writeDurably(`${path}.json`, [new TextEncoder().encode(JSON.stringify(specs))]);
}

function read(path: string): tf.NamedTensorMap {
  const specs = JSON.parse(readFileSync(`${path}.json`, "utf8")) as tf.io.WeightsManifestEntry[];
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return tf.io.decodeWeights(buffer.slice(byteOffset, byteOffset + byteLength), specs);
}

async function check(tensors: tf.NamedTensorMap, shape: ModelShape): Promise<void> {
  const arrays = await Promise.all(Object.values(tensors).map((tensor) => tensor.data<"float32">()));
  checkArrays(arrays, shape);
}

export const tfjs: Peer = {
  write: async (path, shape) => {
    await tf.setBackend("cpu");
    rmSync(path, { force: true });
    const tensors = Object.fromEntries(makeArrays(shape).map((array, i) => [`array.${i}`, tf.tensor1d(array)]));
    return prepared(
      () => write(path, tensors),
      () => check(read(path), shape),
    );
  },
  read: async (path, shape) => {
    await tf.setBackend("cpu");
    return prepared(
      () => read(path),
      (tensors) => check(tensors, shape),
    );
  },
};
