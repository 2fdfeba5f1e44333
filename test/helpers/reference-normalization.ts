/** Batch and layer normalization as other frameworks compute them. */
import { at, channelsFirstAxes, fromOurAxes, generate, indicesOf, inOurAxes, range } from "./foreign-data.ts";
import type { Config } from "./model-plan.ts";
import type { Rule } from "./reference-rule.ts";

/** Whether a layer has a scale or an offset. */
export const isAffine = ({ scale, center }: Config): boolean => scale !== false || center !== false;

export const batchNormalization: Rule = (input, config, weights) => {
  const { gamma, beta, mean, variance } = weights.batchNormalization(isAffine(config));
  const ours = inOurAxes(input);
  const rank = ours.shape.length;
  const own = Number(config.axis ?? -1);
  const axis = own < 0 ? own + rank : own;
  const computed = generate(ours.shape, (index) => {
    const channel = index[axis] ?? 0;
    const deviation = Math.sqrt(variance(channel) + Number(config.epsilon));
    return (gamma(channel) * (at(ours, index) - mean(channel))) / deviation + beta(channel);
  });
  // An image from an input has its channels where the axis says.
  const isImage = input.isOpen && rank > 3;
  const axes = isImage ? (axis === 1 ? range(rank) : channelsFirstAxes(rank)) : input.axes;
  return fromOurAxes(computed, axes, { features: input.features, isOpen: input.isOpen && !isImage });
};

export const layerNormalization: Rule = (input, config, weights) => {
  const { gamma, beta } = weights.layerNormalization(isAffine(config));
  const rank = input.axes.length;
  const own = [config.axis ?? -1].flat().map((axis) => (Number(axis) < 0 ? Number(axis) + rank : Number(axis)));
  // In the other framework's data, the normalized axes as they come.
  const normalized = input.axes.flatMap((axis, i) => (own.includes(axis) ? [i] : []));
  const { theirs } = input;
  const computed = generate(theirs.shape, (index) => {
    const lengths = normalized.map((axis) => theirs.shape[axis] ?? 1);
    const values = [...indicesOf(lengths)].map((inner) =>
      at(
        theirs,
        index.map((value, axis) => (normalized.includes(axis) ? (inner[normalized.indexOf(axis)] ?? 0) : value)),
      ),
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const place = normalized.flatMap((axis) => (theirs.shape[axis] === 1 ? [] : [index[axis] ?? 0]));
    return (
      ((at(theirs, index) - mean) / Math.sqrt(variance + Number(config.epsilon))) * gamma(...place) + beta(...place)
    );
  });
  return { ...input, theirs: computed, isOpen: input.isOpen && own.length === 1 };
};
