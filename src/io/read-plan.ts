/**
 * Reading as a plan: what to read is decided purely, who reads it is decided elsewhere.
 *
 * Idea: a generator yields the byte ranges it wants next and is resumed with their bytes, so that one body of code serves bytes in
 * memory (synchronously) and files, addresses and blobs (asynchronously), and tests can count the reads.
 */

/** Bytes `position` up to, not including, `position + length`. */
export interface ByteRange {
  readonly position: number;
  readonly length: number;
}

/** Yields ranges wanted at the same time; resumed with their bytes, in order, each of exactly the wanted length. */
export type ReadPlan<T> = Generator<readonly ByteRange[], T, readonly Uint8Array[]>;

/** A plan step for a single range. */
export function* readRange(position: number, length: number): ReadPlan<Uint8Array> {
  const [bytes] = yield [{ position, length }];
  return bytes as Uint8Array;
}

/** Carries out a plan on bytes in memory; what it reads are views, not copies. */
export function runOnBytes<T>(bytes: Uint8Array, plan: ReadPlan<T>): T {
  const plain = plainView(bytes);
  let step = plan.next();
  while (!step.done) {
    step = plan.next(step.value.map(({ position, length }) => plain.subarray(position, position + length)));
  }
  return step.value;
}

/** What gives ranges, at once where it holds them. */
interface RangeSource {
  readAt(position: number, length: number): Uint8Array | Promise<Uint8Array>;
}

/** Carries out a plan on a source, reading ranges that are wanted together at the same time. */
export async function runOnSource<T>(source: RangeSource, plan: ReadPlan<T>, signal?: AbortSignal): Promise<T> {
  let step = plan.next();
  while (!step.done) {
    signal?.throwIfAborted();
    const parts = step.value.map(({ position, length }) => source.readAt(position, length));
    const isHeld = (part: Uint8Array | Promise<Uint8Array>): part is Uint8Array => part instanceof Uint8Array;
    step = plan.next((parts.every(isHeld) ? parts : await Promise.all(parts)).map(plainView));
  }
  return step.value;
}

/** The same memory without the ways of a subclass: the slice of Node's Buffer shares memory instead of copying it. */
function plainView(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
