/** Whether the arrays of a row come back in every bit after they were stored with one element type. */
import { LossyConversionError } from "../errors.ts";
import type { FlatArray } from "../weights/flat-array.ts";
import { arrayLabel, type Weights } from "../weights/weights.ts";

/**
 * Numbers that would change are refused when they are written; of NaN only the one that conversions make comes back, and others are refused here.
 *
 * @throws {LossyConversionError} An array has another NaN and another type than the row.
 */
export function checkPromotion({ arrays, names, elementType, lossy }: Weights): void {
  if (lossy) return;
  for (const [i, array] of arrays.entries()) {
    const index = array.elementType === elementType ? -1 : findOtherNaN(array);
    if (index < 0) continue;
    throw new LossyConversionError({
      subject: arrayLabel(i, names?.[i]),
      expected: `numbers that come back from ${elementType}, the one type of the row`,
      found: `a NaN with bits of its own at element ${index}`,
      remedy: "Replace it by NaN, or keep one element type in the model",
    });
  }
}

/** The first NaN that is not the one of its type that arithmetic gives, or -1. */
function findOtherNaN({ vec, elementType }: FlatArray): number {
  if (elementType === "float16") {
    return (vec as Uint16Array).findIndex((bits) => (bits & 0x7fff) > 0x7c00 && bits !== 0x7e00);
  }
  if (!(vec instanceof Float32Array)) return -1;
  const bits = new Uint32Array(vec.buffer, vec.byteOffset, vec.length);
  return bits.findIndex((word) => (word & 0x7fff_ffff) > 0x7f80_0000 && word !== 0x7fc0_0000);
}
