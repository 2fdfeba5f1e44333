/** What a reshape makes of the order of data. */
import {
  channelsLast,
  channelsLastAxes,
  type DataOrder,
  flattened,
  fromAxes,
  isAlike,
  longAxes,
  mixed,
  type OrderRule,
  open,
  openAxes,
  same,
} from "./data-order.ts";
import type { Shape } from "./layer-entry.ts";

/** Axes of one shape and those of another that have the same elements; the fewest of each. */
interface Regrouping {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

function regroup(from: Shape, to: Shape): Regrouping[] {
  const [left, right] = [longAxes(from), longAxes(to)];
  const groups: Regrouping[] = [];
  while (left.length > 0 && right.length > 0) {
    const group: { from: number[]; to: number[] } = { from: left.splice(0, 1), to: right.splice(0, 1) };
    const size = (shape: Shape, axes: number[]): number => axes.reduce((total, axis) => total * (shape[axis] ?? -1), 1);
    while (size(from, group.from) !== size(to, group.to) && left.length + right.length > 0) {
      const isLess = right.length === 0 || size(from, group.from) < size(to, group.to);
      if (isLess) group.from.push(...left.splice(0, 1));
      else group.to.push(...right.splice(0, 1));
    }
    groups.push(group);
  }
  return groups;
}

/** For layers that reshape: other axes for the same elements. */
export const reshapeOrder: OrderRule = ([input = open], layer) => {
  const [from = []] = layer.inputShapes;
  const to = layer.outputShape;
  if (to.length === 2) return flattened(input, from);
  if (input.kind === "mixed" || input.kind === "unflattened") return input;
  const groups = regroup(from, to);
  const found =
    input.kind === "features" ? reshapedFeatures(input, groups, from, to) : reshaped(input, groups, from, to);
  const problem = "reshapes data that the other framework has in another order";
  return found ?? mixed(layer, problem, "Permute to channels first before");
};

/** Features stay in their order as long as they stay along the last axis. */
function reshapedFeatures(input: DataOrder, groups: readonly Regrouping[], from: Shape, to: Shape): DataOrder | null {
  const last = groups.find((group) => group.from.includes(from.length - 1));
  return last?.from.length === 1 && last.to.join() === `${to.length - 1}` ? input : null;
}

function reshaped(input: DataOrder, groups: readonly Regrouping[], from: Shape, to: Shape): DataOrder | null {
  const theirs = input.kind === "axes" ? input.axes : input.kind === "open" ? openAxes(from.length) : from.keys();
  const axes = reshapedAxes([...theirs], groups, to);
  if (axes === null) return null;
  const isSplit = groups.some((group) => group.to.length > 1);
  const isWhole = groups.every((group) => group.from.length + group.to.length === 2);
  if (input.kind === "open" && isWhole && isAlike(axes, openAxes(to.length), to)) return open;
  // Of images it is clear where their channels are.
  const isImage = input.kind === "axes" || (input.kind === "open" && from.length > 3);
  if (isSplit && !isImage) return { kind: "unflattened" };
  if (isImage && isAlike(axes, channelsLastAxes(to.length), to)) return channelsLast(to.length);
  if (isAlike(axes, [...to.keys()], to)) return same;
  // Where the other framework would have axes of length 1 matters once they grow.
  return axes.length === 1 + longAxes(to).length ? fromAxes(axes) : null;
}

/** The other's axes after a reshape that neither framework needs to move elements for; null where there is none. */
function reshapedAxes(theirs: readonly number[], groups: readonly Regrouping[], to: Shape): number[] | null {
  const long = theirs.filter((axis) => groups.some(({ from }) => from.includes(axis)));
  const moved = long.flatMap((axis, i) => {
    const group = groups.find(({ from }) => from[0] === axis);
    const isWhole = group?.from.every((own, j) => long[i + j] === own);
    return group && isWhole ? group.to : [];
  });
  if (moved.length !== longAxes(to).length) return null;
  return [...to.keys()].filter((axis) => !moved.includes(axis)).concat(moved);
}
