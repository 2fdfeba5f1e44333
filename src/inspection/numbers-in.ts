import type { FlatArray } from "../index.ts";

/** The elements as numbers or bigints: of float16 its values, not its bits. A view where possible. */
export function numbersIn(array: FlatArray): FlatArray["vec"] {
  return array.elementType === "float16" ? array.toFloat32() : array.vec;
}
