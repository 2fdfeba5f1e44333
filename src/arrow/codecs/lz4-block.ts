/**
 * Blocks of LZ4: runs of literal bytes, each followed by a copy of bytes that came before.
 *
 * Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */

const minMatch = 4;
/** A length of 15 in a token is continued in further bytes. */
const longLength = 15;
/** The last match begins at least this far from the end of a block, and the last bytes are always literals. */
const matchStartMargin = 12;
const lastLiterals = 5;
const maxOffset = 65_535;
const hashBits = 14;

/** What is wrong with compressed bytes; wrapped by the caller, which knows where they stand. */
export class Lz4Error extends Error {}

/** Where a block is written to. */
export interface Output {
  readonly bytes: Uint8Array;
  position: number;
  /** Matches reach back to here at most. */
  windowStart: number;
}

/** Decodes a block to the output's position, up to `limit` at most. @throws {Lz4Error} */
export function decodeBlock(block: Uint8Array, output: Output, limit: number): void {
  let at = 0;
  const extend = (length: number): number => {
    if (length < longLength) return length;
    let total = length;
    for (let byte = 255; byte === 255; total += byte) {
      if (at >= block.length) throw new Lz4Error("a length that runs past its block");
      byte = block[at++] as number;
    }
    return total;
  };
  while (at < block.length) {
    const token = block[at++] as number;
    const literals = extend(token >> 4);
    if (literals > block.length - at) throw new Lz4Error("literals that run past their block");
    copyLiterals(block.subarray(at, at + literals), output, limit);
    at += literals;
    if (at === block.length) {
      if ((token & longLength) !== 0) throw new Lz4Error("a block that ends inside a sequence");
      return;
    }
    if (block.length - at < 2) throw new Lz4Error("a block that ends inside an offset");
    const offset = (block[at] as number) | ((block[at + 1] as number) << 8);
    at += 2;
    copyMatch(output, offset, extend(token & longLength) + minMatch, limit);
  }
  throw new Lz4Error("a block without its last literals");
}

/** Copies bytes to the output as they are, up to `limit` at most. @throws {Lz4Error} */
export function copyLiterals(literals: Uint8Array, output: Output, limit: number): void {
  if (literals.length > limit - output.position) throw new Lz4Error("more content than declared");
  output.bytes.set(literals, output.position);
  output.position += literals.length;
}

function copyMatch(output: Output, offset: number, length: number, limit: number): void {
  const { bytes, position, windowStart } = output;
  if (offset === 0 || position - offset < windowStart) throw new Lz4Error("an offset outside the window");
  if (length > limit - position) throw new Lz4Error("more content than declared");
  // A match may overlap what it makes; each copy doubles what can be copied next.
  for (let done = 0; done < length; ) {
    const count = Math.min(offset + done, length - done);
    bytes.copyWithin(position + done, position - offset, position - offset + count);
    done += count;
  }
  output.position += length;
}

/** Compresses bytes into a block; null where it would not be smaller than they are. */
export function encodeBlock(bytes: Uint8Array): Uint8Array | null {
  const encoder = new BlockEncoder(bytes);
  for (let match = encoder.nextMatch(); match !== null; match = encoder.nextMatch()) encoder.sequence(match);
  return encoder.finish();
}

interface Match {
  readonly start: number;
  readonly offset: number;
  readonly length: number;
}

class BlockEncoder {
  private readonly view: DataView;
  private readonly out: Uint8Array;
  /** For each hash of four bytes, one more than where they last stood. */
  private readonly table = new Int32Array(1 << hashBits);
  private written = 0;
  private literalsStart = 0;
  private position = 0;
  private full = false;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.out = new Uint8Array(bytes.length);
  }

  /** The next repetition; steps grow where none is found, so that data without any passes quickly. */
  nextMatch(): Match | null {
    const lastStart = this.bytes.length - matchStartMargin;
    for (let misses = 64; this.position <= lastStart && !this.full; this.position += misses++ >> 6) {
      const word = this.view.getInt32(this.position, true);
      const hash = Math.imul(word, -1640531535) >>> (32 - hashBits);
      const candidate = (this.table[hash] as number) - 1;
      this.table[hash] = this.position + 1;
      const offset = this.position - candidate;
      if (candidate < 0 || offset > maxOffset || this.view.getInt32(candidate, true) !== word) continue;
      return { start: this.position, offset, length: this.matchLength(candidate) };
    }
    return null;
  }

  private matchLength(candidate: number): number {
    const limit = this.bytes.length - lastLiterals - this.position;
    let length = minMatch;
    while (length < limit && this.bytes[this.position + length] === this.bytes[candidate + length]) length++;
    return length;
  }

  sequence({ start, offset, length }: Match): void {
    const extra = length - minMatch;
    this.token(start, extra);
    this.byte(offset & 255);
    this.byte(offset >> 8);
    this.longLength(extra);
    this.position = start + length;
    this.literalsStart = this.position;
  }

  private token(literalsEnd: number, extra: number): void {
    const literals = literalsEnd - this.literalsStart;
    this.byte((Math.min(literals, longLength) << 4) | Math.min(extra, longLength));
    this.longLength(literals);
    if (this.written + literals > this.out.length) this.full = true;
    else this.out.set(this.bytes.subarray(this.literalsStart, literalsEnd), this.written);
    this.written += literals;
  }

  private longLength(length: number): void {
    if (length < longLength) return;
    let rest = length - longLength;
    for (; rest >= 255; rest -= 255) this.byte(255);
    this.byte(rest);
  }

  private byte(value: number): void {
    this.out[this.written++] = value;
  }

  finish(): Uint8Array | null {
    this.token(this.bytes.length, 0);
    return this.written < this.bytes.length ? this.out.subarray(0, this.written) : null;
  }
}
