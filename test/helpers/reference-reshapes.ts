/** What reshapes do to data, and to its order in other frameworks. */
import {
  asOurs,
  channelsFirstAxes,
  fromOurAxes,
  inOurAxes,
  inputAxes,
  isSame,
  ourShape,
  positionsInOurs,
  product,
  range,
} from "./foreign-data.ts";
import { type Rule, Unorderable } from "./reference-rule.ts";

/** The other framework's features as they lie in its memory; where TensorFlow.js has them is only noted. */
export const flatten: Rule = (input, { dataFormat }) => {
  const rank = input.axes.length;
  // TensorFlow.js can move the axis after the batch to the end before.
  const moved = (axis: number): number => (axis === 0 ? 0 : axis === 1 ? rank - 1 : axis - 1);
  const isMoved = dataFormat === "channelsFirst" && rank > 2;
  if (isMoved && input.features) throw new Unorderable("features moved");
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

/** The orders in which the other framework may have data after a reshape, what its axes of length 1 are best taken for first. */
function reshapedAxes(axes: readonly number[], isInput: boolean, shape: readonly number[]): number[][] {
  const rank = shape.length;
  const usual = [
    ...(isInput ? [inputAxes(rank)] : []),
    ...(isSame({ axes }) ? [] : [channelsFirstAxes(rank)]),
    range(rank),
  ];
  // Axes of length 1 could be anywhere else.
  if (shape.slice(1).includes(1)) return usual;
  return [...usual, ...[...orders(range(rank - 1))].map((order) => [0, ...order.map((axis) => axis + 1)])];
}

/** Neither framework moves anything when it reshapes: the axes are those in which that is so. */
export const reshape: Rule = (input, { targetShape }, weights, plan) => {
  const target = targetShape as readonly number[];
  if (target.length === 1) return flatten(input, {}, weights, plan);
  const positions = positionsInOurs(input);
  const shape = [ourShape(input)[0] ?? 1, ...target];
  const [before, after] = [ourShape(input), shape].map((own) => own.filter((length) => length > 1).join());
  const isInput = input.isOpen && before === after;
  for (const axes of reshapedAxes(input.axes, isInput, shape)) {
    const theirs = { shape: axes.map((axis) => shape[axis] ?? 1), data: input.theirs.data };
    for (const features of [null, input.features]) {
      if (features && features.length !== target.at(-1)) continue;
      const isOpen = isInput && axes.join() === inputAxes(shape.length).join();
      const value = { theirs, axes, features, isOpen };
      if (positionsInOurs(value).every((own, i) => own === positions[i])) return value;
    }
  }
  throw new Unorderable("a reshape that the other framework cannot do");
};

/** There is nothing to do: the data is in the other framework's order already. */
export const permute: Rule = (input, { dims }) => {
  const taken = [0, ...(dims as readonly number[])];
  const rank = taken.length;
  if (input.features && taken.at(-1) !== rank - 1) throw new Unorderable("features permuted");
  // An input that is permuted to channels last has them first.
  const isFirst = input.isOpen && taken.join() === [0, ...range(rank).slice(2), 1].join();
  const given = isFirst ? fromOurAxes(inOurAxes(input)) : input;
  return { ...given, axes: given.axes.map((axis) => taken.indexOf(axis)), isOpen: false };
};
