/** The entry `legolas-flux/tfjs`: weights of TensorFlow.js models, and their checkpoints. */
export type { CheckpointOptions, RowPart } from "./tfjs/checkpoint-options.ts";
export { fetchTrainingState, type TrainingProgress } from "./tfjs/fetch-training-state.ts";
export { type FetchOptions, fetchWeights } from "./tfjs/fetch-weights.ts";
export { type LoadOptions, loadWeights } from "./tfjs/load-weights.ts";
export { ModelCheckpoint } from "./tfjs/model-checkpoint.ts";
export type { MonitorMode } from "./tfjs/monitor.ts";
export { type ResumedTraining, type ResumeOptions, resumeTraining } from "./tfjs/resume-training.ts";
export { TrainingStateV1 } from "./tfjs/training-state.ts";
