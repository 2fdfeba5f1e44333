/**
 * Named fields as columns, for tables and structs alike.
 *
 * Idea: a field is one column, with its companions right after it; columns are found by name, never by position.
 */
import type { ArrayData } from "../../arrow/array-data.ts";
import type { EncodedArray } from "../../arrow/encoded-array.ts";
import { type ElementReader, type FieldType, inside, type Place, readerOf } from "./field-type.ts";

/** A field's values as its column and the companions after it. */
export function encodeColumns(
  type: FieldType<unknown, unknown>,
  name: string,
  values: readonly unknown[],
): readonly EncodedArray[] {
  const own = type.spec.encode({ name, nullable: type.takesNull }, values);
  return [own, ...encodeCompanions(type, name, values)];
}

function encodeCompanions(type: FieldType<unknown, unknown>, name: string, values: readonly unknown[]): EncodedArray[] {
  const { companions } = type.spec;
  if (!companions) return [];
  const parts = values.map((value) => (value === null ? null : companions.partsOf(value)));
  return companions.columns.flatMap(({ suffix, type: partType, alwaysInTables }, i) => {
    const column = parts.map((part) => part?.[i] ?? null);
    const speaks = column.some((part) => part !== null) || (alwaysInTables && values.length !== 1);
    return speaks ? encodeColumns(partType, name + suffix, column) : [];
  });
}

/** Values where no companions can stand: items of lists, entries of maps, members of unions. */
export function encodeAlone(type: FieldType<unknown, unknown>, name: string, values: readonly unknown[]): EncodedArray {
  return type.spec.encode({ name, nullable: type.takesNull }, values);
}

/** Reads a field from its column and the companions among its siblings; null where the column is absent. */
export function columnReader(
  type: FieldType<unknown, unknown>,
  name: string,
  siblings: ReadonlyMap<string, ArrayData>,
  place: Place,
): ElementReader<unknown> {
  const array = siblings.get(name);
  const at = inside(place, name);
  if (array === undefined) return () => null;
  const read = readerOf(type, array, at);
  const { companions } = type.spec;
  if (!companions) return read;
  const readers = companions.columns.map(({ suffix, type: partType }) => {
    const beside = siblings.get(name + suffix);
    return beside && partType.spec.accepts(beside.field)
      ? readerOf(partType, beside, inside(place, name + suffix))
      : () => null;
  });
  return (index) => {
    const value = read(index);
    if (value === null) return null;
    return companions.attach(
      value,
      readers.map((reader) => reader(index)),
      inside(at, index),
    );
  };
}

/** Arrays by their field's name. */
export function byName(arrays: readonly ArrayData[]): ReadonlyMap<string, ArrayData> {
  return new Map(arrays.map((array) => [array.field.name, array]));
}
