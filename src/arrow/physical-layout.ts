/**
 * Which buffers an array of each type has.
 *
 * Source: https://arrow.apache.org/docs/format/Columnar.html#buffer-listing-for-each-layout
 */
import type { BytesForm, DataType, Field } from "./data-type.ts";

/** What a buffer holds, in the order the format lists them. */
export type BufferRole =
  /** One bit an element, set where the element is not null; may be empty where nothing is. */
  | { readonly role: "validity" }
  | { readonly role: "values"; readonly bitsPerElement: number }
  /** One offset more than elements, except that an empty array may have none. */
  | { readonly role: "offsets"; readonly bytesPerOffset: 4 | 8 }
  | { readonly role: "unionOffsets" }
  | { readonly role: "typeIds" }
  /** Bytes that offsets or views point into. */
  | { readonly role: "bytes" }
  /** A buffer of a type whose values are not read. */
  | { readonly role: "skipped" };

const validity: BufferRole = { role: "validity" };
const values = (bitsPerElement: number): BufferRole => ({ role: "values", bitsPerElement });
const offsets = (large: boolean): BufferRole => ({ role: "offsets", bytesPerOffset: large ? 8 : 4 });

/** A view is of 16 bytes. */
const ofBytes = ({ large, view }: BytesForm): readonly BufferRole[] =>
  view ? [validity, values(128)] : [validity, offsets(large), { role: "bytes" }];

const layouts: {
  readonly [K in DataType["kind"]]: (type: Extract<DataType, { kind: K }>) => readonly BufferRole[];
} = {
  null: () => [],
  int: ({ bitWidth }) => [validity, values(bitWidth)],
  float: ({ bitWidth }) => [validity, values(bitWidth)],
  bool: () => [validity, values(1)],
  utf8: ofBytes,
  binary: ofBytes,
  fixedSizeBinary: ({ byteWidth }) => [validity, values(8 * byteWidth)],
  date: ({ unit }) => [validity, values(unit === "day" ? 32 : 64)],
  time: ({ bitWidth }) => [validity, values(bitWidth)],
  timestamp: () => [validity, values(64)],
  duration: () => [validity, values(64)],
  list: ({ large }) => [validity, offsets(large)],
  fixedSizeList: () => [validity],
  struct: () => [validity],
  map: () => [validity, offsets(false)],
  union: ({ mode }) => (mode === "dense" ? [{ role: "typeIds" }, { role: "unionOffsets" }] : [{ role: "typeIds" }]),
  unsupported: ({ bufferCount }) => Array.from({ length: bufferCount }, () => ({ role: "skipped" })),
};

/** How messages say that they follow version 5 of the metadata format. */
export const metadataV5 = 4;

/** The buffers of a field's array, without those of its children and without those that views refer to. */
export function bufferRoles(field: Field, metadataVersion: number): readonly BufferRole[] {
  const type = storedType(field);
  // Each layout takes the member of the union that its key names, which TypeScript cannot see across an index.
  const roles = (layouts[type.kind] as (type: DataType) => readonly BufferRole[])(type);
  return type.kind === "union" && metadataVersion < metadataV5 ? [{ role: "skipped" }, ...roles] : roles;
}

/** The type of a field's array as it stands in a record batch: the index type where the field has a dictionary. */
export function storedType(field: Field): DataType {
  return field.dictionary?.indexType ?? field.type;
}

/** The children of a field's array as it stands in a record batch. */
export function storedChildren(field: Field): readonly Field[] {
  return field.dictionary ? [] : field.children;
}
