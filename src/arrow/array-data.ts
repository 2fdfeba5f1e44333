/**
 * Arrays in memory, checked.
 *
 * Idea: once loaded, every offset, index and type id of an array is known to stay inside the array it points into, so reading values
 * needs no checks of its own.
 */
import { FormatError } from "../errors.ts";
import type { ByteRange, ReadPlan } from "../io/read-plan.ts";
import { type ArrayLayout, type BufferPlace, type FreeElements, requiredBytes } from "./array-layout.ts";
import { findFirstViews, viewedBytes } from "./byte-views.ts";
import { decompressBuffer } from "./codecs/body-compression.ts";
import type { DataType, Field } from "./data-type.ts";
import { partFinder } from "./part-finder.ts";
import { storedType } from "./physical-layout.ts";
import { viewElements, viewValues } from "./view-elements.ts";

/** The arrays that hold elements: 64-bit integers as bigints, float16 as its 16 bits in a Uint16Array, bool as 0 or 1 in a Uint8Array. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** An array of one record batch; buffers its type does not have are null. */
export interface ArrayData {
  readonly field: Field;
  readonly length: number;
  readonly nullCount: number;
  /** Null where no element is null. */
  readonly validity: Uint8Array | null;
  /** Fixed-width elements, indices of a dictionary, union type ids, or four words for each view; float16 as its bits, bool as packed bits. */
  readonly values: TypedArray | null;
  /** Safe integers; of a dense union, the positions in its children. */
  readonly offsets: Int32Array | Float64Array | null;
  /** What offsets point into, or views; of offsets one buffer. */
  readonly bytes: readonly Uint8Array[];
  readonly children: readonly ArrayData[];
  /** Where `values` stand in the source; null where they are compressed or the type has none. */
  readonly valuesPlace: ByteRange | null;
  /** What `values` are indices into: the dictionary's arrays, one after the other, where the field has one; of views that are repeated, the views. */
  readonly dictionary: readonly ArrayData[] | null;
}

/** The dictionaries in force, by id. */
export type Dictionaries = ReadonlyMap<bigint, readonly ArrayData[]>;

/**
 * Loads an array and its children. Uncompressed buffers are views of what the plan is given where alignment allows.
 *
 * @param free - What the file may hold without storing it.
 * @param deferred - A descendant whose values are not read; its `values` are null, and `valuesPlace` says where they are.
 */
export function* loadArray(
  layout: ArrayLayout,
  dictionaries: Dictionaries,
  free: FreeElements,
  deferred: ArrayLayout | null = null,
): ReadPlan<ArrayData> {
  const later = deferred?.buffers.find(isValues);
  const places = listBuffers(layout).filter((place) => place !== later);
  const loaded = yield places;
  const bytesOf = new Map(places.map((place, i) => [place, loaded[i] as Uint8Array]));
  return assemble(layout, { bytesOf, later, dictionaries, free });
}

function isValues({ role }: BufferPlace): boolean {
  return role.role === "values";
}

function listBuffers({ buffers, children }: ArrayLayout): BufferPlace[] {
  return [
    ...buffers.filter(({ role, length }) => length > 0 && role.role !== "skipped"),
    ...children.flatMap(listBuffers),
  ];
}

/** What arrays are assembled from. */
interface Parts {
  readonly bytesOf: ReadonlyMap<BufferPlace, Uint8Array>;
  readonly later: BufferPlace | undefined;
  readonly dictionaries: Dictionaries;
  readonly free: FreeElements;
}

function assemble(layout: ArrayLayout, parts: Parts): ArrayData {
  const { field, length, nullCount, codec } = layout;
  const buffers = (...roles: string[]): Uint8Array[] =>
    layout.buffers
      .filter((place) => roles.includes(place.role.role) && place !== parts.later)
      .map((place) => unpack(layout, place, parts.bytesOf.get(place) ?? new Uint8Array(0)));
  const buffer = (...roles: string[]): Uint8Array | null => buffers(...roles)[0] ?? null;
  const values = buffer("values", "typeIds");
  const array: ArrayData = {
    field,
    length,
    nullCount: field.type.kind === "null" && !field.dictionary ? length : nullCount,
    validity: nullCount > 0 ? buffer("validity") : null,
    values: values && viewValues(storedType(field), values, length),
    valuesPlace: codec === null ? (layout.buffers.find(isValues) ?? null) : null,
    offsets: viewOffsets(layout, buffer("offsets", "unionOffsets")),
    bytes: buffers("bytes"),
    children: layout.children.map((child) => assemble(child, parts)),
    dictionary: field.dictionary && (parts.dictionaries.get(field.dictionary.id) ?? []),
  };
  checkArray(array, layout);
  return "view" in storedType(field) ? checkViews(array, layout, parts.free) : array;
}

/** The array, or indices into it where views are repeated. */
function checkViews(array: ArrayData, layout: ArrayLayout, free: FreeElements): ArrayData {
  const present = (index: number): boolean => isValid(array, index);
  const firsts = findFirstViews(array.values as Uint32Array, array.bytes, present, free);
  if (typeof firsts === "string") throw damaged(layout, firsts);
  return firsts ? { ...array, values: firsts, dictionary: [array] } : array;
}

function unpack(layout: ArrayLayout, place: BufferPlace, bytes: Uint8Array): Uint8Array {
  const unpacked =
    layout.codec === null || bytes.length === 0 ? bytes : decompressBuffer(layout.codec, bytes, place.position);
  const required = requiredBytes(place.role, layout);
  if (unpacked.length < required)
    throw damaged(layout, `a buffer of ${unpacked.length} bytes where ${required} are needed`);
  return unpacked;
}

function viewOffsets(layout: ArrayLayout, bytes: Uint8Array | null): Int32Array | Float64Array | null {
  if (bytes === null) return null;
  const type = storedType(layout.field);
  if (type.kind === "union") return viewElements(bytes, Int32Array, layout.length) as Int32Array;
  if (layout.length === 0) return new Int32Array(1);
  const large = "large" in type && type.large;
  if (!large) return viewElements(bytes, Int32Array, layout.length + 1) as Int32Array;
  return Float64Array.from(viewElements(bytes, BigInt64Array, layout.length + 1) as BigInt64Array, Number);
}

function checkArray(array: ArrayData, layout: ArrayLayout): void {
  checkValidity(array, layout);
  if (array.dictionary) checkIndices(array, layout);
  else structureChecks[array.field.type.kind]?.(array, layout);
}

function checkValidity({ validity, length, nullCount }: ArrayData, layout: ArrayLayout): void {
  if (validity === null) return;
  let valid = 0;
  for (let i = 0; i < length; i++) valid += bitAt(validity, i);
  if (length - valid !== nullCount) throw damaged(layout, `${length - valid} nulls where ${nullCount} are declared`);
}

function checkIndices(array: ArrayData, layout: ArrayLayout): void {
  const total = (array.dictionary ?? []).reduce((sum, { length }) => sum + length, 0);
  for (let i = 0; i < array.length; i++) {
    const index = Number(array.values?.[i]);
    if (isValid(array, i) && !(index >= 0 && index < total))
      throw damaged(layout, `index ${index} into a dictionary of ${total}`);
  }
}

type StructureCheck = (array: ArrayData, layout: ArrayLayout) => void;

const structureChecks: { readonly [K in DataType["kind"]]?: StructureCheck } = {
  utf8: (array, layout) => checkOffsets(array, layout, array.bytes[0]?.length ?? 0),
  binary: (array, layout) => checkOffsets(array, layout, array.bytes[0]?.length ?? 0),
  list: (array, layout) => checkOffsets(array, layout, array.children[0]?.length ?? 0),
  map: (array, layout) => {
    if (array.children[0]?.children.length !== 2) throw damaged(layout, "a map without keys and values");
    checkOffsets(array, layout, array.children[0].length);
  },
  struct: (array, layout) => checkChildLengths(array, layout, array.length),
  fixedSizeList: (array, layout) => {
    const { type } = array.field;
    if (type.kind === "fixedSizeList") checkChildLengths(array, layout, array.length * type.listSize);
  },
  union: checkUnion,
};

function checkOffsets({ offsets }: ArrayData, layout: ArrayLayout, limit: number): void {
  let previous = 0;
  // Views have none.
  for (const offset of offsets ?? []) {
    if (!(offset >= previous)) throw damaged(layout, `offset ${offset} after ${previous}`);
    previous = offset;
  }
  if (previous > limit) throw damaged(layout, `offset ${previous} into ${limit} elements`);
}

function checkChildLengths({ children }: ArrayData, layout: ArrayLayout, needed: number): void {
  const short = children.find(({ length }) => length < needed);
  if (short) throw damaged(layout, `a child of ${short.length} elements where ${needed} are needed`);
}

function checkUnion({ field, values, offsets, children, length }: ArrayData, layout: ArrayLayout): void {
  if (field.type.kind !== "union") return;
  const childOf = new Map(field.type.typeIds.map((id, i) => [id, children[i]]));
  for (let i = 0; i < length; i++) {
    const child = childOf.get(Number(values?.[i]));
    const at = offsets ? Number(offsets[i]) : i;
    if (!child || !(at >= 0 && at < child.length)) throw damaged(layout, `union element ${i} outside its children`);
  }
}

function bitAt(bits: Uint8Array, index: number): 0 | 1 {
  return (((bits[index >> 3] as number) >> (index & 7)) & 1) as 0 | 1;
}

/** Whether an element is not null by the array's own validity bitmap. */
export function isValid({ validity, field }: ArrayData, index: number): boolean {
  if (validity === null) return field.type.kind !== "null";
  return bitAt(validity, index) === 1;
}

/** The element of a bool array. */
export function boolAt(array: ArrayData, index: number): boolean {
  return bitAt(array.values as Uint8Array, index) === 1;
}

/** The bytes of an element of variable size, as a view. */
export function bytesAt({ bytes, offsets, values }: ArrayData, index: number): Uint8Array {
  if (offsets) return (bytes[0] as Uint8Array).subarray(offsets[index], offsets[index + 1]);
  return viewedBytes(values as Uint32Array, bytes, index) as Uint8Array;
}

/**
 * A reader of an array's elements, null where they are null, from a reader of arrays that have no dictionary and no nulls of their own.
 * Each element of a dictionary is read once and shared by the rows that refer to it.
 */
export function elementReader<T>(
  array: ArrayData,
  readerOf: (plain: ArrayData) => (index: number) => T,
): (index: number) => T | null {
  if (array.dictionary) return dictionaryReader(array, array.dictionary, readerOf);
  if (array.field.type.kind === "null") return () => null;
  const read = readerOf(array);
  return array.validity === null ? read : (index) => (isValid(array, index) ? read(index) : null);
}

function dictionaryReader<T>(
  array: ArrayData,
  dictionary: readonly ArrayData[],
  readerOf: (plain: ArrayData) => (index: number) => T,
): (index: number) => T | null {
  const placeOf = partFinder(dictionary);
  const readers: ((index: number) => T | null)[] = [];
  const read = (entry: number): T | null => {
    const [part, index] = placeOf(entry);
    readers[part] ??= elementReader(dictionary[part] as ArrayData, readerOf);
    return readers[part](index);
  };
  const cache = new Map<number, T | null>();
  return (index) => {
    if (!isValid(array, index)) return null;
    const entry = Number(array.values?.[index]);
    const known = cache.get(entry);
    if (known !== undefined) return known;
    const value = read(entry);
    cache.set(entry, value);
    return value;
  };
}

function damaged({ field, buffers }: ArrayLayout, found: string): FormatError {
  return new FormatError({
    subject: `Arrow column "${field.name}"`,
    expected: "a consistent array",
    found,
    remedy: "The file is damaged: fetch or write it again",
    byteOffset: buffers[0]?.position ?? null,
  });
}
