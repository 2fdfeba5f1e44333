/**
 * Arrow schemas as they stand in flatbuffer metadata. Source: Schema.fbs of the Arrow format.
 */
import { FormatError, InputError } from "../errors.ts";
import type { DictionaryEncoding, Field, Metadata, Schema } from "./data-type.ts";
import { type FlatValue, flat } from "./flatbuffer-builder.ts";
import type { FlatTable } from "./flatbuffer-reader.ts";
import { decodeIntType, decodeType, encodeIntType, encodeType } from "./type-codec.ts";

/** Deeper nesting than any real schema has; it bounds recursion. */
const maxDepth = 64;

export function decodeSchema(table: FlatTable): Schema {
  if (table.int16(0) !== 0) {
    throw new FormatError({
      subject: "Arrow schema",
      expected: "little-endian data",
      found: "big-endian data",
      remedy: "Write the file again on a little-endian machine, or with a writer that can choose the byte order",
    });
  }
  return { fields: table.tables(1).map((field) => decodeField(field, 0)), metadata: decodeMetadata(table, 2) };
}

function decodeField(table: FlatTable, depth: number): Field {
  if (depth >= maxDepth) throw table.error(`fields nested more than ${maxDepth} deep`);
  const children = table.tables(5).map((child) => decodeField(child, depth + 1));
  return {
    name: table.string(0) ?? "",
    nullable: table.bool(1),
    type: decodeType(table.uint8(2), table, table.table(3), children.length),
    dictionary: decodeDictionaryEncoding(table.table(4)),
    children,
    metadata: decodeMetadata(table, 6),
  };
}

function decodeDictionaryEncoding(table: FlatTable | null): DictionaryEncoding | null {
  if (table === null) return null;
  const index = table.table(1);
  const indexType = index ? decodeIntType(index) : ({ kind: "int", bitWidth: 32, signed: true } as const);
  if (indexType.bitWidth === 128) throw table.error("dictionary indices of 128 bits");
  return { id: table.bigint(0), indexType };
}

function decodeMetadata(table: FlatTable, slot: number): Metadata {
  return new Map(table.tables(slot).map((entry) => [entry.string(0) ?? "", entry.string(1) ?? ""]));
}

/** Slots of a `Schema` table. */
export function encodeSchema(schema: Schema): FlatValue[] {
  return [
    flat.int16(0),
    { tables: schema.fields.map((field) => encodeField(field, 0)) },
    encodeMetadata(schema.metadata),
  ];
}

function encodeField(field: Field, depth: number): (FlatValue | null)[] {
  if (depth >= maxDepth) {
    throw new InputError({
      subject: `field "${field.name}"`,
      expected: `fields nested at most ${maxDepth} deep`,
      found: "one deeper",
      remedy: "Flatten the type",
    });
  }
  const [typeNumber, typeTable] = encodeType(field.type);
  const { dictionary } = field;
  return [
    flat.text(field.name),
    flat.bool(field.nullable),
    flat.uint8(typeNumber),
    typeTable,
    dictionary && flat.table(flat.int64(dictionary.id), encodeIntType(dictionary.indexType)),
    { tables: field.children.map((child) => encodeField(child, depth + 1)) },
    field.metadata.size > 0 ? encodeMetadata(field.metadata) : null,
  ];
}

function encodeMetadata(metadata: Metadata): FlatValue {
  return { tables: [...metadata].map(([key, value]) => [flat.text(key), flat.text(value)]) };
}
