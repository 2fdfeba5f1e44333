/**
 * Rows as Arrow columns and as the chunks of a file.
 *
 * Source: Legolas.jl 0.5, `write`: the table is validated, its metadata names the schema, undeclared columns are kept.
 */
import { type Chunk, type EncodedArray, joinChunks } from "../arrow/encoded-array.ts";
import { writeIpc } from "../arrow/ipc-writer.ts";
import type { Codec } from "../arrow/message-codec.ts";
import { InputError, type SchemaProvider } from "../errors.ts";
import { typeOfValues } from "./fields/any.ts";
import { encodeColumns } from "./fields/columns.ts";
import { type FieldType, inside, ownValue } from "./fields/field-type.ts";
import { formatValue } from "./format-value.ts";
import { findSchemaVersion } from "./record.ts";
import type { AnySchemaVersion } from "./schema-version.ts";
import { tableMetadata } from "./table-metadata.ts";

/** How a table is written. */
export interface EncodeOptions {
  /** Further table metadata; it cannot replace the schema's identifier. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The package that declares the schema, recorded so that readers without it know where to look. */
  readonly provider?: SchemaProvider;
  /** False writes each column with the type of its values, whatever the schema declares. Default: true. */
  readonly validate?: boolean;
  /** Compress buffers, which excludes reading parts of them. Default: not compressed. */
  readonly compression?: Codec;
  /** `file` has a footer for random access; `stream` can be read from a pipe. Default: `file`. */
  readonly format?: "file" | "stream";
}

/**
 * The table of rows, as the chunks of a file; large arrays are referred to, not copied.
 *
 * @throws {RecordError} A value does not fit its field; the path begins with the row's number.
 */
export function encodeRows(
  rows: Iterable<object>,
  schemaVersion: AnySchemaVersion,
  options: EncodeOptions = {},
): Generator<Chunk, void> {
  const list = [...rows];
  checkRows(list);
  const columns = options.validate === false ? looseColumns(list, schemaVersion) : declaredColumns(list, schemaVersion);
  const metadata = tableMetadata(schemaVersion, options.metadata ?? {}, options.provider);
  return writeIpc(columns, metadata, { format: options.format ?? "file", codec: options.compression ?? null });
}

/** The same as bytes in new memory. */
export function encodeRowBytes(
  rows: Iterable<object>,
  schemaVersion: AnySchemaVersion,
  options: EncodeOptions = {},
): Uint8Array {
  return joinChunks([...encodeRows(rows, schemaVersion, options)]);
}

function checkRows(rows: readonly unknown[]): void {
  const index = rows.findIndex((row) => typeof row !== "object" || row === null || Array.isArray(row));
  if (index >= 0) {
    throw new InputError({
      subject: `row ${index}`,
      expected: "a record or an object with the fields",
      found: formatValue(rows[index]),
    });
  }
}

function declaredColumns(rows: readonly object[], schemaVersion: AnySchemaVersion): EncodedArray[] {
  const declared = Object.entries(schemaVersion.fields).flatMap(([name, type]) => {
    const values = rows.map((row, i) =>
      findSchemaVersion(row) === schemaVersion ? ownValue(row, name) : checkedValue(schemaVersion, type, row, name, i),
    );
    return encodeColumns(type, name, values);
  });
  const taken = new Set(declared.map(({ field }) => field.name));
  return [...declared, ...undeclaredColumns(rows, schemaVersion, taken)];
}

function checkedValue(
  schemaVersion: AnySchemaVersion,
  type: FieldType<unknown, unknown>,
  row: object,
  name: string,
  index: number,
): unknown {
  return type.spec.construct(
    ownValue(row, name),
    inside({ identifier: schemaVersion.identifier, path: [index] }, name),
  );
}

/** Columns for keys that the schema does not declare, typed by the schema of the rows if they are records of another one. */
function undeclaredColumns(
  rows: readonly object[],
  schemaVersion: AnySchemaVersion,
  taken: ReadonlySet<string>,
): EncodedArray[] {
  const names = new Set(
    rows
      .flatMap((row) => Object.keys(row))
      .filter((name) => !Object.hasOwn(schemaVersion.fields, name) && !taken.has(name)),
  );
  const [first] = rows;
  const ownFields = (first && findSchemaVersion(first)?.fields) ?? {};
  const sameSchema = rows.every((row) => findSchemaVersion(row) === findSchemaVersion(first));
  return [...names].flatMap((name) => {
    const values = rows.map((row) => ownValue(row, name));
    const declared = sameSchema && Object.hasOwn(ownFields, name) ? ownFields[name] : undefined;
    return declared ? encodeColumns(declared, name, values) : encodeByValues(name, values);
  });
}

function looseColumns(rows: readonly object[], schemaVersion: AnySchemaVersion): EncodedArray[] {
  const names = new Set([...Object.keys(schemaVersion.fields), ...rows.flatMap((row) => Object.keys(row))]);
  return [...names].flatMap((name) =>
    encodeByValues(
      name,
      rows.map((row) => ownValue(row, name)),
    ),
  );
}

/** A column whose type follows from its values, which must be ones that it can hold, with what accompanies them. */
function encodeByValues(name: string, values: readonly unknown[]): readonly EncodedArray[] {
  const place = { identifier: null, path: [name] };
  const type = typeOfValues(values, place);
  return encodeColumns(
    type,
    name,
    values.map((value, i) => (value === null ? null : type.spec.construct(value, inside(place, i)))),
  );
}
