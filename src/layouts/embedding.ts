/** Tables of vectors, one for each index. */
import { maskConcern } from "./concerns.ts";
import { keepOrder, type OrderRule, same } from "./data-order.ts";
import type { LayerEntry } from "./layer-entry.ts";

const embeddingOrder: OrderRule = (inputs, layer) => {
  const order = keepOrder(inputs, layer);
  if (order.kind === "mixed") return order;
  if (order.kind !== "axes" && order.kind !== "features") return same;
  const problem = `${layer.label} takes indices that the other framework has in another order`;
  return { kind: "mixed", problem, remedy: "Permute to channels first before flattening" };
};

export const embedding: LayerEntry = {
  classNames: ["Embedding"],
  flux: { type: "Embedding", arrays: [{ name: "weight", variable: "embeddings" }] },
  torch: { type: "Embedding", arrays: [{ name: "weight", variable: "embeddings" }] },
  order: embeddingOrder,
  concerns: ({ config: { maskZero } }, layout) => (maskZero ? [maskConcern("maskZero", layout)] : []),
  note: "Indices count from 1 in Flux, from 0 in TensorFlow.js and PyTorch.",
};
