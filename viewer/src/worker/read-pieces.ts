import type { FlatArray, LazyWeights } from "legolas-flux";
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

const bytesOf = (type: string): number => (type === "bool" ? 1 : Number(/\d+$/.exec(type)?.[0] ?? 8) / 8);
const readsAtOnce = 6;

/** Reads an array, or samples of a large one. @throws {LegolasError} It cannot be read, or the signal was aborted. */
export async function readPieces(weights: LazyWeights, index: number, signal?: AbortSignal): Promise<ReadArray> {
  const size = weights.sizes[index] ?? [];
  const elements = size.reduce((total, dimension) => total * dimension, 1);
  const type = weights.list()[index]?.elementType ?? "float64";
  const plan = planPieces(elements, bytesOf(type));
  const parts = new Array<FlatArray>(plan.length);
  const rest = plan.entries();
  const work = async (): Promise<void> => {
    for (const [i, { from, to }] of rest) {
      signal?.throwIfAborted();
      parts[i] = await weights.readPart(index, from, to);
    }
  };
  await Promise.all(Array.from({ length: readsAtOnce }, work));
  return { shape: size.toReversed(), layout: weights.layout, elements, plan, parts };
}

export function countRead({ plan }: ReadArray): number {
  return plan.reduce((sum, { from, to }) => sum + to - from, 0);
}
