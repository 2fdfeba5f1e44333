/** What integer and floating-point types have in common. */
import type { TypedArray } from "../../arrow/array-data.ts";
import type { DataType, Field, FloatType, IntType } from "../../arrow/data-type.ts";
import { encodeFixed } from "../../arrow/encoded-array.ts";
import type { FieldType } from "./field-type.ts";

/** Whether a column has exactly a type. */
export function sameType(field: Field, type: IntType | FloatType): boolean {
  const found = field.type;
  if (found.kind !== type.kind || found.bitWidth !== type.bitWidth) return false;
  return found.kind === "float" || type.kind === "float" || found.signed === type.signed;
}

const isNumeric = (text: string): boolean => /^(u?int(8|16|32|64)|integer|float(16|32|64)|real)$/.test(text);

/** Whether a wider type of numbers takes the values of this one. */
export function narrowsNumbers(text: string): (wider: FieldType<unknown, unknown>) => boolean {
  const isInteger = /int/.test(text);
  return (wider) => (wider.text === "real" && isNumeric(text)) || (wider.text === "integer" && isInteger);
}

/** The class of typed arrays that hold numbers, not bigints. */
export type NumberArrayConstructor = new (length: number) => Exclude<TypedArray, BigInt64Array | BigUint64Array>;

/** Encodes numbers as the elements of a typed array. */
export function encodeNumbers(
  type: DataType,
  Constructor: NumberArrayConstructor,
  toElement: (value: number) => number,
) {
  return (column: Parameters<typeof encodeFixed>[0], values: readonly (number | null)[]) => {
    const elements = new Constructor(values.length);
    for (const [i, value] of values.entries()) elements[i] = value === null ? 0 : toElement(value);
    return encodeFixed(
      column,
      type,
      elements,
      values.map((value) => value !== null),
    );
  };
}

export const asIs = (value: number): number => value;
