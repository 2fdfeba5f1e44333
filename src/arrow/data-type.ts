/**
 * Arrow schemas as plain data.
 *
 * Idea: a logical type is a small tagged object without its children; the children stand in the field, as in the format.
 * Source: https://arrow.apache.org/docs/format/Columnar.html and Schema.fbs.
 */

/** The units of Arrow's times, timestamps and durations. */
export type TimeUnit = "second" | "millisecond" | "microsecond" | "nanosecond";

/** Integers. */
export interface IntType {
  /** Tells it from the other types. */
  readonly kind: "int";
  /** Bits of an integer. 128 is outside the Arrow specification; Arrow.jl writes it. */
  readonly bitWidth: 8 | 16 | 32 | 64 | 128;
  /** Whether negative numbers exist. */
  readonly signed: boolean;
}

/** Floating-point numbers. */
export interface FloatType {
  /** Tells it from the other types. */
  readonly kind: "float";
  /** Bits of a number. */
  readonly bitWidth: 16 | 32 | 64;
}

/**
 * A logical type of Arrow as plain data, without the children, which stand in the {@link Field}. `large` means 64-bit offsets.
 */
export type DataType =
  | { readonly kind: "null" }
  | IntType
  | FloatType
  | { readonly kind: "bool" }
  | ({ readonly kind: "utf8" } & BytesForm)
  | ({ readonly kind: "binary" } & BytesForm)
  | { readonly kind: "fixedSizeBinary"; readonly byteWidth: number }
  | { readonly kind: "date"; readonly unit: "day" | "millisecond" }
  | { readonly kind: "time"; readonly bitWidth: 32 | 64; readonly unit: TimeUnit }
  | { readonly kind: "timestamp"; readonly unit: TimeUnit; readonly timezone: string | null }
  | { readonly kind: "duration"; readonly unit: TimeUnit }
  | { readonly kind: "list"; readonly large: boolean }
  | { readonly kind: "fixedSizeList"; readonly listSize: number }
  | { readonly kind: "struct" }
  | { readonly kind: "map"; readonly keysSorted: boolean }
  | { readonly kind: "union"; readonly mode: "sparse" | "dense"; readonly typeIds: readonly number[] }
  | UnsupportedType;

/** How texts and bytes, whose elements have any length, stand in buffers. */
export interface BytesForm {
  /** Whether offsets are of 64 bits. */
  readonly large: boolean;
  /** Set where there are no offsets: each element is a view, with its bytes inside or somewhere in other buffers. Read, never written. */
  readonly view?: true;
}

/** A type whose place in a file is understood, so that it can be skipped, but whose values are not read. */
export interface UnsupportedType {
  /** Tells it from the other types. */
  readonly kind: "unsupported";
  /** Its name in the Arrow specification. */
  readonly name: string;
  /** Buffers of one array, validity included. */
  readonly bufferCount: number;
}

/** How a column's values are found in a dictionary, a separate array sent before the column. */
export interface DictionaryEncoding {
  /** Tells the dictionaries of a table apart; columns may share one. */
  readonly id: bigint;
  /** Of the indices that stand in the column. */
  readonly indexType: IntType;
}

/** The key-value metadata of a schema or field, in the order on disk. */
export type Metadata = ReadonlyMap<string, string>;

/** A column, or a child of one. */
export interface Field {
  /** The name on disk. */
  readonly name: string;
  /** The type of the values; of the dictionary's values where `dictionary` is set. */
  readonly type: DataType;
  /** Whether null may stand in it. */
  readonly nullable: boolean;
  /** The item of a list, the fields of a struct, the entries of a map, the members of a union; empty for other types. */
  readonly children: readonly Field[];
  /** How values are found in a dictionary; null where they stand in the column itself. */
  readonly dictionary: DictionaryEncoding | null;
  /** An extension's name stands under `ARROW:extension:name`. */
  readonly metadata: Metadata;
}

/** The columns of a table and what it says of itself, as Arrow has them. */
export interface Schema {
  /** In the order on disk. */
  readonly fields: readonly Field[];
  /** The schema's identifier and provider included. */
  readonly metadata: Metadata;
}

const extensionNameKey = "ARROW:extension:name";

/** The field's extension name, or null. */
export function extensionName(field: Field): string | null {
  return field.metadata.get(extensionNameKey) ?? null;
}

/** Field metadata that names an extension type, as Arrow.jl writes it: with an empty `ARROW:extension:metadata`. */
export function extensionMetadata(name: string): Metadata {
  return new Map([
    [extensionNameKey, name],
    ["ARROW:extension:metadata", ""],
  ]);
}

function formatBytes(name: string, { large, view }: BytesForm): string {
  if (view) return `${name} view`;
  return large ? `large ${name}` : name;
}

const namers: {
  readonly [K in DataType["kind"]]: (type: Extract<DataType, { kind: K }>, children: string[]) => string;
} = {
  null: () => "null",
  int: ({ bitWidth, signed }) => `${signed ? "" : "u"}int${bitWidth}`,
  float: ({ bitWidth }) => `float${bitWidth}`,
  bool: () => "bool",
  utf8: (form) => formatBytes("string", form),
  binary: (form) => formatBytes("binary", form),
  fixedSizeBinary: ({ byteWidth }) => `binary[${byteWidth}]`,
  date: ({ unit }) => `date(${unit})`,
  time: ({ unit }) => `time(${unit})`,
  timestamp: ({ unit, timezone }) => `timestamp(${timezone === null ? unit : `${unit}, ${timezone}`})`,
  duration: ({ unit }) => `duration(${unit})`,
  list: ({ large }, children) => `${large ? "large list" : "list"}<${children.join()}>`,
  fixedSizeList: ({ listSize }, children) => `list<${children.join()}>[${listSize}]`,
  struct: (_, children) => `struct<${children.join(", ")}>`,
  map: (_, children) => `map<${children.join()}>`,
  union: (_, children) => `union<${children.join(", ")}>`,
  unsupported: ({ name }) => name,
};

/**
 * A field's type as text for messages: `list<float32>`, `struct<seed: int64, rate: float32?>`, `binary[16] (JuliaLang.UUID)`.
 *
 * @param field - Its name is no part of the text.
 */
export function formatType(field: Field): string {
  const named = field.type.kind === "struct";
  const children = field.children.map((child) => (named ? `${child.name}: ${formatType(child)}` : formatType(child)));
  // Each namer takes the member of the union that its key names, which TypeScript cannot see across an index.
  const text = (namers[field.type.kind] as (type: DataType, children: string[]) => string)(field.type, children);
  const extension = extensionName(field);
  return `${extension === null ? text : `${text} (${extension})`}${field.nullable ? "?" : ""}`;
}

/** A schema's columns as text for messages. */
export function formatSchema(schema: Schema): string {
  return schema.fields.map((field) => `${field.name}: ${formatType(field)}`).join(", ") || "none";
}
