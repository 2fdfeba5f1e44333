/**
 * Of TensorFlow.js, what a model needs. The build puts it in the place of `@tensorflow/tfjs`, which has more: backends for shaders, a converter, data
 * pipelines.
 */
export * from "@tensorflow/tfjs-core";
export * from "@tensorflow/tfjs-layers";
