/** Maps from keys to values. */
import type { ArrayData } from "../../arrow/array-data.ts";
import { encodeMap, encodeStruct } from "../../arrow/encoded-array.ts";
import { encodeAlone, within } from "./columns.ts";
import { acceptsNested, type FieldLike, FieldType, inside, mismatch, readerOf, toFieldType } from "./field-type.ts";

/**
 * A Map from keys to values, as Julia's Dict. Kept and read as a new Map, in its order.
 *
 * @param keyLike - The type of the keys.
 * @param valueLike - The type of the values.
 * @throws {DeclarationError} One of them is no type.
 */
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
        [...input].map(([k, v], i) => [
          key.spec.construct(k, inside(place, i)),
          value.spec.construct(v, inside(place, String(k))),
        ]),
      );
    },
    accepts: ({ type, children }) => {
      const [keys, values] = children[0]?.children ?? [];
      return type.kind === "map" && acceptsNested(key, keys) && acceptsNested(value, values);
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
      const [like = null] = column.like?.children ?? [];
      const inEntries = within({ ...column, like });
      const entries = values.flatMap((entry) => [...(entry ?? [])]);
      const children = [
        encodeAlone(
          key,
          "key",
          entries.map(([k]) => k),
          inEntries,
        ),
        encodeAlone(
          value,
          "value",
          entries.map(([, v]) => v),
          inEntries,
        ),
      ];
      const structs = encodeStruct(
        { name: "entries", nullable: false },
        entries.map(() => true),
        children,
      );
      return encodeMap(
        column,
        values.map((entry) => entry?.size ?? null),
        structs,
      );
    },
  });
}
