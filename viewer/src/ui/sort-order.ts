/** By what a table is sorted. */
export interface SortOrder {
  readonly column: string;
  readonly isDescending: boolean;
}

type Key = string | number | null;

/** Rows by a key: numbers before texts, what is missing last either way; equal ones stay in their order. */
export function sorted<T>(rows: readonly T[], keyOf: (row: T) => Key, isDescending: boolean): T[] {
  const sign = isDescending ? -1 : 1;
  return rows.toSorted((left, right) => {
    const [a, b] = [keyOf(left), keyOf(right)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (typeof a === "number" && typeof b === "number") return sign * compareNumbers(a, b);
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  });
}

/** Infinities are equal to themselves, and NaN is below all. */
function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The order after a column's heading was chosen. */
export function chosenOrder({ column, isDescending }: SortOrder, chosen: string, startsDescending: boolean): SortOrder {
  return { column: chosen, isDescending: column === chosen ? !isDescending : startsDescending };
}
