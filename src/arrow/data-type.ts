/**
 * Arrow schemas as plain data.
 *
 * Idea: a logical type is a small tagged object without its children; the children stand in the field, as in the format.
 * Source: https://arrow.apache.org/docs/format/Columnar.html and Schema.fbs.
 */

export type TimeUnit = "second" | "millisecond" | "microsecond" | "nanosecond";

export interface IntType {
  readonly kind: "int";
  /** 128 is outside the Arrow specification; Arrow.jl writes it. */
  readonly bitWidth: 8 | 16 | 32 | 64 | 128;
  readonly signed: boolean;
}

export interface FloatType {
  readonly kind: "float";
  readonly bitWidth: 16 | 32 | 64;
}

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

/** How elements of variable size stand in buffers. */
export interface BytesForm {
  /** Whether offsets are of 64 bits. */
  readonly large: boolean;
  /** Set where there are no offsets: each element is a view, with its bytes inside or somewhere in other buffers. Read, never written. */
  readonly view?: true;
}

/** A type whose place in a file is understood, so that it can be skipped, but whose values are not read. */
export interface UnsupportedType {
  readonly kind: "unsupported";
  /** Its name in the Arrow specification. */
  readonly name: string;
  /** Buffers of one array, validity included. */
  readonly bufferCount: number;
}

/** How a column's values are found in a dictionary, a separate array sent before the column. */
export interface DictionaryEncoding {
  readonly id: bigint;
  readonly indexType: IntType;
}

export type Metadata = ReadonlyMap<string, string>;

export interface Field {
  readonly name: string;
  /** The type of the values; of the dictionary's values where `dictionary` is set. */
  readonly type: DataType;
  readonly nullable: boolean;
  readonly children: readonly Field[];
  readonly dictionary: DictionaryEncoding | null;
  readonly metadata: Metadata;
}

export interface Schema {
  readonly fields: readonly Field[];
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

/** A field's type as text for messages: `list<float32>`, `struct<seed: int64, rate: float32?>`, `JuliaLang.UUID`. */
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
