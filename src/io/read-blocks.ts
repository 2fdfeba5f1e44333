/**
 * Many small reads as few larger ones.
 *
 * Idea: a small read takes the whole block it falls in, which serves its neighbours; a large one is made as it is.
 */
import { concatBytes } from "./concat-bytes.ts";
import type { ByteRange } from "./read-plan.ts";

/**
 * A reader of a source of `size` bytes through blocks.
 *
 * @param read - Reads a range, which always lies inside the source.
 * @param head - The first block, if it was read already.
 */
export function readThroughBlocks(
  size: number,
  blockBytes: number,
  read: (range: ByteRange) => Promise<Uint8Array>,
  head?: Uint8Array,
): (position: number, length: number) => Promise<Uint8Array> {
  const blocks = new Map<number, Promise<Uint8Array>>();
  if (head?.length === Math.min(blockBytes, size)) blocks.set(0, Promise.resolve(head));

  const block = (index: number): Promise<Uint8Array> => {
    const known = blocks.get(index);
    if (known) return known;
    const position = index * blockBytes;
    const fetched = read({ position, length: Math.min(blockBytes, size - position) });
    blocks.set(index, fetched);
    // A failed read may be tried again.
    fetched.catch(() => blocks.delete(index));
    return fetched;
  };

  return async (position, length) => {
    if (length === 0) return new Uint8Array(0);
    if (length >= blockBytes) return read({ position, length });
    const first = Math.floor(position / blockBytes);
    const last = Math.floor((position + length - 1) / blockBytes);
    const parts = await Promise.all(first === last ? [block(first)] : [block(first), block(last)]);
    const joined = parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(parts);
    const start = position - first * blockBytes;
    return joined.subarray(start, start + length);
  };
}
