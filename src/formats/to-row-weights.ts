/** Weights that come back from a row in every bit, although it has one element type. */
import { LossyConversionError } from "../errors.ts";
import { deferArray } from "../weights/deferred-array.ts";
import type { ElementType } from "../weights/element-type.ts";
import type { FlatArray } from "../weights/flat-array.ts";
import { LazyWeights } from "../weights/lazy-weights.ts";
import { arrayLabel, Weights } from "../weights/weights.ts";

/**
 * Weights to be written to a row: numbers that its element type does not have are refused when they are written, and so are NaNs that would lose
 * their bits, which are refused here.
 *
 * @param isDeferred - Reads each array only when it is written. For rows without compression and checksum.
 * @throws {LossyConversionError} An array has another NaN than conversions make, and another type than the row; deferred arrays throw it when
 *   they are written.
 */
export async function toRowWeights(weights: Weights | LazyWeights, isDeferred: boolean): Promise<Weights> {
  if (weights instanceof LazyWeights && isDeferred && !isBool(weights)) return deferWeights(weights);
  const all = weights instanceof LazyWeights ? await weights.readAll() : weights;
  const { elementType, names } = all;
  for (const [i, array] of all.arrays.entries()) checkNaNs(array, elementType, arrayLabel(i, names?.[i]));
  return all;
}

/** Bools share bytes with their neighbours and are written together. */
function isBool(weights: LazyWeights): boolean {
  return weights.list().every(({ elementType }) => elementType === "bool");
}

function deferWeights(weights: LazyWeights): Weights {
  const { names } = weights;
  const arrays = weights.list().map(({ size, elementType: type, index, name }) =>
    deferArray(size, type, async () => {
      const array = await weights.read(index);
      checkNaNs(array, deferred.elementType, arrayLabel(index, name));
      return array;
    }),
  );
  const deferred = new Weights(arrays, { names, layout: weights.layout, dtypes: weights.dtypes });
  return deferred;
}

function checkNaNs(array: FlatArray, rowType: ElementType, label: string): void {
  const index = array.elementType === rowType ? -1 : findOtherNaN(array);
  if (index < 0) return;
  throw new LossyConversionError({
    subject: label,
    expected: `numbers that come back from ${rowType}, the one type of the row`,
    found: `a NaN with bits of its own at element ${index}`,
    remedy: "Replace it by NaN, or keep one element type in the model",
  });
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
