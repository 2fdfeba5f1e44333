/**
 * The rows of an Arrow source, read one at a time as a schema version.
 *
 * Idea: only declared columns and their companions are loaded, of the one record batch that holds the row.
 */
import type { ArrayData } from "../arrow/array-data.ts";
import { FreeElements, layOutBatch } from "../arrow/array-layout.ts";
import type { IpcIndex } from "../arrow/ipc-index.ts";
import { type PartPlace, partFinder } from "../arrow/part-finder.ts";
import { type ColumnChoice, loadBatch, type TableData } from "../arrow/table-data.ts";
import { InputError } from "../errors.ts";
import type { ReadPlan } from "../io/read-plan.ts";
import { checkSchemaVersion } from "./check-schema-version.ts";
import { byName, columnReader } from "./fields/columns.ts";
import type { Place } from "./fields/field-type.ts";
import type { FieldTypes } from "./fields/struct.ts";
import type { AnySchemaVersion } from "./schema-version.ts";
import { requireSchemaVersionIn } from "./table-metadata.ts";
import { findDataViolations, throwViolations } from "./violations.ts";

/** The loaded columns of a record batch, by name. */
export type LoadedColumns = ReadonlyMap<string, ArrayData>;

/** How rows are read that need not comply with a schema version. */
export interface LenientReading {
  readonly schemaVersion: AnySchemaVersion;
  /** The columns that are read, each as a type that accepts it. */
  readonly fields: FieldTypes;
}

/** The rows of a source whose index is known. */
export class StoredRows {
  readonly schemaVersion: AnySchemaVersion;
  readonly numRows: number;
  /** The columns that are read. */
  readonly types: FieldTypes;
  /** Whether violations are passed over. */
  readonly isLenient: boolean;
  private readonly placeOf: (row: number) => PartPlace;
  /** Names of the columns that are read and their companions. */
  private readonly wanted: ReadonlySet<string>;

  /**
   * @param readAs - The schema version to read them as, or the columns to read without looking for violations. Default: the schema version
   *   that the source names.
   * @throws {InputError} It is neither.
   * @throws {FormatError | UnknownSchemaError | ViolationError} None is named, it is not declared, or the columns do not comply; or a batch
   *   of no rows is damaged.
   */
  constructor(
    private readonly index: IpcIndex,
    readAs?: AnySchemaVersion | LenientReading,
  ) {
    const { schema, recordBatches } = index;
    const lenient = typeof readAs === "object" && readAs && "schemaVersion" in readAs ? readAs : null;
    this.isLenient = lenient !== null;
    const schemaVersion = lenient?.schemaVersion ?? readAs ?? requireSchemaVersionIn(schema.metadata);
    checkSchemaVersion(schemaVersion);
    this.schemaVersion = schemaVersion;
    this.types = (lenient ?? this.schemaVersion).fields;
    this.throwViolationsIn({ schema, columns: [] });
    this.wanted = new Set(
      Object.entries(this.types).flatMap(([name, { spec }]) => [
        name,
        ...(spec.companions?.columns ?? []).map(({ suffix }) => name + suffix),
      ]),
    );
    // No row will ask for a batch without any: its arrays must be empty too, or rows have been lost.
    for (const place of recordBatches) {
      if (place.batch.length === 0) layOutBatch(schema.fields, place, new FreeElements([place]));
    }
    const batches = recordBatches.map(({ batch }) => batch);
    this.placeOf = partFinder(batches);
    this.numRows = batches.reduce((sum, { length }) => sum + length, 0);
  }

  /** The record batch that a row is in, and its index there. @throws {InputError} There is no such row. */
  find(row: number): PartPlace {
    if (Number.isInteger(row) && row >= 0 && row < this.numRows) return this.placeOf(row);
    throw new InputError({ subject: "row", expected: `an index from 0 to ${this.numRows - 1}`, found: String(row) });
  }

  /**
   * Loads what the rows of a record batch need.
   *
   * @param choose - How a column is loaded that is declared or accompanies one. Default: whole.
   */
  *load(batch: number, choose: ColumnChoice = () => "load"): ReadPlan<LoadedColumns> {
    const columns = yield* loadBatch(this.index, batch, (layout) =>
      this.wanted.has(layout.field.name) ? choose(layout) : "skip",
    );
    // The types were checked when the source was opened; only nulls are known since.
    if (columns.some((column) => column !== null && column.nullCount > 0)) {
      this.throwViolationsIn({ schema: this.index.schema, columns: columns.map((column) => column && [column]) });
    }
    return byName(columns.filter((column) => column !== null));
  }

  private throwViolationsIn(data: Pick<TableData, "schema" | "columns">): void {
    if (this.isLenient) return;
    throwViolations(findDataViolations(data, this.schemaVersion), data.schema, this.schemaVersion);
  }

  /** Where values stand, for messages. */
  get place(): Place {
    return { identifier: this.schemaVersion.identifier, path: [] };
  }

  /** The fields of a row as their types read them, but those that are left out. @param at - Its index in the record batch. */
  fields(columns: LoadedColumns, at: number, leftOut: ReadonlySet<string> = new Set()): Record<string, unknown> {
    const read = Object.entries(this.types)
      .filter(([name]) => !leftOut.has(name))
      .map(([name, type]) => [name, columnReader(type, name, columns, this.place)(at)] as const);
    return Object.fromEntries(read);
  }
}
