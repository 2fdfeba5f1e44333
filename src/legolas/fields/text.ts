/** Strings and symbols. */
import { type ArrayData, bytesAt } from "../../arrow/array-data.ts";
import { type Column, encodeBinary } from "../../arrow/encoded-array.ts";
import { decodeUtf8, encodeUtf8 } from "../../arrow/utf8.ts";
import { FormatError } from "../../errors.ts";
import { type ElementReader, FieldType, inside, mismatch, type Place } from "./field-type.ts";

function constructString(value: unknown, place: Place): string {
  if (typeof value !== "string") throw mismatch(place, "string", value);
  if (!value.isWellFormed()) {
    throw mismatch(
      place,
      "a well-formed string",
      value,
      "Half a surrogate pair cannot be stored; value.toWellFormed() replaces it",
    );
  }
  return value;
}

function readStrings(array: ArrayData, place: Place): ElementReader<string> {
  return (index) => {
    const text = decodeUtf8(bytesAt(array, index));
    if (text !== null) return text;
    throw new FormatError({
      subject: `column "${inside(place, index).path.join(".")}"`,
      expected: "UTF-8 text",
      found: "other bytes",
      remedy: "Declare the column as t.bytes in its writer, or read its bytes with another tool",
    });
  };
}

function encodeStrings(column: Column, values: readonly (string | null)[]) {
  return encodeBinary(
    column,
    { kind: "utf8", large: false },
    values.map((value) => (value === null ? null : encodeUtf8(value))),
  );
}

/** UTF-8 text of any string column, Julia's Symbols included. */
export const string: FieldType<string> = /* @__PURE__ */ new FieldType<string>({
  text: "string",
  construct: constructString,
  accepts: (field) => field.type.kind === "utf8",
  reader: readStrings,
  encode: encodeStrings,
});

/** Julia's Symbol, a string in JavaScript. */
export const symbol: FieldType<string> = /* @__PURE__ */ new FieldType<string>({
  ...string.spec,
  text: "symbol",
  encode: (column, values) => encodeStrings({ ...column, extension: "JuliaLang.Symbol" }, values),
});
