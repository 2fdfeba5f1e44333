/** Lists, of any length and of a fixed one. */
import type { ArrayData } from "../../arrow/array-data.ts";
import type { Field } from "../../arrow/data-type.ts";
import { encodeFixedSizeList, encodeList } from "../../arrow/encoded-array.ts";
import { tabulate } from "../../arrow/tabulate.ts";
import { DeclarationError } from "../../errors.ts";
import { encodeAlone, within } from "./columns.ts";
import {
  acceptsNested,
  type ElementReader,
  type FieldLike,
  FieldType,
  inside,
  isNarrower,
  mismatch,
  type Place,
  readerOf,
  toFieldType,
} from "./field-type.ts";

function constructItems<T>(item: FieldType<T, unknown>, value: unknown, place: Place, expected: string): readonly T[] {
  const isNumbers = ArrayBuffer.isView(value) && !(value instanceof DataView);
  if (!Array.isArray(value) && !isNumbers) throw mismatch(place, expected, value);
  return Object.freeze(
    Array.from(value as ArrayLike<unknown>, (element, i) => item.spec.construct(element, inside(place, i))),
  );
}

/** Reads elements `from` up to, not including, `to` of a list's child. */
function itemsReader<T>(
  item: FieldType<T, unknown>,
  array: ArrayData,
  place: Place,
): (from: number, to: number) => readonly T[] {
  const read = readerOf(item, array.children[0] as ArrayData, place);
  return (from, to) => Object.freeze(tabulate(to - from, (i) => read(from + i)));
}

function readVectors<T>(item: FieldType<T, unknown>, array: ArrayData, place: Place): ElementReader<readonly T[]> {
  const items = itemsReader(item, array, place);
  const { type } = array.field;
  if (type.kind === "fixedSizeList") return (index) => items(index * type.listSize, (index + 1) * type.listSize);
  return (index) => items(array.offsets?.[index] as number, array.offsets?.[index + 1] as number);
}

/**
 * A list of any length; typed arrays are taken too. Kept and read as a frozen array, in new memory.
 *
 * @param like - The type of the elements.
 * @throws {DeclarationError} It is no type.
 */
export function vector<T, I>(like: FieldLike<T, I>): FieldType<readonly T[], ArrayLike<I>> {
  const item = toFieldType(like);
  const text = `vector<${item.text}>`;
  return new FieldType<readonly T[], ArrayLike<I>>({
    text,
    item,
    construct: (value, place) => constructItems(item, value, place, text),
    accepts: ({ type, children }) =>
      (type.kind === "list" || type.kind === "fixedSizeList") && acceptsNested(item, children[0]),
    reader: (array, place) => readVectors(item, array, place),
    encode: (column, values) => {
      const child = encodeAlone(
        item,
        "item",
        values.flatMap((value) => value ?? []),
        within(column),
      );
      return encodeList(
        column,
        values.map((value) => value?.length ?? null),
        child,
      );
    },
    narrows: (wider) =>
      wider.text.startsWith("vector<") && wider.spec.item !== undefined && isNarrower(item, wider.spec.item),
  });
}

/**
 * A list of exactly `length` elements, as Julia's NTuple; typed arrays are taken too. Kept and read as a frozen array, in new memory.
 *
 * @param like - The type of the elements.
 * @param length - An integer >= 0.
 * @throws {DeclarationError} It is no type, or no length.
 */
export function fixed<T, I>(like: FieldLike<T, I>, length: number): FieldType<readonly T[], ArrayLike<I>> {
  const item = toFieldType(like);
  if (!Number.isSafeInteger(length) || length < 0)
    throw new DeclarationError({ subject: "t.fixed", expected: "a length, an integer >= 0", found: String(length) });
  const text = `fixed<${item.text}, ${length}>`;
  const isByteTuple = ({ type }: Field): boolean =>
    item.text === "uint8" && type.kind === "fixedSizeBinary" && type.byteWidth === length;
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
      return (
        isByteTuple(field) ||
        (type.kind === "fixedSizeList" && type.listSize === length && acceptsNested(item, children[0]))
      );
    },
    reader: (array, place) => {
      if (!isByteTuple(array.field)) return readVectors(item, array, place);
      const at = (index: number): Uint8Array =>
        (array.values as Uint8Array).subarray(index * length, (index + 1) * length);
      return (index) => constructItems(item, at(index), place, text);
    },
    encode: (column, values) => {
      const absent = Array.from({ length }, () => null);
      const child = encodeAlone(
        item,
        "item",
        values.flatMap((value): readonly (T | null)[] => value ?? absent),
        within(column),
      );
      return encodeFixedSizeList(
        column,
        length,
        values.map((value) => value !== null),
        child,
      );
    },
    narrows: (wider) =>
      // Bytes of a fixed number may stand in a binary column, which no vector reads.
      item.text !== "uint8" &&
      wider.text.startsWith("vector<") &&
      wider.spec.item !== undefined &&
      isNarrower(item, wider.spec.item),
  });
}
