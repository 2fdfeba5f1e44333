/**
 * Which arrays are read together.
 *
 * Idea: purely from where the arrays stand, so that tests can check the plan. Neighbours share a read, so ten thousand small arrays do
 * not cost ten thousand reads; a large array has a read of its own, straight into its memory.
 */
import type { ByteRange } from "../io/read-plan.ts";

/** A range of bytes and the arrays in it. */
export interface ReadGroup extends ByteRange {
  /** Indices of the arrays, in the order in which they stand. */
  readonly indices: readonly number[];
}

/** Arrays of at least this many bytes are read alone, without a copy in between. */
const aloneBytes = 2 ** 16;
/** A group that has grown to so many bytes takes no more. */
const groupBytes = 2 ** 20;

/** Whether a read is one of small arrays that has room for more. */
function isGroup({ length, indices }: ReadGroup): boolean {
  return length < (indices.length === 1 ? aloneBytes : groupBytes);
}

/** The reads for all arrays that have elements, given where each stands. */
export function planReads(places: readonly ByteRange[]): ReadGroup[] {
  const groups: { position: number; length: number; indices: number[] }[] = [];
  for (const [index, { position, length }] of places.entries()) {
    const last = groups.at(-1);
    if (length === 0) continue;
    const touches = last && position >= last.position && position <= last.position + last.length;
    if (last && touches && length < aloneBytes && isGroup(last)) {
      last.length = Math.max(last.length, position + length - last.position);
      last.indices.push(index);
    } else groups.push({ position, length, indices: [index] });
  }
  return groups;
}
