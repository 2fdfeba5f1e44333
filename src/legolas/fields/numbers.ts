/** Integers, floating-point numbers and booleans. */

import type { ArrayData, TypedArray } from "../../arrow/array-data.ts";
import { boolAt } from "../../arrow/array-data.ts";
import type { DataType, Field, FloatType, IntType } from "../../arrow/data-type.ts";
import { encodeBool, encodeFixed } from "../../arrow/encoded-array.ts";
import { float16FromBits, float16ToBits } from "../../arrow/float16.ts";
import { type ElementReader, FieldType, inside, mismatch, type Place } from "./field-type.ts";

function sameType(field: Field, type: IntType | FloatType): boolean {
  const found = field.type;
  if (found.kind !== type.kind || found.bitWidth !== type.bitWidth) return false;
  return found.kind === "float" || type.kind === "float" || found.signed === type.signed;
}

const isNumeric = (text: string): boolean => /^(u?int(8|16|32|64)|integer|float(16|32|64)|real)$/.test(text);

/** Whether a wider type of numbers takes the values of this one. */
function narrowsNumbers(text: string): (wider: FieldType<unknown, unknown>) => boolean {
  const isInteger = /int/.test(text);
  return (wider) => (wider.text === "real" && isNumeric(text)) || (wider.text === "integer" && isInteger);
}

type NumberArrayConstructor = new (length: number) => Exclude<TypedArray, BigInt64Array | BigUint64Array>;

function encodeNumbers(type: DataType, Constructor: NumberArrayConstructor, toElement: (value: number) => number) {
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

const asIs = (value: number): number => value;

function smallInteger(bitWidth: 8 | 16 | 32, signed: boolean, Constructor: NumberArrayConstructor): FieldType<number> {
  const text = `${signed ? "" : "u"}int${bitWidth}`;
  const type: IntType = { kind: "int", bitWidth, signed };
  const minimum = signed ? -(2 ** (bitWidth - 1)) : 0;
  const maximum = minimum + 2 ** bitWidth - 1;
  return new FieldType<number>({
    text,
    construct: (value, place) =>
      integerBetween(value, minimum, maximum, `${text} (an integer from ${minimum} to ${maximum})`, place),
    accepts: (field) => sameType(field, type),
    reader: (array) => (index) => array.values?.[index] as number,
    encode: encodeNumbers(type, Constructor, asIs),
    narrows: narrowsNumbers(text),
  });
}

function integerBetween(value: unknown, minimum: number, maximum: number, expected: string, place: Place): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  const fits = typeof number === "number" && Number.isInteger(number) && number >= minimum && number <= maximum;
  if (!fits || (typeof value === "bigint" && BigInt(number) !== value)) throw mismatch(place, expected, value);
  return number === 0 ? 0 : number;
}

const unsafeRemedy = "Declare the field as t.bigint to keep integers beyond 2^53 exactly";

/** A reader of 64-bit integers as numbers. */
function safeIntegers(array: ArrayData, place: Place): ElementReader<number> {
  return (index) => {
    const value = array.values?.[index] as number | bigint;
    if (typeof value === "bigint" && !Number.isSafeInteger(Number(value))) {
      throw mismatch(inside(place, index), "a safe integer (magnitude below 2^53)", value, unsafeRemedy);
    }
    return Number(value);
  };
}

function constructSafe(text: string, minimum: number): (value: unknown, place: Place) => number {
  const expected = `${text} (a safe integer${minimum === 0 ? " from 0" : ""})`;
  return (value, place) => {
    const isUnsafe = (typeof value === "number" && Number.isInteger(value)) || typeof value === "bigint";
    if (isUnsafe && !Number.isSafeInteger(Number(value))) throw mismatch(place, expected, value, unsafeRemedy);
    return integerBetween(value, minimum, Number.MAX_SAFE_INTEGER, expected, place);
  };
}

function wideInteger(text: string, signed: boolean, accepts: (field: Field) => boolean): FieldType<number> {
  const type: IntType = { kind: "int", bitWidth: 64, signed };
  return new FieldType<number>({
    text,
    construct: constructSafe(text, signed ? Number.MIN_SAFE_INTEGER : 0),
    accepts,
    reader: safeIntegers,
    encode: (column, values) => {
      const elements = BigInt64Array.from(values, (value) => BigInt(value ?? 0));
      const stored = signed ? elements : new BigUint64Array(elements.buffer);
      return encodeFixed(
        column,
        type,
        stored,
        values.map((value) => value !== null),
      );
    },
    narrows: narrowsNumbers(text),
  });
}

export const int8: FieldType<number> = smallInteger(8, true, Int8Array);
export const int16: FieldType<number> = smallInteger(16, true, Int16Array);
export const int32: FieldType<number> = smallInteger(32, true, Int32Array);
export const uint8: FieldType<number> = smallInteger(8, false, Uint8Array);
export const uint16: FieldType<number> = smallInteger(16, false, Uint16Array);
export const uint32: FieldType<number> = smallInteger(32, false, Uint32Array);

const int64Type: IntType = { kind: "int", bitWidth: 64, signed: true };

/** Int64 as a number: integers whose magnitude is below 2^53; others throw on construction, write and read. */
export const int64: FieldType<number> = wideInteger("int64", true, (field) => sameType(field, int64Type));
/** UInt64 as a number: integers from 0 to 2^53 - 1; others throw. */
export const uint64: FieldType<number> = wideInteger("uint64", false, (field) =>
  sameType(field, { kind: "int", bitWidth: 64, signed: false }),
);
/** Any integer column, read as numbers; written as Int64. */
export const integer: FieldType<number> = wideInteger(
  "integer",
  true,
  ({ type }) => type.kind === "int" && type.bitWidth !== 128,
);

const minBigint = -(2n ** 63n);
const maxBigint = 2n ** 63n - 1n;

/** Int64 as a bigint. Numbers that are integers are taken too. */
export const bigint: FieldType<bigint, bigint | number> = new FieldType<bigint, bigint | number>({
  text: "bigint",
  construct: (value, place) => {
    const integral = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof integral !== "bigint" || integral < minBigint || integral > maxBigint) {
      throw mismatch(place, "bigint (from -2^63 to 2^63 - 1)", value);
    }
    return integral;
  },
  accepts: (field) => sameType(field, int64Type),
  reader: (array) => (index) => array.values?.[index] as bigint,
  encode: (column, values) =>
    encodeFixed(
      column,
      int64Type,
      // Columns of any type may mix numbers with bigints.
      BigInt64Array.from(values, (value) => BigInt(value ?? 0n)),
      values.map((value) => value !== null),
    ),
});

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

/** Half precision; values are rounded to it on construction. */
export const float16: FieldType<number> = floatType(
  16,
  Uint16Array,
  (value) => float16FromBits(float16ToBits(value)),
  float16ToBits,
);
/** Single precision; values are rounded to it on construction. */
export const float32: FieldType<number> = floatType(32, Float32Array, Math.fround, asIs);
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

export const bool: FieldType<boolean> = new FieldType<boolean>({
  text: "bool",
  construct: (value, place) => {
    if (typeof value !== "boolean") throw mismatch(place, "bool", value);
    return value;
  },
  accepts: (field) => field.type.kind === "bool",
  reader: (array) => (index) => boolAt(array, index),
  encode: encodeBool,
});
