/** Recurrent layers as other frameworks compute them. */
import { at, fromOurAxes, generate, inOurAxes, type NdArray } from "./foreign-data.ts";
import type { CellKind, WeightReader } from "./foreign-weights.ts";
import type { LayerPlan } from "./model-plan.ts";
import { merges } from "./reference-joins.ts";
import { hasBias } from "./reference-kernels.ts";
import { recur } from "./reference-layers.ts";
import type { Rule } from "./reference-rule.ts";

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

export const recurrent: Rule = (input, { goBackwards, returnSequences }, weights, plan) => {
  const ours = inOurAxes(input);
  const outputs = runCells(goBackwards ? reversedTime(ours) : ours, plan, weights, false);
  return fromOurAxes(returnSequences ? outputs : lastStep(outputs));
};

export const bidirectional: Rule = (input, { mergeMode }, weights, { inner }) => {
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
