/**
 * Weights of TensorFlow.js models, converted to and from Flux and PyTorch; checkpoints while training, and going on from them; layers of one's own.
 * Needs `@tensorflow/tfjs` 4.
 *
 * @module legolas-flux/tfjs
 */
export { type AxisView, blocks, flip, insert, merge, permute, type Step } from "./layouts/axis-view.ts";
export {
  concatenateOrder,
  type DataOrder,
  flattenOrder,
  keepOrder,
  type OrderedLayer,
  type OrderRule,
  permuteOrder,
  sameOrder,
  spatialOrder,
} from "./layouts/data-order.ts";
export { features } from "./layouts/features.ts";
export { registerLayer } from "./layouts/layer-entries.ts";
export type {
  Concern,
  ConstantArray,
  FluxVersion,
  ForeignArray,
  ForeignLayer,
  ForeignLayout,
  HeldArray,
  LayerEntry,
  LayerFacts,
  NoCounterpart,
  Shape,
} from "./layouts/layer-entry.ts";
export { reshapeOrder } from "./layouts/reshape-order.ts";
export type { CheckpointOptions, RowPart } from "./tfjs/checkpoint/checkpoint-options.ts";
export { ModelCheckpoint } from "./tfjs/checkpoint/model-checkpoint.ts";
export type { MonitorMode } from "./tfjs/checkpoint/monitor.ts";
export { type FetchOptions, fetchWeights, type Layout } from "./tfjs/fetch-weights.ts";
export { type LoadOptions, type LoadReport, loadWeights } from "./tfjs/load-weights.ts";
export type { ConversionOptions } from "./tfjs/model/model-arrays.ts";
export { type ResumedTraining, type ResumeOptions, resumeTraining } from "./tfjs/resume-training.ts";
export { fetchTrainingState, type TrainingProgress } from "./tfjs/training-state/fetch-training-state.ts";
export { TrainingStateV1 } from "./tfjs/training-state/training-state.ts";
