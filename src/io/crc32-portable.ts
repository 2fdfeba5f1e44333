/** CRC-32 where there is no zlib. Source: ISO 3309, polynomial 0xEDB88320 in reversed bit order. */

let table: Int32Array | null = null;

function makeTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    return remainder;
  });
}

/** The CRC-32 of bytes, as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  table ??= makeTable();
  let remainder = -1;
  for (let i = 0; i < bytes.length; i++) {
    remainder = (remainder >>> 8) ^ (table[(remainder ^ (bytes[i] as number)) & 255] as number);
  }
  return (remainder ^ -1) >>> 0;
}
