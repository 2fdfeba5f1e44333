/**
 * Convolutions in one, two and three dimensions.
 *
 * Flux convolves, TensorFlow.js and PyTorch cross-correlate: Flux's kernels are flipped.
 */
import { flip, permute, type Step } from "./axis-view.ts";
import { activationConcerns, warned } from "./concerns.ts";
import { spatialOrder } from "./data-order.ts";
import type { Concern, ForeignLayout, LayerEntry, LayerFacts } from "./layer-entry.ts";

/** Between [k..., in, out] and [out, in, k...]. */
const toChannelsFirst: Readonly<Record<1 | 2 | 3, Step>> = {
  1: permute(2, 1, 0),
  2: permute(3, 2, 0, 1),
  3: permute(4, 3, 0, 1, 2),
};

const flipped: Readonly<Record<1 | 2 | 3, Step>> = { 1: flip(2), 2: flip(2, 3), 3: flip(2, 3, 4) };

/** The options of a layer that stand for each spatial axis. */
function spatial(value: unknown, dimensions: number): number[] {
  return Array.isArray(value) ? value.map(Number) : Array<number>(dimensions).fill(Number(value ?? 1));
}

function paddingConcerns(layer: LayerFacts, layout: ForeignLayout, dimensions: number): Concern[] {
  const { padding, kernelSize, strides, dilationRate } = layer.config;
  const steps = spatial(strides, dimensions);
  const extents = spatial(kernelSize, dimensions).map(
    (size, i) => (size - 1) * (spatial(dilationRate, dimensions)[i] ?? 1) + 1,
  );
  // Nothing is padded where windows are single elements. PyTorch's "same" pads the high side more, too, but takes no strides.
  const isExact = extents.every(
    (extent, i) => extent === 1 || (steps[i] === 1 && (layout === "torch" || extent % 2 === 1)),
  );
  if (padding !== "same" || isExact) return [];
  const problem =
    layout === "flux"
      ? 'padding "same" with an even kernel or a stride pads the high side more; Flux\'s SamePad() pads the low side more, whatever the stride'
      : 'padding "same" with a stride pads the high side more; PyTorch has no "same" with strides, and pads both sides alike';
  return [
    warned(
      problem,
      'Use padding: "valid" after tf.layers.zeroPadding2d with the padding of the other model, or give that model this one\'s',
    ),
  ];
}

function convolution(dimensions: 1 | 2 | 3): LayerEntry {
  const weight = { name: "weight", variable: "kernel" };
  const bias = { name: "bias", variable: "bias" };
  const toTheirs = toChannelsFirst[dimensions];
  return {
    classNames: [`Conv${dimensions}D`],
    flux: { type: "Conv", arrays: [{ ...weight, steps: [toTheirs, flipped[dimensions]] }, bias] },
    torch: { type: `Conv${dimensions}d`, arrays: [{ ...weight, steps: [toTheirs] }, bias] },
    fluxVariants: [{ type: "CrossCor", arrays: [{ ...weight, steps: [toTheirs] }, bias] }],
    order: spatialOrder,
    concerns: (layer, layout) => [...paddingConcerns(layer, layout, dimensions), ...activationConcerns(layer, layout)],
  };
}

function transposedConcerns(layer: LayerFacts, layout: ForeignLayout, dimensions: number): Concern[] {
  const { padding, kernelSize, strides } = layer.config;
  const steps = spatial(strides, dimensions);
  const surplus = spatial(kernelSize, dimensions).map((size, i) => size - (steps[i] ?? 1));
  if (surplus.some((difference) => difference < 0)) {
    return [
      warned(
        "strides beyond the size of the kernel make the result longer",
        `Give the other model ${layout === "flux" ? "outpad" : "output_padding"} = stride - kernel size`,
      ),
    ];
  }
  if (padding === "same" && surplus.some((difference) => difference % 2 !== 0)) {
    return [
      warned(
        'padding "same" where kernel size and stride differ by an odd number cuts one side more',
        'Use padding: "valid" and tf.layers.cropping2d by the padding of the other model',
      ),
    ];
  }
  return [];
}

function transposedConvolution(dimensions: 2 | 3): LayerEntry {
  const weight = { name: "weight", variable: "kernel" };
  const bias = { name: "bias", variable: "bias" };
  // Between [k..., out, in] and [in, out, k...]: the same axes as of convolutions.
  const toTheirs = toChannelsFirst[dimensions];
  return {
    classNames: [`Conv${dimensions}DTranspose`],
    flux: { type: "ConvTranspose", arrays: [{ ...weight, steps: [toTheirs, flipped[dimensions]] }, bias] },
    torch: { type: `ConvTranspose${dimensions}d`, arrays: [{ ...weight, steps: [toTheirs] }, bias] },
    order: spatialOrder,
    concerns: (layer, layout) => [
      ...transposedConcerns(layer, layout, dimensions),
      ...dilationConcerns(layer),
      ...activationConcerns(layer, layout),
    ],
  };
}

/** TensorFlow.js takes the option in these layers, and does nothing with it. */
export function dilationConcerns({ config: { dilationRate } }: LayerFacts): Concern[] {
  const isDilated = spatial(dilationRate, 1).some((rate) => rate !== 1);
  return isDilated
    ? [{ isRefused: true, problem: "TensorFlow.js ignores dilationRate in it", remedy: "Build it without dilation" }]
    : [];
}

export { paddingConcerns };
export const conv1d: LayerEntry = convolution(1);
export const conv2d: LayerEntry = convolution(2);
export const conv3d: LayerEntry = convolution(3);
export const conv2dTranspose: LayerEntry = transposedConvolution(2);
export const conv3dTranspose: LayerEntry = transposedConvolution(3);
