/** Values of other Arrow readers in one plain form. */
import { MapRow, StructRow, Vector } from "apache-arrow";

/**
 * A value of apache-arrow or flechette as plain data: lists as arrays, structs as objects, maps as arrays of entries, null as null.
 * Flechette must be asked for bigints and Maps (`{ useBigInt: true, useMap: true }`).
 */
export function plainValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value ?? null;
  if (value instanceof Vector) return Array.from({ length: value.length }, (_, i) => plainValue(value.get(i)));
  if (value instanceof MapRow || value instanceof Map) return [...value].map(([key, item]) => [key, plainValue(item)]);
  if (value instanceof StructRow) {
    return Object.fromEntries([...value].map(([name, item]) => [name, plainValue(item)]));
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if (Array.isArray(value)) return value.map(plainValue);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plainValue(item)]));
}
