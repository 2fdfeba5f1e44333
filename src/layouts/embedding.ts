/** Tables of vectors, one for each index. */
import { sameOrder } from "./data-order.ts";
import type { LayerEntry } from "./layer-entry.ts";

export const embedding: LayerEntry = {
  classNames: ["Embedding"],
  flux: { type: "Embedding", arrays: [{ name: "weight", variable: "embeddings" }] },
  torch: { type: "Embedding", arrays: [{ name: "weight", variable: "embeddings" }] },
  order: sameOrder,
  note: "Indices count from 1 in Flux, from 0 in TensorFlow.js and PyTorch.",
};
