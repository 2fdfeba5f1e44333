import type { FlatArray, LazyWeights } from "legolas-flux";
import { forEachAtOnce } from "../../../src/for-each-at-once.ts";
import { type Piece, planPieces } from "./plan-pieces.ts";

/** An array of weights and what was read of it. */
export interface ReadArray {
  /** Row-major. */
  readonly shape: readonly number[];
  readonly layout: string | null;
  readonly elements: number;
  readonly plan: readonly Piece[];
  readonly parts: readonly FlatArray[];
}

/** An array of weights that are open. */
export interface ArrayOf {
  readonly weights: LazyWeights;
  readonly index: number;
}

const readsAtOnce = 6;

/** Reads an array, or samples of a large one. @throws {LegolasError} It cannot be read, or the signal was aborted. */
export function readPieces(array: ArrayOf, signal?: AbortSignal): Promise<ReadArray> {
  return readPlanned(array, bytesPerElement(array), signal);
}

/** The same of two arrays. Those of one shape are read in the same pieces, whichever elements they have. */
export function readPair(a: ArrayOf, b: ArrayOf, signal?: AbortSignal): Promise<[ReadArray, ReadArray]> {
  const bytes = Math.max(bytesPerElement(a), bytesPerElement(b));
  return Promise.all([readPlanned(a, bytes, signal), readPlanned(b, bytes, signal)]);
}

function bytesPerElement({ weights, index }: ArrayOf): number {
  const type = weights.list()[index]?.elementType ?? "float64";
  return type === "bool" ? 1 : Number(/\d+$/.exec(type)?.[0] ?? 64) / 8;
}

async function readPlanned({ weights, index }: ArrayOf, bytes: number, signal?: AbortSignal): Promise<ReadArray> {
  const size = weights.sizes[index] ?? [];
  const elements = size.reduce((total, dimension) => total * dimension, 1);
  const plan = planPieces(elements, bytes);
  const parts = new Array<FlatArray>(plan.length);
  await forEachAtOnce(plan.entries(), readsAtOnce, async ([i, { from, to }]) => {
    signal?.throwIfAborted();
    parts[i] = await weights.readPart(index, from, to);
  });
  return { shape: size.toReversed(), layout: weights.layout, elements, plan, parts };
}

export function countRead({ plan }: ReadArray): number {
  return plan.reduce((sum, { from, to }) => sum + to - from, 0);
}
