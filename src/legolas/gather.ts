/**
 * Finding rows of several tables by a common value.
 *
 * Source: Legolas.jl 0.5, `locations`, `gather`, `materialize`.
 */
import { LegolasTable } from "./table.ts";

/** What `gather` takes for a table: one, or its rows. @inline */
export type RowsOf<R extends object> = LegolasTable<R> | readonly R[];

/** The content of a value as text, in which values of several kinds differ. */
function contentOf(value: unknown): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value !== "object") return `${typeof value} ${String(value)}`;
  if (value instanceof Date) return { date: value.getTime() };
  if (value instanceof Map) return { map: [...value].map(([key, item]) => [contentOf(key), contentOf(item)]) };
  if (Array.isArray(value)) return value.map(contentOf);
  return { [value.constructor.name]: Object.entries(value).map(([key, item]) => [key, contentOf(item)]) };
}

/**
 * For each value found in any of the collections, in the order they are first met, the positions (from 0) where each collection has it:
 * `locations([["a", "b", "a"], ["b"]])` is a Map of `"a"` to `[[0, 2], []]` and `"b"` to `[[1], [0]]`. Objects are compared by their content.
 *
 * @param collections - Each is gone through once.
 */
export function locations<T>(collections: readonly Iterable<T>[]): Map<T, number[][]> {
  type Entry = { value: T; positions: number[][] };
  const found = { primitives: new Map<unknown, Entry>(), objects: new Map<unknown, Entry>() };
  const entries: Entry[] = [];
  for (const [i, collection] of collections.entries()) {
    let position = 0;
    for (const value of collection) {
      const isObject = typeof value === "object" && value !== null;
      const known = isObject ? found.objects : found.primitives;
      const key = isObject ? JSON.stringify(contentOf(value)) : value;
      const entry = known.get(key) ?? { value, positions: collections.map((): number[] => []) };
      if (!known.has(key)) entries.push(entry);
      known.set(key, entry);
      entry.positions[i]?.push(position);
      position += 1;
    }
  }
  return new Map(entries.map(({ value, positions }) => [value, positions]));
}

/**
 * For each value of a column, in the order they are first met, the rows of each table that have it:
 * `gather("id", a, b)` is a Map of an id to `[rowsOfA, rowsOfB]`. Values are compared by their content; rows without the column have null.
 *
 * @param column - Its name.
 * @param tables - Tables, whose records are built, or rows, which are given back as they are.
 */
export function gather<R extends object>(column: string, ...tables: readonly RowsOf<R>[]): Map<unknown, R[][]> {
  const rows = tables.map((table) => (table instanceof LegolasTable ? table.records() : table));
  const values = rows.map((tableRows) => tableRows.map((row) => (row as Record<string, unknown>)[column] ?? null));
  const found = locations(values);
  return new Map(
    [...found].map(([value, positions]) => [value, positions.map((at, i) => at.map((p) => rows[i]?.[p] as R))]),
  );
}

/**
 * All columns of a table, undeclared ones included, as arrays of values in new memory.
 *
 * @param table - Each of its columns is read as {@link LegolasTable.column} does.
 * @returns The values by column.
 * @throws {RecordError | UnsupportedTypeError} As {@link LegolasTable.column}.
 */
export function materialize(table: LegolasTable<object>): Record<string, unknown[]> {
  return Object.fromEntries(table.columnNames.map((name) => [name, table.column(name)]));
}
