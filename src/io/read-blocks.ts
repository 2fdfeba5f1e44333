/**
 * Many small reads as few larger ones.
 *
 * Idea: a small read takes the whole block it falls in, which serves its neighbours; a large one is made as it is, but for what the blocks at its ends
 * hold already. The last block ends where the source does and is as long as the others, so that what stands at the end of a file, such as its footer,
 * is one read.
 */
import { concatBytes } from "./concat-bytes.ts";
import type { ByteRange } from "./read-plan.ts";

/** Larger reads are not put together of several parts: copying them would cost more than reading a block again. */
const maxJoinedBytes = 2 ** 22;

/** Gives the bytes of a range: at once where they have been read already. */
export type ReadBlocks = (position: number, length: number) => Uint8Array | Promise<Uint8Array>;

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
): ReadBlocks {
  const lastStart = Math.max(0, size - blockBytes);
  const blocks = new Map<number, Uint8Array | Promise<Uint8Array>>();
  if (head?.length === Math.min(blockBytes, size)) blocks.set(0, head);

  const block = (start: number): Uint8Array | Promise<Uint8Array> => {
    const made = blocks.get(start);
    if (made) return made;
    const fetched = read({ position: start, length: Math.min(blockBytes, size - start) });
    blocks.set(start, fetched);
    fetched.then(
      (bytes) => blocks.set(start, bytes),
      // A failed read may be tried again.
      () => blocks.delete(start),
    );
    return fetched;
  };

  const join = async (position: number, length: number, first: number, second: number): Promise<Uint8Array> => {
    const [head, tail] = await Promise.all([block(first), block(second)]);
    const bytes = concatBytes([head.subarray(position - first), tail.subarray(first + blockBytes - second)]);
    return bytes.subarray(0, length);
  };

  /** What a block holds of a range; nothing where it was not read. */
  const known = (start: number, from: number, end: number): Uint8Array => {
    const bytes = blocks.get(start);
    const isKnown = bytes instanceof Uint8Array;
    return isKnown ? bytes.subarray(Math.max(0, from - start), Math.max(0, end - start)) : new Uint8Array(0);
  };

  const readRest = async (position: number, length: number): Promise<Uint8Array> => {
    const end = position + length;
    const head = known(position - (position % blockBytes), position, end);
    const from = position + head.length;
    const tail = known(lastStart, from, end);
    const rest = end - from - tail.length;
    return concatBytes(rest ? [head, await read({ position: from, length: rest }), tail] : [head, tail]);
  };

  return (position, length) => {
    if (length === 0) return new Uint8Array(0);
    if (length >= blockBytes) return length > maxJoinedBytes ? read({ position, length }) : readRest(position, length);
    const first = position >= lastStart ? lastStart : position - (position % blockBytes);
    if (position + length > first + blockBytes) {
      return join(position, length, first, Math.min(first + blockBytes, lastStart));
    }
    const own = block(first);
    const part = (bytes: Uint8Array): Uint8Array => bytes.subarray(position - first, position - first + length);
    return own instanceof Uint8Array ? part(own) : own.then(part);
  };
}
