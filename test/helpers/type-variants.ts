/** The places of a value in a column: alone, optional, in lists, structs and maps, with nulls at every level. */
import { type FieldLike, t } from "legolas-flux/legolas";
import type { TypeCase } from "./every-type.ts";

export interface TypeVariant {
  readonly name: string;
  /** The type of the column, and its rows before and after they are stored, as in {@link TypeCase}. */
  of(typeCase: TypeCase): {
    readonly type: FieldLike;
    readonly rows: readonly unknown[];
    readonly stored: readonly unknown[];
  };
}

/** A variant whose rows are made in the same way from values and from their stored form. */
function variant(
  name: string,
  typeOf: (type: FieldLike) => FieldLike,
  rowsOf: (values: TypeCase["values"]) => readonly unknown[],
): TypeVariant {
  return {
    name,
    of: ({ type, values, stored }) => ({ type: typeOf(type), rows: rowsOf(values), stored: rowsOf(stored) }),
  };
}

export const typeVariants: readonly TypeVariant[] = [
  ...([0, 1, 2] as const).map((i) =>
    variant(
      `one row, value ${i}`,
      (type) => type,
      (values) => [values[i]],
    ),
  ),
  variant(
    "many rows",
    (type) => type,
    ([a, b, c]) => [a, b, c, b, b],
  ),
  variant(
    "no rows",
    (type) => type,
    () => [],
  ),
  variant("nulls before, between and after", t.optional, ([a, b, c]) => [null, a, null, null, b, c, null]),
  variant("optional without nulls", t.optional, (values) => values),
  variant("one null", t.optional, () => [null]),
  variant("nothing but null", t.optional, () => [null, null, null]),
  variant("in lists", t.vector, ([a, b, c]) => [[a, b], [], [c]]),
  variant(
    "in lists with nulls inside and outside",
    (type) => t.optional(t.vector(t.optional(type))),
    ([a, b, c]) => [[null, a], null, [b, null, c], []],
  ),
  variant(
    "in fixed lists with nulls",
    (type) => t.optional(t.fixed(t.optional(type), 2)),
    ([a, b, c]) => [[a, null], null, [b, c]],
  ),
  variant(
    "in structs with nulls at both levels",
    (type) => t.optional(t.struct({ before: t.int8, inner: t.optional(type), after: t.string })),
    ([a, b, c]) => {
      const of = (inner: unknown, i: number): object => ({ before: i, inner, after: `row ${i}` });
      return [of(a, 1), null, of(null, 2), of(b, 3), of(c, 4)];
    },
  ),
  variant(
    "not optional under a struct that is missing",
    (type) => t.optional(t.struct({ inner: type })),
    ([a, b]) => [{ inner: a }, null, { inner: b }],
  ),
  {
    name: "as values of maps",
    of: ({ type, values: [a, b, c], stored }) => ({
      type: t.map(t.string, type),
      rows: [new Map([["a", a]]), new Map(), new Map(Object.entries({ b, c }))],
      stored: [
        [["a", stored[0]]],
        [],
        [
          ["b", stored[1]],
          ["c", stored[2]],
        ],
      ],
    }),
  },
];
