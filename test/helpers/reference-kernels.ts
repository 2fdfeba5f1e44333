/** Layers that multiply, pool or move data as other frameworks do. */
import {
  at,
  channelsFirstAxes,
  fromOurAxes,
  generate,
  indicesOf,
  inOurAxes,
  type NdArray,
  ourShape,
  range,
  transpose,
} from "./foreign-data.ts";
import type { WeightReader } from "./foreign-weights.ts";
import type { Config } from "./model-plan.ts";
import { activationOf, correlate, spread } from "./reference-layers.ts";
import { type Rule, Unorderable } from "./reference-rule.ts";

/** The same function of each element, which may look at the others along the last axis. */
export const elementwise =
  (compute: (config: Config) => (value: number, index: readonly number[], ours: NdArray) => number): Rule =>
  (input, config) => {
    const ours = inOurAxes(input);
    const own = compute(config);
    return fromOurAxes(
      generate(ours.shape, (index) => own(at(ours, index), index, ours)),
      input.axes,
      input,
    );
  };

/** Data with its channels after the batch, computed and brought back to the axes that TensorFlow.js has. */
export const spatial =
  (compute: (input: NdArray, config: Config, weights: WeightReader) => NdArray): Rule =>
  (input, config, weights) => {
    const rank = input.axes.length;
    const axes = config.dataFormat === "channelsFirst" ? range(rank) : channelsFirstAxes(rank);
    if (input.features) throw new Unorderable("features as channels");
    const theirs = compute(transpose(inOurAxes(input), axes), config, weights);
    return { theirs, axes, features: null, isOpen: false };
  };

export const hasBias = ({ useBias }: Config): boolean => useBias !== false;

export const convolve = spatial((input, config, weights) =>
  correlate(input, weights.convolution(hasBias(config)), config, { filters: Number(config.filters) }),
);
export const convolveTransposed = spatial((input, config, weights) =>
  spread(input, weights.transposed(hasBias(config)), config, Number(config.filters)),
);
const outputsOf = (input: NdArray, { depthMultiplier = 1 }: Config): number =>
  (input.shape[1] ?? 1) * Number(depthMultiplier);

export const depthwise = spatial((input, config, weights) =>
  correlate(input, weights.depthwise(hasBias(config)), config, { filters: outputsOf(input, config) }),
);

export const separable = spatial((input, config, weights) => {
  const [own, across] = weights.separable(hasBias(config));
  const { activation = "linear", filters, ...rest } = config;
  const middle = correlate(input, own, rest, { filters: outputsOf(input, config) });
  return correlate(middle, across, { activation }, { filters: Number(filters) });
});

export const dense: Rule = (input, config, weights) => {
  const { kernel, bias } = weights.dense(hasBias(config));
  const ours = inOurAxes(input);
  const activate = activationOf(config);
  const outer = ours.shape.slice(0, -1);
  const computed = generate([...outer, Number(config.units)], (index) => {
    const [place, output = 0] = [index.slice(0, -1), index.at(-1)];
    const sources = range(ours.shape.at(-1) ?? 1);
    return activate(sources.reduce((sum, i) => sum + at(ours, [...place, i]) * kernel(output, i), bias(output)));
  });
  // Features are what they are, whatever takes them.
  return fromOurAxes(computed, input.axes, { isOpen: input.isOpen && outer.length > 1 });
};

export const embedding: Rule = (input, { outputDim }, weights) => {
  const table = weights.embedding();
  const shape = [...ourShape(input), Number(outputDim)];
  const ours = inOurAxes(input);
  return fromOurAxes(generate(shape, (index) => table(index.at(-1) ?? 0, at(ours, index.slice(0, -1)))));
};

export const globalPooling =
  (kind: "max" | "average"): Rule =>
  (input, { dataFormat }) => {
    const ours = inOurAxes(input);
    const channel = dataFormat === "channelsFirst" ? 1 : ours.shape.length - 1;
    const [batch = 1, length = 1] = [ours.shape[0], ours.shape[channel]];
    const lengths = ours.shape.filter((_, axis) => axis !== 0 && axis !== channel);
    const pooled = generate([batch, length], ([n = 0, own = 0]) => {
      const values = [...indicesOf(lengths)].map((place) => at(ours, [n, ...place.toSpliced(channel - 1, 0, own)]));
      return kind === "max" ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0) / values.length;
    });
    return fromOurAxes(pooled, [0, 1], { features: input.features });
  };

export const upSampling = spatial((input, { size }) => {
  const [high = 1, wide = 1] = size as readonly number[];
  const [n = 1, c = 1, h = 1, w = 1] = input.shape;
  return generate([n, c, h * high, w * wide], ([i = 0, j = 0, y = 0, x = 0]) =>
    at(input, [i, j, Math.floor(y / high), Math.floor(x / wide)]),
  );
});

/** More (or, below 0, less) before and after the two spatial axes. */
export const padded = (input: NdArray, amounts: readonly (readonly number[])[], sign: 1 | -1): NdArray => {
  const [n = 1, c = 1, ...lengths] = input.shape;
  const before = amounts.map(([first = 0]) => sign * first);
  const outputs = lengths.map((length, i) => length + sign * ((amounts[i]?.[0] ?? 0) + (amounts[i]?.[1] ?? 0)));
  return generate([n, c, ...outputs], ([i = 0, j = 0, ...place]) => {
    const source = place.map((own, axis) => own - (before[axis] ?? 0));
    return source.every((own, axis) => own >= 0 && own < (lengths[axis] ?? 0)) ? at(input, [i, j, ...source]) : 0;
  });
};

export const repeatVector: Rule = (input, { n }) => {
  const [batch = 1, length = 1] = input.theirs.shape;
  const repeated = generate([batch, Number(n), length], ([i = 0, , own = 0]) => at(input.theirs, [i, own]));
  return fromOurAxes(repeated, range(3), { features: input.features });
};

export const softmax: Rule = elementwise(() => (value, index, ours) => {
  const place = index.slice(0, -1);
  const sum = range(ours.shape.at(-1) ?? 1).reduce((total, i) => total + Math.exp(at(ours, [...place, i])), 0);
  return Math.exp(value) / sum;
});
