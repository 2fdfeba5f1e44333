/**
 * Finding rows of several tables by a common value.
 *
 * Source: Legolas.jl 0.5, `locations`, `gather`, `materialize`.
 */
import { LegolasTable } from "./table.ts";

/** What `gather` takes for a table: one, or its rows. */
export type RowsOf<R extends object> = LegolasTable<R> | readonly R[];

/** Values that are equal by content have equal keys. */
function keyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "bigint" ? `${part}n` : part instanceof Map ? [...part] : part,
  );
}

/**
 * For each value found in any of the collections, in the order they are first met, the positions (from 0) where each collection has it:
 * `locations([["a", "b", "a"], ["b"]])` is a Map of `"a"` to `[[0, 2], []]` and `"b"` to `[[1], [0]]`.
 */
export function locations<T>(collections: readonly Iterable<T>[]): Map<T, number[][]> {
  const found = new Map<unknown, { value: T; positions: number[][] }>();
  for (const [i, collection] of collections.entries()) {
    let position = 0;
    for (const value of collection) {
      const key = keyOf(value);
      const entry = found.get(key) ?? { value, positions: collections.map((): number[] => []) };
      found.set(key, entry);
      entry.positions[i]?.push(position);
      position += 1;
    }
  }
  return new Map([...found.values()].map(({ value, positions }) => [value, positions]));
}

/**
 * For each value of a column, in the order they are first met, the rows of each table that have it:
 * `gather("id", a, b)` is a Map of an id to `[rowsOfA, rowsOfB]`.
 */
export function gather<R extends object>(column: string, ...tables: readonly RowsOf<R>[]): Map<unknown, R[][]> {
  const rows = tables.map((table) => (table instanceof LegolasTable ? table.records() : table));
  const values = rows.map((tableRows) => tableRows.map((row) => (row as Record<string, unknown>)[column] ?? null));
  const found = locations(values);
  return new Map(
    [...found].map(([value, positions]) => [value, positions.map((at, i) => at.map((p) => rows[i]?.[p] as R))]),
  );
}

/** All columns of a table, undeclared ones included, as arrays of values. */
export function materialize(table: LegolasTable<object>): Record<string, unknown[]> {
  return Object.fromEntries(table.columnNames.map((name) => [name, table.column(name)]));
}
