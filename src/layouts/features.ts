/** The features that a layer takes, where data came to it in another order. */
import { reorder, type Step } from "./axis-view.ts";
import type { LayerFacts } from "./layer-entry.ts";

/**
 * Reorders an axis of weights like the features that the layer receives, as a dense layer behind a `flatten` needs it.
 *
 * @param axis - From 0.
 * @returns A step that depends on the layer, for {@link HeldArray.steps}.
 */
export function features(axis: number): (layer: LayerFacts) => Step {
  return ({ order }) => {
    const step = reorder(axis, order.kind === "features" ? order.features : null);
    return { ...step, text: `features(${axis})` };
  };
}
