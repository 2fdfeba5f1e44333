/**
 * Model rows whose weights are read when asked for.
 *
 * Idea: every declared column is loaded but the elements of `weights`, so opening costs the metadata however large the model is, and a row
 * may be larger than any one buffer.
 */
import { openPath } from "#paths";
import { type ArrayData, elementReader } from "../arrow/array-data.ts";
import type { ArrayLayout } from "../arrow/array-layout.ts";
import { loadCodec } from "../arrow/codecs/body-compression.ts";
import type { Field } from "../arrow/data-type.ts";
import { codecsOf, readIpcIndex } from "../arrow/ipc-index.ts";
import { RowCountError } from "../errors.ts";
import type { TransferOptions } from "../io/byte-sink.ts";
import { type ByteSource, openSource, type Source } from "../io/byte-source.ts";
import { keepLast } from "../io/keep-last.ts";
import { runOnSource } from "../io/read-plan.ts";
import { companionReader } from "../legolas/fields/columns.ts";
import { inside } from "../legolas/fields/field-type.ts";
import type { AnySchemaVersion } from "../legolas/schema-version.ts";
import { type LoadedColumns, StoredRows } from "../legolas/stored-rows.ts";
import { readSpans } from "./decode-weights.ts";
import { LazyWeights } from "./lazy-weights.ts";
import type { ModelV1 } from "./model.ts";
import { StoredSpan } from "./stored-array.ts";
import { checkedParts, weightsCompanions } from "./weights-companions.ts";
import { weights as weightsType } from "./weights-type.ts";

/** A model row whose weights are still where they are stored. */
export interface ModelRowHandle<R extends object> {
  readonly schemaVersion: AnySchemaVersion;
  /** Every declared field but the weights, as the fields' types read them; checks that need the weights have not run. */
  readonly row: Readonly<Omit<R, "weights">>;
  /** Null where they are missing. */
  readonly weights: LazyWeights | null;
  /** The whole record: reads all weights, runs assignments and checks. */
  record(): Promise<R>;
  /** Closes the file; the weights cannot be read afterwards. */
  close(): Promise<void>;
}

/** A table of model rows, of which none is read yet. */
export interface ModelRowsHandle<R extends object> {
  readonly schemaVersion: AnySchemaVersion;
  readonly numRows: number;
  /** The row at an index, from 0. Closing it leaves the table open. */
  row(index: number): Promise<ModelRowHandle<R>>;
  close(): Promise<void>;
}

type Reads<R extends object> = AnySchemaVersion & ((input: never) => R);

/**
 * Opens a table of one model row: reads metadata and every declared column but the weights' elements.
 *
 * @param schemaVersion - Read it as this, whatever it says it is. Default: the schema version it names.
 * @throws {SourceError | FormatError | UnknownSchemaError | ViolationError | RowCountError} As `readModelRow`.
 */
export async function openModelRow<R extends object = ModelV1>(
  source: Source,
  schemaVersion?: Reads<R>,
  options?: TransferOptions,
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

/** Opens a table of any number of model rows. Parameters and errors are those of {@link openModelRow}. */
export async function openModelRows<R extends object = ModelV1>(
  source: Source,
  schemaVersion?: Reads<R>,
  { signal }: TransferOptions = {},
): Promise<ModelRowsHandle<R>> {
  const opened = await openSource(source, openPath, signal);
  const close = async (): Promise<void> => {
    if (opened !== source) await opened.close?.();
  };
  try {
    const index = await runOnSource(opened, readIpcIndex(opened.size), signal);
    for (const codec of codecsOf(index)) await loadCodec(codec);
    return new ModelRows<R>(opened, new StoredRows(index, schemaVersion), close);
  } catch (error) {
    await close();
    throw error;
  }
}

class ModelRows<R extends object> implements ModelRowsHandle<R> {
  constructor(
    private readonly source: ByteSource,
    private readonly rows: StoredRows,
    readonly close: () => Promise<void>,
  ) {}

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
        const deferred = isWeights(this.schemaVersion, column.field) ? elementsOf(column) : null;
        return deferred ? { deferred } : "load";
      }),
    ),
  );

  async row(index: number): Promise<ModelRowHandle<R>> {
    const { schemaVersion, rows } = this;
    const [batch, at] = rows.find(index);
    const columns = await this.columnsOf(batch);
    const column = columns.get("weights");
    const hasWeights = column !== undefined && isWeights(schemaVersion, column.field);
    const weights = hasWeights ? this.lazyWeights(column, columns, at) : null;
    const row = Object.freeze(rows.fields(columns, at, hasWeights ? ["weights"] : []));
    return {
      schemaVersion,
      // Both come from the schema version whose records are R.
      row: row as Omit<R, "weights">,
      weights,
      record: async () => schemaVersion({ ...row, ...(weights && { weights: await weights.readAll() }) } as never) as R,
      close: async () => {},
    };
  }

  private lazyWeights(column: ArrayData, columns: LoadedColumns, at: number): LazyWeights | null {
    const { place } = this.rows;
    const spans = elementReader(column, (plain) => readSpans(plain, inside(place, "weights")))(at);
    if (spans === null) return null;
    const values = weightsCompanions.columns.map(({ suffix, type }) =>
      companionReader(type, `weights${suffix}`, columns, place)(at),
    );
    const arrays = spans.map((span) => new StoredSpan(span));
    return new LazyWeights(this.source, arrays, checkedParts(values, spans.length, "weights"));
  }
}

function isWeights({ fields }: AnySchemaVersion, field: Field): boolean {
  return field.name === "weights" && fields.weights?.text === weightsType.text;
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
