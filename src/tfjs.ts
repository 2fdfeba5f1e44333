/** The entry `legolas-flux/tfjs`: weights of TensorFlow.js models. */
export { type FetchOptions, fetchWeights } from "./tfjs/fetch-weights.ts";
export { type LoadOptions, loadWeights } from "./tfjs/load-weights.ts";
