/** Layers of several inputs, which must be in one order. */
import {
  at,
  type ForeignData,
  fromOurAxes,
  generate,
  inOurAxes,
  inputAxes,
  isSame,
  type NdArray,
  ourShape,
  range,
} from "./foreign-data.ts";
import type { LayerPlan } from "./model-plan.ts";
import { Unorderable } from "./reference-rule.ts";

/** By the names of layers and of the modes of bidirectional ones. */
export const merges: Readonly<Record<string, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  mul: (a, b) => a * b,
  ave: (a, b) => (a + b) / 2,
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
  average: (a, b) => (a + b) / 2,
  maximum: Math.max,
  minimum: Math.min,
};

/** How many axes besides the batch are longer than 1. */
const longAxes = (input: ForeignData): number =>
  ourShape(input)
    .slice(1)
    .filter((length) => length > 1).length;

/** Whether data has its axes in this order; those of length 1 in all that is joined may be anywhere. */
function hasOrder(input: ForeignData, axes: readonly number[], shapes: readonly (readonly number[])[]): boolean {
  if (input.isOpen || longAxes(input) < 2 || (isSame(input) && isSame({ axes }))) return true;
  const isLong = (axis: number): boolean => shapes.some((own) => own.length > axis && (own[axis] ?? 1) > 1);
  const [own, other] = [input.axes, axes].map((list) => list.filter(isLong).join());
  return own === other && axes.length === Math.max(...shapes.map(({ length }) => length));
}

/** Merges of data that the other framework has in one order; what has one axis at most has any order. */
export function join(plan: LayerPlan, inputs: readonly ForeignData[]): ForeignData {
  const leading =
    inputs.find((input) => !input.isOpen && longAxes(input) > 1) ?? inputs.find(({ isOpen }) => !isOpen) ?? inputs[0];
  const { axes, isOpen } = leading as ForeignData;
  const shapes = inputs.map(ourShape);
  const rank = Math.max(...shapes.map(({ length }) => length));
  if (!inputs.every((input) => hasOrder(input, axes, shapes)))
    throw new Unorderable("axes in different orders are joined");
  // Axes are added after the batch.
  const arrays = inputs.map((input, i): NdArray => {
    const [batch = 1, ...rest] = shapes[i] ?? [];
    return { shape: [batch, ...Array<number>(rank - 1 - rest.length).fill(1), ...rest], data: inOurAxes(input).data };
  });
  const others = isOpen ? inputAxes(rank) : range(rank);
  const order = axes.length === rank ? axes : others;
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
