/** Values of one of several types. */
import type { ArrayData } from "../../arrow/array-data.ts";
import { encodeUnion } from "../../arrow/encoded-array.ts";
import { DeclarationError } from "../../errors.ts";
import { deepEquals } from "../deep-equals.ts";
import { encodeAlone, within } from "./columns.ts";
import {
  type ElementReader,
  type FieldLike,
  FieldType,
  mismatch,
  type Place,
  readerOf,
  toFieldType,
} from "./field-type.ts";
import { nothing } from "./optional.ts";
import type { InputOf, OutputOf } from "./struct.ts";

/** Type ids are of 8 bits, signed, and one is kept for null. */
const maxMembers = 127;

/**
 * A value of one of several types: of the first that keeps it as it is, else of the first that takes it. Written as a dense union with type
 * ids 0, 1, ...; where null is taken by the column but by no member, one more child holds it.
 *
 * @param likes - The types, at most 127.
 * @throws {DeclarationError} One of them is no type, or they are too many.
 */
export function union<const M extends readonly FieldLike[]>(
  ...likes: M
): FieldType<OutputOf<M[number]>, InputOf<M[number]>> {
  const members = likes.map(toFieldType);
  if (members.length > maxMembers) {
    throw new DeclarationError({
      subject: "t.union",
      expected: `at most ${maxMembers} types`,
      found: `${members.length}`,
      remedy: "Join them, or use several fields",
    });
  }
  const text = `union<${members.map((member) => member.text).join(", ")}>`;
  const nulls = members.findIndex((member) => member.takesNull);
  return new FieldType<OutputOf<M[number]>, InputOf<M[number]>>({
    text,
    takesNull: nulls >= 0,
    alternatives: members.flatMap((member) => member.spec.alternatives ?? [member]),
    construct: (value, place) => constructAny(members, value, place, text) as OutputOf<M[number]>,
    accepts: (field) =>
      field.type.kind === "union"
        ? field.children.every(
            (child) => child.type.kind === "null" || members.some((member) => member.spec.accepts(child)),
          )
        : members.some((member) => member.spec.accepts(field)),
    reader: (array, place) => readUnion(members, array, place) as ElementReader<OutputOf<M[number]>>,
    encode: (column, values) => {
      const place = { identifier: null, path: [column.name] };
      // Unions have no validity of their own: null is an element of a child that may hold it.
      const stored = nulls < 0 && column.nullable ? [...members, nothing] : members;
      const fallback = Math.max(
        stored.findIndex((member) => member.takesNull),
        0,
      );
      const ids = Int8Array.from(values, (value) =>
        value === null ? fallback : memberOf(members, value, place, text),
      );
      const children = stored.map((member, id) =>
        encodeAlone(
          member,
          String(id),
          values.filter((_, i) => ids[i] === id),
          within(column),
        ),
      );
      return encodeUnion({ ...column, nullable: column.nullable || nulls >= 0 }, ids, children);
    },
  });
}

function constructAny(
  members: readonly FieldType<unknown, unknown>[],
  value: unknown,
  place: Place,
  text: string,
): unknown {
  if ((value === null || value === undefined) && members.some((member) => member.takesNull)) return null;
  return members[memberOf(members, value, place, text)]?.spec.construct(value, place);
}

/** The first member that keeps the value as it is, else the first that takes it: so a record built again stays the same. */
function memberOf(members: readonly FieldType<unknown, unknown>[], value: unknown, place: Place, text: string): number {
  const kept = members.map((member) => construct(member, value, place));
  const exact = kept.findIndex((result) => result !== null && deepEquals(result.value, value));
  const index = exact >= 0 ? exact : kept.findIndex((result) => result !== null);
  if (index < 0) throw mismatch(place, text, value);
  return index;
}

/** The value as a type keeps it, or null where the type does not take it. */
function construct(
  type: FieldType<unknown, unknown>,
  value: unknown,
  place: Place,
): { readonly value: unknown } | null {
  try {
    return { value: type.spec.construct(value, place) };
  } catch {
    return null;
  }
}

function readUnion(
  members: readonly FieldType<unknown, unknown>[],
  array: ArrayData,
  place: Place,
): ElementReader<unknown> {
  const pick = (child: ArrayData, position = 0): ElementReader<unknown> => {
    if (child.field.type.kind === "null") return () => null;
    const inOrder = [...members.slice(position), ...members];
    const member = inOrder.find((candidate) => candidate.spec.accepts(child.field)) as FieldType<unknown, unknown>;
    return readerOf(member, child, place);
  };
  const { type } = array.field;
  if (type.kind !== "union") return pick(array);
  const readerOfId = new Map(type.typeIds.map((id, i) => [id, pick(array.children[i] as ArrayData, i)]));
  return (index) =>
    readerOfId.get(Number(array.values?.[index]))?.(array.offsets ? Number(array.offsets[index]) : index);
}
