/** Recurrent layers: their gates, their two biases, their directions and their stacks. */
import * as tf from "@tensorflow/tfjs";
import { Family } from "./torch-case.ts";

const steps = [6, 3];
const recurrentActivation = "sigmoid";
const returnSequences = true;
const name = "rnn";

type Layers = () => readonly tf.layers.Layer[];
const both = (layer: tf.layers.Layer, mergeMode: "concat" | "sum", own = name): tf.layers.Layer =>
  tf.layers.bidirectional({ layer: layer as tf.RNN, mergeMode, name: own });

const simple = new Family("Simple RNN");
simple.chain("what comes last", "rnn", steps, () => [tf.layers.simpleRNN({ units: 4, name })]);
simple.chain(
  'activation "relu"; PyTorch\'s with `nonlinearity="relu"`',
  "rnn_relu",
  steps,
  () => [tf.layers.simpleRNN({ units: 4, activation: "relu", returnSequences, name })],
  { warning: /activation is "relu"/ },
);
simple.chain("three stacked cells", "rnn_stacked", steps, () => [
  tf.layers.rnn({
    cell: [4, 4, 4].map((units) => tf.layers.simpleRNNCell({ units })),
    returnSequences,
    name,
  }),
]);
simple.chain("bidirectional", "rnn_bidirectional", steps, () => [
  both(tf.layers.simpleRNN({ units: 4, returnSequences }), "concat"),
]);

const lstm = new Family("LSTM");
const layer = (config: object = {}): tf.layers.Layer => tf.layers.lstm({ units: 4, recurrentActivation, ...config });
lstm.chain("what comes last", "lstm", steps, () => [layer({ name })]);
lstm.chain("every step, without bias", "lstm_without_bias", steps, () => [
  layer({ useBias: false, returnSequences, name }),
]);
lstm.chain("backwards; PyTorch's of the sequence flipped", "lstm_backwards", steps, () => [
  layer({ goBackwards: true, returnSequences, name }),
]);
lstm.chain("two stacked cells", "lstm_stacked", steps, () => [
  tf.layers.rnn({ cell: [4, 4].map((units) => tf.layers.lstmCell({ units, recurrentActivation })), name }),
]);
const twoLayers: Layers = () => [layer({ returnSequences, name: "lower" }), layer({ name: "upper" })];
lstm.chain("two layers that are one module", "lstm_stacked", steps, twoLayers, {
  modules: { lower: "rnn", upper: "rnn" },
});
lstm.chain("bidirectional, what comes last", "lstm_bidirectional", steps, () => [both(layer(), "concat")]);
lstm.chain("bidirectional, every step, added", "lstm_both_added", steps, () => [
  both(layer({ returnSequences }), "sum"),
]);
const twoBoth: Layers = () => [both(layer({ returnSequences }), "concat", "lower"), both(layer(), "concat", "upper")];
lstm.chain("two bidirectional layers that are one module", "lstm_bidirectional_stacked", steps, twoBoth, {
  modules: { lower: "rnn", upper: "rnn" },
});
lstm.chain("after conv1d, before dense", "conv_then_lstm", steps, () => [
  tf.layers.conv1d({ filters: 4, kernelSize: 2, name: "conv" }),
  tf.layers.lstm({ units: 5, recurrentActivation, returnSequences, name }),
  tf.layers.dense({ units: 2, name: "head" }),
]);
const words = (): tf.layers.Layer =>
  tf.layers.embedding({ inputDim: 7, outputDim: 3, maskZero: true, name: "embedding" });
const texts = { vocabulary: 7, isPadded: true, warning: /maskZero lets recurrent layers skip steps/ };
lstm.chain(
  "sequences of unequal length, by `maskZero`; PyTorch's packed",
  "lstm_of_text",
  [6],
  () => [words(), layer({ name })],
  texts,
);
lstm.chain("the same, bidirectional", "lstm_of_text_both_ways", [6], () => [words(), both(layer(), "concat")], texts);

export const recurrentCases = [simple, lstm].flatMap(({ cases }) => cases);
