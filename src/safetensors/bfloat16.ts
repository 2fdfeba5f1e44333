/**
 * bfloat16: the upper 16 bits of a float32.
 *
 * Idea: only bits are moved, never numbers, so that NaNs keep theirs.
 */

/** The memory into which the bits of a float32 array's elements are read before they are widened: its upper half. */
export function bfloat16Landing({ buffer, byteOffset, length }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset + 2 * length, 2 * length);
}

/** Widens the bits in the landing to the float32 elements, in place. */
export function widenBfloat16(elements: Float32Array): void {
  const { buffer, byteOffset, length } = elements;
  const wide = new Uint32Array(buffer, byteOffset, length);
  const bits = new Uint16Array(buffer, byteOffset + 2 * length, length);
  // Ascending: element i is written to bytes 4i to 4i + 3, at or before its own bits and before all that follow.
  for (let i = 0; i < length; i++) wide[i] = (bits[i] as number) << 16;
}

/** The bits of float32 elements, in new memory, nearest with ties to even, and the index of the first element that changed, or null. */
export function narrowToBfloat16(elements: Float32Array): { bits: Uint16Array; changed: number | null } {
  const wide = new Uint32Array(elements.buffer, elements.byteOffset, elements.length);
  const bits = new Uint16Array(elements.length);
  let changed: number | null = null;
  for (let i = 0; i < bits.length; i++) {
    const word = wide[i] as number;
    const isNotNumber = (word & 0x7fff_ffff) > 0x7f80_0000;
    if ((word & 0xffff) === 0) bits[i] = word >>> 16;
    // The payload's upper bits stay; the quiet bit keeps it from becoming an infinity.
    else if (isNotNumber) bits[i] = (word >>> 16) | 0x40;
    else {
      bits[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
      changed ??= i;
    }
  }
  return { bits, changed };
}
