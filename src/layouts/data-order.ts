/**
 * In which order data passes between layers, compared with Flux and PyTorch.
 *
 * Idea: TensorFlow.js has the channels of images last, the others have them before the spatial axes. As long as the data keeps its axes,
 * only kernels of convolutions notice. Where it is flattened, the features come in another order, and the layer that takes them must have
 * its weights reordered. So the order is followed from layer to layer.
 */
import { type AxisView, merge, permute, reorder, wholeView } from "./axis-view.ts";
import type { Shape } from "./layer-entry.ts";

/** How the data of one tensor compares with what the other framework would hold, row-major. */
export type DataOrder =
  /** An input that no layer has taken yet: whatever the first one expects. */
  | { readonly kind: "open" }
  /** The same order in both. */
  | { readonly kind: "same" }
  /** Features that were given axes: whether the other framework does so in the same order depends on what takes them. */
  | { readonly kind: "unflattened" }
  /** The other's axes are these of ours, batch included: `[0, 3, 1, 2]` where ours has channels last. */
  | { readonly kind: "axes"; readonly axes: readonly number[] }
  /** The other's features are these of ours, along the last axis. */
  | { readonly kind: "features"; readonly features: readonly number[] }
  /** Neither: no weights can be converted after it. */
  | { readonly kind: "mixed"; readonly problem: string; readonly remedy: string };

/** A layer as far as the order of its data depends on it. */
export interface OrderedLayer {
  /** As messages call it: `layer "conv1" (Conv2D)`. */
  readonly label: string;
  /** Of TensorFlow.js, as `getConfig` gives it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Batch included. */
  readonly inputShapes: readonly Shape[];
  /** Batch included. */
  readonly outputShape: Shape;
}

/** What a layer makes of the orders of its inputs, of which there is at least one. */
export type OrderRule = (inputs: readonly DataOrder[], layer: OrderedLayer) => DataOrder;

export const open: DataOrder = { kind: "open" };
export const same: DataOrder = { kind: "same" };

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const isAscending = (list: readonly number[]): boolean => list.every((value, i) => value === i);
/** The order in which the other's axes are these of ours. */
export const fromAxes = (axes: readonly number[]): DataOrder => (isAscending(axes) ? same : { kind: "axes", axes });

/** For each axis of the others that of ours, where ours has its channels last. */
export const channelsLastAxes = (rank: number): number[] => [0, rank - 1, ...range(rank - 1).slice(1)];

/** Data with its channels last, which the others have right after the batch. */
export const channelsLast = (rank: number): DataOrder => fromAxes(channelsLastAxes(rank));

/** What comes straight from an input is an image if it has the axes of one. */
export const openAxes = (rank: number): number[] => (rank < 4 ? range(rank) : channelsLastAxes(rank));

/** The order of an input that a layer takes as it is. */
export const openOrder = (rank: number): DataOrder => fromAxes(openAxes(rank));

/** The axes longer than 1, batch left out: only their order matters. */
export const longAxes = (shape: Shape): number[] => range(shape.length).filter((axis) => axis > 0 && shape[axis] !== 1);

/** Whether the axes of data, those of length 1 left out, are the same in both orders. */
export function isAlike(a: readonly number[], b: readonly number[], shape: Shape): boolean {
  const long = longAxes(shape);
  const [own, other] = [a, b].map((axes) => axes.filter((axis) => long.includes(axis)).join());
  return own === other;
}

function isEqual(a: DataOrder, b: DataOrder, shape: Shape): boolean {
  const axesOf = (order: DataOrder): readonly number[] | null =>
    order.kind === "axes" && order.axes.length === shape.length
      ? order.axes
      : order.kind === "same"
        ? range(shape.length)
        : null;
  const [own, other] = [axesOf(a), axesOf(b)];
  return own && other ? isAlike(own, other, shape) : JSON.stringify(a) === JSON.stringify(b);
}

/** What no weights can be converted after. @param what - What the layer does, for messages. */
export function mixed({ label }: OrderedLayer, what: string, remedy: string): DataOrder {
  return { kind: "mixed", problem: `${label} ${what}`, remedy };
}

const rankOf = ({ inputShapes }: OrderedLayer): number => inputShapes[0]?.length ?? 0;

/** For layers that leave axes as they are: the one order that all inputs have. Inputs of models have any but that of flattened features; what has one long axis at most has any. */
export const keepOrder: OrderRule = (inputs, layer) => {
  const broken = inputs.find(({ kind }) => kind === "mixed");
  if (broken) return broken;
  const { inputShapes, outputShape } = layer;
  const hasFeatures = inputs.some(({ kind }) => kind === "features");
  const telling = inputs.filter(({ kind }, i) => {
    const shape = inputShapes[i] ?? [];
    return hasFeatures ? shape.at(-1) !== 1 : kind !== "open" && longAxes(shape).length > 1;
  });
  const [first] = telling;
  if (isOuter(inputs, layer)) return joinedDifferently(layer);
  if (!first) {
    const free = inputs.find(({ kind }) => kind !== "open") ?? open;
    return free.kind === "axes" && free.axes.length !== outputShape.length ? same : free;
  }
  if (telling.every(({ kind }) => kind === "same" || kind === "unflattened")) {
    return telling.find(({ kind }) => kind === "unflattened") ?? same;
  }
  const fits = first.kind !== "axes" || first.axes.length === outputShape.length;
  const isOne = fits && telling.every((other) => isEqual(first, other, outputShape));
  return isOne ? first : joinedDifferently(layer);
};

const joinedDifferently = (layer: OrderedLayer): DataOrder =>
  mixed(layer, "joins data that the other framework has in different orders", "Permute its inputs to one order");

/** Whether each input gives a long axis of its own: together they may be in any order, unless all inputs come from one. */
function isOuter(inputs: readonly DataOrder[], { inputShapes, outputShape }: OrderedLayer): boolean {
  if (longAxes(outputShape).length < 2 || inputShapes.some((shape) => longAxes(shape).length > 1)) return false;
  return new Set(inputs.map((own) => JSON.stringify(own.kind === "features" ? same : own))).size > 1;
}

/** For layers of features: sequences of them, and features alone, are the same everywhere. */
export const sameOrder: OrderRule = (inputs) => inputs.find(({ kind }) => kind === "mixed") ?? same;

/** For convolutions, pooling and others that know channels from spatial axes. */
export const spatialOrder: OrderRule = ([input = open], layer) => {
  const rank = rankOf(layer);
  const expected = layer.config.dataFormat === "channelsFirst" ? same : channelsLast(rank);
  if (input.kind === "mixed") return input;
  const [shape = []] = layer.inputShapes;
  if (input.kind === "features" || (input.kind === "axes" && !isEqual(input, expected, shape))) {
    return mixed(layer, "takes data in another order", "Give it data with its channels last");
  }
  if (input.kind === "unflattened" && expected.kind === "axes" && !hasOneOrder(shape)) {
    const last = range(rank - 1)
      .slice(1)
      .map((axis) => axis + 1);
    return mixed(
      layer,
      "takes features that were reshaped with their channels last, which the other framework reshapes with channels first",
      `Reshape to channels first, then permute: tf.layers.reshape with the channels first, tf.layers.permute({ dims: [${[...last, 1]}] })`,
    );
  }
  return expected;
};

/** What is left where spatial axes are pooled into one. */
export const globalPoolingOrder: OrderRule = (inputs, layer) => {
  const [input = open] = inputs;
  if (input.kind === "features" && layer.config.dataFormat !== "channelsFirst") return input;
  if (input.kind === "unflattened" && rankOf(layer) > 3) return sameOrder([spatialOrder(inputs, layer)], layer);
  return sameOrder(inputs, layer);
};

/** Whether it is one order to have the channels last or first. */
function hasOneOrder(shape: Shape): boolean {
  return shape.at(-1) === 1 || shape.slice(1, -1).every((length) => length === 1);
}

/** For layers that flatten: every axis but the batch becomes one. */
export const flattenOrder: OrderRule = ([input = open], layer) => {
  const [shape = []] = layer.inputShapes;
  if (layer.config.dataFormat !== "channelsFirst" || shape.length < 3) return flattened(input, shape);
  // TensorFlow.js moves the channels to the end before.
  const dims = [...range(shape.length).slice(2), 1];
  return flattened(permuted(input.kind === "open" ? same : input, dims, layer), [
    null,
    ...dims.map((axis) => shape[axis] ?? null),
  ]);
};

/** All axes but the batch as one. */
export function flattened(input: DataOrder, shape: Shape): DataOrder {
  if (input.kind === "open") return flattened(openOrder(shape.length), shape);
  if (input.kind === "unflattened") return same;
  if (input.kind !== "axes" && input.kind !== "features") return input;
  const whole = wholeView(shape.slice(1).map((length) => length ?? 0));
  const steps =
    input.kind === "axes"
      ? permute(...input.axes.slice(1).map((axis) => axis - 1))
      : reorder(whole.length - 1, input.features);
  const [features = []] = whole.slice(1).reduce<AxisView>((view) => merge(0).apply(view), steps.apply(whole));
  return isAscending(features) ? same : { kind: "features", features };
}

/** For layers that permute axes, for which the other model has no layer: it has them in that order already. */
export const permuteOrder: OrderRule = ([input = open], layer) => {
  const dims = layer.config.dims as readonly number[];
  if (input.kind !== "open") return permuted(input, dims, layer);
  // Who permutes an input to channels last has channels first; otherwise it is an image as TensorFlow.js has it, or a sequence.
  const rank = rankOf(layer);
  const isFromFirst = rank > 3 && dims.join() === [...range(rank).slice(2), 1].join();
  return permuted(isFromFirst ? same : openOrder(rank), dims, layer);
};

function permuted(input: DataOrder, dims: readonly number[], layer: OrderedLayer): DataOrder {
  if (input.kind === "mixed") return input;
  if (isAscending(dims.map((axis) => axis - 1))) return input;
  if (input.kind === "features") return mixed(layer, "permutes features in another order", "Permute before flattening");
  const taken = [0, ...dims];
  const axes = input.kind === "axes" ? input.axes : range(taken.length);
  return fromAxes(axes.map((axis) => taken.indexOf(axis)));
}

/** For layers that concatenate: inputs one after the other along an axis. */
export const concatenateOrder: OrderRule = (inputs, layer) => {
  const axis = Number(layer.config.axis ?? -1);
  const isLast = axis === -1 || axis === rankOf(layer) - 1;
  const isPlain = ({ kind }: DataOrder): boolean => kind === "features" || kind === "same" || kind === "open";
  if (!isLast || !inputs.every(isPlain) || !inputs.some(({ kind }) => kind === "features"))
    return keepOrder(inputs, layer);
  let start = 0;
  const features = inputs.flatMap((input, i) => {
    const own = input.kind === "features" ? input.features : range(layer.inputShapes[i]?.at(-1) ?? 0);
    const joined = own.map((feature) => feature + start);
    start += own.length;
    return joined;
  });
  return { kind: "features", features };
};
