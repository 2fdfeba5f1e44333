/**
 * Digests of arrays, which notice flipped bits inside values.
 *
 * CRC-32 (ISO 3309, as in gzip and PNG) over an array's elements as they are stored: little-endian, bools packed to bits from the array's own
 * first element.
 */
import { crc32 } from "#crc32";
import type { TypedArray } from "../arrow/array-data.ts";
import { packBits } from "../arrow/encoded-array.ts";
import type { ElementType } from "./element-type.ts";

/** The digest of elements, as `crc32:xxxxxxxx`. */
export function checksumOf(vec: TypedArray, type: ElementType): string {
  const elements = type === "bool" ? packBits(vec as Uint8Array) : vec;
  const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  return `crc32:${crc32(bytes).toString(16).padStart(8, "0")}`;
}
