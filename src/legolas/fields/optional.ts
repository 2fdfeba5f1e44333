/** Types that take null. */
import { encodeNull } from "../../arrow/encoded-array.ts";
import { type FieldLike, FieldType, mismatch, toFieldType } from "./field-type.ts";

/**
 * A value of a type, or null. Absent and undefined values are null, absent columns are read as null.
 *
 * @param like - The type of what is not null.
 * @throws {DeclarationError} It is no type.
 */
export function optional<T, I>(like: FieldLike<T, I>): FieldType<T | null, I | null | undefined> {
  const type = toFieldType(like);
  // Which types an optional one narrows follows from its alternative alone.
  const { refines: _, accepting: __, ...spec } = type.spec;
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

/** The type of columns that hold nothing but null. */
export const nothing: FieldType<null> = /* @__PURE__ */ new FieldType<null>({
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
