/** Small models whose order of data is easily followed wrongly. */
import type { Config, LayerPlan, ModelPlan } from "./model-plan.ts";

let count = 0;

const layer = (type: string, config: Config = {}, more: Partial<LayerPlan> = {}): LayerPlan => ({
  type,
  config: { name: `t${count++}`, ...config },
  ...more,
});

const chain = (shape: readonly number[], ...layers: readonly LayerPlan[]): ModelPlan => ({
  isSequential: true,
  inputs: [{ shape }],
  layers,
  nodes: layers.map((_, i) => ({ layer: i, inputs: [i] })),
  outputs: [layers.length],
});

/** Layers with the numbers of the tensors that they take: inputs first, then one for each layer. */
const graph = (
  shapes: readonly (readonly number[])[],
  ...calls: readonly (readonly [LayerPlan, ...number[]])[]
): ModelPlan => ({
  isSequential: false,
  inputs: shapes.map((shape) => ({ shape })),
  layers: [...new Set(calls.map(([own]) => own))],
  nodes: calls.map(([own, ...inputs]) => ({ layer: [...new Set(calls.map(([first]) => first))].indexOf(own), inputs })),
  outputs: [shapes.length + calls.length - 1],
});

const dense = (units = 2): LayerPlan => layer("dense", { units });
const flatten = (): LayerPlan => layer("flatten");
const reshape = (...targetShape: number[]): LayerPlan => layer("reshape", { targetShape });
const permute = (...dims: number[]): LayerPlan => layer("permute", { dims });
const conv1d = (): LayerPlan => layer("conv1d", { filters: 3, kernelSize: [2], strides: [1] });
const conv2d = (filters = 3): LayerPlan => layer("conv2d", { filters, kernelSize: [2, 2], strides: [1, 1] });
const conv2dTranspose = (): LayerPlan =>
  layer("conv2dTranspose", { filters: 2, kernelSize: [2, 2], strides: [1, 1], padding: "valid" });
const timed = (inner: LayerPlan): LayerPlan => layer("timeDistributed", {}, { inner });
const lstm = (): LayerPlan => layer("lstm", { units: 2, recurrentActivation: "sigmoid" });
const bidirectional = (inner: LayerPlan): LayerPlan => layer("bidirectional", { mergeMode: "concat" }, { inner });
const norm = (axis: readonly number[], config: Config = {}): LayerPlan =>
  layer("layerNormalization", { axis, epsilon: 0.1, ...config });

/** Models that other frameworks have exactly. */
export function exactModels(): Readonly<Record<string, ModelPlan>> {
  const image = [3, 4, 2];
  return {
    "bidirectional after flattened steps": chain(
      [2, 3, 2, 2],
      timed(conv2d()),
      timed(flatten()),
      bidirectional(lstm()),
    ),
    "bidirectional after a convolution, then dense": chain([5, 2], conv1d(), bidirectional(lstm()), dense()),
    "flattened steps pooled over time": chain(
      [2, 3, 3, 2],
      timed(conv2d()),
      timed(flatten()),
      layer("globalAveragePooling1d"),
      dense(),
    ),
    "axes of length 1 put in and left out": chain(
      image,
      conv2d(),
      reshape(2, 1, 3, 3),
      reshape(2, 3, 3),
      flatten(),
      dense(),
    ),
    "spatial axes merged": chain(image, conv2d(), reshape(6, 3), flatten(), dense()),
    "the same shape as before, permuted": chain(
      image,
      conv2d(),
      permute(2, 1, 3),
      reshape(3, 2, 3),
      flatten(),
      dense(),
    ),
    "normalization of flattened steps along time": chain(
      [2, 3, 3, 2],
      timed(conv2d()),
      timed(flatten()),
      norm([1]),
      dense(),
    ),
    "normalization over an input image": chain(image, norm([1, 2, 3]), conv2d(), flatten(), dense()),
    "normalization over an image, without scale": chain(image, conv2d(), norm([1, 3], { scale: false }), dense()),
    "dense steps after a convolution": chain([5, 2], conv1d(), timed(dense()), flatten(), dense()),
    "an image through dense, then flattened": chain(image, dense(3), flatten(), dense()),
    "channels weighted by themselves": graph(
      [image],
      [conv2d(), 0],
      [layer("globalAveragePooling2d"), 1],
      [dense(3), 2],
      [reshape(1, 1, 3), 3],
      [layer("multiply"), 1, 4],
      [flatten(), 5],
      [dense(), 6],
    ),
    "branches flattened and concatenated": graph(
      [image],
      [conv2d(2), 0],
      [flatten(), 1],
      [flatten(), 0],
      [layer("concatenate", { axis: -1 }), 2, 3],
      [dense(), 4],
    ),
  };
}

/** Models that other frameworks do not have, with what messages must say. */
export function refusedModels(): Readonly<Record<string, readonly [ModelPlan, RegExp]>> {
  const image = [3, 4, 2];
  const sharedNorm = norm([1, 2]);
  return {
    "a convolution that comes last, on features reshaped": [
      chain([3], dense(8), reshape(2, 2, 2), conv2dTranspose()),
      /features that were reshaped with their channels last/,
    ],
    "a convolution that comes last, on data permuted": [
      chain(image, conv2d(), permute(1, 3, 2), conv2d()),
      /\(Conv2D\): takes data in another order/,
    ],
    "flattened features reshaped": [chain(image, conv2d(), flatten(), reshape(18, 1), dense()), /reshapes data/],
    "an axis of length 1 put after the channels": [
      chain(image, conv2d(), reshape(2, 3, 3, 1), flatten(), dense()),
      /reshapes data/,
    ],
    "a sequence reshaped to an image": [
      chain(
        [4, 3],
        layer("lstm", { units: 4, recurrentActivation: "sigmoid", returnSequences: true }),
        reshape(4, 2, 2),
        conv2d(),
      ),
      /features that were reshaped/,
    ],
    "a layer shared between two orders": [
      graph(
        [[3, 3]],
        [conv1d(), 0],
        [sharedNorm, 1],
        [permute(2, 1), 1],
        [reshape(2, 3), 3],
        [sharedNorm, 4],
        [layer("add"), 2, 5],
      ),
      /shared between data that the other framework has in different orders/,
    ],
    "an input added to flattened features": [
      graph([image, [18]], [conv2d(), 0], [flatten(), 2], [layer("add"), 3, 1], [dense(), 4]),
      /joins data that the other framework has in different orders/,
    ],
    "axes listed backwards": [chain([3, 4], norm([2, 1])), /axis lists \[2,1\] in another order/],
  };
}
