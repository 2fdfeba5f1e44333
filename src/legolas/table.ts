/**
 * Tables of records.
 *
 * Idea: a table keeps its loaded Arrow columns; values are made when a column or the records are asked for.
 * Source: Legolas.jl 0.5, `read`, `write`, `extract_schema_version`.
 */
import type { ArrayData } from "../arrow/array-data.ts";
import type { Metadata, Schema } from "../arrow/data-type.ts";
import type { TableData } from "../arrow/table-data.ts";
import { tabulate } from "../arrow/tabulate.ts";
import { InputError, type SchemaProvider } from "../errors.ts";
import { checkSchemaVersion } from "./check-schema-version.ts";
import { any } from "./fields/any.ts";
import { byName, columnReader } from "./fields/columns.ts";
import type { FieldType } from "./fields/field-type.ts";
import { formatValue } from "./format-value.ts";
import type { AnySchemaVersion, SchemaVersionFor } from "./schema-version.ts";
import { findSchemaVersionIn, providerOf, requireSchemaVersionIn } from "./table-metadata.ts";
import { findDataViolations, throwViolations } from "./violations.ts";

/** How a table is read. */
export interface TableOptions<R extends object> {
  /** Read it as this schema version, whatever it says it is; it must comply. */
  readonly schemaVersion?: SchemaVersionFor<R>;
  /** False reads any Arrow table, declared or not, without looking for violations. Default: true. */
  readonly validate?: boolean;
}

/** A table in memory, from {@link decodeTable} or {@link readTable}; iterating it gives its records. */
export class LegolasTable<R extends object> {
  /** The schema version it is read as; null only where it was read without validation and none is known. */
  readonly schemaVersion: AnySchemaVersion | null;
  /** @internal */
  readonly data: TableData;

  /** @internal */
  constructor(data: TableData, schemaVersion: AnySchemaVersion | null) {
    this.data = data;
    this.schemaVersion = schemaVersion;
  }

  /** The number of rows. */
  get numRows(): number {
    return this.data.numRows;
  }

  /** The Arrow schema. */
  get schema(): Schema {
    return this.data.schema;
  }

  /** Table metadata, the schema's identifier and provider included. */
  get metadata(): Metadata {
    return this.data.schema.metadata;
  }

  /** The package that declared the schema, where the table says so, or null. */
  get provider(): SchemaProvider | null {
    return providerOf(this.metadata);
  }

  /** Names of all columns, undeclared ones included, in the order on disk. */
  get columnNames(): string[] {
    return this.data.schema.fields.map(({ name }) => name);
  }

  /**
   * The values of a column, in new memory: of a declared field as its type reads them; of other columns, and of those that the declared type
   * cannot read (`validate: false`), as their Arrow type suggests. Rows that refer to one entry of a dictionary, or by the same view to the same
   * bytes, share its value.
   *
   * @param name - Of a column on disk, declared or not.
   * @throws {InputError} There is no such column.
   * @throws {RecordError} The declared type does not take a value, as an int64 beyond 2^53.
   * @throws {UnsupportedTypeError} The column has a type that is not read.
   */
  column(name: string): unknown[] {
    if (!this.columnNames.includes(name)) {
      throw new InputError({
        subject: `column ${formatValue(name)}`,
        expected: `one of ${this.columnNames.join(", ")}`,
        found: "no such column",
      });
    }
    const read = this.readers([[name, this.typeOf(name)]]);
    return tabulate(this.numRows, (i) => read(i)[name]);
  }

  /**
   * All rows as records of the schema version: assignments and checks run again. Without one, as plain objects of all columns.
   *
   * @throws {RecordError | CheckError} A value does not fit its field, or a record breaks a check.
   * @throws {UnsupportedTypeError} A column that is read has a type that is not.
   */
  records(): R[] {
    return [...this];
  }

  /** The rows one by one, as {@link LegolasTable.records} gives them. */
  *[Symbol.iterator](): Generator<R, void> {
    const { schemaVersion } = this;
    const fields = schemaVersion
      ? Object.keys(schemaVersion.fields).map((name) => [name, this.typeOf(name)] as const)
      : this.columnNames.map((name) => [name, any] as const);
    const read = this.readers(fields);
    for (let i = 0; i < this.numRows; i++) {
      // The schema version, where there is one, is the one whose records are R.
      yield (schemaVersion ? schemaVersion(read(i) as never) : read(i)) as R;
    }
  }

  private typeOf(name: string): FieldType<unknown, unknown> {
    const fields = this.schemaVersion?.fields ?? {};
    const declared = Object.hasOwn(fields, name) ? fields[name] : undefined;
    // Of columns that share a name the last is read.
    const field = this.data.schema.fields.findLast((candidate) => candidate.name === name);
    // A table that was not validated may have columns of other types, which are read as they stand.
    return declared && (!field || declared.spec.accepts(field)) ? declared : any;
  }

  /** A reader of rows across record batches, as objects of the given fields. */
  private readers(
    fields: readonly (readonly [string, FieldType<unknown, unknown>])[],
  ): (row: number) => Record<string, unknown> {
    const place = { identifier: this.schemaVersion?.identifier ?? null, path: [] };
    const batches = this.batches().map((siblings) => {
      const readers = fields.map(([name, type]) => [name, columnReader(type, name, siblings, place)] as const);
      return (index: number) => Object.fromEntries(readers.map(([name, read]) => [name, read(index)]));
    });
    const starts = this.batchStarts();
    let batch = 0;
    return (row) => {
      // Rows are mostly read in order, of tables that may have as many batches as rows.
      if (row < (starts[batch] ?? 0)) batch = 0;
      while (row >= (starts[batch + 1] ?? Number.POSITIVE_INFINITY)) batch += 1;
      return batches[batch]?.(row - (starts[batch] as number)) ?? {};
    };
  }

  private batches(): ReadonlyMap<string, ArrayData>[] {
    const loaded = this.data.columns.filter((column) => column !== null);
    return Array.from({ length: loaded[0]?.length ?? 0 }, (_, i) =>
      byName(loaded.map((arrays) => arrays[i] as ArrayData)),
    );
  }

  private batchStarts(): number[] {
    const [first] = this.data.columns.filter((column) => column !== null);
    let rows = 0;
    return (first ?? []).map(({ length }) => {
      rows += length;
      return rows - length;
    });
  }
}

/** A table of loaded columns, validated unless the options say otherwise. */
export function createTable<R extends object>(
  data: TableData,
  { schemaVersion, validate = true }: TableOptions<R> = {},
): LegolasTable<R> {
  if (schemaVersion !== undefined) checkSchemaVersion(schemaVersion);
  if (!validate) return new LegolasTable(data, schemaVersion ?? findSchemaVersionIn(data.schema.metadata));
  const readAs = schemaVersion ?? requireSchemaVersionIn(data.schema.metadata);
  throwViolations(findDataViolations(data, readAs), data.schema, readAs);
  return new LegolasTable(data, readAs);
}

/**
 * The schema version that a table's metadata names, whatever it was read as.
 *
 * @param table - Read with `{ validate: false }`, where the schema may be unknown.
 * @throws {InputError} It is no table.
 * @throws {FormatError} The table names none, or names it wrongly.
 * @throws {UnknownSchemaError} It is not declared in this process.
 */
export function extractSchemaVersion(table: LegolasTable<object>): AnySchemaVersion {
  if (table instanceof LegolasTable) return requireSchemaVersionIn(table.metadata);
  const remedy = "Tables come from readTable and decodeTable";
  throw new InputError({ subject: "extractSchemaVersion", expected: "a table", found: formatValue(table), remedy });
}
