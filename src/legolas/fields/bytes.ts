/** Bytes. */
import { type ArrayData, bytesAt } from "../../arrow/array-data.ts";
import type { Field, IntType } from "../../arrow/data-type.ts";
import { chunkOf, encodeChunks, encodeList } from "../../arrow/encoded-array.ts";
import { type ElementReader, FieldType, inside, mismatch, type Place } from "./field-type.ts";

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
