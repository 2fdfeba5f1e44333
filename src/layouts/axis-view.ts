/**
 * Where the elements of one array stand in another that holds the same ones in another order.
 *
 * Idea: every difference between the frameworks (axes permuted, kernels flipped, gates in another order, axes merged) moves an element by
 * an amount that each axis decides for itself. So one list of offsets for each axis says it all, takes almost no memory, and serves both
 * directions.
 */
import type { TypedArray } from "../arrow/array-data.ts";
import { InputError } from "../errors.ts";

/** For each axis of a row-major array, what each index adds to the position of an element in the other array; -Infinity where it has no such element. */
export type AxisView = readonly (readonly number[])[];

/** Offset of an index whose elements the other array does not have. */
const absent = Number.NEGATIVE_INFINITY;

/** The lengths of the axes. */
export function shapeOf(view: AxisView): number[] {
  return view.map(({ length }) => length);
}

/** A row-major array as it is. */
export function wholeView(shape: readonly number[]): AxisView {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((total, length) => total * length, 1));
  return shape.map((length, axis) => Array.from({ length }, (_, index) => index * (strides[axis] as number)));
}

/** One way in which an array differs from another, with the words for it in documentation. */
export interface Step {
  /** As documentation has it, such as `permute(3, 2, 0, 1)`. */
  readonly text: string;
  /** The other array's view, from that of an array. */
  readonly apply: (view: AxisView) => AxisView;
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item !== undefined) return item;
  throw new InputError({
    subject: "step of a layer's entry",
    expected: `an axis or index below ${list.length}`,
    found: String(index),
    remedy: "Compare the steps with the shape of the variable",
  });
}

const withAxis = (view: AxisView, axis: number, offsets: readonly number[]): AxisView =>
  view.map((own, i) => (i === axis ? offsets : own));

/** The axes in another order. @param axes - For each new axis the old one, from 0: the new first is the old `axes[0]`. */
export function permute(...axes: readonly number[]): Step {
  return { text: `permute(${axes.join(", ")})`, apply: (view) => axes.map((axis) => at(view, axis)) };
}

/** Some axes backwards. @param axes - Which, from 0. */
export function flip(...axes: readonly number[]): Step {
  return {
    text: `flip(${axes.join(", ")})`,
    apply: (view) => view.map((offsets, axis) => (axes.includes(axis) ? offsets.toReversed() : offsets)),
  };
}

/** An axis and the one after it as one. @param axis - The first of the two, from 0. */
export function merge(axis: number): Step {
  return {
    text: `merge(${axis}, ${axis + 1})`,
    apply: (view) => {
      const merged = at(view, axis).flatMap((outer) => at(view, axis + 1).map((inner) => outer + inner));
      return view.toSpliced(axis, 2, merged);
    },
  };
}

/** A new axis of length 1. @param axis - The axis that it comes before, from 0. */
export function insert(axis: number): Step {
  return { text: `insert(${axis})`, apply: (view) => view.toSpliced(axis, 0, [0]) };
}

/**
 * Equal blocks of an axis, such as the gates of a recurrent layer.
 *
 * @param axis - From 0.
 * @param of - The number of blocks of the axis.
 * @param order - The blocks to take, from 0; `null` for one of zeros that the other array does not have.
 */
export function blocks(axis: number, of: number, order: readonly (number | null)[]): Step {
  return {
    text: `blocks of axis ${axis} of ${of}: ${order.map((block) => block ?? "zeros").join(", ")}`,
    apply: (view) => {
      const offsets = at(view, axis);
      const size = offsets.length / of;
      const taken = order.flatMap((block) =>
        block === null ? Array<number>(size).fill(absent) : offsets.slice(block * size, (block + 1) * size),
      );
      return withAxis(view, axis, taken);
    },
  };
}

/** The indices of an axis in another order. */
export function reorder(axis: number, order: readonly number[] | null): Step {
  return {
    text: `reorder(${axis})`,
    apply: (view) =>
      order === null
        ? view
        : withAxis(
            view,
            axis,
            order.map((index) => at(at(view, axis), index)),
          ),
  };
}

/** Rows are made this long where the last axes are short, such as those of kernels. */
const rowLength = 4096;

/** The last axes as one, as long as their rows stay short. */
function withLongRows(view: AxisView): AxisView {
  const [outer, last] = view.slice(-2);
  const isLong = !outer || !last || outer.length * last.length > rowLength;
  return isLong ? view : withLongRows(merge(view.length - 2).apply(view));
}

/** Visits rows, which are the last axis or several together, in row-major order. */
function forEachRow(view: AxisView, visit: (base: number, row: readonly number[], start: number) => void): void {
  const outer = withLongRows(view);
  const row = outer.at(-1) ?? [0];
  let start = 0;
  const descend = (axis: number, base: number): void => {
    const offsets = axis < outer.length - 1 ? outer[axis] : undefined;
    if (offsets) for (const offset of offsets) descend(axis + 1, base + offset);
    else {
      visit(base, row, start);
      start += row.length;
    }
  };
  descend(0, 0);
}

/** Fills an array of the view's shape with the elements of the other; those that it does not have stay as they are. */
export function gather(view: AxisView, from: TypedArray, into: TypedArray): void {
  forEachRow(view, (base, row, start) => {
    for (let i = 0; i < row.length; i++) {
      const position = base + (row[i] as number);
      if (position >= 0) into[start + i] = from[position] as never;
    }
  });
}

/** Writes the elements of an array of the view's shape to where they stand in the other. */
export function scatter(view: AxisView, from: TypedArray, into: TypedArray): void {
  forEachRow(view, (base, row, start) => {
    for (let i = 0; i < row.length; i++) {
      const position = base + (row[i] as number);
      if (position >= 0) into[position] = from[start + i] as never;
    }
  });
}
