/**
 * Values that are not the same any more once they have been values of JavaScript.
 *
 * Idea: the columns that may hold such are looked at as they are stored, weights aside, whose elements are never taken apart.
 */
import { type Field, type LegolasTable, readTable } from "../../legolas.ts";
import type { SourceFacts } from "./common-schema.ts";

type StoredArray = NonNullable<LegolasTable<object>["data"]["columns"][number]>[number];

const bitsOf = { 16: Uint16Array, 32: Uint32Array, 64: BigUint64Array } as const;
/** The bits of the NaN that JavaScript writes. */
const plainNaNs = { 16: 0x7e00n, 32: 0x7fc00000n, 64: 0x7ff8000000000000n } as const;

/**
 * Columns with values that would be written otherwise: NaNs whose bits mean something, and maps with a key more than once.
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
  if (type.kind === "map" && hasKeyTwice(array)) return "a map with a key more than once";
  return firstOf(array.children);
}

function firstOf(arrays: readonly StoredArray[]): string | null {
  return arrays.map(inexactIn).find((inexact) => inexact !== null) ?? null;
}

function bitAt(bits: ArrayLike<number>, index: number): boolean {
  return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

function isPresent({ validity }: StoredArray, index: number): boolean {
  return validity === null || bitAt(validity, index);
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

/** Whether a map has fewer keys than entries. */
function hasKeyTwice(array: StoredArray): boolean {
  const { offsets, length, children } = array;
  const keys = children[0]?.children[0];
  if (!keys || !offsets) return false;
  for (let i = 0; i < length; i++) {
    const [from = 0, to = 0] = offsets.subarray(i, i + 2);
    const texts = new Set(Array.from({ length: to - from }, (_, k) => keyText(keys, from + k)));
    if (texts.size < to - from && isPresent(array, i)) return true;
  }
  return false;
}

/** A key as text, the same for those that are one key to a Map. */
function keyText({ field: { type }, values, offsets, bytes }: StoredArray, index: number): string {
  if (type.kind === "utf8" && offsets && bytes[0]) {
    return Buffer.from(bytes[0].subarray(offsets[index], offsets[index + 1])).toString("latin1");
  }
  if (type.kind === "fixedSizeBinary") {
    return String(values?.subarray(type.byteWidth * index, type.byteWidth * (index + 1)));
  }
  if (type.kind === "bool") return String(bitAt(values as Uint8Array, index));
  const isOne = type.kind === "int" || type.kind === "float" || type.kind === "date";
  // Other keys are objects, each of which is a key of its own.
  return isOne ? String(values?.[index]) : `object ${index}`;
}
