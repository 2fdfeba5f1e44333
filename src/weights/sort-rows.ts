import { InputError } from "../errors.ts";
import { formatValue } from "../legolas/format-value.ts";
import { valueAt } from "../value-at.ts";

/** What is sorted has a row. */
interface HasRow {
  readonly row: object;
}

/**
 * Listed rows by a column, or by a field in one, with `-` before it from the greatest to the least.
 *
 * @throws {InputError} No row has it.
 */
export function sortRows<L extends HasRow>(listed: readonly L[], sort: string): L[] {
  const isDescending = String(sort).startsWith("-");
  const path = String(sort).slice(isDescending ? 1 : 0);
  checkColumn(listed, path, sort);
  const direction = isDescending ? -1 : 1;
  return listed
    .map((item) => ({ item, value: valueAt(item.row as Readonly<Record<string, unknown>>, path) }))
    .sort((a, b) => rankOf(a.value) - rankOf(b.value) || direction * compare(a.value, b.value))
    .map(({ item }) => item);
}

function checkColumn(listed: readonly HasRow[], path: string, sort: unknown): void {
  const [column = path] = path.split(".");
  const isThere = ({ row }: HasRow): boolean => Object.hasOwn(row, path) || Object.hasOwn(row, column);
  if (listed.length === 0 || listed.some(isThere)) return;
  const known = new Set(listed.flatMap(({ row }) => Object.keys(row)));
  throw new InputError({
    subject: "sort",
    expected: `one of the columns ${[...known].join(", ")}`,
    found: formatValue(sort),
    remedy:
      "Columns that a schema version does not declare are left out: pass { schemaVersion } to read the files as another",
  });
}

/** What is missing comes last, and before it what cannot be compared, such as NaN. */
function rankOf(value: unknown): number {
  if (value === null) return 2;
  return typeof value === "string" || !Number.isNaN(Number(value)) ? 0 : 1;
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b, "en");
  return Math.sign(Number(a) - Number(b)) || 0;
}
