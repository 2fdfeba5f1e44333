/**
 * xxHash32 with seed 0, which LZ4 frames use for their checksums.
 *
 * Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */

const prime1 = 0x9e3779b1 | 0;
const prime2 = 0x85ebca77 | 0;
const prime3 = 0xc2b2ae3d | 0;
const prime4 = 0x27d4eb2f | 0;
const prime5 = 0x165667b1 | 0;
const stripeBytes = 16;

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function round(lane: number, input: number): number {
  return Math.imul(rotateLeft((lane + Math.imul(input, prime2)) | 0, 13), prime1);
}

/** The hash of bytes, as an unsigned 32-bit number. */
export function xxhash32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const stripesEnd = bytes.length - (bytes.length % stripeBytes);
  let hash = (stripesEnd > 0 ? hashStripes(view, stripesEnd) : prime5) + bytes.length;
  let position = stripesEnd;
  for (; position + 4 <= bytes.length; position += 4) {
    hash = Math.imul(rotateLeft((hash + Math.imul(view.getInt32(position, true), prime3)) | 0, 17), prime4);
  }
  for (; position < bytes.length; position++) {
    hash = Math.imul(rotateLeft((hash + Math.imul(view.getUint8(position), prime5)) | 0, 11), prime1);
  }
  return avalanche(hash | 0);
}

function hashStripes(view: DataView, end: number): number {
  let lane1 = (prime1 + prime2) | 0;
  let lane2 = prime2;
  let lane3 = 0;
  let lane4 = -prime1 | 0;
  for (let position = 0; position < end; position += stripeBytes) {
    lane1 = round(lane1, view.getInt32(position, true));
    lane2 = round(lane2, view.getInt32(position + 4, true));
    lane3 = round(lane3, view.getInt32(position + 8, true));
    lane4 = round(lane4, view.getInt32(position + 12, true));
  }
  return (rotateLeft(lane1, 1) + rotateLeft(lane2, 7) + rotateLeft(lane3, 12) + rotateLeft(lane4, 18)) | 0;
}

function avalanche(value: number): number {
  let hash = Math.imul(value ^ (value >>> 15), prime2);
  hash = Math.imul(hash ^ (hash >>> 13), prime3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
