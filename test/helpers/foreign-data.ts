/** Data as Flux and PyTorch hold it, channels before the spatial axes, beside the axes that TensorFlow.js gives it. */

/** Row-major. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface ForeignData {
  /** As the other framework holds it. */
  readonly theirs: NdArray;
  /** For each of its axes, batch included, the one of TensorFlow.js. */
  readonly axes: readonly number[];
  /** For each of its features, along the last axis of TensorFlow.js, the one of TensorFlow.js; null where they are the same. */
  readonly features: readonly number[] | null;
  /** An input that nothing has taken yet. */
  readonly isOpen: boolean;
}

export const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
export const product = (shape: readonly number[]): number => shape.reduce((total, length) => total * length, 1);

export function zeros(shape: readonly number[]): NdArray {
  return { shape, data: new Float64Array(product(shape)) };
}

/** What to add to a position for a step along each axis. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => product(shape.slice(axis + 1)));
}

/** Every index of an array, in row-major order. */
export function* indicesOf(shape: readonly number[]): Generator<number[]> {
  for (let position = 0; position < product(shape); position++) {
    yield stridesOf(shape).map((stride, axis) => Math.floor(position / stride) % (shape[axis] ?? 1));
  }
}

export function at({ shape, data }: NdArray, index: readonly number[]): number {
  return data[stridesOf(shape).reduce((sum, stride, axis) => sum + stride * (index[axis] ?? 0), 0)] as number;
}

/** An array from a function of the index. */
export function generate(shape: readonly number[], value: (index: readonly number[]) => number): NdArray {
  const array = zeros(shape);
  let position = 0;
  for (const index of indicesOf(shape)) array.data[position++] = value(index);
  return array;
}

/** The new first axis is the old `axes[0]`. */
export function transpose(array: NdArray, axes: readonly number[]): NdArray {
  return generate(
    axes.map((axis) => array.shape[axis] ?? 1),
    (index) =>
      at(
        array,
        array.shape.map((_, axis) => index[axes.indexOf(axis)] ?? 0),
      ),
  );
}

/** Channels after the batch, for data of TensorFlow.js that has them last. */
export const channelsFirstAxes = (rank: number): number[] => [0, rank - 1, ...range(rank - 1).slice(1)];

/** How the other framework has an input: images, which have at least two spatial axes, with channels first. */
export const inputAxes = (rank: number): number[] => (rank < 4 ? range(rank) : channelsFirstAxes(rank));

/** Whether both have the axes in one order. */
export const isSame = ({ axes }: Pick<ForeignData, "axes">): boolean => axes.every((axis, i) => axis === i);

/** Data in the axes of TensorFlow.js; features stay in the other framework's order. */
export function inOurAxes({ theirs, axes }: ForeignData): NdArray {
  return transpose(
    theirs,
    axes.map((_, axis) => axes.indexOf(axis)),
  );
}

/** Data from the axes of TensorFlow.js. */
export function fromOurAxes(
  ours: NdArray,
  axes: readonly number[] = range(ours.shape.length),
  { features = null, isOpen = false }: Partial<Pick<ForeignData, "features" | "isOpen">> = {},
): ForeignData {
  return { theirs: transpose(ours, axes), axes, features, isOpen };
}

/** The shape that TensorFlow.js gives the data. */
export function ourShape({ theirs, axes }: ForeignData): number[] {
  return axes.map((_, axis) => theirs.shape[axes.indexOf(axis)] ?? 1);
}

/** For each element of the other framework its position among those of TensorFlow.js. */
export function positionsInOurs(value: ForeignData): number[] {
  const shape = ourShape(value);
  const strides = stridesOf(shape);
  return [...indicesOf(value.theirs.shape)].map((index) =>
    index.reduce((position, own, axis) => {
      const ourAxis = value.axes[axis] ?? 0;
      const isFeature = value.features !== null && ourAxis === shape.length - 1;
      return position + (strides[ourAxis] ?? 0) * (isFeature ? (value.features?.[own] ?? 0) : own);
    }, 0),
  );
}

/** All elements where TensorFlow.js has them. */
export function asOurs(value: ForeignData): NdArray {
  const ours = zeros(ourShape(value));
  for (const [position, own] of positionsInOurs(value).entries()) {
    ours.data[own] = value.theirs.data[position] as number;
  }
  return ours;
}
