/** Types made of others: optional, vector, fixed-size vector, struct, map, union. */
import type { ArrayData } from "../../arrow/array-data.ts";
import type { Field } from "../../arrow/data-type.ts";
import {
  encodeFixedSizeList,
  encodeList,
  encodeMap,
  encodeNull,
  encodeStruct,
  encodeUnion,
} from "../../arrow/encoded-array.ts";
import { byName, columnReader, encodeColumns } from "./columns.ts";
import { type ElementReader, type FieldLike, FieldType, inside, isNarrower, mismatch, type Place, readerOf, toFieldType } from "./field-type.ts";

/** `T` or null. Absent and undefined values are null, absent columns are read as null. */
export function optional<T, I>(like: FieldLike<T, I>): FieldType<T | null, I | null | undefined> {
  const type = toFieldType(like);
  const { spec } = type;
  return new FieldType<T | null, I | null | undefined>({
    ...spec,
    text: `${spec.text}?`,
    takesNull: true,
    alternatives: [type],
    construct: (value, place) => (value === null || value === undefined ? null : spec.construct(value, place)),
    accepts: (field) => field.type.kind === "null" || spec.accepts(field),
    // Null never reaches partsOf and attach: columns handle it before.
    ...(spec.companions && { companions: spec.companions as never }),
  });
}

/** The parts of a list or struct must be accepted, and null only where they take it or none is there. */
function acceptsChild(type: FieldType<unknown, unknown>, child: Field | undefined): boolean {
  return child !== undefined && (child.type.kind === "null" ? type.takesNull : type.spec.accepts(child));
}

function constructItems<T>(item: FieldType<T, unknown>, value: unknown, place: Place, expected: string): readonly T[] {
  const isNumbers = ArrayBuffer.isView(value) && !(value instanceof DataView);
  if (!Array.isArray(value) && !isNumbers) throw mismatch(place, expected, value);
  return Object.freeze(Array.from(value as ArrayLike<unknown>, (element, i) => item.spec.construct(element, inside(place, i))));
}

/** Reads elements `from` up to, not including, `to` of a list's child. */
function itemsReader<T>(item: FieldType<T, unknown>, array: ArrayData, place: Place): (from: number, to: number) => readonly T[] {
  const read = readerOf(item, array.children[0] as ArrayData, place);
  return (from, to) => Object.freeze(Array.from({ length: to - from }, (_, i) => read(from + i)));
}

function readVectors<T>(item: FieldType<T, unknown>, array: ArrayData, place: Place): ElementReader<readonly T[]> {
  const items = itemsReader(item, array, place);
  const { type } = array.field;
  if (type.kind === "fixedSizeList") return (index) => items(index * type.listSize, (index + 1) * type.listSize);
  return (index) => items(array.offsets?.[index] as number, array.offsets?.[index + 1] as number);
}

/** A list of any length; typed arrays are taken too. Read as a frozen array. */
export function vector<T, I>(like: FieldLike<T, I>): FieldType<readonly T[], ArrayLike<I>> {
  const item = toFieldType(like);
  const text = `vector<${item.text}>`;
  return new FieldType<readonly T[], ArrayLike<I>>({
    text,
    item,
    construct: (value, place) => constructItems(item, value, place, text),
    accepts: ({ type, children }) => (type.kind === "list" || type.kind === "fixedSizeList") && acceptsChild(item, children[0]),
    reader: (array, place) => readVectors(item, array, place),
    encode: (column, values) => {
      const [child] = encodeColumns(item, "item", values.flatMap((value) => value ?? []));
      return encodeList(column, values.map((value) => value?.length ?? null), child as NonNullable<typeof child>);
    },
    narrows: (wider) => wider.text.startsWith("vector<") && wider.spec.item !== undefined && isNarrower(item, wider.spec.item),
  });
}

/** A list of exactly `length` elements, as Julia's NTuple. */
export function fixed<T, I>(like: FieldLike<T, I>, length: number): FieldType<readonly T[], ArrayLike<I>> {
  const item = toFieldType(like);
  const text = `fixed<${item.text}, ${length}>`;
  const isByteTuple = ({ type }: Field): boolean => item.text === "uint8" && type.kind === "fixedSizeBinary" && type.byteWidth === length;
  return new FieldType<readonly T[], ArrayLike<I>>({
    text,
    item,
    construct: (value, place) => {
      const items = constructItems(item, value, place, text);
      if (items.length !== length) throw mismatch(place, text, value);
      return items;
    },
    accepts: (field) => {
      const { type, children } = field;
      return isByteTuple(field) || (type.kind === "fixedSizeList" && type.listSize === length && acceptsChild(item, children[0]));
    },
    reader: (array, place) => {
      if (!isByteTuple(array.field)) return readVectors(item, array, place);
      const at = (index: number): Uint8Array => (array.values as Uint8Array).subarray(index * length, (index + 1) * length);
      return (index) => constructItems(item, at(index), place, text);
    },
    encode: (column, values) => {
      const absent = Array.from({ length }, () => null);
      const [child] = encodeColumns(item, "item", values.flatMap((value): readonly (T | null)[] => value ?? absent));
      return encodeFixedSizeList(column, length, values.map((value) => value !== null), child as NonNullable<typeof child>);
    },
    narrows: (wider) => wider.text.startsWith("vector<") && wider.spec.item !== undefined && isNarrower(item, wider.spec.item),
  });
}

/** Whether struct children, found by name, can be read as the fields. */
export function acceptsFields(fields: FieldTypes, children: readonly Field[]): boolean {
  const named = new Map(children.map((child) => [child.name, child]));
  return Object.entries(fields).every(([name, type]) =>
    named.has(name) ? acceptsChild(type, named.get(name)) : type.takesNull,
  );
}

/** Reads struct elements as plain objects with the fields as keys. */
export function structReader(
  fields: FieldTypes,
  array: ArrayData,
  place: Place,
): ElementReader<Record<string, unknown>> {
  const siblings = byName(array.children);
  const readers = Object.entries(fields).map(([name, type]) => [name, columnReader(type, name, siblings, place)] as const);
  return (index) => Object.fromEntries(readers.map(([name, read]) => [name, read(index)]));
}

/** The values of each field of struct elements, as children in the declared order. */
export function encodeFields(fields: FieldTypes, values: readonly (object | null)[]) {
  return Object.entries(fields).flatMap(([name, type]) =>
    encodeColumns(type, name, values.map((value) => (value as Record<string, unknown> | null)?.[name] ?? null)),
  );
}

/** Field types by name. */
export type FieldTypes = Readonly<Record<string, FieldType<unknown, unknown>>>;
/** Field types or schema versions by name. */
export type FieldLikes = Readonly<Record<string, FieldLike>>;

export type OutputOf<F> = F extends FieldLike<infer T, unknown> ? T : never;
export type InputOf<F> = F extends FieldLike<unknown, infer I> ? I : never;
export type StructOutput<F> = { readonly [K in keyof F]: OutputOf<F[K]> };
type OptionalKeys<F> = { [K in keyof F]: null extends OutputOf<F[K]> ? K : never }[keyof F];
export type StructInput<F> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: InputOf<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: InputOf<F[K]>;
};

export function toFieldTypes(likes: FieldLikes): FieldTypes {
  return Object.fromEntries(Object.entries(likes).map(([name, like]) => [name, toFieldType(like)]));
}

/** An object with these keys, in this order on disk; other keys are dropped. Read as a frozen object. */
export function struct<F extends FieldLikes>(likes: F): FieldType<StructOutput<F>, StructInput<F>> {
  const fields = toFieldTypes(likes);
  const parts = Object.entries(fields).map(([name, type]) => `${name}: ${type.text}`);
  const text = `struct<${parts.join(", ")}>`;
  return new FieldType<StructOutput<F>, StructInput<F>>({
    text,
    construct: (value, place) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw mismatch(place, text, value);
      const given = value as Record<string, unknown>;
      const entries = Object.entries(fields).map(([name, type]) => [name, type.spec.construct(given[name], inside(place, name))]);
      return Object.freeze(Object.fromEntries(entries)) as StructOutput<F>;
    },
    accepts: ({ type, children }) => type.kind === "struct" && acceptsFields(fields, children),
    reader: (array, place) => {
      const read = structReader(fields, array, place);
      return (index) => Object.freeze(read(index)) as StructOutput<F>;
    },
    encode: (column, values) => encodeStruct(column, values.map((value) => value !== null), encodeFields(fields, values)),
  });
}

/** A Map from keys to values, as Julia's Dict. Read as a new Map, in the order on disk. */
export function map<K, KI, V, VI>(
  keyLike: FieldLike<K, KI>,
  valueLike: FieldLike<V, VI>,
): FieldType<ReadonlyMap<K, V>, ReadonlyMap<KI, VI>> {
  const key = toFieldType(keyLike);
  const value = toFieldType(valueLike);
  const text = `map<${key.text}, ${value.text}>`;
  return new FieldType<ReadonlyMap<K, V>, ReadonlyMap<KI, VI>>({
    text,
    construct: (input, place) => {
      if (!(input instanceof Map)) throw mismatch(place, text, input);
      return new Map(
        [...input].map(([k, v], i) => [key.spec.construct(k, inside(place, i)), value.spec.construct(v, inside(place, String(k)))]),
      );
    },
    accepts: ({ type, children }) => {
      const [keys, values] = children[0]?.children ?? [];
      return type.kind === "map" && acceptsChild(key, keys) && acceptsChild(value, values);
    },
    reader: (array, place) => {
      const [keys, values] = (array.children[0] as ArrayData).children as [ArrayData, ArrayData];
      const keyAt = readerOf(key, keys, inside(place, "key"));
      const valueAt = readerOf(value, values, inside(place, "value"));
      return (index) => {
        const from = array.offsets?.[index] as number;
        const length = (array.offsets?.[index + 1] as number) - from;
        return new Map(Array.from({ length }, (_, i) => [keyAt(from + i), valueAt(from + i)]));
      };
    },
    encode: (column, values) => {
      const entries = values.flatMap((entry) => [...(entry ?? [])]);
      const children = [
        ...encodeColumns(key, "key", entries.map(([k]) => k)),
        ...encodeColumns(value, "value", entries.map(([, v]) => v)),
      ];
      const structs = encodeStruct({ name: "entries", nullable: false }, entries.map(() => true), children);
      return encodeMap(column, values.map((entry) => entry?.size ?? null), structs);
    },
  });
}

/** A value of one of several types: of the first that takes it. Written as a dense union with type ids 0, 1, ... */
export function union<const M extends readonly FieldLike[]>(...likes: M): FieldType<OutputOf<M[number]>, InputOf<M[number]>> {
  const members = likes.map(toFieldType);
  const text = `union<${members.map((member) => member.text).join(", ")}>`;
  const nulls = members.findIndex((member) => member.takesNull);
  return new FieldType<OutputOf<M[number]>, InputOf<M[number]>>({
    text,
    takesNull: nulls >= 0,
    alternatives: members.flatMap((member) => member.spec.alternatives ?? [member]),
    construct: (value, place) => constructAny(members, value, place, text) as OutputOf<M[number]>,
    accepts: (field) =>
      field.type.kind === "union"
        ? field.children.every((child) => child.type.kind === "null" || members.some((member) => member.spec.accepts(child)))
        : members.some((member) => member.spec.accepts(field)),
    reader: (array, place) => readUnion(members, array, place) as ElementReader<OutputOf<M[number]>>,
    encode: (column, values) => {
      const place = { identifier: null, path: [column.name] };
      const fallback = Math.max(nulls, 0);
      const ids = Int8Array.from(values, (value) => (value === null ? fallback : memberOf(members, value, place, text)));
      const children = members.flatMap((member, id) =>
        encodeColumns(member, String(id), values.filter((_, i) => ids[i] === id)),
      );
      return encodeUnion({ ...column, nullable: nulls >= 0 }, ids, children);
    },
  });
}

function constructAny(members: readonly FieldType<unknown, unknown>[], value: unknown, place: Place, text: string): unknown {
  if ((value === null || value === undefined) && members.some((member) => member.takesNull)) return null;
  return members[memberOf(members, value, place, text)]?.spec.construct(value, place);
}

function memberOf(members: readonly FieldType<unknown, unknown>[], value: unknown, place: Place, text: string): number {
  const index = members.findIndex((member) => takes(member, value, place));
  if (index < 0) throw mismatch(place, text, value);
  return index;
}

function takes(type: FieldType<unknown, unknown>, value: unknown, place: Place): boolean {
  try {
    type.spec.construct(value, place);
    return true;
  } catch {
    return false;
  }
}

function readUnion(members: readonly FieldType<unknown, unknown>[], array: ArrayData, place: Place): ElementReader<unknown> {
  const pick = (child: ArrayData): ElementReader<unknown> => {
    if (child.field.type.kind === "null") return () => null;
    const member = members.find((candidate) => candidate.spec.accepts(child.field)) as FieldType<unknown, unknown>;
    return readerOf(member, child, place);
  };
  const { type } = array.field;
  if (type.kind !== "union") return pick(array);
  const readerOfId = new Map(type.typeIds.map((id, i) => [id, pick(array.children[i] as ArrayData)]));
  return (index) => readerOfId.get(Number(array.values?.[index]))?.(array.offsets ? Number(array.offsets[index]) : index);
}

/** The type of columns that hold nothing but null. */
export const nothing: FieldType<null> = new FieldType<null>({
  text: "null",
  takesNull: true,
  alternatives: [],
  construct: (value, place) => {
    if (value !== null && value !== undefined) throw mismatch(place, "null", value);
    return null;
  },
  accepts: ({ type }) => type.kind === "null",
  reader: () => () => null,
  encode: ({ name }, values) => encodeNull(name, values.length),
});
