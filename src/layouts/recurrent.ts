/**
 * Cells of recurrent layers.
 *
 * Up to Flux 0.14 their initial states are arrays among the weights; from 0.15 on they are not.
 */
import { blocks, permute } from "./axis-view.ts";
import { frameworkNames, refused, warned } from "./concerns.ts";
import { sameOrder } from "./data-order.ts";
import { features } from "./features.ts";
import type { Concern, ConstantArray, ForeignArray, ForeignLayout, LayerEntry, LayerFacts } from "./layer-entry.ts";

const units = ({ shapes }: LayerFacts): number => shapes.get("recurrent_kernel")?.[0] ?? 0;

const stateRemedy =
  "TensorFlow.js keeps no initial state among the weights: pass it as initialState, or reset it to zeros in Julia before saving";

function initialState(name: string): ConstantArray {
  return {
    name,
    constant: 0,
    shape: (layer) => [1, units(layer)],
    text: "the initial state, (units, 1)",
    otherwise: stateRemedy,
    version: "0.14",
  };
}

/** Up to Flux 0.14 there is always a bias. */
function zeroBias(gates: number): ConstantArray {
  return {
    name: "b",
    constant: 0,
    shape: (layer) => [gates * units(layer)],
    text: "zeros, where the layer has no bias",
    when: ({ shapes }) => !shapes.has("bias"),
    otherwise: "Build the layer with useBias: true",
    version: "0.14",
  };
}

function fluxArrays(gates: number, states: readonly string[]): ForeignArray[] {
  return [
    { name: "Wi", variable: "kernel", steps: [features(0)] },
    { name: "Wh", variable: "recurrent_kernel" },
    { name: "b", variable: "bias", version: "0.14" },
    { name: "bias", variable: "bias", version: "0.16" },
    zeroBias(gates),
    ...states.map(initialState),
  ];
}

/** PyTorch has two biases, of which only the sum matters. */
const torchArrays: readonly ForeignArray[] = [
  { name: "weight_ih_l{depth}{reverse}", variable: "kernel", steps: [features(0), permute(1, 0)] },
  { name: "weight_hh_l{depth}{reverse}", variable: "recurrent_kernel", steps: [permute(1, 0)] },
  { name: "bias_ih_l{depth}{reverse}", variable: "bias" },
  { name: "bias_hh_l{depth}{reverse}", variable: "bias", isAddend: true },
];

/** The activations that the other frameworks do not let one choose. */
function fixedActivations({ config }: LayerFacts, layer: string, layout: ForeignLayout): Concern[] {
  const wanted = { activation: "tanh", recurrentActivation: "sigmoid" };
  const framework = frameworkNames[layout];
  return Object.entries(wanted)
    .filter(([option, activation]) => config[option] !== activation)
    .map(([option, activation]) =>
      refused(
        `${option} is "${config[option]}", in ${framework}'s ${layer} always "${activation}"`,
        `Build the layer with ${option}: "${activation}"`,
      ),
    );
}

/** PyTorch has two activations for it, Flux any. */
function nonlinearityConcerns({ config: { activation } }: LayerFacts, layout: ForeignLayout): Concern[] {
  if (layout === "flux" || activation === "tanh") return [];
  if (activation === "relu") {
    return [warned('activation is "relu", in PyTorch "tanh" unless set otherwise', 'Set nonlinearity="relu" there')];
  }
  return [
    refused(
      `activation is "${activation}", in PyTorch's RNN "tanh" or "relu"`,
      'Build the layer with activation: "tanh"',
    ),
  ];
}

export const simpleRnnCell: LayerEntry = {
  classNames: ["SimpleRNNCell"],
  flux: { type: "RNN", arrays: fluxArrays(1, ["state0"]) },
  torch: { type: "RNN", arrays: torchArrays },
  order: sameOrder,
  concerns: nonlinearityConcerns,
};

export const lstmCell: LayerEntry = {
  classNames: ["LSTMCell"],
  flux: { type: "LSTM", arrays: fluxArrays(4, ["state0.1", "state0.2"]) },
  torch: { type: "LSTM", arrays: torchArrays },
  order: sameOrder,
  concerns: (layer, layout) => fixedActivations(layer, "LSTM", layout),
  note: "All have the gates in one order: input, forget, cell, output.",
};

/** Gates z, r, h of TensorFlow.js; Flux has r before z. */
export const gruCell: LayerEntry = {
  classNames: ["GRUCell"],
  flux: {
    type: "GRUv3",
    arrays: [
      { name: "Wi", variable: "kernel", steps: [features(0), blocks(1, 3, [1, 0, 2])] },
      { name: "Wh", variable: "recurrent_kernel", steps: [blocks(1, 3, [1, 0])], version: "0.14" },
      // Its third block is there, but nothing uses it.
      { name: "Wh", variable: "recurrent_kernel", steps: [blocks(1, 3, [1, 0, null])], version: "0.16" },
      { name: "b", variable: "bias", steps: [blocks(0, 3, [1, 0, 2])] },
      zeroBias(3),
      { name: "Wh_h̃", variable: "recurrent_kernel", steps: [blocks(1, 3, [2])] },
      initialState("state0"),
    ],
  },
  torch: {
    reason: "PyTorch's GRU applies the reset gate after the recurrent product, TensorFlow.js before it",
    remedy: "Use an LSTM, or exchange the model with Flux, whose GRUv3 is the same",
  },
  order: sameOrder,
  concerns: (layer, layout) => fixedActivations(layer, "GRUv3", layout),
  note: "Flux's `GRU` (without v3) applies the reset gate after the recurrent product and has no counterpart in TensorFlow.js.",
};
