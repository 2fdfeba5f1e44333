/** Everything that `inspect` says of a file, as it stands in its JSON. */
import { LazyWeights, type ModelRowHandle, type ModelRowsHandle, openModelRows, type TableFacts } from "../../index.ts";
import {
  reportWeights,
  summarizeWeights,
  type ValueOptions,
  type WeightsReport,
} from "../../inspection/weights-report.ts";
import { formatType } from "../../legolas.ts";

export interface ColumnReport {
  readonly name: string;
  /** The Arrow type as text; `weights` for columns in the form of weights. */
  readonly type: string;
  /** False for columns that belong to weights, hold weights further inside, or are of a type that is not read. */
  readonly isRead: boolean;
}

export interface RowReport {
  readonly index: number;
  /** Every column that is read but the weights. */
  readonly values: Readonly<Record<string, unknown>>;
  /** By column; null where they are missing. */
  readonly weights: Readonly<Record<string, WeightsReport | null>>;
}

export interface InspectReport {
  readonly source: string;
  readonly bytes: number;
  readonly format: "file" | "stream";
  readonly compression: string | null;
  readonly rowCount: number;
  readonly schema: {
    readonly identifier: string;
    readonly version: string;
    readonly ancestors: readonly string[];
  } | null;
  readonly provider: { readonly name: string; readonly version: string } | null;
  /** What stands in the table's metadata beside schema and provider. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly columns: readonly ColumnReport[];
  /** The row that was asked for, the only one, or a summary of each of the first ones. */
  readonly rows: readonly RowReport[];
}

export interface InspectOptions extends ValueOptions {
  /** Null for all rows up to `limit`, in detail if there is only one. */
  readonly row: number | null;
  readonly limit: number;
  readonly signal: AbortSignal;
}

export async function inspectReport(source: string, options: InspectOptions): Promise<InspectReport> {
  const table = await openModelRows(source, undefined, { validate: false, signal: options.signal });
  try {
    const { identifier, provider, schema, format, compression, byteLength } = table.table;
    const rows = await rowReports(table, options);
    return {
      source,
      bytes: byteLength,
      format,
      compression,
      rowCount: table.numRows,
      schema: identifier === null ? null : { identifier, ...versionsIn(identifier) },
      provider,
      metadata: Object.fromEntries([...schema.metadata].filter(([key]) => !/^legolas_.*schema/.test(key))),
      columns: columnReports(table.table),
      rows,
    };
  } finally {
    await table.close();
  }
}

function versionsIn(identifier: string): { version: string; ancestors: string[] } {
  const [version = identifier, ...ancestors] = identifier.split(">").map((part) => part.trim());
  return { version, ancestors };
}

type Table = ModelRowsHandle<object>;
type Row = ModelRowHandle<object>;

async function rowReports(table: Table, options: InspectOptions): Promise<RowReport[]> {
  const only = options.row ?? (table.numRows === 1 ? 0 : null);
  if (only !== null) {
    const row = await table.row(only);
    return [await rowReport(only, row, (weights) => reportWeights(weights, options))];
  }
  const reports: RowReport[] = [];
  for (let i = 0; i < Math.min(options.limit, table.numRows); i++) {
    options.signal.throwIfAborted();
    reports.push(await rowReport(i, await table.row(i), async (weights) => summarizeWeights(weights)));
  }
  return reports;
}

async function rowReport(
  index: number,
  { row, weights, table }: Row,
  report: (weights: LazyWeights) => Promise<WeightsReport>,
): Promise<RowReport> {
  const values: Record<string, unknown> = {};
  const reports: Record<string, WeightsReport | null> = {};
  const isColumn = table.schema.fields.some(({ name }) => name === "weights");
  const hasWeights = isColumn && !table.unread.includes("weights") && !("weights" in row);
  if (hasWeights) reports.weights = weights && (await report(weights));
  for (const [name, value] of Object.entries(row)) {
    if (value instanceof LazyWeights) reports[name] = await report(value);
    else values[name] = value;
  }
  return { index, values, weights: reports };
}

/** Columns in the form of weights have a long type, of which only that of the elements tells something. */
const weightsType = /^struct<weights: (?:large )?list<struct<vec: (?:large )?list<(.*?)>, size: .*(\??)$/s;

function columnReports({ schema, unread }: TableFacts): ColumnReport[] {
  return schema.fields.map((field) => ({
    name: field.name,
    type: formatType(field).replace(weightsType, "weights of $1$2"),
    isRead: !unread.includes(field.name),
  }));
}
