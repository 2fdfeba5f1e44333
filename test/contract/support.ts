/** What the tests of schemas, tables and weights share. */
import {
  type ColumnBuilderOptions,
  columnFromArray,
  type DataType,
  tableFromColumns,
  tableToIPC,
} from "@uwdata/flechette";
import { construct, decodeTable, encodeTable, type FieldLike, schema } from "legolas-flux/legolas";

let schemasMade = 0;

/** A schema name that no other test of the file uses. */
export function newSchemaName(): string {
  schemasMade += 1;
  return `test-${schemasMade}`;
}

/** What a call throws; throws itself where the call does not. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("expected the call to throw");
}

/** The values of a field after being written and read again as records. */
export function roundTrip(type: FieldLike, values: readonly unknown[]): unknown[] {
  const version = schema(newSchemaName()).version(1, { fields: { value: type } });
  const table = decodeTable(
    encodeTable(
      values.map((value) => ({ value })),
      version,
    ),
  );
  return table.records().map(({ value }) => value);
}

/** One column of a table by another Arrow writer: its values, its type, and the extension name it claims, if any. */
export interface ForeignColumn {
  readonly values: readonly unknown[];
  readonly type: DataType;
  readonly extension?: string;
  readonly options?: ColumnBuilderOptions;
}

/** A table by another Arrow writer (flechette), which marks every column as nullable. */
export function foreignTable(
  columns: Readonly<Record<string, ForeignColumn>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = Object.entries(columns);
  const table = tableFromColumns(
    entries.map(([name, { values, type, options }]) => [name, columnFromArray([...values], type, options)]),
  );
  table.schema.metadata = new Map(Object.entries(metadata));
  for (const [i, [, { extension }]] of entries.entries()) {
    const field = table.schema.fields[i];
    if (field && extension !== undefined) field.metadata = new Map([["ARROW:extension:name", extension]]);
  }
  const bytes = tableToIPC(table, { format: "file" });
  if (bytes === null) throw new Error("flechette gave no bytes");
  return bytes;
}

/** The values of a column by another writer, read as a field of the given type. */
export function readForeign(type: FieldLike, column: ForeignColumn): unknown[] {
  const version = schema(newSchemaName()).version(1, { fields: { value: type } });
  return decodeTable(foreignTable({ value: column }), { schemaVersion: version }).column("value");
}

/** What the construction of a value for a field throws. */
export function refusal(type: FieldLike, value: unknown): unknown {
  return thrownBy(() => construct(type, value));
}

/** Values that no type of numbers takes, and how a message shows them. */
export const noNumbers: [unknown, string][] = [
  [null, "missing (null)"],
  [undefined, "missing (null)"],
  ["1", '"1"'],
  ["", '""'],
  [true, "true"],
  [[1], "an array of 1"],
  [{ valueOf: () => 1 }, "an object with valueOf"],
  [new Date(0), "the date 1970-01-01T00:00:00.000Z"],
  [Symbol("one"), "Symbol(one)"],
  [() => 1, "a function"],
];

/** The Arrow column that a field of a type is written as. */
export function columnOf(type: FieldLike, value: unknown) {
  const version = schema(newSchemaName()).version(1, { fields: { value: type } });
  return decodeTable(encodeTable([{ value }], version)).data.schema.fields[0];
}
