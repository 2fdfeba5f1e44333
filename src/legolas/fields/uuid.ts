import { extensionName, type Field } from "../../arrow/data-type.ts";
import { encodeFixed } from "../../arrow/encoded-array.ts";
import { FieldType, mismatch } from "./field-type.ts";

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
