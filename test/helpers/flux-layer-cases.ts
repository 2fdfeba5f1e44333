/** Single Flux layers and small models: their arrays, an input and the output, computed in float64 from Flux's definitions. */
import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { FlatArray } from "legolas-flux";

/** An array as Flux holds it: column-major elements and their size. */
export interface FluxArray {
  readonly vec: readonly number[];
  readonly size: readonly number[];
}

export interface LayerCase {
  readonly kind: string;
  readonly n?: 1 | 2 | 3;
  readonly stride?: readonly number[];
  readonly dilation?: readonly number[];
  readonly pad?: readonly number[];
  readonly outpad?: readonly number[];
  readonly groups?: number;
  readonly flip?: boolean;
  readonly nh?: number;
  /** The arrays, by the name of the case's own. */
  readonly [name: string]: unknown;
}

const url = new URL("../golden/layers/flux-layer-cases.json", import.meta.url);

export const layerCases: readonly LayerCase[] = JSON.parse(readFileSync(url, "utf8"));

/** The cases of a kind, with what they have as one line. */
export function casesOf(...kinds: readonly string[]): LayerCase[] {
  return layerCases.filter(({ kind }) => kinds.includes(kind));
}

/** An array of a case. */
export function arrayOf(source: object, name: string): FluxArray {
  return (source as Record<string, FluxArray>)[name] as FluxArray;
}

/** Arrays as weights hold them, in float32 as the cases were made. */
export function flatArrays(...arrays: readonly FluxArray[]): FlatArray[] {
  return arrays.map(({ vec, size }) => new FlatArray(Float32Array.from(vec), size));
}

/** Zeros that Flux has among the weights. */
export function zeros(...size: readonly number[]): FluxArray {
  return { vec: Array<number>(size.reduce((total, length) => total * length, 1)).fill(0), size };
}

/** Column-major elements of a size are row-major ones of its reverse. */
export function rowMajor({ vec, size }: FluxArray, dtype: "float32" | "int32" = "float32"): tf.Tensor {
  return tf.tensor([...vec], size.toReversed(), dtype);
}

/** Between channels right after the batch and channels last. */
export function channelsLast(images: tf.Tensor): tf.Tensor {
  const spatial = Array.from({ length: images.rank - 2 }, (_, i) => i + 2);
  return tf.transpose(images, [0, ...spatial, 1]);
}

/** The largest difference between a tensor and what a case expects, in the same axes. */
export function distance(found: tf.Tensor, expected: tf.Tensor): number {
  if (found.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  return tf.tidy(() => tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0] ?? Number.NaN);
}
