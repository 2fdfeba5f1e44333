/** Convolutions of each channel by itself, and those followed by one across channels. */
import { flip, insert, merge, permute } from "./axis-view.ts";
import { activationConcerns } from "./concerns.ts";
import { dilationConcerns, paddingConcerns } from "./convolution.ts";
import { spatialOrder } from "./data-order.ts";
import type { LayerEntry } from "./layer-entry.ts";

/** From [kh, kw, in, multiplier] to [in, multiplier, kh, kw]. */
const toChannelsFirst = permute(2, 3, 0, 1);

/** To [in x multiplier, 1, kh, kw]. */
const asGroups = [merge(0), insert(1)];

const fluxKernel = {
  steps: [toChannelsFirst, flip(2, 3), ...asGroups],
  // Flux 0.12 has the same elements under the size (kw, kh, multiplier, in).
  also: [toChannelsFirst, flip(2, 3)],
};
const torchKernel = { steps: [toChannelsFirst, ...asGroups] };

const bias = { name: "bias", variable: "bias" };

export const depthwiseConv2d: LayerEntry = {
  classNames: ["DepthwiseConv2D"],
  flux: { type: "DepthwiseConv", arrays: [{ name: "weight", variable: "depthwise_kernel", ...fluxKernel }, bias] },
  torch: {
    type: "Conv2d(groups=in)",
    arrays: [{ name: "weight", variable: "depthwise_kernel", ...torchKernel }, bias],
  },
  order: spatialOrder,
  concerns: (layer, layout) => [
    ...paddingConcerns(layer, layout, 2),
    ...dilationConcerns(layer),
    ...activationConcerns(layer, layout),
  ],
};

const depthwise = { name: "depthwise.weight", variable: "depthwise_kernel" };
const pointwise = { name: "pointwise.weight", variable: "pointwise_kernel", steps: [permute(3, 2, 0, 1)] };
const pointwiseBias = { name: "pointwise.bias", variable: "bias" };

export const separableConv2d: LayerEntry = {
  classNames: ["SeparableConv2D"],
  flux: {
    type: "DepthwiseConv(bias = false), Conv((1, 1))",
    arrays: [{ ...depthwise, ...fluxKernel }, pointwise, pointwiseBias],
  },
  torch: {
    type: "Conv2d(groups=in, bias=False), Conv2d(1)",
    arrays: [{ ...depthwise, ...torchKernel }, pointwise, pointwiseBias],
  },
  order: spatialOrder,
  concerns: (layer, layout) => [...paddingConcerns(layer, layout, 2), ...activationConcerns(layer, layout)],
};
