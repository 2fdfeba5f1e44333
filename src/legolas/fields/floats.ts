/** Floating-point numbers, and numbers of any kind. */
import type { ArrayData } from "../../arrow/array-data.ts";
import type { FloatType } from "../../arrow/data-type.ts";
import { float16FromBits, float16ToBits } from "../../arrow/float16.ts";
import { type ElementReader, FieldType, mismatch } from "./field-type.ts";
import { integer, safeIntegers } from "./integers.ts";
import { asIs, encodeNumbers, type NumberArrayConstructor, narrowsNumbers, sameType } from "./number-columns.ts";

/** Reads any floating-point array, float16 widened. */
function floats(array: ArrayData): ElementReader<number> {
  const { type } = array.field;
  if (type.kind !== "float" || type.bitWidth !== 16) return (index) => Number(array.values?.[index]);
  return (index) => float16FromBits(Number(array.values?.[index]));
}

function floatType(
  bitWidth: 16 | 32 | 64,
  Constructor: NumberArrayConstructor,
  round: (value: number) => number,
  toElement: (value: number) => number,
): FieldType<number> {
  const text = `float${bitWidth}`;
  const type: FloatType = { kind: "float", bitWidth };
  return new FieldType<number>({
    text,
    construct: (value, place) => {
      if (typeof value !== "number") throw mismatch(place, text, value);
      return round(value);
    },
    accepts: (field) => sameType(field, type),
    reader: floats,
    encode: encodeNumbers(type, Constructor, toElement),
    narrows: narrowsNumbers(text),
  });
}

/** Half precision; values are rounded to it when a record is built. */
export const float16: FieldType<number> = floatType(
  16,
  Uint16Array,
  (value) => float16FromBits(float16ToBits(value)),
  float16ToBits,
);
/** Single precision; values are rounded to it when a record is built. */
export const float32: FieldType<number> = floatType(32, Float32Array, Math.fround, asIs);
/** Double precision, as JavaScript's numbers. */
export const float64: FieldType<number> = floatType(64, Float64Array, asIs, asIs);

/** Any integer or floating-point column, read as numbers; written as Float64. */
export const real: FieldType<number> = new FieldType<number>({
  ...float64.spec,
  text: "real",
  construct: (value, place) => {
    if (typeof value !== "number") throw mismatch(place, "a number", value);
    return value;
  },
  accepts: (field) => field.type.kind === "float" || integer.spec.accepts(field),
  reader: (array, place) => (array.field.type.kind === "float" ? floats(array) : safeIntegers(array, place)),
  narrows: () => false,
});
