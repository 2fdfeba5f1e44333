/** Integers of every width. */
import type { ArrayData } from "../../arrow/array-data.ts";
import type { Field, IntType } from "../../arrow/data-type.ts";
import { encodeFixed } from "../../arrow/encoded-array.ts";
import { type ElementReader, FieldType, inside, mismatch, type Place } from "./field-type.ts";
import { asIs, encodeNumbers, type NumberArrayConstructor, narrowsNumbers, sameType } from "./number-columns.ts";

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
export function safeIntegers(array: ArrayData, place: Place): ElementReader<number> {
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

/** Integers from -128 to 127; others throw. */
export const int8: FieldType<number> = /* @__PURE__ */ smallInteger(8, true, Int8Array);
/** Integers from -32,768 to 32,767; others throw. */
export const int16: FieldType<number> = /* @__PURE__ */ smallInteger(16, true, Int16Array);
/** Integers from -2^31 to 2^31 - 1; others throw. */
export const int32: FieldType<number> = /* @__PURE__ */ smallInteger(32, true, Int32Array);
/** Integers from 0 to 255; others throw. */
export const uint8: FieldType<number> = /* @__PURE__ */ smallInteger(8, false, Uint8Array);
/** Integers from 0 to 65,535; others throw. */
export const uint16: FieldType<number> = /* @__PURE__ */ smallInteger(16, false, Uint16Array);
/** Integers from 0 to 2^32 - 1; others throw. */
export const uint32: FieldType<number> = /* @__PURE__ */ smallInteger(32, false, Uint32Array);

const int64Type: IntType = { kind: "int", bitWidth: 64, signed: true };

/** Int64 as a number: integers whose magnitude is below 2^53; others throw when a record is built, written or read. */
export const int64: FieldType<number> = /* @__PURE__ */ wideInteger("int64", true, (field) =>
  sameType(field, int64Type),
);
/** UInt64 as a number: integers from 0 to 2^53 - 1; others throw. */
export const uint64: FieldType<number> = /* @__PURE__ */ wideInteger("uint64", false, (field) =>
  sameType(field, { kind: "int", bitWidth: 64, signed: false }),
);
/** Any integer column, read as numbers; written as Int64. */
export const integer: FieldType<number> = /* @__PURE__ */ wideInteger(
  "integer",
  true,
  ({ type }) => type.kind === "int" && type.bitWidth !== 128,
);

const minBigint = -(2n ** 63n);
const maxBigint = 2n ** 63n - 1n;

/** Int64 as a bigint. Numbers that are integers are taken too. */
export const bigint: FieldType<bigint, bigint | number> = /* @__PURE__ */ new FieldType<bigint, bigint | number>({
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
