/** Reads the arrays of Flux and PyTorch as those frameworks define them, as functions from indices to numbers. */
import { FlatArray, type Weights } from "legolas-flux";

type Numbers = (...index: readonly number[]) => number;

/** Of a layer that multiplies: `kernel(output, input, ...place)`, places as offsets into data with its channels first. */
export interface Affine {
  readonly kernel: Numbers;
  readonly bias: Numbers;
}

/** Of a recurrent cell: `input(gate, unit, feature)`, `recurrent(gate, unit, unit before)` and `bias(gate, unit)`. */
export interface CellWeights {
  readonly input: Numbers;
  readonly recurrent: Numbers;
  readonly bias: Numbers;
}

export interface Statistics {
  readonly gamma: Numbers;
  readonly beta: Numbers;
  readonly mean: Numbers;
  readonly variance: Numbers;
}

/** Gates in the order of the words that name them. */
export type CellKind = "simpleRNN" | "lstm" | "gru";

/** The arrays of one layer, taken one after the other. */
export interface WeightReader {
  dense(hasBias: boolean): Affine;
  convolution(hasBias: boolean): Affine;
  transposed(hasBias: boolean): Affine;
  depthwise(hasBias: boolean): Affine;
  /** The two convolutions of a separable one. */
  separable(hasBias: boolean): readonly [Affine, Affine];
  /** `kernel(feature, index)`. */
  embedding(): Numbers;
  /** Gates: of an LSTM input, forget, cell, output; of a GRU reset, update, new. */
  cell(kind: CellKind, units: number, hasBias: boolean, depth: number, isReverse: boolean): CellWeights;
  /** Whether either of scale and center is there: both are then in the file. */
  batchNormalization(isAffine: boolean): Statistics;
  /** Indices along the normalized axes that are longer than 1, row-major. */
  layerNormalization(isAffine: boolean): Pick<Statistics, "gamma" | "beta">;
  /** Throws if arrays are left. */
  finish(): void;
}

/** For a layer of a model its reader, anew at each call. */
export type WeightSource = (layerName: string) => WeightReader;

const zero: Numbers = () => 0;
const one: Numbers = () => 1;

const number = (array: FlatArray, offset: number): number => {
  const value = array.vec[offset];
  if (value === undefined) throw new RangeError(`no element ${offset} in size ${array.size}`);
  return Number(value);
};

/** Elements by Julia's index, from 0: the first axis runs fastest. */
function columnMajor(array: FlatArray): Numbers {
  return (...index) => {
    if (index.length !== array.size.length) throw new RangeError(`${index.length} indices for size ${array.size}`);
    let stride = 1;
    let offset = 0;
    for (const [axis, length] of array.size.entries()) {
      if ((index[axis] ?? 0) >= length) throw new RangeError(`index ${index} outside of size ${array.size}`);
      offset += (index[axis] ?? 0) * stride;
      stride *= length;
    }
    return number(array, offset);
  };
}

/** Elements by PyTorch's index: the last axis runs fastest. */
function rowMajor(array: FlatArray): Numbers {
  const at = columnMajor(array);
  return (...index) => at(...index.toReversed());
}

/** Elements by the indices along the axes longer than 1, the last of which runs fastest: where the others stand says nothing. */
function squeezed(array: FlatArray): Numbers {
  return rowMajor(
    new FlatArray(
      array.vec,
      array.size.filter((length) => length > 1),
      array.elementType,
    ),
  );
}

/** Flux convolves: the kernel runs against the data. Spatial axes are width first. */
function flipped(array: FlatArray, ...[first, second]: readonly ["out" | "in" | "group", "out" | "in"]): Numbers {
  const at = columnMajor(array);
  const lengths = array.size.slice(0, -2).toReversed();
  return (output, input, ...place) => {
    const by = { out: output ?? 0, in: input ?? 0, group: 0 };
    const spatial = place.map((own, axis) => (lengths[axis] ?? 1) - 1 - own).toReversed();
    return at(...spatial, by[first], by[second]);
  };
}

/** The arrays by position, as Flux's structs have them. */
class FluxReader implements WeightReader {
  private next = 0;

  constructor(
    private readonly arrays: readonly FlatArray[],
    private readonly version: string,
  ) {}

  private take(): FlatArray {
    const array = this.arrays[this.next++];
    if (!array) throw new RangeError(`the layer has only ${this.arrays.length} arrays`);
    return array;
  }

  private takeBias(hasBias: boolean): Numbers {
    return hasBias ? columnMajor(this.take()) : zero;
  }

  dense(hasBias: boolean): Affine {
    return { kernel: columnMajor(this.take()), bias: this.takeBias(hasBias) };
  }

  convolution(hasBias: boolean): Affine {
    return { kernel: flipped(this.take(), "in", "out"), bias: this.takeBias(hasBias) };
  }

  transposed(hasBias: boolean): Affine {
    return { kernel: flipped(this.take(), "out", "in"), bias: this.takeBias(hasBias) };
  }

  depthwise(hasBias: boolean): Affine {
    return { kernel: flipped(this.take(), "group", "out"), bias: this.takeBias(hasBias) };
  }

  separable(hasBias: boolean): readonly [Affine, Affine] {
    return [this.depthwise(false), this.convolution(hasBias)];
  }

  embedding(): Numbers {
    return columnMajor(this.take());
  }

  cell(kind: CellKind, units: number, hasBias: boolean): CellWeights {
    const Wi = columnMajor(this.take());
    const Wh = columnMajor(this.take());
    const b = hasBias || this.version === "0.14" ? columnMajor(this.take()) : zero;
    const candidate = kind === "gru" ? columnMajor(this.take()) : zero;
    const states = this.version === "0.14" ? (kind === "lstm" ? 2 : 1) : 0;
    for (let i = 0; i < states; i++) this.checkState(this.take(), units);
    const row = (gate: number, unit: number): number => gate * units + unit;
    return {
      input: (gate = 0, unit = 0, feature = 0) => Wi(row(gate, unit), feature),
      recurrent: (gate = 0, unit = 0, before = 0) =>
        kind === "gru" && gate === 2 ? candidate(unit, before) : Wh(row(gate, unit), before),
      bias: (gate = 0, unit = 0) => (b === zero ? 0 : b(row(gate, unit))),
    };
  }

  /** Up to Flux 0.14 the state to start from is a column of zeros among the weights. */
  private checkState(state: FlatArray, units: number): void {
    if (state.size.join() !== `${units},1` || state.vec.some((value: number | bigint) => Number(value) !== 0)) {
      throw new Error(`a state is not zeros of size (${units}, 1)`);
    }
  }

  batchNormalization(isAffine: boolean): Statistics {
    const beta = isAffine ? columnMajor(this.take()) : zero;
    const gamma = isAffine ? columnMajor(this.take()) : one;
    return { beta, gamma, mean: columnMajor(this.take()), variance: columnMajor(this.take()) };
  }

  layerNormalization(isAffine: boolean): Pick<Statistics, "gamma" | "beta"> {
    if (!isAffine) return { gamma: one, beta: zero };
    return { gamma: squeezed(this.take()), beta: squeezed(this.take()) };
  }

  finish(): void {
    if (this.next !== this.arrays.length) throw new Error(`${this.arrays.length - this.next} arrays are left`);
  }
}

/** Reads weights of Flux. Layers must have unique names. */
export function fluxWeights({ arrays, names }: Weights, version: string): WeightSource {
  return (layerName) =>
    new FluxReader(
      arrays.filter((_, i) => names?.[i]?.startsWith(`${layerName}/`)),
      version,
    );
}

/** The arrays by name, as in a state_dict. */
class TorchReader implements WeightReader {
  private readonly left: Map<string, FlatArray>;

  constructor(fields: ReadonlyMap<string, FlatArray>) {
    this.left = new Map(fields);
  }

  private take(name: string, read: (array: FlatArray) => Numbers = rowMajor): Numbers {
    const array = this.left.get(name);
    if (!array) throw new RangeError(`no ${name} among ${[...this.left.keys()]}`);
    this.left.delete(name);
    return read(array);
  }

  private affine(prefix: string, hasBias: boolean): Affine {
    return { kernel: this.take(`${prefix}weight`), bias: hasBias ? this.take(`${prefix}bias`) : zero };
  }

  dense(hasBias: boolean): Affine {
    return this.affine("", hasBias);
  }

  convolution(hasBias: boolean): Affine {
    return this.affine("", hasBias);
  }

  transposed(hasBias: boolean): Affine {
    const { kernel, bias } = this.affine("", hasBias);
    return { kernel: (output = 0, input = 0, ...place) => kernel(input, output, ...place), bias };
  }

  depthwise(hasBias: boolean): Affine {
    return grouped(this.affine("", hasBias));
  }

  separable(hasBias: boolean): readonly [Affine, Affine] {
    return [grouped(this.affine("depthwise.", false)), this.affine("pointwise.", hasBias)];
  }

  embedding(): Numbers {
    const weight = this.take("weight");
    return (feature = 0, index = 0) => weight(index, feature);
  }

  cell(_: CellKind, units: number, hasBias: boolean, depth: number, isReverse: boolean): CellWeights {
    const suffix = `l${depth}${isReverse ? "_reverse" : ""}`;
    const [input, recurrent] = [this.take(`weight_ih_${suffix}`), this.take(`weight_hh_${suffix}`)];
    const biases = hasBias ? [this.take(`bias_ih_${suffix}`), this.take(`bias_hh_${suffix}`)] : [];
    const row = (gate: number, unit: number): number => gate * units + unit;
    return {
      input: (gate = 0, unit = 0, feature = 0) => input(row(gate, unit), feature),
      recurrent: (gate = 0, unit = 0, before = 0) => recurrent(row(gate, unit), before),
      bias: (gate = 0, unit = 0) => biases.reduce((sum, own) => sum + own(row(gate, unit)), 0),
    };
  }

  batchNormalization(isAffine: boolean): Statistics {
    const gamma = isAffine ? this.take("weight") : one;
    const beta = isAffine ? this.take("bias") : zero;
    this.take("num_batches_tracked");
    return { gamma, beta, mean: this.take("running_mean"), variance: this.take("running_var") };
  }

  layerNormalization(isAffine: boolean): Pick<Statistics, "gamma" | "beta"> {
    return isAffine
      ? { gamma: this.take("weight", squeezed), beta: this.take("bias", squeezed) }
      : { gamma: one, beta: zero };
  }

  finish(): void {
    if (this.left.size > 0) throw new Error(`${[...this.left.keys()]} are left`);
  }
}

/** A kernel of groups: each output has one input. */
function grouped({ kernel, bias }: Affine): Affine {
  return { kernel: (output = 0, _, ...place) => kernel(output, 0, ...place), bias };
}

/** Reads weights of PyTorch. Layers must have unique names. */
export function torchWeights({ arrays, names }: Weights): WeightSource {
  const paths = (names ?? []).map((name) => name.split("."));
  return (layerName) => {
    const fields = arrays.flatMap((array, i): [string, FlatArray][] => {
      const path = paths[i] ?? [];
      const place = path.indexOf(layerName);
      return place < 0 ? [] : [[path.slice(place + 1).join("."), array]];
    });
    return new TorchReader(new Map(fields));
  };
}
