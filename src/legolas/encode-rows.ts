/**
 * Rows as Arrow columns and as the chunks of a file.
 *
 * Source: Legolas.jl 0.5, `write`: the table is validated, its metadata names the schema, undeclared columns are kept.
 */
import type { Chunk, EncodedArray } from "../arrow/encoded-array.ts";
import { IpcWriter } from "../arrow/ipc-writer.ts";
import type { Codec } from "../arrow/message-codec.ts";
import { InputError, type SchemaProvider } from "../errors.ts";
import { checkSchemaVersion } from "./check-schema-version.ts";
import { typeOfValues } from "./fields/any.ts";
import { encodeColumns, type Surroundings } from "./fields/columns.ts";
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
  /** Store a digest of each array of weights, which is verified whenever the array is read. Default: false. */
  readonly checksum?: boolean;
  /** Compress buffers, which excludes reading parts of them. Default: not compressed. */
  readonly compression?: Codec;
  /** `file` has a footer for random access; `stream` can be read from a pipe. Default: `file`. */
  readonly format?: "file" | "stream";
}

/** Arrow columns for rows of a schema version; messages count the rows from `firstRow`. */
export function columnsOf(
  rows: readonly object[],
  schemaVersion: AnySchemaVersion,
  validate: boolean,
  surroundings: Surroundings,
  firstRow = 0,
): EncodedArray[] {
  checkRows(rows, firstRow);
  if (!validate) return looseColumns(rows, schemaVersion, surroundings);
  return declaredColumns(rows, schemaVersion, surroundings, firstRow);
}

/**
 * The table of rows, as the chunks of a file; large arrays are referred to, not copied.
 *
 * @throws {InputError} The rows are no list of objects, or the other is no schema version.
 * @throws {RecordError} A value does not fit its field; the path begins with the row's number.
 */
export function encodeRows(
  rows: Iterable<object>,
  schemaVersion: AnySchemaVersion,
  options: EncodeOptions = {},
): Chunk[] {
  const { metadata = {}, provider, validate = true, compression = null, format = "file", checksum = false } = options;
  checkSchemaVersion(schemaVersion);
  if (typeof rows !== "object" || rows === null || !(Symbol.iterator in rows)) {
    throw new InputError({ subject: "rows", expected: "a list of them", found: formatValue(rows) });
  }
  const list = [...rows];
  const form = { many: list.length !== 1, checksum };
  const columns = columnsOf(list, schemaVersion, validate, { form, siblings: null });
  const writer = new IpcWriter({ format, codec: compression });
  const schema = {
    fields: columns.map(({ field }) => field),
    metadata: tableMetadata(schemaVersion, metadata, provider),
  };
  return [...writer.begin(schema), ...writer.batch(columns, list.length), ...writer.end()];
}

function notRow(subject: string, found: unknown): InputError {
  const isPromise = found instanceof Promise;
  return new InputError({
    subject,
    expected: "a record or an object with the fields",
    found: formatValue(found),
    ...(isPromise && { remedy: "Await it first" }),
  });
}

function checkRows(rows: readonly unknown[], firstRow: number): void {
  const index = rows.findIndex(
    (row) => typeof row !== "object" || row === null || Array.isArray(row) || row instanceof Promise,
  );
  if (index >= 0) {
    throw notRow(`row ${firstRow + index}`, rows[index]);
  }
}

function declaredColumns(
  rows: readonly object[],
  schemaVersion: AnySchemaVersion,
  surroundings: Surroundings,
  firstRow: number,
): EncodedArray[] {
  const declared = Object.entries(schemaVersion.fields).flatMap(([name, type]) => {
    const values = rows.map((row, i) =>
      findSchemaVersion(row) === schemaVersion
        ? ownValue(row, name)
        : checkedValue(schemaVersion, type, row, name, firstRow + i),
    );
    return encodeColumns(type, name, values, surroundings);
  });
  const taken = new Set(declared.map(({ field }) => field.name));
  return [...declared, ...undeclaredColumns(rows, schemaVersion, taken, surroundings)];
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
  surroundings: Surroundings,
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
    return declared ? encodeColumns(declared, name, values, surroundings) : encodeByValues(name, values, surroundings);
  });
}

function looseColumns(
  rows: readonly object[],
  schemaVersion: AnySchemaVersion,
  surroundings: Surroundings,
): EncodedArray[] {
  const names = new Set([...Object.keys(schemaVersion.fields), ...rows.flatMap((row) => Object.keys(row))]);
  return [...names].flatMap((name) =>
    encodeByValues(
      name,
      rows.map((row) => ownValue(row, name)),
      surroundings,
    ),
  );
}

/** A column whose type follows from its values, which must be ones that it can hold, with what accompanies them. */
function encodeByValues(name: string, values: readonly unknown[], surroundings: Surroundings): readonly EncodedArray[] {
  const place = { identifier: null, path: [name] };
  const type = typeOfValues(values, place);
  return encodeColumns(
    type,
    name,
    values.map((value, i) => (value === null ? null : type.spec.construct(value, inside(place, i)))),
    surroundings,
  );
}
