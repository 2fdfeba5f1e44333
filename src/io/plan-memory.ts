/**
 * Plans that many sources share, carried out once.
 *
 * Idea: what a plan gives depends only on the size of the source and the bytes it reads. Where another source has the same bytes at the same
 * places, the result is the same. Checkpoints of one run differ in their values and hardly ever in their metadata.
 */
import type { ByteRange, ReadPlan } from "./read-plan.ts";

interface Remembered<T> {
  readonly ranges: readonly ByteRange[];
  readonly bytes: readonly Uint8Array[];
  readonly result: T;
}

/** So many sizes are remembered; then the one that came first is forgotten. */
const maxSizes = 64;

/** Remembers what one kind of plan, a pure function of a source's size and bytes, gave. */
export class PlanMemory<T> {
  private readonly bySize = new Map<number, Remembered<T>>();

  constructor(private readonly planFor: (size: number) => ReadPlan<T>) {}

  /** The plan for a source of the given size; its result is shared and must not be changed. */
  *plan(size: number): ReadPlan<T> {
    const known = this.bySize.get(size);
    if (known && sameBytes(known.bytes, yield known.ranges)) return known.result;
    const remembered = yield* recorded(this.planFor(size));
    this.bySize.delete(size);
    this.bySize.set(size, remembered);
    const [first] = this.bySize.keys();
    if (this.bySize.size > maxSizes && first !== undefined) this.bySize.delete(first);
    return remembered.result;
  }
}

/** A plan's result, with all that it read. */
function* recorded<T>(plan: ReadPlan<T>): ReadPlan<Remembered<T>> {
  const ranges: ByteRange[] = [];
  const bytes: Uint8Array[] = [];
  let step = plan.next();
  while (!step.done) {
    const parts = yield step.value;
    ranges.push(...step.value);
    bytes.push(...parts);
    step = plan.next(parts);
  }
  return { ranges, bytes, result: step.value };
}

function sameBytes(known: readonly Uint8Array[], found: readonly Uint8Array[]): boolean {
  return known.every((part, i) => {
    const [a, b] = [viewOf(part), viewOf(found[i] as Uint8Array)];
    let at = 0;
    for (; at + 4 <= part.length; at += 4) if (a.getUint32(at) !== b.getUint32(at)) return false;
    for (; at < part.length; at++) if (a.getUint8(at) !== b.getUint8(at)) return false;
    return true;
  });
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
