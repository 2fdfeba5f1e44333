/** Layers without weights, and what they make of the order of data. */
import { activationConcerns, frameworkNames, warned } from "./concerns.ts";
import {
  concatenateOrder,
  flattenOrder,
  keepOrder,
  type OrderRule,
  permuteOrder,
  reshapeOrder,
  sameOrder,
  spatialOrder,
} from "./data-order.ts";
import type { LayerEntry } from "./layer-entry.ts";

function parameterless(
  classNames: readonly string[],
  order: OrderRule,
  type: string,
  concerns?: LayerEntry["concerns"],
): LayerEntry {
  const counterpart = { type, arrays: [] };
  return { classNames, flux: counterpart, torch: counterpart, order, ...(concerns && { concerns }) };
}

/** The product of vectors does not depend on the order of their features. */
const dotOrder: OrderRule = (inputs, layer) => {
  const order = keepOrder(inputs, layer);
  return order.kind === "mixed" ? order : sameOrder([], layer);
};

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

const upSampling = parameterless(["UpSampling2D"], spatialOrder, "Upsample", ({ config }, layout) =>
  config.interpolation === "bilinear" && layout === "flux"
    ? [warned('interpolation "bilinear" does not align corners, Flux does', 'Use interpolation: "nearest"')]
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
  parameterless(["ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Softmax"], keepOrder, "functions"),
  parameterless(["Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise"], keepOrder, "Dropout"),
  alphaDropout,
  parameterless(["MaxPooling1D", "MaxPooling2D", "MaxPooling3D"], spatialOrder, "MaxPool"),
  averagePooling,
  parameterless(
    ["GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D"],
    sameOrder,
    "GlobalMeanPool, GlobalMaxPool",
  ),
  upSampling,
  parameterless(["ZeroPadding2D", "Cropping2D"], spatialOrder, "padding"),
  parameterless(["Flatten"], flattenOrder, "flatten"),
  parameterless(["Permute"], permuteOrder, "none: the order is theirs"),
  parameterless(["Reshape"], reshapeOrder, "reshape"),
  parameterless(["RepeatVector", "Masking"], keepOrder, "functions"),
  parameterless(["Add", "Average", "Maximum", "Minimum", "Multiply"], keepOrder, "SkipConnection, Parallel, Maxout"),
  parameterless(["Concatenate"], concatenateOrder, "Parallel(vcat)"),
  parameterless(["Dot"], dotOrder, "functions"),
];
