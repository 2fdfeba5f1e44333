/** Layers without weights, and what they make of the order of data. */
import { activationConcerns, differs, frameworkNames, maskConcern, warned } from "./concerns.ts";
import {
  concatenateOrder,
  flattenOrder,
  globalPoolingOrder,
  keepOrder,
  type OrderRule,
  open,
  permuteOrder,
  sameOrder,
  spatialOrder,
} from "./data-order.ts";
import type { Concern, ForeignLayout, LayerEntry, LayerFacts } from "./layer-entry.ts";
import { reshapeOrder } from "./reshape-order.ts";

function parameterless(
  classNames: readonly string[],
  order: OrderRule,
  type: string,
  concerns?: LayerEntry["concerns"],
): LayerEntry {
  const counterpart = { type, arrays: [] };
  return { classNames, flux: counterpart, torch: counterpart, order, ...(concerns && { concerns }) };
}

/** A product over the features of vectors does not depend on their order; their number of axes may differ. */
const dotOrder: OrderRule = (inputs, layer) => {
  const mixed = inputs.find(({ kind }) => kind === "mixed");
  if (mixed || !inputs.some(({ kind }) => kind === "features")) return mixed ?? sameOrder([], layer);
  const axes = [layer.config.axes].flat().map(Number);
  const isOverLast = layer.inputShapes.every(({ length }, i) => [-1, length - 1].includes(axes[i] ?? axes[0] ?? -1));
  const lists = new Set(inputs.map((order) => JSON.stringify(order)));
  if (isOverLast && lists.size === 1) return sameOrder([], layer);
  const problem = `${layer.label} multiplies features that the other framework has in another order`;
  return { kind: "mixed", problem, remedy: "Permute to channels first before flattening" };
};

/** Repeated features are a sequence. */
const repeatOrder: OrderRule = ([input = open], layer) => (input.kind === "open" ? sameOrder([], layer) : input);

const averagePooling = parameterless(
  ["AveragePooling1D", "AveragePooling2D", "AveragePooling3D"],
  spatialOrder,
  "MeanPool",
  ({ config }, layout) =>
    config.padding === "same"
      ? [
          warned(
            `padding "same" leaves the padding out of the mean, ${frameworkNames[layout]} counts it`,
            'Use padding: "valid"',
          ),
        ]
      : [],
);

/** Where the padding of an axis is odd, TensorFlow.js has more of it on the high side. */
function maxPoolingConcerns({ config, inputShape }: LayerFacts, layout: ForeignLayout): Concern[] {
  if (config.padding !== "same") return [];
  const [sizes, strides] = [config.poolSize, config.strides] as [readonly number[], readonly number[]];
  const lengths = config.dataFormat === "channelsFirst" ? inputShape?.slice(2) : inputShape?.slice(1, -1);
  const isEven = sizes.every((size, i) => {
    const [length, stride] = [lengths?.[i], strides[i] ?? 1];
    return length && Math.max(0, (Math.ceil(length / stride) - 1) * stride + size - length) % 2 === 0;
  });
  if (isEven) return [];
  return [
    warned(
      `padding "same" pads the high side more here, ${frameworkNames[layout]} both sides alike`,
      `Pad the high side with -${layout === "flux" ? "Inf" : "inf"} there, or use padding: "valid"`,
    ),
  ];
}

const bilinear: Readonly<Record<ForeignLayout, string>> = {
  flux: 'interpolation "bilinear" does not align corners, Flux does',
  torch: 'interpolation "bilinear" measures from the corners of pixels, PyTorch from their centers',
};
const upSampling = parameterless(["UpSampling2D"], spatialOrder, "Upsample", ({ config }, layout) =>
  config.interpolation === "bilinear" ? [warned(bilinear[layout], 'Use interpolation: "nearest"')] : [],
);

const leakyRelu = parameterless(["LeakyReLU"], keepOrder, "functions", ({ config: { alpha } }, layout) =>
  differs(alpha, 0.01)
    ? [
        warned(
          `alpha is ${alpha}, in ${frameworkNames[layout]} 0.01 unless set otherwise`,
          "Set alpha: 0.01, or the other model's",
        ),
      ]
    : [],
);

const alphaDropout = parameterless(["AlphaDropout"], keepOrder, "AlphaDropout", ({ isTrained }) =>
  isTrained
    ? [
        warned(
          "TensorFlow.js 4.22 drops to a value of the wrong sign in training",
          "Use tf.layers.dropout while training",
        ),
      ]
    : [],
);

export const parameterlessLayers: readonly LayerEntry[] = [
  parameterless(["Activation"], keepOrder, "functions", activationConcerns),
  parameterless(["ReLU"], keepOrder, "functions"),
  leakyRelu,
  parameterless(["ELU", "ThresholdedReLU", "Softmax"], keepOrder, "functions"),
  parameterless(["Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise"], keepOrder, "Dropout"),
  alphaDropout,
  parameterless(["MaxPooling1D", "MaxPooling2D", "MaxPooling3D"], spatialOrder, "MaxPool", maxPoolingConcerns),
  averagePooling,
  parameterless(
    ["GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D"],
    globalPoolingOrder,
    "GlobalMeanPool, GlobalMaxPool",
  ),
  upSampling,
  parameterless(["ZeroPadding2D", "Cropping2D"], spatialOrder, "padding"),
  parameterless(["Flatten"], flattenOrder, "flatten"),
  parameterless(["Permute"], permuteOrder, "none: the order is theirs"),
  parameterless(["Reshape"], reshapeOrder, "reshape"),
  parameterless(["RepeatVector"], repeatOrder, "functions"),
  parameterless(["Masking"], keepOrder, "functions", (_, layout) => [maskConcern("it", layout)]),
  parameterless(["Add", "Average", "Maximum", "Minimum", "Multiply"], keepOrder, "SkipConnection, Parallel, Maxout"),
  parameterless(["Concatenate"], concatenateOrder, "Parallel(vcat)"),
  parameterless(["Dot"], dotOrder, "functions"),
];
