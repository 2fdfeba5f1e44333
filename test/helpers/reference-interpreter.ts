/**
 * Computes models as Flux and PyTorch would, from their own arrays: data with its channels before the spatial axes, features in the order in
 * which those are flattened, weights as each framework defines them. It shares no code with the library, which reorders weights instead.
 */
import {
  asOurs,
  at,
  channelsFirstAxes,
  type ForeignData,
  fromOurAxes,
  generate,
  indicesOf,
  inOurAxes,
  inputAxes,
  type NdArray,
  ourShape,
  positionsInOurs,
  product,
  range,
  transpose,
} from "./foreign-data.ts";
import type { CellKind, WeightReader, WeightSource } from "./foreign-weights.ts";
import { type Config, type InputValues, type LayerPlan, type ModelPlan, withInner } from "./model-plan.ts";
import { activationOf, correlate, pool, recur, spread } from "./reference-layers.ts";

/** Data that the other framework has no order for, and that no weights may follow. */
class Unorderable extends Error {}

type Tensor = ForeignData | Unorderable;

/**
 * The outputs of a model in the axes of TensorFlow.js; null for those that the other framework has no order for, after which come no weights.
 *
 * @param weights - By the names of its layers, which must be unique.
 */
export function interpret(plan: ModelPlan, weights: WeightSource, inputs: readonly InputValues[]): (NdArray | null)[] {
  const data = inputs.map(({ shape, values }) =>
    fromOurAxes({ shape, data: Float64Array.from(values) }, inputAxes(shape.length), { isOpen: true }),
  );
  return throughModel(plan, weights, data).map((output) => (output instanceof Unorderable ? null : asOurs(output)));
}

function throughModel(plan: ModelPlan, weights: WeightSource, inputs: readonly Tensor[]): Tensor[] {
  const tensors = [...inputs];
  for (const { layer, inputs: sources } of plan.nodes) {
    const taken = sources.map((source) => tensors[source] as Tensor);
    tensors.push(throughLayer(plan.layers[layer] as LayerPlan, weights, taken, null));
  }
  return plan.outputs.map((output) => tensors[output] as Tensor);
}

/** @param scope - The name under which its weights are, where it is wrapped. */
function throughLayer(plan: LayerPlan, weights: WeightSource, inputs: readonly Tensor[], scope: string | null): Tensor {
  if (plan.graph) return throughModel(plan.graph, weights, inputs)[0] as Tensor;
  const broken = inputs.find((input) => input instanceof Unorderable);
  if (broken && hasWeights(plan))
    throw new Error(`${plan.type} has weights after what has no order`, { cause: broken });
  if (broken) return broken;
  try {
    return compute(plan, weights, inputs as readonly ForeignData[], scope ?? String(plan.config.name));
  } catch (error) {
    if (error instanceof Unorderable && !hasWeights(plan)) return error;
    throw error;
  }
}

const weighty = /^(dense|embedding|conv|depthwise|separable|batch|layer|simpleRNN|lstm|gru)/;
const hasWeights = (plan: LayerPlan): boolean => [...withInner(plan)].some(({ type }) => weighty.test(type));

function compute(plan: LayerPlan, weights: WeightSource, inputs: readonly ForeignData[], name: string): Tensor {
  const [input] = inputs as [ForeignData];
  if (plan.type === "timeDistributed") return throughTime(plan.inner as LayerPlan, weights, input, name);
  if (inputs.length > 1) return join(plan, inputs);
  const reader = weights(name);
  const found = (rules[plan.type] ?? unknown)(input, plan.config, reader, plan);
  reader.finish();
  return found;
}

type Rule = (input: ForeignData, config: Config, weights: WeightReader, plan: LayerPlan) => ForeignData;

const unknown: Rule = (_, __, ___, { type }) => {
  throw new Error(`no rule for ${type}`);
};

/** Each step by itself, and the results one after the other. */
function throughTime(inner: LayerPlan, weights: WeightSource, input: ForeignData, scope: string): Tensor {
  const whole = inOurAxes(input);
  const [batch = 1, steps = 1, ...rest] = whole.shape;
  const left = input.axes.filter((axis) => axis !== 1).map((axis) => Math.max(0, axis - 1));
  const axes = input.isOpen ? inputAxes(left.length) : left;
  const results = range(steps).map((step) => {
    const part = generate([batch, ...rest], ([n = 0, ...index]) => at(whole, [n, step, ...index]));
    return throughLayer(inner, weights, [fromOurAxes(part, axes, input)], inner.graph ? null : scope);
  });
  const [first] = results as [Tensor];
  if (first instanceof Unorderable) return first;
  const parts = (results as ForeignData[]).map(inOurAxes);
  const shape = [batch, steps, ...ourShape(first).slice(1)];
  const ours = generate(shape, ([n = 0, step = 0, ...index]) => at(parts[step] as NdArray, [n, ...index]));
  // Steps of features alone leave the axes where they are.
  const isVector = shape.length === 3 && whole.shape.length === 3;
  const stepped = [0, 1, ...first.axes.slice(1).map((axis) => axis + 1)];
  const kept = isVector && !(input.isOpen && !first.isOpen) ? input.axes : stepped;
  return fromOurAxes(ours, first.isOpen ? inputAxes(shape.length) : kept, first);
}

/** The same function of each element, which may look at the others along the last axis. */
const elementwise =
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

const keep: Rule = (input) => input;

/** Data with its channels after the batch, computed and brought back to the axes that TensorFlow.js has. */
const spatial =
  (compute: (input: NdArray, config: Config, weights: WeightReader) => NdArray): Rule =>
  (input, config, weights) => {
    const rank = input.axes.length;
    const axes = config.dataFormat === "channelsFirst" ? range(rank) : channelsFirstAxes(rank);
    if (input.features) throw new Unorderable("features as channels");
    const theirs = compute(transpose(inOurAxes(input), axes), config, weights);
    return { theirs, axes, features: null, isOpen: false };
  };

const hasBias = ({ useBias }: Config): boolean => useBias !== false;

const convolve = spatial((input, config, weights) =>
  correlate(input, weights.convolution(hasBias(config)), config, { filters: Number(config.filters) }),
);
const convolveTransposed = spatial((input, config, weights) =>
  spread(input, weights.transposed(hasBias(config)), config, Number(config.filters)),
);
const outputsOf = (input: NdArray, { depthMultiplier = 1 }: Config): number =>
  (input.shape[1] ?? 1) * Number(depthMultiplier);

const depthwise = spatial((input, config, weights) =>
  correlate(input, weights.depthwise(hasBias(config)), config, { filters: outputsOf(input, config) }),
);

const separable = spatial((input, config, weights) => {
  const [own, across] = weights.separable(hasBias(config));
  const { activation = "linear", filters, ...rest } = config;
  const middle = correlate(input, own, rest, { filters: outputsOf(input, config) });
  return correlate(middle, across, { activation }, { filters: Number(filters) });
});

const dense: Rule = (input, config, weights) => {
  const { kernel, bias } = weights.dense(hasBias(config));
  const ours = inOurAxes(input);
  const activate = activationOf(config);
  const outer = ours.shape.slice(0, -1);
  const computed = generate([...outer, Number(config.units)], (index) => {
    const [place, output = 0] = [index.slice(0, -1), index.at(-1)];
    const sources = range(ours.shape.at(-1) ?? 1);
    return activate(sources.reduce((sum, i) => sum + at(ours, [...place, i]) * kernel(output, i), bias(output)));
  });
  return fromOurAxes(computed, input.axes, { isOpen: input.isOpen });
};

const embedding: Rule = (input, { outputDim }, weights) => {
  const table = weights.embedding();
  const shape = [...ourShape(input), Number(outputDim)];
  const ours = inOurAxes(input);
  return fromOurAxes(generate(shape, (index) => table(index.at(-1) ?? 0, at(ours, index.slice(0, -1)))));
};

const isAffine = ({ scale, center }: Config): boolean => scale !== false || center !== false;

const batchNormalization: Rule = (input, config, weights) => {
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

const layerNormalization: Rule = (input, config, weights) => {
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

const reversedTime = (sequence: NdArray): NdArray =>
  generate(sequence.shape, ([n = 0, step = 0, i = 0]) => at(sequence, [n, (sequence.shape[1] ?? 1) - 1 - step, i]));

const lastStep = (sequence: NdArray): NdArray =>
  generate([sequence.shape[0] ?? 1, sequence.shape[2] ?? 1], ([n = 0, i = 0]) =>
    at(sequence, [n, (sequence.shape[1] ?? 1) - 1, i]),
  );

/** The steps of stacked cells in the order in which they are taken. */
function runCells(sequence: NdArray, plan: LayerPlan, weights: WeightReader, isReverse: boolean): NdArray {
  const cells = plan.cells ?? [plan];
  return cells.reduce((data, { type, config }, depth) => {
    const kind = type.replace("Cell", "") as CellKind;
    const units = Number(config.units);
    return recur(data, kind, weights.cell(kind, units, hasBias(config), depth, isReverse), units);
  }, sequence);
}

const recurrent: Rule = (input, { goBackwards, returnSequences }, weights, plan) => {
  const ours = inOurAxes(input);
  const outputs = runCells(goBackwards ? reversedTime(ours) : ours, plan, weights, false);
  return fromOurAxes(returnSequences ? outputs : lastStep(outputs));
};

const merges: Readonly<Record<string, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  mul: (a, b) => a * b,
  ave: (a, b) => (a + b) / 2,
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
  average: (a, b) => (a + b) / 2,
  maximum: Math.max,
  minimum: Math.min,
};

const bidirectional: Rule = (input, { mergeMode }, weights, { inner }) => {
  const ours = inOurAxes(input);
  const { returnSequences, goBackwards = false } = (inner as LayerPlan).config;
  const [forwards, backwards] = [goBackwards === true, goBackwards !== true].map((isBackwards, half) => {
    const outputs = runCells(isBackwards ? reversedTime(ours) : ours, inner as LayerPlan, weights, half === 1);
    return returnSequences ? outputs : lastStep(outputs);
  }) as [NdArray, NdArray];
  // TensorFlow.js brings the second half back to the order of time.
  const second = returnSequences ? reversedTime(backwards) : backwards;
  const width = forwards.shape.at(-1) ?? 1;
  if (mergeMode !== "concat") {
    const merge = merges[String(mergeMode)] as (a: number, b: number) => number;
    return fromOurAxes(generate(forwards.shape, (index) => merge(at(forwards, index), at(second, index))));
  }
  return fromOurAxes(
    generate([...forwards.shape.slice(0, -1), 2 * width], (index) => {
      const [place, i = 0] = [index.slice(0, -1), index.at(-1)];
      return i < width ? at(forwards, [...place, i]) : at(second, [...place, i - width]);
    }),
  );
};

/** The other framework's features as they lie in its memory; where TensorFlow.js has them is only noted. */
const flatten: Rule = (input, { dataFormat }) => {
  const rank = input.axes.length;
  // TensorFlow.js can move the axis after the batch to the end before.
  const moved = (axis: number): number => (axis === 0 ? 0 : axis === 1 ? rank - 1 : axis - 1);
  const isMoved = dataFormat === "channelsFirst" && rank > 2;
  const axes = isMoved ? (input.isOpen ? range(rank) : input.axes).map(moved) : input.axes;
  const theirs = isMoved && input.isOpen ? asOurs(input) : input.theirs;
  const value = { ...input, theirs, axes };
  const [batch = 1, ...lengths] = theirs.shape;
  const positions = positionsInOurs(value).slice(0, product(lengths));
  const features = positions.every((own, i) => own === i) ? null : positions;
  return { theirs: { shape: [batch, product(lengths)], data: theirs.data }, axes: [0, 1], features, isOpen: false };
};

function* orders(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) yield [];
  for (const item of items) for (const rest of orders(items.filter((own) => own !== item))) yield [item, ...rest];
}

/** Whether the axes are in one order. */
const isSame = ({ axes }: Pick<ForeignData, "axes">): boolean => axes.every((axis, i) => axis === i);

/** The orders in which the other framework may have data after a reshape, what its axes of length 1 are best taken for first. */
function reshapedAxes({ axes, isOpen }: ForeignData, shape: readonly number[]): number[][] {
  const rank = shape.length;
  const usual = [
    ...(isOpen ? [inputAxes(rank)] : []),
    ...(isSame({ axes }) ? [] : [channelsFirstAxes(rank)]),
    range(rank),
  ];
  // Axes of length 1 could be anywhere else.
  if (shape.slice(1).includes(1)) return usual;
  return [...usual, ...[...orders(range(rank - 1))].map((order) => [0, ...order.map((axis) => axis + 1)])];
}

/** Neither framework moves anything when it reshapes: the axes are those in which that is so. */
const reshape: Rule = (input, { targetShape }, weights, plan) => {
  const target = targetShape as readonly number[];
  if (target.length === 1) return flatten(input, {}, weights, plan);
  const positions = positionsInOurs(input);
  const shape = [ourShape(input)[0] ?? 1, ...target];
  for (const axes of reshapedAxes(input, shape)) {
    const theirs = { shape: axes.map((axis) => shape[axis] ?? 1), data: input.theirs.data };
    for (const features of [null, input.features]) {
      if (features && features.length !== target.at(-1)) continue;
      const isOpen = input.isOpen && axes.join() === inputAxes(shape.length).join();
      const value = { theirs, axes, features, isOpen };
      if (positionsInOurs(value).every((own, i) => own === positions[i])) return value;
    }
  }
  throw new Unorderable("a reshape that the other framework cannot do");
};

/** There is nothing to do: the data is in the other framework's order already. */
const permute: Rule = (input, { dims }) => {
  const taken = [0, ...(dims as readonly number[])];
  const rank = taken.length;
  if (input.features && taken.at(-1) !== rank - 1) throw new Unorderable("features permuted");
  // An input that is permuted to channels last has them first.
  const isFirst = input.isOpen && taken.join() === [0, ...range(rank).slice(2), 1].join();
  const given = isFirst ? fromOurAxes(inOurAxes(input)) : input;
  return { ...given, axes: given.axes.map((axis) => taken.indexOf(axis)), isOpen: false };
};

const globalPooling =
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

const upSampling = spatial((input, { size }) => {
  const [high = 1, wide = 1] = size as readonly number[];
  const [n = 1, c = 1, h = 1, w = 1] = input.shape;
  return generate([n, c, h * high, w * wide], ([i = 0, j = 0, y = 0, x = 0]) =>
    at(input, [i, j, Math.floor(y / high), Math.floor(x / wide)]),
  );
});

/** More (or, below 0, less) before and after the two spatial axes. */
const padded = (input: NdArray, amounts: readonly (readonly number[])[], sign: 1 | -1): NdArray => {
  const [n = 1, c = 1, ...lengths] = input.shape;
  const before = amounts.map(([first = 0]) => sign * first);
  const outputs = lengths.map((length, i) => length + sign * ((amounts[i]?.[0] ?? 0) + (amounts[i]?.[1] ?? 0)));
  return generate([n, c, ...outputs], ([i = 0, j = 0, ...place]) => {
    const source = place.map((own, axis) => own - (before[axis] ?? 0));
    return source.every((own, axis) => own >= 0 && own < (lengths[axis] ?? 0)) ? at(input, [i, j, ...source]) : 0;
  });
};

const repeatVector: Rule = (input, { n }) => {
  const [batch = 1, length = 1] = input.theirs.shape;
  const repeated = generate([batch, Number(n), length], ([i = 0, , own = 0]) => at(input.theirs, [i, own]));
  return fromOurAxes(repeated, range(3), input);
};

const softmax = elementwise(() => (value, index, ours) => {
  const place = index.slice(0, -1);
  const sum = range(ours.shape.at(-1) ?? 1).reduce((total, i) => total + Math.exp(at(ours, [...place, i])), 0);
  return Math.exp(value) / sum;
});

const rules: Readonly<Record<string, Rule>> = {
  dense,
  embedding,
  conv1d: convolve,
  conv2d: convolve,
  conv3d: convolve,
  conv2dTranspose: convolveTransposed,
  conv3dTranspose: convolveTransposed,
  depthwiseConv2d: depthwise,
  separableConv2d: separable,
  batchNormalization,
  layerNormalization,
  simpleRNN: recurrent,
  lstm: recurrent,
  gru: recurrent,
  rnn: recurrent,
  bidirectional,
  maxPooling1d: spatial((input, config) => pool(input, config, "max")),
  maxPooling2d: spatial((input, config) => pool(input, config, "max")),
  maxPooling3d: spatial((input, config) => pool(input, config, "max")),
  averagePooling1d: spatial((input, config) => pool(input, config, "average")),
  averagePooling2d: spatial((input, config) => pool(input, config, "average")),
  averagePooling3d: spatial((input, config) => pool(input, config, "average")),
  globalMaxPooling1d: globalPooling("max"),
  globalMaxPooling2d: globalPooling("max"),
  globalAveragePooling1d: globalPooling("average"),
  globalAveragePooling2d: globalPooling("average"),
  upSampling2d: upSampling,
  zeroPadding2d: spatial((input, { padding }) => padded(input, padding as number[][], 1)),
  cropping2D: spatial((input, { cropping }) => padded(input, cropping as number[][], -1)),
  flatten,
  reshape,
  permute,
  repeatVector,
  activation: elementwise(activationOf),
  reLU: elementwise(() => activationOf({ activation: "relu" })),
  elu: elementwise(() => activationOf({ activation: "elu" })),
  leakyReLU: elementwise(
    ({ alpha }) =>
      (value) =>
        value > 0 ? value : Number(alpha) * value,
  ),
  softmax,
  dropout: keep,
  alphaDropout: keep,
  gaussianNoise: keep,
  spatialDropout1d: keep,
};

/** How many axes besides the batch are longer than 1. */
const longAxes = (input: ForeignData): number =>
  ourShape(input)
    .slice(1)
    .filter((length) => length > 1).length;

/** Merges of data that the other framework has in one order; what has one axis at most has any order. */
function join(plan: LayerPlan, inputs: readonly ForeignData[]): ForeignData {
  const leading =
    inputs.find((input) => !input.isOpen && longAxes(input) > 1) ?? inputs.find(({ isOpen }) => !isOpen) ?? inputs[0];
  const { axes, isOpen } = leading as ForeignData;
  for (const input of inputs) {
    const isFree = input.isOpen || longAxes(input) < 2;
    if (!isFree && input.axes.join() !== axes.join()) throw new Unorderable("axes in different orders are joined");
  }
  const shapes = inputs.map(ourShape);
  const rank = Math.max(...shapes.map(({ length }) => length));
  // Axes are added after the batch.
  const arrays = inputs.map((input, i): NdArray => {
    const [batch = 1, ...rest] = shapes[i] ?? [];
    return { shape: [batch, ...Array<number>(rank - 1 - rest.length).fill(1), ...rest], data: inOurAxes(input).data };
  });
  const order = axes.length === rank ? axes : range(rank);
  if (plan.type === "concatenate") return concatenate(arrays, inputs, Number(plan.config.axis), order, isOpen);
  const lists = new Set(inputs.filter((input) => ourShape(input).at(-1) !== 1).map(({ features }) => `${features}`));
  if (lists.size > 1) throw new Unorderable("features in different orders are joined");
  const shape = range(rank).map((axis) => Math.max(...arrays.map((own) => own.shape[axis] ?? 1)));
  const isOuter =
    shape.filter((length, axis) => axis > 0 && length > 1).length > 1 && inputs.every((own) => longAxes(own) < 2);
  const kinds = new Set(inputs.map((own) => (own.isOpen ? "open" : isSame(own) ? "same" : own.axes.join())));
  if (isOuter && kinds.size > 1) throw new Unorderable("each gives an axis of its own");
  const merge = merges[plan.type] as (a: number, b: number) => number;
  const joined = generate(shape, (index) =>
    arrays
      .map((own) =>
        at(
          own,
          index.map((value, axis) => (own.shape[axis] === 1 ? 0 : value)),
        ),
      )
      .reduce((a, b) => merge(a, b)),
  );
  return fromOurAxes(joined, order, { features: inputs.find(({ features }) => features)?.features ?? null, isOpen });
}

function concatenate(
  arrays: readonly NdArray[],
  inputs: readonly ForeignData[],
  configured: number,
  axes: readonly number[],
  isOpen: boolean,
): ForeignData {
  const rank = axes.length;
  const axis = configured < 0 ? configured + rank : configured;
  const lengths = arrays.map(({ shape }) => shape[axis] ?? 1);
  const shape = (arrays[0] as NdArray).shape.map((length, i) =>
    i === axis ? lengths.reduce((a, b) => a + b, 0) : length,
  );
  const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const joined = generate(shape, (index) => {
    const place = index[axis] ?? 0;
    const source = ends.findIndex((end) => place < end);
    const start = (ends[source] ?? 0) - (lengths[source] ?? 0);
    return at(arrays[source] as NdArray, index.with(axis, place - start));
  });
  const isLast = axis === rank - 1;
  const features = inputs.flatMap((input, i) => {
    const [length = 1, end = 1] = [lengths[i], ends[i]];
    return (input.features ?? range(length)).map((feature) => feature + end - length);
  });
  const lists = new Set(inputs.map((input) => `${input.features}`));
  if (!isLast && lists.size > 1) throw new Unorderable("features in different orders are concatenated");
  const hasFeatures = inputs.some((input) => input.features);
  return fromOurAxes(joined, axes, {
    features: isLast && hasFeatures ? features : (inputs[0]?.features ?? null),
    isOpen,
  });
}
