/**
 * Model rows whose weights are read when asked for.
 *
 * Idea: every declared column is loaded but the elements of `weights`, so opening costs the metadata however large the model is, and a row
 * may be larger than any one buffer.
 */
import { openPath } from "#paths";
import { elementReader } from "../arrow/array-data.ts";
import type { ArrayLayout } from "../arrow/array-layout.ts";
import { loadCodec } from "../arrow/codecs/body-compression.ts";
import type { Schema } from "../arrow/data-type.ts";
import { codecsOf, type IpcIndex, readIpcIndex } from "../arrow/ipc-index.ts";
import { RowCountError, type SchemaProvider } from "../errors.ts";
import type { ByteSource, Source } from "../io/byte-source.ts";
import { keepLast } from "../io/keep-last.ts";
import { openSource } from "../io/open-source.ts";
import { runOnSource } from "../io/read-plan.ts";
import type { ProgressOptions } from "../io/transfer-options.ts";
import { companionReader } from "../legolas/fields/columns.ts";
import { inside } from "../legolas/fields/field-type.ts";
import type { AnySchemaVersion, SchemaVersionFor } from "../legolas/schema-version.ts";
import { type LoadedColumns, StoredRows } from "../legolas/stored-rows.ts";
import { identifierOf, providerOf } from "../legolas/table-metadata.ts";
import { readSpans } from "./decode-weights.ts";
import { LazyWeights } from "./lazy-weights.ts";
import type { ModelV1 } from "./model.ts";
import { readAnyColumns } from "./read-any-columns.ts";
import { StoredSpan } from "./stored-array.ts";
import { checkedParts, weightsCompanions } from "./weights-companions.ts";
import { weights as weightsType } from "./weights-type.ts";

/** What a table says of itself, and how it is stored. */
export interface TableFacts {
  /** The schema as the table records it, `digits.model@1>legolas-flux.model@1`, declared or not; null where it records none. */
  readonly identifier: string | null;
  /** The package that declared the schema; null where the table does not say. */
  readonly provider: SchemaProvider | null;
  /** The columns on disk, in their order, and the table's metadata. */
  readonly schema: Schema;
  /** Names of the columns that rows do not have: those that belong to weights, undeclared ones, or what `validate: false` leaves out. */
  readonly unread: readonly string[];
  /** Which of Arrow's two IPC formats it is in. */
  readonly format: "file" | "stream";
  /** Of the first record batch that is compressed, or null. */
  readonly compression: "lz4" | "zstd" | null;
  /** Of the whole source, in bytes. */
  readonly byteLength: number;
}

/** How a table of model rows is opened. */
export interface OpenOptions extends ProgressOptions {
  /**
   * False opens any Arrow table, declared or not, without looking for violations. The schema version is then the first declared one among
   * the table's own and its ancestors, else {@link ModelV1}; rows have every column on disk, as its Arrow type suggests.
   * Other columns in the form of weights are LazyWeights. Left out are columns of types that are not read, and those that hold weights
   * further inside. Default: true.
   */
  readonly validate?: boolean;
}

/** A model row whose weights are still where they are stored. */
export interface ModelRowHandle<R extends object> {
  /** The schema version it is read as. */
  readonly schemaVersion: AnySchemaVersion;
  /** What the table says of itself. */
  readonly table: TableFacts;
  /** Every declared field but the weights, as the fields' types read them; checks that need the weights have not run. */
  readonly row: Readonly<Omit<R, "weights">>;
  /** Null where they are missing. */
  readonly weights: LazyWeights | null;
  /**
   * The whole record: reads all weights into new memory, runs assignments and checks.
   *
   * @throws {SourceError | FormatError} The weights cannot be read.
   * @throws {RecordError | CheckError} A value does not fit its field, or the record breaks a check.
   */
  record(): Promise<R>;
  /** Closes the file; the weights cannot be read afterwards. Of a row of a table nothing happens: the table is closed. */
  close(): Promise<void>;
}

/** A table of model rows, of which none is read yet. */
export interface ModelRowsHandle<R extends object> {
  /** The schema version its rows are read as. */
  readonly schemaVersion: AnySchemaVersion;
  /** What the table says of itself. */
  readonly table: TableFacts;
  /** The number of rows. */
  readonly numRows: number;
  /**
   * Opens a row. Closing it leaves the table open.
   *
   * @param index - From 0.
   * @throws {InputError} There is no such row.
   * @throws {SourceError | FormatError | UnsupportedTypeError | ViolationError} Its columns cannot be read, or hold nulls where there may be none.
   */
  row(index: number): Promise<ModelRowHandle<R>>;
  /** Closes the file; no row can be read afterwards. */
  close(): Promise<void>;
}

/**
 * Opens a table of one model row: reads metadata and every declared column but the weights' elements.
 *
 * @param source - A path or file URL (in Node), an http(s) address, bytes, a Blob, a ByteSource, or what opens one.
 * @param schemaVersion - Read it as this, whatever it says it is. Default: the schema version it names.
 * @param options - Progress, what stops the transfer, and whether violations matter.
 * @returns A handle, to be closed by the caller.
 * @throws {SourceError} The source cannot be read.
 * @throws {RowCountError} The table does not have exactly one row.
 * @throws {FormatError} It is not a well-formed Arrow file or stream, or names no schema.
 * @throws {UnknownSchemaError} The schema it names is not declared in this process.
 * @throws {ViolationError} The table does not comply with its schema version.
 * @throws {UnsupportedTypeError} The weights, or what accompanies them, are of a type that is not read.
 */
export async function openModelRow<R extends object = ModelV1>(
  source: Source,
  schemaVersion?: SchemaVersionFor<R>,
  options?: OpenOptions,
): Promise<ModelRowHandle<R>> {
  const table = await openModelRows(source, schemaVersion, options);
  try {
    if (table.numRows !== 1) throw new RowCountError(table.numRows);
    return { ...(await table.row(0)), close: table.close };
  } catch (error) {
    await table.close();
    throw error;
  }
}

/**
 * Opens a table of any number of model rows: reads metadata only.
 *
 * @param source - As for {@link openModelRow}.
 * @param schemaVersion - As for {@link openModelRow}.
 * @param options - As for {@link openModelRow}.
 * @returns A handle, to be closed by the caller.
 * @throws {SourceError | FormatError | UnknownSchemaError | ViolationError} As {@link openModelRow}.
 */
export async function openModelRows<R extends object = ModelV1>(
  source: Source,
  schemaVersion?: SchemaVersionFor<R>,
  options: OpenOptions = {},
): Promise<ModelRowsHandle<R>> {
  const { signal, validate = true } = options;
  const opened = await openSource(source, openPath, options);
  const close = async (): Promise<void> => {
    await opened.close?.();
  };
  try {
    const index = await runOnSource(opened, readIpcIndex(opened.size), signal);
    for (const codec of codecsOf(index)) await loadCodec(codec);
    const readAs = validate ? schemaVersion : readAnyColumns(index.schema, schemaVersion);
    const rows = new StoredRows(index, readAs);
    return new ModelRows<R>(opened, rows, factsOf(index, rows, opened.size), close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a table says of itself. */
export function factsOf(
  { schema, format, recordBatches }: IpcIndex,
  { types }: StoredRows,
  byteLength: number,
): TableFacts {
  return {
    identifier: identifierOf(schema.metadata),
    provider: providerOf(schema.metadata),
    schema,
    unread: schema.fields.map(({ name }) => name).filter((name) => !Object.hasOwn(types, name)),
    format,
    compression: recordBatches.find(({ batch }) => batch.codec !== null)?.batch.codec ?? null,
    byteLength,
  };
}

/** The columns whose weights are read when asked for: of a model row `weights`, of any other table all that have their form. */
export function lazyColumnsOf({ types, isLenient }: StoredRows): ReadonlySet<string> {
  const ofWeights = Object.entries(types).filter(([, { text }]) => text === weightsType.text);
  const names = ofWeights.map(([name]) => name);
  return new Set(isLenient ? names : names.filter((name) => name === "weights"));
}

class ModelRows<R extends object> implements ModelRowsHandle<R> {
  private readonly lazyColumns: ReadonlySet<string>;

  constructor(
    private readonly source: ByteSource,
    private readonly rows: StoredRows,
    readonly table: TableFacts,
    readonly close: () => Promise<void>,
  ) {
    this.lazyColumns = lazyColumnsOf(rows);
  }

  get schemaVersion(): AnySchemaVersion {
    return this.rows.schemaVersion;
  }

  get numRows(): number {
    return this.rows.numRows;
  }

  /** Rows of one batch are read one after the other, and its columns may be long. */
  private readonly columnsOf = keepLast((batch) =>
    runOnSource(
      this.source,
      this.rows.load(batch, (column) => {
        const deferred = this.lazyColumns.has(column.field.name) ? elementsOf(column) : null;
        return deferred ? { deferred } : "load";
      }),
    ),
  );

  async row(index: number): Promise<ModelRowHandle<R>> {
    const { schemaVersion, rows, table, lazyColumns } = this;
    const [batch, at] = rows.find(index);
    const columns = await this.columnsOf(batch);
    const lazy = [...lazyColumns].map((name) => [name, this.lazyWeights(name, columns, at)] as const);
    const { weights = null, ...others } = Object.fromEntries(lazy);
    const row = Object.freeze({ ...rows.fields(columns, at, lazyColumns), ...others });
    return {
      schemaVersion,
      table,
      // Both come from the schema version whose records are R.
      row: row as unknown as Omit<R, "weights">,
      weights,
      record: async () => schemaVersion({ ...row, ...(weights && { weights: await weights.readAll() }) } as never) as R,
      close: async () => {},
    };
  }

  private lazyWeights(name: string, columns: LoadedColumns, at: number): LazyWeights | null {
    const column = columns.get(name);
    if (!column) return null;
    const { place } = this.rows;
    const spans = elementReader(column, (plain) => readSpans(plain, inside(place, name)))(at);
    if (spans === null) return null;
    const values = weightsCompanions.columns.map(({ suffix, type }) =>
      companionReader(type, name + suffix, columns, place)(at),
    );
    const arrays = spans.map((span) => new StoredSpan(span));
    return new LazyWeights(this.source, arrays, checkedParts(values, spans.length, name));
  }
}

/** The array of elements of a column of weights, if its values have a place of their own in the file. */
function elementsOf(column: ArrayLayout): ArrayLayout | null {
  const child = (parent: ArrayLayout | undefined, name?: string): ArrayLayout | undefined =>
    parent && !parent.field.dictionary
      ? parent.children.find(({ field }) => name === undefined || field.name === name)
      : undefined;
  const elements = child(child(child(child(column, "weights")), "vec"));
  return elements && elements.codec === null && !elements.field.dictionary ? elements : null;
}
