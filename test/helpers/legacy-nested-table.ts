/** Tables with a nested record in the form of Legolas 0.3 and 0.4. */
import {
  type DataType,
  Field,
  Float32,
  Int64,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";

/** A nested row as those versions stored it: its schema's name, its version, and its fields. */
export interface LegacyRow {
  readonly 1: string;
  readonly 2: bigint;
  readonly 3: { readonly seed: bigint; readonly dropout_rate: number };
}

const field = (name: string, type: DataType, metadata?: Map<string, string>): Field =>
  new Field(name, type, metadata !== undefined, metadata);

/** The bytes of a table with one column, `config`, of digits-config rows in the older form, and of the given schema. */
export function legacyNestedTable(identifier: string, rows: readonly (LegacyRow | null)[]): Uint8Array {
  const content = new Struct([field("seed", new Int64()), field("dropout_rate", new Float32())]);
  const nested = new Struct([field("1", new Utf8()), field("2", new Int64()), field("3", content)]);
  const extension = new Map([
    ["ARROW:extension:name", "JuliaLang.digits-config@1"],
    ["ARROW:extension:metadata", ""],
  ]);
  const schema = new Schema([field("config", nested, extension)], new Map([["legolas_schema_qualified", identifier]]));
  return tableToIPC(new Table(schema, { config: vectorFromArray(rows, nested) }), "stream");
}
