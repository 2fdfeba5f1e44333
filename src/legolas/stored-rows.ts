/**
 * The rows of an Arrow source, read one at a time as a schema version.
 *
 * Idea: only declared columns and their companions are loaded, of the one record batch that holds the row.
 */
import type { ArrayData } from "../arrow/array-data.ts";
import type { ArrayLayout } from "../arrow/array-layout.ts";
import type { IpcIndex } from "../arrow/ipc-index.ts";
import { type PartPlace, partFinder } from "../arrow/part-finder.ts";
import { loadBatch, type TableData } from "../arrow/table-data.ts";
import { InputError } from "../errors.ts";
import type { ReadPlan } from "../io/read-plan.ts";
import { byName, columnReader } from "./fields/columns.ts";
import type { Place } from "./fields/field-type.ts";
import type { FieldTypes } from "./fields/struct.ts";
import type { AnySchemaVersion } from "./schema-version.ts";
import { requireSchemaVersionIn } from "./table-metadata.ts";
import { findDataViolations, throwViolations } from "./violations.ts";

/** The loaded columns of a batch, by name, and a row's position in them. */
export interface StoredRow {
  readonly columns: ReadonlyMap<string, ArrayData>;
  readonly at: number;
}

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

  /**
   * @param readAs - The schema version to read them as, or the columns to read without looking for violations. Default: the schema version
   *   that the source names.
   * @throws {FormatError | UnknownSchemaError | ViolationError} None is named, it is not declared, or the columns do not comply.
   */
  constructor(
    private readonly index: IpcIndex,
    readAs?: AnySchemaVersion | LenientReading,
  ) {
    const { schema, recordBatches } = index;
    const lenient = typeof readAs === "object" ? readAs : null;
    this.isLenient = lenient !== null;
    this.schemaVersion =
      typeof readAs === "function" ? readAs : (lenient?.schemaVersion ?? requireSchemaVersionIn(schema.metadata));
    this.types = (lenient ?? this.schemaVersion).fields;
    if (!this.isLenient) this.throwViolationsIn({ schema, columns: [] });
    const batches = recordBatches.map(({ batch }) => batch);
    this.placeOf = partFinder(batches);
    this.numRows = batches.reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * Loads what a row needs.
   *
   * @param deferredIn - The array of a column whose values are not read, if any.
   */
  *load(row: number, deferredIn: (column: ArrayLayout) => ArrayLayout | null = () => null): ReadPlan<StoredRow> {
    if (!Number.isInteger(row) || row < 0 || row >= this.numRows) {
      throw new InputError({ subject: "row", expected: `an index from 0 to ${this.numRows - 1}`, found: String(row) });
    }
    const [batch, at] = this.placeOf(row);
    const wanted = this.wantedColumns();
    const columns = yield* loadBatch(this.index, batch, (layout) => {
      if (!wanted.has(layout.field.name)) return "skip";
      const deferred = deferredIn(layout);
      return deferred ? { deferred } : "load";
    });
    if (!this.isLenient) {
      this.throwViolationsIn({ schema: this.index.schema, columns: columns.map((column) => column && [column]) });
    }
    return { columns: byName(columns.filter((column) => column !== null)), at };
  }

  private throwViolationsIn(data: Pick<TableData, "schema" | "columns">): void {
    throwViolations(findDataViolations(data, this.schemaVersion), data.schema, this.schemaVersion);
  }

  private wantedColumns(): ReadonlySet<string> {
    return new Set(
      Object.entries(this.types).flatMap(([name, { spec }]) => [
        name,
        ...(spec.companions?.columns ?? []).map(({ suffix }) => name + suffix),
      ]),
    );
  }

  /** Where values stand, for messages. */
  get place(): Place {
    return { identifier: this.schemaVersion.identifier, path: [] };
  }

  /** The fields of a loaded row as their types read them, but those that are left out. */
  fields({ columns, at }: StoredRow, leftOut: ReadonlySet<string> = new Set()): Record<string, unknown> {
    const read = Object.entries(this.types)
      .filter(([name]) => !leftOut.has(name))
      .map(([name, type]) => [name, columnReader(type, name, columns, this.place)(at)] as const);
    return Object.fromEntries(read);
  }
}
