import { describe, expect, it } from "vitest";
import {
  type AxisView,
  blocks,
  flip,
  gather,
  insert,
  merge,
  permute,
  reorder,
  type Step,
  scatter,
  shapeOf,
  wholeView,
} from "./axis-view.ts";

const iota = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => i + 1);
const through = (shape: readonly number[], ...steps: readonly Step[]): AxisView =>
  steps.reduce((view, { apply }) => apply(view), wholeView(shape));

function taken(shape: readonly number[], ...steps: readonly Step[]): { shape: number[]; elements: number[] } {
  const view = through(shape, ...steps);
  const elements = new Int32Array(shapeOf(view).reduce((total, length) => total * length, 1));
  gather(view, iota(shape.reduce((total, length) => total * length, 1)), elements);
  return { shape: shapeOf(view), elements: [...elements] };
}

describe("steps", () => {
  it.each<[string, Step[], number[], number[]]>([
    ["none", [], [2, 3], [1, 2, 3, 4, 5, 6]],
    ["permute", [permute(1, 0)], [3, 2], [1, 4, 2, 5, 3, 6]],
    ["flip", [flip(1)], [2, 3], [3, 2, 1, 6, 5, 4]],
    ["flip of both", [flip(0, 1)], [2, 3], [6, 5, 4, 3, 2, 1]],
    ["merge", [permute(1, 0), merge(0)], [6], [1, 4, 2, 5, 3, 6]],
    ["insert", [insert(1)], [2, 1, 3], [1, 2, 3, 4, 5, 6]],
    ["blocks", [blocks(1, 3, [1, 0, 2])], [2, 3], [2, 1, 3, 5, 4, 6]],
    ["some blocks", [blocks(1, 3, [2])], [2, 1], [3, 6]],
    ["blocks of zeros", [blocks(1, 3, [0, null])], [2, 2], [1, 0, 4, 0]],
    ["reorder", [reorder(1, [2, 0, 1])], [2, 3], [3, 1, 2, 6, 4, 5]],
    ["reorder by nothing", [reorder(1, null)], [2, 3], [1, 2, 3, 4, 5, 6]],
  ])("%s", (_, steps, shape, elements) => {
    expect(taken([2, 3], ...steps)).toEqual({ shape, elements });
  });

  it("a view without axes is the single element", () => {
    expect(taken([])).toEqual({ shape: [], elements: [1] });
  });

  it("nothing of an axis of length 0", () => {
    expect(taken([0, 3], permute(1, 0))).toEqual({ shape: [3, 0], elements: [] });
  });

  it("come back to the same elements, but for those that the other does not have", () => {
    const view = through([2, 6], blocks(1, 3, [1, 0, null]), permute(1, 0), flip(1));
    const foreign = new Int32Array(12);
    gather(view, iota(12), foreign);
    const back = new Int32Array(12);
    scatter(view, foreign, back);
    expect([...back]).toEqual([1, 2, 3, 4, 0, 0, 7, 8, 9, 10, 0, 0]);
  });

  it("refuse axes that are not there", () => {
    expect(() => through([2, 3], permute(2, 0))).toThrow(
      /step of a layer's entry: expected an axis or index below 2, found 2/,
    );
    expect(() => through([2, 3], reorder(1, [3]))).toThrow(/expected an axis or index below 3, found 3/);
  });
});
