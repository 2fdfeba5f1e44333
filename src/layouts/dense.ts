/** Fully connected layers. */
import { permute } from "./axis-view.ts";
import { activationConcerns } from "./concerns.ts";
import type { OrderRule } from "./data-order.ts";
import { keepOrder, sameOrder } from "./data-order.ts";
import { features } from "./features.ts";
import type { LayerEntry } from "./layer-entry.ts";

/** Features come out in one order; images keep their axes. */
const denseOrder: OrderRule = (inputs, layer) => {
  const order = keepOrder(inputs, layer);
  return order.kind === "features" || layer.outputShape.length < 3 ? sameOrder([order], layer) : order;
};

export const dense: LayerEntry = {
  classNames: ["Dense"],
  flux: {
    type: "Dense",
    arrays: [
      { name: "weight", variable: "kernel", steps: [features(0)] },
      { name: "bias", variable: "bias" },
    ],
  },
  torch: {
    type: "Linear",
    arrays: [
      { name: "weight", variable: "kernel", steps: [features(0), permute(1, 0)] },
      { name: "bias", variable: "bias" },
    ],
  },
  order: denseOrder,
  concerns: activationConcerns,
  note: "After `flatten` of [H, W, C] the rows of the kernel are reordered to C, H, W. A `permute({ dims: [3, 1, 2] })` before `flatten` makes that unnecessary.",
};
