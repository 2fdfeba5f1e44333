/**
 * Elements that are views: of four 32-bit words each, the length first; then up to 12 bytes, or the first four bytes, the number of the buffer that all
 * stand in, and where they begin in it.
 *
 * Idea: many views may refer to the same bytes, as polars writes what it repeats. Those that are the same share one value; what the others refer to
 * beyond the bytes there are is counted, lest a small file stand for any amount of text.
 * Source: https://arrow.apache.org/docs/format/Columnar.html#variable-size-binary-view-layout
 */
import type { FreeElements } from "./array-layout.ts";

const maxInside = 12;

/** The bytes of a view, uncopied; of one that is wrong fewer than it says, or undefined. */
export function viewedBytes(words: Uint32Array, buffers: readonly Uint8Array[], index: number): Uint8Array | undefined {
  const at = 4 * index;
  const length = words[at] as number;
  if (length <= maxInside) return new Uint8Array(words.buffer, words.byteOffset + 4 * at + 4, length);
  const offset = words[at + 3] as number;
  return buffers[words[at + 2] as number]?.subarray(offset, offset + length);
}

/**
 * Checks views, and finds those that are the same.
 *
 * @param words - Unsigned, so that what is negative lies beyond every buffer.
 * @param isPresent - Whether an element is not null; what stands where one is null means nothing.
 * @returns For each view the first that is the same, or null where they refer to no more bytes than there are; or what is wrong, as text.
 */
export function findFirstViews(
  words: Uint32Array,
  buffers: readonly Uint8Array[],
  isPresent: (index: number) => boolean,
  free: FreeElements,
): Int32Array | string | null {
  const word = (view: number, part: number): number => words[4 * view + part] as number;
  const firsts = new Int32Array(words.length / 4).map((_, i) => i);
  const outside = firsts.filter((i) => word(i, 0) > maxInside && isPresent(i));
  let beyond = 0;
  for (const { length } of buffers) beyond -= length;
  for (const i of outside) {
    const bytes = viewedBytes(words, buffers, i);
    if (bytes?.length !== word(i, 0) || new Uint32Array(bytes.slice(0, 4).buffer)[0] !== word(i, 1))
      return `view ${i} of bytes that are not there`;
    beyond += bytes.length;
  }
  if (beyond <= 0) return null;
  const known = new Map<number, number>();
  for (const i of outside) {
    const place = word(i, 2) * 2 ** 32 + word(i, 3);
    const first = known.get(place) ?? i;
    known.set(place, first);
    if (first === i || word(first, 0) !== word(i, 0) || word(first, 3) !== word(i, 3)) continue;
    firsts[i] = first;
    beyond -= word(i, 0);
  }
  return beyond <= 0 || free.take(beyond) ? firsts : `views of ${beyond} bytes more than it holds`;
}
