/** Strings, symbols, UUIDs and bytes. */
import { type ArrayData, bytesAt } from "../../arrow/array-data.ts";
import { extensionName, type Field, type IntType } from "../../arrow/data-type.ts";
import {
  type Column,
  chunkOf,
  encodeBinary,
  encodeChunks,
  encodeFixed,
  encodeList,
} from "../../arrow/encoded-array.ts";
import { decodeUtf8 } from "../../arrow/flatbuffer-reader.ts";
import { FormatError } from "../../errors.ts";
import { type ElementReader, FieldType, inside, mismatch, type Place } from "./field-type.ts";

const encoder = new TextEncoder();

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
    values.map((value) => (value === null ? null : encoder.encode(value))),
  );
}

/** UTF-8 text of any string column, Julia's Symbols included. */
export const string: FieldType<string> = new FieldType<string>({
  text: "string",
  construct: constructString,
  accepts: (field) => field.type.kind === "utf8",
  reader: readStrings,
  encode: encodeStrings,
});

/** Julia's Symbol, a string in JavaScript. */
export const symbol: FieldType<string> = new FieldType<string>({
  ...string.spec,
  text: "symbol",
  encode: (column, values) => encodeStrings({ ...column, extension: "JuliaLang.Symbol" }, values),
});

const uuidBytes = 16;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const juliaUuid = "JuliaLang.UUID";

function formatUuid(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The UUID's bytes as Julia stores them: a little-endian 128-bit integer, so in reverse. */
function reversedUuid(uuid: string): Uint8Array {
  const hex = uuid.replaceAll("-", "");
  return Uint8Array.from({ length: uuidBytes }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)).reverse();
}

function isUint128({ type }: Field): boolean {
  return type.kind === "int" && type.bitWidth === 128 && !type.signed;
}

/**
 * A UUID as lowercase text. Any 16-byte binary column is read: in reverse under Julia's extension name and from 128-bit unsigned
 * integers (which are the same bytes), in RFC order otherwise.
 */
export const uuid: FieldType<string> = new FieldType<string>({
  text: "uuid",
  construct: (value, place) => {
    const lower = typeof value === "string" ? value.toLowerCase() : "";
    if (!uuidPattern.test(lower)) throw mismatch(place, "uuid (such as 3f2504e0-4f89-11d3-9a0c-0305e82c3301)", value);
    return lower;
  },
  accepts: (field) => isUint128(field) || (field.type.kind === "fixedSizeBinary" && field.type.byteWidth === uuidBytes),
  reader: (array) => {
    const reversed = extensionName(array.field) === juliaUuid || isUint128(array.field);
    return (index) => {
      const bytes = (array.values as Uint8Array).slice(index * uuidBytes, (index + 1) * uuidBytes);
      return formatUuid(reversed ? bytes.reverse() : bytes);
    };
  },
  encode: (column, values) => {
    const bytes = new Uint8Array(values.length * uuidBytes);
    for (const [i, value] of values.entries()) if (value !== null) bytes.set(reversedUuid(value), i * uuidBytes);
    const type = { kind: "fixedSizeBinary", byteWidth: uuidBytes } as const;
    return encodeFixed(
      { ...column, extension: juliaUuid },
      type,
      bytes,
      values.map((value) => value !== null),
    );
  },
});

const byteType: IntType = { kind: "int", bitWidth: 8, signed: false };

/** Bytes of any binary column or list of unsigned bytes; written as a list, as Julia's `Vector{UInt8}`. Read as copies. */
export const bytes: FieldType<Uint8Array> = new FieldType<Uint8Array>({
  text: "bytes",
  construct: (value, place) => {
    if (value instanceof Uint8Array) return new Uint8Array(value);
    if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
    throw mismatch(place, "bytes (a Uint8Array)", value);
  },
  accepts: (field) => field.type.kind === "binary" || field.type.kind === "fixedSizeBinary" || isByteList(field),
  reader: readBytes,
  encode: (column, values) => {
    const present = values.filter((value) => value !== null);
    const total = present.reduce((sum, { length }) => sum + length, 0);
    const items = encodeChunks({ name: "item", nullable: false }, byteType, total, present.map(chunkOf));
    return encodeList(
      column,
      values.map((value) => value?.length ?? null),
      items,
    );
  },
});

/** Whether a column is a list of bytes as {@link bytes} writes it. */
export function isByteList({ type, children }: Field): boolean {
  const item = children[0];
  if (type.kind !== "list" || !item || item.dictionary) return false;
  return item.type.kind === "int" && item.type.bitWidth === 8 && !item.type.signed;
}

function readBytes(array: ArrayData, place: Place): ElementReader<Uint8Array> {
  const { type } = array.field;
  if (type.kind === "binary") return (index) => bytesAt(array, index).slice();
  if (type.kind === "fixedSizeBinary") {
    return (index) => (array.values as Uint8Array).slice(index * type.byteWidth, (index + 1) * type.byteWidth);
  }
  const items = array.children[0] as ArrayData;
  return (index) => {
    if (items.nullCount > 0) throw mismatch(inside(place, index), "bytes without nulls among them", null);
    return (items.values as Uint8Array).slice(array.offsets?.[index], array.offsets?.[index + 1]);
  };
}
