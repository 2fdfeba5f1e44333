/**
 * Named fields as columns, for tables and structs alike.
 *
 * Idea: a field is one column, with its companions right after it; columns are found by name, never by position.
 */
import type { ArrayData } from "../../arrow/array-data.ts";
import { type Field, formatType } from "../../arrow/data-type.ts";
import { type EncodedArray, encodeNull } from "../../arrow/encoded-array.ts";
import { InputError, UnsupportedTypeError } from "../../errors.ts";
import {
  type ColumnRequest,
  type ElementReader,
  type FieldType,
  inside,
  type Place,
  readerOf,
  type TableForm,
} from "./field-type.ts";

/** What a column inherits from the table or the column it stands in. */
export interface Surroundings {
  readonly form: TableForm;
  /** The columns beside it in the rows before, or null for the first rows. */
  readonly siblings: readonly Field[] | null;
}

/** The surroundings of a column's children. */
export function within({ form, like }: ColumnRequest): Surroundings {
  return { form, siblings: like?.children ?? null };
}

/** A field's values as its column and the companions after it. */
export function encodeColumns(
  type: FieldType<unknown, unknown>,
  name: string,
  values: readonly unknown[],
  surroundings: Surroundings,
): readonly EncodedArray[] {
  const { form, siblings } = surroundings;
  const like = siblings?.find((field) => field.name === name) ?? null;
  if (like?.type.kind === "null" && values.every((value) => value === null)) return [encodeNull(name, values.length)];
  const own = type.spec.encode({ name, nullable: type.takesNull, form, like }, values);
  return [own, ...encodeCompanions(type, own.field, values, surroundings)];
}

function encodeCompanions(
  type: FieldType<unknown, unknown>,
  own: Field,
  values: readonly unknown[],
  surroundings: Surroundings,
): EncodedArray[] {
  const { companions } = type.spec;
  const { form, siblings } = surroundings;
  if (!companions) return [];
  const parts = values.map((value) => (value === null ? null : companions.partsOf(value, own, form)));
  return companions.columns.flatMap(({ suffix, type: partType, isAlwaysIn }, i) => {
    const column = parts.map((part) => part?.[i] ?? null);
    const speaks = column.some((part) => part !== null);
    const hasColumn = siblings ? siblings.some(({ name }) => name === own.name + suffix) : isAlwaysIn(form) || speaks;
    if (speaks && !hasColumn) throw noCompanion(own.name + suffix);
    return hasColumn ? encodeColumns(partType, own.name + suffix, column, surroundings) : [];
  });
}

function noCompanion(column: string): InputError {
  return new InputError({
    subject: `column "${column}"`,
    expected: "a column for it in the rows before",
    found: "none",
    remedy: "Begin the table with writeModelRows, which keeps every such column, or leave it out of this row",
  });
}

/**
 * Values where no companions can stand: items of lists, entries of maps, members of unions. What would accompany them is left out.
 *
 * @throws {InputError} A value would mean something else without it.
 */
export function encodeAlone(
  type: FieldType<unknown, unknown>,
  name: string,
  values: readonly unknown[],
  { form, siblings }: Surroundings,
): EncodedArray {
  const { companions } = type.spec;
  if (companions && values.some((value) => value !== null && companions.needs(value))) {
    throw new InputError({
      subject: `column "${name}"`,
      expected: "a value that needs no column beside it",
      found: `${type.text} with a layout of its own`,
      remedy: "In lists, maps and unions put the weights into a struct or a record, which has room for their layout",
    });
  }
  const like = siblings?.find((field) => field.name === name) ?? null;
  return type.spec.encode({ name, nullable: type.takesNull, form, like }, values);
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
    return companionReader(partType, name + suffix, siblings, place);
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

/**
 * Reads a companion; null where there is no such column, or one that says something else.
 *
 * @throws {UnsupportedTypeError} It is of a type whose values are not read: without it, the layout would be lost and the weights be taken for Flux's.
 */
export function companionReader(
  type: FieldType<unknown, unknown>,
  name: string,
  siblings: ReadonlyMap<string, ArrayData>,
  place: Place,
): ElementReader<unknown> {
  const array = siblings.get(name);
  if (!array) return () => null;
  if (type.spec.accepts(array.field)) return readerOf(type, array, inside(place, name));
  if (!isUnreadable(array.field)) return () => null;
  const remedy = "Write it as plain lists and texts where it was written, or drop the column";
  throw new UnsupportedTypeError(`column "${name}"`, formatType(array.field), remedy);
}

function isUnreadable({ type, children }: Field): boolean {
  return type.kind === "unsupported" || children.some(isUnreadable);
}

/** Arrays by their field's name. */
export function byName(arrays: readonly ArrayData[]): ReadonlyMap<string, ArrayData> {
  return new Map(arrays.map((array) => [array.field.name, array]));
}
