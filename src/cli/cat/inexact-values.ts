/**
 * Values that are not the same any more once they have been values of JavaScript.
 *
 * Idea: the columns that may hold such are looked at as they are stored, weights aside, whose elements are never taken apart.
 */
import { type Field, readTable } from "../../legolas.ts";
import type { SourceFacts } from "./common-schema.ts";
import { isPresent, keyReader, type StoredArray } from "./map-keys.ts";

const bitsOf = { 16: Uint16Array, 32: Uint32Array, 64: BigUint64Array } as const;
/** The bits of the NaN that JavaScript writes. */
const plainNaNs = { 16: 0x7e00n, 32: 0x7fc00000n, 64: 0x7ff8000000000000n } as const;

/**
 * Columns with values that would be written otherwise: NaNs whose bits mean something, and maps with a key more than once
 * or the key -0.
 *
 * @param names - The columns to look at.
 * @returns Lines such as `"loss": a NaN with bits of its own`.
 */
export async function inexactColumns(
  { source, table }: SourceFacts,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const suspects = table.schema.fields.filter((field) => names.includes(field.name) && isSuspect(field));
  if (suspects.length === 0) return [];
  const columns = suspects.map(({ name }) => name);
  const { data } = await readTable(source, { validate: false, columns, signal });
  return data.columns.flatMap((arrays, i) => {
    const found = (arrays ?? []).map(inexactIn).find((inexact) => inexact !== null);
    return found ? [`${source}: ${JSON.stringify(data.schema.fields[i]?.name)}: ${found}`] : [];
  });
}

function isSuspect({ type, children }: Field): boolean {
  return type.kind === "float" || type.kind === "map" || children.some(isSuspect);
}

/** What is inexact in an array; what no row refers to counts too. */
function inexactIn(array: StoredArray): string | null {
  const { type } = array.field;
  if (array.dictionary) return firstOf(array.dictionary);
  if (type.kind === "float" && hasOddNaN(array, type.bitWidth)) return "a NaN with bits of its own";
  return (type.kind === "map" ? inexactKeyIn(array) : null) ?? firstOf(array.children);
}

function firstOf(arrays: readonly StoredArray[]): string | null {
  return arrays.map(inexactIn).find((inexact) => inexact !== null) ?? null;
}

/** Whether a float that is present is a NaN of other bits than JavaScript writes. */
function hasOddNaN(array: StoredArray, bitWidth: 16 | 32 | 64): boolean {
  const { values, length } = array;
  if (values === null) return false;
  const bits = new bitsOf[bitWidth](values.buffer as ArrayBuffer, values.byteOffset, length);
  for (let i = 0; i < length; i++) {
    const value = Number(values[i]);
    const isNoNumber = bitWidth === 16 ? (value & 0x7fff) > 0x7c00 : Number.isNaN(value);
    if (isNoNumber && BigInt(bits[i] as number | bigint) !== plainNaNs[bitWidth] && isPresent(array, i)) return true;
  }
  return false;
}

/** What becomes of keys of a map that is present: a Map has each once, and no -0. */
function inexactKeyIn(array: StoredArray): string | null {
  const { offsets, length, children } = array;
  const keys = children[0]?.children[0];
  if (!keys || !offsets) return null;
  const keyAt = keyReader(keys);
  for (let i = 0; i < length; i++) {
    if (!isPresent(array, i)) continue;
    const [from = 0, to = 0] = offsets.subarray(i, i + 2);
    const found = Array.from({ length: to - from }, (_, k) => keyAt(from + k));
    if (found.some((key) => Object.is(key, -0))) return "a map with the key -0";
    if (new Set(found).size < to - from) return "a map with a key more than once";
  }
  return null;
}
