/**
 * Of TensorFlow.js, what a model needs that predicts, computed by plain JavaScript: a digit takes a millisecond, and there are no shaders to compile.
 * The build puts it in the place of `@tensorflow/tfjs`, which has three backends and a converter besides.
 */
import "@tensorflow/tfjs-backend-cpu";

export * from "@tensorflow/tfjs-core";
export * from "@tensorflow/tfjs-layers";
