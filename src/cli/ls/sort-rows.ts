/** Rows in the order of columns. */
import { valueAt } from "../../value-at.ts";

type Row = Readonly<Record<string, unknown>>;

export interface SortKey {
  readonly column: string;
  readonly direction: 1 | -1;
}

/** `-accuracy,epoch`: descending by one column, then ascending by another. */
export function parseSortKeys(text: string): SortKey[] {
  return text
    .split(",")
    .filter((part) => part !== "")
    .map((part) => (part.startsWith("-") ? { column: part.slice(1), direction: -1 } : { column: part, direction: 1 }));
}

/** In new memory; missing values come last in either direction, equal rows keep their order. */
export function sortRows<T>(items: readonly T[], keys: readonly SortKey[], rowOf: (item: T) => Row): T[] {
  return items.toSorted((a, b) => {
    for (const { column, direction } of keys) {
      const order = compare(valueAt(rowOf(a), column), valueAt(rowOf(b), column), direction);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function compare(a: unknown, b: unknown, direction: 1 | -1): number {
  const [aIsLast, bIsLast] = [isMissing(a), isMissing(b)];
  if (aIsLast || bIsLast) return Number(aIsLast) - Number(bIsLast);
  if (typeof a === "string" && typeof b === "string") {
    return direction * a.localeCompare(b, "en", { numeric: true });
  }
  return direction * (Math.sign(Number(a) - Number(b)) || 0);
}

function isMissing(value: unknown): boolean {
  return value === null || Number.isNaN(value);
}
