/** Batch and layer normalization. */
import { permute, reorder, type Step, shapeOf, wholeView } from "./axis-view.ts";
import { differs, frameworkNames, refused, warned } from "./concerns.ts";
import { channelsLast, keepOrder, type OrderRule, openOrder, same } from "./data-order.ts";
import { features } from "./features.ts";
import type { Concern, ConstantArray, ForeignLayout, HeldArray, LayerEntry, LayerFacts } from "./layer-entry.ts";

/** The features are along the last axis: where another one is normalized, their order does not matter. */
const steps = [
  (layer: LayerFacts): Step => {
    const rank = layer.inputShape?.length ?? 2;
    return axisOf(layer, rank) === rank - 1 ? features(0)(layer) : reorder(0, null);
  },
];

type OwnStep = (layer: LayerFacts) => Step;

/**
 * Where only one of scale and offset is there, the other framework has both: the one that changes nothing.
 *
 * @param like - What is done to the axes of the one that is there.
 */
function neutral(name: string, constant: 0 | 1, missing: "gamma" | "beta", like?: OwnStep): ConstantArray {
  const other = missing === "gamma" ? "beta" : "gamma";
  const option = missing === "gamma" ? "scale" : "center";
  return {
    name,
    constant,
    shape: (layer) => {
      const shape = layer.shapes.get(other) ?? [];
      return like ? shapeOf(like(layer).apply(wholeView(shape))) : shape;
    },
    text: `all ${constant}, where the layer has no ${missing} but ${other}`,
    when: ({ shapes }) => !shapes.has(missing) && shapes.has(other),
    otherwise: `Build the layer with ${option}: true`,
  };
}

/** The axis that is kept, counted from the front. */
function axisOf({ config }: Pick<LayerFacts, "config">, rank: number): number {
  const axis = Number(config.axis ?? -1);
  return axis < 0 ? axis + rank : axis;
}

/** Of an image that comes straight from an input, the axis says where its channels are. */
const batchOrder: OrderRule = (inputs, layer) => {
  const order = keepOrder(inputs, layer);
  const rank = layer.outputShape.length;
  if (order.kind !== "open" || rank < 4) return order;
  return axisOf(layer, rank) === 1 ? same : channelsLast(rank);
};

function batchConcerns(layer: LayerFacts, layout: ForeignLayout): Concern[] {
  const { epsilon, momentum, axis } = layer.config;
  const framework = frameworkNames[layout];
  const rank = layer.inputShape?.length ?? 2;
  const channels = layer.order.kind === "axes" ? layer.order.axes[1] : 1;
  const concerns: Concern[] = [];
  if (layer.order.kind !== "open" && rank > 3 && axisOf(layer, rank) !== channels) {
    concerns.push(refused(`axis ${axis} is not that of the channels`, `Set axis: ${channels}`));
  }
  if (differs(epsilon, 1e-5)) {
    concerns.push(
      warned(
        `epsilon is ${epsilon}, in ${framework} 1e-5 unless set otherwise`,
        "Set epsilon: 1e-5, or the other model's",
      ),
    );
  }
  if (!layer.isTrained) return concerns;
  if (differs(momentum, 0.9)) {
    concerns.push(
      warned(
        `momentum ${momentum} means 1 - ${momentum} in ${framework}, 0.1 unless set otherwise`,
        "Set momentum: 0.9",
      ),
    );
  }
  concerns.push(
    warned(
      `training updates the moving variance without Bessel's correction, which ${framework} applies`,
      "Expect statistics to drift slightly if training goes on; predictions are not affected",
    ),
  );
  return concerns;
}

const statistics = {
  flux: ["β", "γ", "μ", "σ²"],
  torch: ["bias", "weight", "running_mean", "running_var"],
} as const;

const [beta, gamma, mean, variance] = statistics.flux;

export const batchNormalization: LayerEntry = {
  classNames: ["BatchNormalization"],
  flux: {
    type: "BatchNorm",
    arrays: [
      { name: beta, variable: "beta", steps },
      neutral(beta, 0, "beta"),
      { name: gamma, variable: "gamma", steps },
      neutral(gamma, 1, "gamma"),
      { name: mean, variable: "moving_mean", steps },
      { name: variance, variable: "moving_variance", steps },
    ],
  },
  torch: {
    type: "BatchNorm1d, 2d, 3d",
    arrays: [
      { name: "weight", variable: "gamma", steps },
      neutral("weight", 1, "gamma"),
      { name: "bias", variable: "beta", steps },
      neutral("bias", 0, "beta"),
      { name: "running_mean", variable: "moving_mean", steps },
      { name: "running_var", variable: "moving_variance", steps },
      {
        name: "num_batches_tracked",
        constant: 0,
        elementType: "int64",
        shape: () => [],
        text: "the number of batches, which others do not count",
        otherwise: null,
      },
    ],
  },
  order: batchOrder,
  concerns: batchConcerns,
};

/** The axes that are normalized, in the order of the configuration. */
function ownAxes({ config }: Pick<LayerFacts, "config">, rank: number): number[] {
  return [config.axis ?? -1].flat().map((axis) => (Number(axis) < 0 ? Number(axis) + rank : Number(axis)));
}

/** The axes that are normalized, in the order in which the other framework has them. */
function normalizedAxes(layer: LayerFacts): Step {
  const rank = layer.inputShape?.length ?? 2;
  const own = ownAxes(layer, rank);
  const order = layer.order.kind === "open" ? openOrder(rank) : layer.order;
  const theirs = (order.kind === "axes" ? order.axes : own).filter((axis) => own.includes(axis));
  const last = own.indexOf(rank - 1);
  const reordered = last < 0 ? reorder(0, null) : features(last)(layer);
  const axes = permute(...theirs.map((axis) => own.indexOf(axis)));
  return { text: "axes", apply: (view) => axes.apply(reordered.apply(view)) };
}

/** Several axes fix the order of data that comes straight from an input. */
const layerOrder: OrderRule = (inputs, layer) => {
  const order = keepOrder(inputs, layer);
  const rank = layer.outputShape.length;
  return order.kind === "open" && ownAxes(layer, rank).length > 1 ? openOrder(rank) : order;
};

function layerConcerns({ config: { epsilon } }: LayerFacts, layout: ForeignLayout, version: string): Concern[] {
  // Flux 0.16.11 changed from 1e-10 inside the root of 0.15; 0.12 to 0.14 add it to the root, so no epsilon is exactly theirs.
  const isOld = layout === "flux" && version === "0.14";
  const expected = isOld ? 1e-10 : 1e-5;
  if (!differs(epsilon, expected) || (layout === "flux" && !differs(epsilon, 1e-10))) return [];
  const where = isOld
    ? "Flux up to 0.14 has 1e-5 added to the deviation, nearest is 1e-10"
    : `${frameworkNames[layout]} has 1e-5`;
  const also = layout === "flux" && !isOld ? " (1e-10 from 0.15 to 0.16.10)" : "";
  return [warned(`epsilon is ${epsilon}; ${where}${also}`, `Set epsilon: ${expected}`)];
}

/** TensorFlow.js takes the elements of gamma and beta in the order of the data, whatever their shape says. */
function axesConcerns(layer: LayerFacts): Concern[] {
  const own = ownAxes(layer, layer.inputShape?.length ?? 2);
  if (own.every((axis, i) => i === 0 || axis > (own[i - 1] ?? 0))) return [];
  return [refused(`axis lists [${own}] in another order than the data has them`, "List the axes from first to last")];
}

const scale: Omit<HeldArray, "name"> = { variable: "gamma", steps: [normalizedAxes] };
const offset: Omit<HeldArray, "name"> = { variable: "beta", steps: [normalizedAxes] };

export const layerNormalization: LayerEntry = {
  classNames: ["LayerNormalization"],
  flux: {
    type: "LayerNorm",
    arrays: [
      { name: "diag.scale", ...scale },
      neutral("diag.scale", 1, "gamma", normalizedAxes),
      { name: "diag.bias", ...offset },
      neutral("diag.bias", 0, "beta", normalizedAxes),
    ],
  },
  torch: {
    type: "LayerNorm",
    arrays: [
      { name: "weight", ...scale },
      neutral("weight", 1, "gamma", normalizedAxes),
      { name: "bias", ...offset },
      neutral("bias", 0, "beta", normalizedAxes),
    ],
  },
  order: layerOrder,
  concerns: (layer, layout, version) => [...axesConcerns(layer), ...layerConcerns(layer, layout, version)],
};
