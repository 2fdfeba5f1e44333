/**
 * Tables written row by row, with memory for one row at a time.
 *
 * Idea: each row is a record batch of its own, because the lengths in a batch precede its body. The first row fixes the columns; a later one that
 * does not fit them is refused before any of it is written.
 */
import type { Field, Metadata, Schema } from "../arrow/data-type.ts";
import { formatType } from "../arrow/data-type.ts";
import { encodeMissing } from "../arrow/encode-missing.ts";
import type { Chunk, EncodedArray } from "../arrow/encoded-array.ts";
import { IpcWriter, type Resumption } from "../arrow/ipc-writer.ts";
import { InputError } from "../errors.ts";
import { checkSchemaVersion } from "./check-schema-version.ts";
import { columnsOf, type EncodeOptions } from "./encode-rows.ts";
import type { AnySchemaVersion } from "./schema-version.ts";
import { tableMetadata } from "./table-metadata.ts";

/** Encodes rows one after the other. */
export class RowWriter {
  private readonly writer: IpcWriter;
  private readonly metadata: Metadata;
  private schema: Schema | null;
  private rows: number;

  /** @param before - The table that the rows are added to, if they do not begin one. */
  constructor(
    private readonly schemaVersion: AnySchemaVersion,
    private readonly options: EncodeOptions,
    before?: Resumption & { readonly numRows: number },
  ) {
    checkSchemaVersion(schemaVersion);
    const { format = "file", compression = null, metadata = {}, provider } = options;
    this.writer = new IpcWriter({ format, codec: compression }, before);
    this.metadata = tableMetadata(schemaVersion, metadata, provider);
    this.schema = before?.schema ?? null;
    this.rows = before?.numRows ?? 0;
  }

  /**
   * The chunks of a row, and before the first one those of the head.
   *
   * @throws {RecordError | InputError} The row does not fit its schema, or the columns of the first row.
   */
  row(row: object): Chunk[] {
    const columns = encodeRow(row, this.rows, this.schemaVersion, this.schema?.fields ?? null, this.options);
    const head = this.schema === null ? this.begin(columns) : [];
    this.rows += 1;
    return [...head, ...this.writer.batch(columns, 1)];
  }

  /** The last chunks; for no row at all, those of an empty table. */
  end(): Chunk[] {
    if (this.schema !== null) return this.writer.end();
    const form = { many: true, checksum: this.options.checksum === true };
    const columns = columnsOf([], this.schemaVersion, this.options.validate !== false, { form, siblings: null });
    return [...this.begin(columns), ...this.writer.end()];
  }

  private begin(columns: readonly EncodedArray[]): Chunk[] {
    this.schema = { fields: columns.map(({ field }) => field), metadata: this.metadata };
    return this.writer.begin(this.schema);
  }
}

/** The columns of one row of a table of many, like those of the rows before it where there are any. */
function encodeRow(
  row: object,
  index: number,
  schemaVersion: AnySchemaVersion,
  before: readonly Field[] | null,
  { validate = true, checksum = false }: EncodeOptions,
): EncodedArray[] {
  const form = { many: true, checksum: checksum || before?.some(({ name }) => name.endsWith("_checksums")) === true };
  const columns = columnsOf([row], schemaVersion, validate, { form, siblings: before }, index);
  return before ? inOrderOf(before, columns, index) : columns;
}

/**
 * Columns in the order of the rows before. A column that a row says nothing for is null there, if it may be.
 *
 * @throws {InputError} One is missing, new, or of another type.
 */
function inOrderOf(before: readonly Field[], columns: readonly EncodedArray[], row: number): EncodedArray[] {
  const byName = new Map(columns.map((column) => [column.field.name, column]));
  const ordered = before.map((field) => {
    const given = byName.get(field.name);
    const isMissing = given === undefined || given.field.type.kind === "null";
    const column = isMissing ? encodeMissing(field, 1) : given;
    const isSame = column && formatType(column.field) === formatType(field) && !hasDictionary(field);
    if (!isSame) throw otherColumns(row, field, given?.field ?? null);
    byName.delete(field.name);
    return column;
  });
  for (const { field } of byName.values()) throw otherColumns(row, null, field);
  return ordered;
}

function hasDictionary({ dictionary, children }: Field): boolean {
  return dictionary !== null || children.some(hasDictionary);
}

function otherColumns(row: number, expected: Field | null, found: Field | null): InputError {
  const describe = (field: Field | null): string =>
    field ? `"${field.name}": ${formatType(field)}${hasDictionary(field) ? " in a dictionary" : ""}` : "no such column";
  return new InputError({
    subject: `row ${row}`,
    expected: `the columns of the rows before: ${describe(expected)}`,
    found: describe(found),
    remedy: "Declare the types in the schema so that all rows have them, or write a table of its own",
  });
}
