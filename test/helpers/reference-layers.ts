/** Layers computed from their definitions in plain loops, on data with its channels right after the batch. */
import { at, generate, indicesOf, type NdArray, range, zeros } from "./foreign-data.ts";
import type { Affine, CellKind, CellWeights } from "./foreign-weights.ts";
import type { Config } from "./model-plan.ts";

const functions: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  softplus: (x) => Math.log1p(Math.exp(x)),
};

/** The activation that a layer is configured with. */
export function activationOf({ activation = "linear" }: Config): (x: number) => number {
  const own = functions[String(activation)];
  if (!own) throw new Error(`no activation ${activation}`);
  return own;
}

/** One number, or one for each spatial axis. */
function perAxis(value: unknown, count: number, otherwise: number): number[] {
  return range(count).map((axis) => Number(Array.isArray(value) ? value[axis] : (value ?? otherwise)));
}

interface Windows {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  /** How much is padded before each spatial axis, and how long the axes of the output are. */
  readonly before: readonly number[];
  readonly lengths: readonly number[];
}

/** Where windows lie over the spatial axes; "same" pads the end more. */
function windowsOver(lengths: readonly number[], config: Config, size: "kernelSize" | "poolSize"): Windows {
  const count = lengths.length;
  const sizes = perAxis(config[size], count, 1);
  const strides = perAxis(config.strides, count, 1);
  const dilation = perAxis(config.dilationRate, count, 1);
  const extents = sizes.map((own, i) => (own - 1) * (dilation[i] ?? 1) + 1);
  if (config.padding !== "same") {
    const fitting = lengths.map((length, i) => Math.floor((length - (extents[i] ?? 1)) / (strides[i] ?? 1)) + 1);
    return { sizes, strides, dilation, before: lengths.map(() => 0), lengths: fitting };
  }
  const covering = lengths.map((length, i) => Math.ceil(length / (strides[i] ?? 1)));
  const before = lengths.map((length, i) => {
    const needed = ((covering[i] ?? 1) - 1) * (strides[i] ?? 1) + (extents[i] ?? 1);
    return Math.floor(Math.max(0, needed - length) / 2);
  });
  return { sizes, strides, dilation, before, lengths: covering };
}

/** The places of the data under a window, with their offsets in it; those in the padding are left out. */
function* placesUnder(
  windows: Windows,
  place: readonly number[],
  lengths: readonly number[],
): Generator<[number[], number[]]> {
  for (const offset of indicesOf(windows.sizes)) {
    const under = offset.map(
      (own, i) =>
        (place[i] ?? 0) * (windows.strides[i] ?? 1) + own * (windows.dilation[i] ?? 1) - (windows.before[i] ?? 0),
    );
    if (under.every((own, i) => own >= 0 && own < (lengths[i] ?? 0))) yield [under, offset];
  }
}

/** Cross-correlation. @param groups - Whether each output has the one input that it is made of. */
export function correlate(
  input: NdArray,
  { kernel, bias }: Affine,
  config: Config,
  { filters, groups = 1 }: { filters: number; groups?: number },
): NdArray {
  const [batch = 1, channels = 1, ...lengths] = input.shape;
  const windows = windowsOver(lengths, config, "kernelSize");
  const activate = activationOf(config);
  const isGrouped = groups > 1 || config.depthMultiplier !== undefined;
  return generate([batch, filters, ...windows.lengths], ([n = 0, output = 0, ...place]) => {
    let sum = bias(output);
    const sources = isGrouped ? [Math.floor(output / (filters / channels))] : range(channels);
    for (const [under, offset] of placesUnder(windows, place, lengths)) {
      for (const source of sources) sum += at(input, [n, source, ...under]) * kernel(output, source, ...offset);
    }
    return activate(sum);
  });
}

/** A transposed convolution: each input is spread over the output. */
export function spread(input: NdArray, { kernel, bias }: Affine, config: Config, filters: number): NdArray {
  const [batch = 1, , ...lengths] = input.shape;
  const sizes = perAxis(config.kernelSize, lengths.length, 1);
  const strides = perAxis(config.strides, lengths.length, 1);
  const longer = lengths.map((length, i) => length * (strides[i] ?? 1));
  const isSame = config.padding === "same";
  const outputs = isSame ? longer : longer.map((own, i) => own + Math.max(0, (sizes[i] ?? 1) - (strides[i] ?? 1)));
  const before = isSame ? windowsOver(outputs, config, "kernelSize").before : lengths.map(() => 0);
  const sums = zeros([batch, filters, ...outputs]);
  const collected = new Map<string, number>();
  for (const [n = 0, source = 0, ...place] of indicesOf(input.shape)) {
    const value = at(input, [n, source, ...place]);
    for (const offset of indicesOf(sizes)) {
      const target = offset.map((own, i) => (place[i] ?? 0) * (strides[i] ?? 1) + own - (before[i] ?? 0));
      for (let output = 0; output < filters; output++) {
        const key = [n, output, ...target].join();
        collected.set(key, (collected.get(key) ?? 0) + value * kernel(output, source, ...offset));
      }
    }
  }
  const activate = activationOf(config);
  return generate(sums.shape, (index) => activate((collected.get(index.join()) ?? 0) + bias(index[1] ?? 0)));
}

/** The largest or the mean of what lies under each window. */
export function pool(input: NdArray, config: Config, kind: "max" | "average"): NdArray {
  const [batch = 1, channels = 1, ...lengths] = input.shape;
  const windows = windowsOver(lengths, config, "poolSize");
  return generate([batch, channels, ...windows.lengths], ([n = 0, channel = 0, ...place]) => {
    const values = [...placesUnder(windows, place, lengths)].map(([under]) => at(input, [n, channel, ...under]));
    return kind === "max" ? Math.max(...values) : values.reduce((sum, own) => sum + own, 0) / values.length;
  });
}

/** The steps of a recurrent cell over [batch, time, features]: all its outputs, in the order in which they were made. */
export function recur(
  input: NdArray,
  kind: CellKind,
  { input: Wi, recurrent: Wh, bias }: CellWeights,
  units: number,
): NdArray {
  const [batch = 1, steps = 1, features = 1] = input.shape;
  const sigmoid = functions.sigmoid as (x: number) => number;
  const outputs = zeros([batch, steps, units]);
  for (let n = 0; n < batch; n++) {
    let hidden = range(units).map(() => 0);
    let memory = range(units).map(() => 0);
    for (let step = 0; step < steps; step++) {
      const fromInput = (gate: number, unit: number): number =>
        range(features).reduce((sum, i) => sum + Wi(gate, unit, i) * at(input, [n, step, i]), bias(gate, unit));
      const fromState = (gate: number, unit: number, state: readonly number[]): number =>
        range(units).reduce((sum, i) => sum + Wh(gate, unit, i) * (state[i] ?? 0), 0);
      const total = (gate: number, unit: number): number => fromInput(gate, unit) + fromState(gate, unit, hidden);
      if (kind === "simpleRNN") hidden = range(units).map((unit) => Math.tanh(total(0, unit)));
      else if (kind === "lstm") {
        const gates = range(units).map((unit) => range(4).map((gate) => total(gate, unit)));
        memory = gates.map(
          ([i = 0, f = 0, c = 0], unit) => sigmoid(f) * (memory[unit] ?? 0) + sigmoid(i) * Math.tanh(c),
        );
        hidden = gates.map(([, , , o = 0], unit) => sigmoid(o) * Math.tanh(memory[unit] ?? 0));
      } else {
        const reset = range(units).map((unit) => sigmoid(total(0, unit)) * (hidden[unit] ?? 0));
        hidden = range(units).map((unit) => {
          const update = sigmoid(total(1, unit));
          return (
            (1 - update) * Math.tanh(fromInput(2, unit) + fromState(2, unit, reset)) + update * (hidden[unit] ?? 0)
          );
        });
      }
      for (const [unit, value] of hidden.entries()) outputs.data[(n * steps + step) * units + unit] = value;
    }
  }
  return outputs;
}
