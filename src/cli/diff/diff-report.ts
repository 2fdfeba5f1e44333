/** What differs between two model rows, as it stands in the JSON of `diff`. */
import { isDeepStrictEqual } from "node:util";
import { isLegolasError, LazyWeights, type ModelRowHandle, openModelRows, SourceError } from "../../index.ts";
import { isCompanion, weightsColumnsOf } from "../../inspection/companion-columns.ts";
import { type ArrayDifference, compareArrays } from "../../inspection/compare-arrays.ts";
import { formatType } from "../../legolas.ts";
import { UsageError } from "../exit-code.ts";

export interface ColumnDifference {
  readonly name: string;
  readonly status: "same" | "added" | "removed" | "retyped" | "changed" | "not compared";
  /** Type and value on each side; null where there is no such column. */
  readonly a: { readonly type: string; readonly value: unknown } | null;
  readonly b: { readonly type: string; readonly value: unknown } | null;
}

export interface ArraySide {
  readonly index: number;
  readonly name: string | null;
  readonly type: string;
  readonly size: readonly number[];
}

export interface PairDifference {
  /** The gravest of what holds: `moved` and `retyped` arrays may have other values, too. */
  readonly status: "identical" | "within tolerance" | "changed" | "moved" | "retyped" | "resized" | "added" | "removed";
  readonly a: ArraySide | null;
  readonly b: ArraySide | null;
  /** Null where the sizes differ, or there is nothing to compare with. */
  readonly difference: ArrayDifference | null;
}

export interface WeightsDifference {
  readonly column: string;
  readonly matchedBy: "name" | "index";
  readonly layouts: { readonly a: string | null; readonly b: string | null };
  readonly arrays: readonly PairDifference[];
}

export interface DiffReport {
  readonly a: string;
  readonly b: string;
  readonly isSame: boolean;
  readonly tolerance: number;
  readonly schemas: { readonly a: string | null; readonly b: string | null };
  readonly columns: readonly ColumnDifference[];
  readonly weights: readonly WeightsDifference[];
}

export interface DiffOptions {
  readonly rows: readonly [number | null, number | null];
  readonly tolerance: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

type Row = ModelRowHandle<object>;

/** @throws {UsageError} A table has other than one row, and none is chosen. */
export async function diffReport(a: string, b: string, options: DiffOptions): Promise<DiffReport> {
  const left = await openRow(a, options.rows[0], options.signal);
  try {
    const right = await openRow(b, options.rows[1], options.signal);
    try {
      const columns = compareColumns(left, right);
      const weights = await compareAllWeights(left, right, options);
      const schemas = { a: left.table.identifier, b: right.table.identifier };
      const isSame = schemas.a === schemas.b && columns.every(isSameColumn) && weights.every(isSameWeights);
      return { a, b, isSame, tolerance: options.tolerance, schemas, columns, weights };
    } finally {
      await right.close();
    }
  } finally {
    await left.close();
  }
}

async function openRow(source: string, row: number | null, signal: AbortSignal): Promise<Row> {
  const table = await openModelRows(source, undefined, { validate: false, signal }).catch((error: unknown) => {
    // Of two files, one is meant.
    throw isLegolasError(error) && !error.message.includes(source) ? new SourceError(source, "reading", error) : error;
  });
  try {
    if (row === null && table.numRows !== 1) {
      throw new UsageError(`${source} has ${table.numRows} rows: choose one with --row N, or --row N:M for each side`);
    }
    return { ...(await table.row(row ?? 0)), close: table.close };
  } catch (error) {
    await table.close();
    throw error;
  }
}

export function isSameColumn({ status }: ColumnDifference): boolean {
  return status === "same" || status === "not compared";
}

export function isSamePair({ status }: PairDifference): boolean {
  return status === "identical" || status === "within tolerance";
}

function isSameWeights({ layouts, arrays }: WeightsDifference): boolean {
  return (layouts.a ?? "flux") === (layouts.b ?? "flux") && arrays.every(isSamePair);
}

function weightsOf({ weights, row }: Row): Map<string, LazyWeights> {
  const others = Object.entries(row).filter((entry): entry is [string, LazyWeights] => entry[1] instanceof LazyWeights);
  return new Map([...(weights ? [["weights", weights] as const] : []), ...others]);
}

/** Columns beside the weights: each with its type, and its value where it was read. */
function columnsOf(handle: Row): Map<string, { type: string; value: unknown; isRead: boolean }> {
  const { row, table } = handle;
  const ofWeights = weightsOf(handle);
  const columns = weightsColumnsOf(table.schema.fields);
  const fields = table.schema.fields.filter(
    ({ name }) => !ofWeights.has(name) && !(table.unread.includes(name) && isCompanion(name, columns)),
  );
  const values: Readonly<Record<string, unknown>> = { weights: null, ...row };
  return new Map(
    fields.map((field) => {
      const isRead = !table.unread.includes(field.name);
      return [field.name, { type: formatType(field), value: isRead ? values[field.name] : null, isRead }];
    }),
  );
}

function compareColumns(left: Row, right: Row): ColumnDifference[] {
  const [a, b] = [columnsOf(left), columnsOf(right)];
  const ofWeights = new Set([...weightsOf(left).keys(), ...weightsOf(right).keys()]);
  const names = [...new Set([...a.keys(), ...b.keys()])].filter((name) => !ofWeights.has(name));
  return names.map((name) => {
    const [x, y] = [a.get(name) ?? null, b.get(name) ?? null];
    const side = (column: typeof x): ColumnDifference["a"] => column && { type: column.type, value: column.value };
    return { name, status: columnStatus(x, y), a: side(x), b: side(y) };
  });
}

interface Column {
  readonly type: string;
  readonly value: unknown;
  readonly isRead: boolean;
}

function columnStatus(a: Column | null, b: Column | null): ColumnDifference["status"] {
  if (!a) return "added";
  if (!b) return "removed";
  // Whether a column may hold null, or holds nothing else, follows from its values in files of one row.
  const [x, y] = [a, b].map(({ type }) => type.replace(/\?$/, ""));
  if (x !== y && x !== "null" && y !== "null") return "retyped";
  if (!a.isRead || !b.isRead) return "not compared";
  return isDeepStrictEqual(a.value, b.value) ? "same" : "changed";
}

async function compareAllWeights(left: Row, right: Row, options: DiffOptions): Promise<WeightsDifference[]> {
  const [a, b] = [weightsOf(left), weightsOf(right)];
  const differences: WeightsDifference[] = [];
  for (const column of new Set([...a.keys(), ...b.keys()])) {
    differences.push(await compareWeights(column, a.get(column) ?? null, b.get(column) ?? null, options));
  }
  return differences;
}

function sidesOf(weights: LazyWeights | null): ArraySide[] {
  return (weights?.list() ?? []).map(({ index, name, elementType, size }) => ({
    index,
    name,
    type: weights?.dtypes[index] ?? elementType,
    size,
  }));
}

function hasOwnNames(sides: readonly ArraySide[]): boolean {
  return sides.every(({ name }) => name !== null) && new Set(sides.map(({ name }) => name)).size === sides.length;
}

async function compareWeights(
  column: string,
  a: LazyWeights | null,
  b: LazyWeights | null,
  options: DiffOptions,
): Promise<WeightsDifference> {
  const [left, right] = [sidesOf(a), sidesOf(b)];
  const matchedBy = hasOwnNames(left) && hasOwnNames(right) ? "name" : "index";
  const keyOf = (side: ArraySide): string | number => (matchedBy === "name" ? (side.name as string) : side.index);
  const others = new Map(right.map((side) => [keyOf(side), side]));
  const order = orderOf(left.map(keyOf), right.map(keyOf));
  const arrays: PairDifference[] = [];
  for (const side of left) {
    const other = others.get(keyOf(side)) ?? null;
    others.delete(keyOf(side));
    options.onProgress(`array ${side.index + 1} of ${left.length}`);
    arrays.push(await comparePair(side, other, { a, b, isMoved: order.has(keyOf(side)) }, options));
  }
  for (const side of others.values()) arrays.push({ status: "added", a: null, b: side, difference: null });
  return { column, matchedBy, layouts: { a: a?.layout ?? null, b: b?.layout ?? null }, arrays };
}

/** The keys that do not stand at the same place among those that both sides have. */
function orderOf(left: readonly (string | number)[], right: readonly (string | number)[]): Set<string | number> {
  const [inLeft, inRight] = [new Set(left), new Set(right)];
  const [a, b] = [left.filter((key) => inRight.has(key)), right.filter((key) => inLeft.has(key))];
  return new Set(a.filter((key, i) => b[i] !== key));
}

interface Pair {
  readonly a: LazyWeights | null;
  readonly b: LazyWeights | null;
  readonly isMoved: boolean;
}

async function comparePair(
  side: ArraySide,
  other: ArraySide | null,
  { a, b, isMoved }: Pair,
  { tolerance, signal }: DiffOptions,
): Promise<PairDifference> {
  signal.throwIfAborted();
  if (!other || !a || !b) return { status: "removed", a: side, b: null, difference: null };
  if (side.size.join() !== other.size.join()) return { status: "resized", a: side, b: other, difference: null };
  const [x, y] = await Promise.all([a.read(side.index), b.read(other.index)]);
  const difference = compareArrays([x], [y]);
  const isWithin = difference.nan === 0 && difference.max <= tolerance;
  const valueStatus = difference.isSame ? "identical" : isWithin ? "within tolerance" : "changed";
  const status = side.type !== other.type ? "retyped" : isMoved ? "moved" : valueStatus;
  return { status, a: side, b: other, difference };
}
