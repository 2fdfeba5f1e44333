/** Objects with named fields. */
import type { ArrayData } from "../../arrow/array-data.ts";
import type { Field } from "../../arrow/data-type.ts";
import { type EncodedArray, encodeStruct } from "../../arrow/encoded-array.ts";
import { DeclarationError } from "../../errors.ts";
import { byName, columnReader, encodeColumns, type Surroundings, within } from "./columns.ts";
import {
  acceptsNested,
  type ElementReader,
  type FieldLike,
  FieldType,
  inside,
  mismatch,
  ownValue,
  type Place,
  toFieldType,
} from "./field-type.ts";

/** Whether struct children, found by name, can be read as the fields. */
export function acceptsFields(fields: FieldTypes, children: readonly Field[]): boolean {
  const named = new Map(children.map((child) => [child.name, child]));
  return Object.entries(fields).every(([name, type]) =>
    named.has(name) ? acceptsNested(type, named.get(name)) : type.takesNull,
  );
}

/** Reads struct elements as plain objects with the fields as keys. */
export function structReader(
  fields: FieldTypes,
  array: ArrayData,
  place: Place,
): ElementReader<Record<string, unknown>> {
  const siblings = byName(array.children);
  const readers = Object.entries(fields).map(
    ([name, type]) => [name, columnReader(type, name, siblings, place)] as const,
  );
  return (index) => Object.fromEntries(readers.map(([name, read]) => [name, read(index)]));
}

/** The values of each field of struct elements, as children in the declared order. */
export function encodeFields(
  fields: FieldTypes,
  values: readonly (object | null)[],
  surroundings: Surroundings,
): EncodedArray[] {
  return Object.entries(fields).flatMap(([name, type]) =>
    encodeColumns(
      type,
      name,
      values.map((value) => (value as Record<string, unknown> | null)?.[name] ?? null),
      surroundings,
    ),
  );
}

/** Field types by name. */
export type FieldTypes = Readonly<Record<string, FieldType<unknown, unknown>>>;
/** Field types or schema versions by name. */
export type FieldLikes = Readonly<Record<string, FieldLike>>;

/** The type of the values of a field type, or of the records of a schema version. */
export type OutputOf<F> = F extends FieldLike<infer T, unknown> ? T : never;
/** The type of what a field type, or a schema version, takes for a value. */
export type InputOf<F> = F extends FieldLike<unknown, infer I> ? I : never;
/** The type of a struct's values, from the types of its fields by name. */
export type StructOutput<F> = { readonly [K in keyof F]: OutputOf<F[K]> };
/** The type of what is taken for a struct: keys that may be null may be left out. */
export type StructInput<F> = {
  readonly [K in keyof F as null extends OutputOf<F[K]> ? never : K]: InputOf<F[K]>;
} & {
  readonly [K in keyof F as null extends OutputOf<F[K]> ? K : never]?: InputOf<F[K]>;
};

export function toFieldTypes(likes: FieldLikes): FieldTypes {
  return Object.fromEntries(Object.entries(likes).map(([name, like]) => [name, toFieldType(like)]));
}

/** @throws {DeclarationError} A field has the name of a column that accompanies another. */
export function checkCompanions(subject: string, fields: FieldTypes): void {
  for (const [name, { spec }] of Object.entries(fields)) {
    const taken = spec.companions?.columns.map(({ suffix }) => name + suffix).find((key) => Object.hasOwn(fields, key));
    if (taken === undefined) continue;
    throw new DeclarationError({
      subject: `${subject}: field "${taken}"`,
      expected: "another name",
      found: "that of a column which accompanies",
      remedy: `Rename it: "${taken}" holds what belongs to "${name}"`,
    });
  }
}

/** A field's name as it stands in a type's text: quoted where it could be taken for something else. */
export function fieldNameText(name: string): string {
  return /^[^\s:,<>"?]+$/.test(name) ? name : JSON.stringify(name);
}

/**
 * An object with these keys, in this order on disk; other keys are dropped. Kept and read as a frozen object.
 *
 * @param likes - The types of the values by key; keys that may be null may be absent.
 * @throws {DeclarationError} One of them is no type, or a key is taken by a column that accompanies another.
 */
export function struct<F extends FieldLikes>(likes: F): FieldType<StructOutput<F>, StructInput<F>> {
  const fields = toFieldTypes(likes);
  checkCompanions("t.struct", fields);
  const parts = Object.entries(fields).map(([name, type]) => `${fieldNameText(name)}: ${type.text}`);
  const text = `struct<${parts.join(", ")}>`;
  return new FieldType<StructOutput<F>, StructInput<F>>({
    text,
    construct: (value, place) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw mismatch(place, text, value);
      const entries = Object.entries(fields).map(([name, type]) => [
        name,
        type.spec.construct(ownValue(value, name), inside(place, name)),
      ]);
      return Object.freeze(Object.fromEntries(entries)) as StructOutput<F>;
    },
    accepts: ({ type, children }) => type.kind === "struct" && acceptsFields(fields, children),
    reader: (array, place) => {
      const read = structReader(fields, array, place);
      return (index) => Object.freeze(read(index)) as StructOutput<F>;
    },
    encode: (column, values) =>
      encodeStruct(
        column,
        values.map((value) => value !== null),
        encodeFields(fields, values, within(column)),
      ),
  });
}
