/** Weights from an Arrow column, as LegolasFlux.jl and others write it. */
import { type ArrayData, boolAt, elementReader, isValid, type TypedArray } from "../arrow/array-data.ts";
import { type Field, formatType } from "../arrow/data-type.ts";
import { partFinder } from "../arrow/part-finder.ts";
import { tabulate } from "../arrow/tabulate.ts";
import { FormatError, UnsupportedTypeError } from "../errors.ts";
import { byName } from "../legolas/fields/columns.ts";
import type { ElementReader, Place } from "../legolas/fields/field-type.ts";
import { type ElementType, elementTypeOfArrow } from "./element-type.ts";
import { FlatArray, formatSize, isSize, product } from "./flat-array.ts";
import { Weights } from "./weights.ts";

function child(field: Field | undefined, name: string, kind: string): Field | undefined {
  // Children are found by name later on; of two with one name it would be left open which is meant.
  const [found, ...more] = field?.children.filter((candidate) => candidate.name === name) ?? [];
  return more.length === 0 && found?.type.kind === kind ? found : undefined;
}

function flatArrayField(field: Field): Field | undefined {
  const [item] = child(field, "weights", "list")?.children ?? [];
  return item?.type.kind === "struct" ? item : undefined;
}

/** Whether a column has the form of weights; whether its elements can be held is found out when it is read. */
export function acceptsWeights(field: Field): boolean {
  const item = field.type.kind === "struct" ? flatArrayField(field) : undefined;
  const [dimension] = child(item, "size", "list")?.children ?? [];
  return child(item, "vec", "list") !== undefined && dimension?.type.kind === "int" && dimension.type.bitWidth !== 128;
}

/** The type of the elements of a column in the form of weights, or null where no typed array holds them. */
export function elementTypeIn(field: Field): ElementType | null {
  const [element] = child(flatArrayField(field), "vec", "list")?.children ?? [];
  return element ? elementTypeOfArrow(element.type) : null;
}

/** One array of a column: a range of elements, and its size. */
export interface ArraySpan {
  /** The array of elements that it is a range of. */
  readonly items: ArrayData;
  readonly type: ElementType;
  /** Elements `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  readonly size: readonly number[];
}

export function readWeights(array: ArrayData, place: Place): ElementReader<Weights> {
  const spansAt = readSpans(array, place);
  return (index) => new Weights(spansAt(index).map(toFlatArray));
}

/** Reads rows of weights as spans, whose elements need not be loaded. */
export function readSpans(array: ArrayData, place: Place): ElementReader<ArraySpan[]> {
  const list = byName(array.children).get("weights") as ArrayData;
  const spansAt = listReader(list, (items) => spanReader(items, place));
  return (index) => spansAt(index) ?? fail(place, index, "a list of arrays", "null");
}

/** Reads lists, whatever is encoded by dictionary, as arrays of what the item reader gives. */
function listReader<T>(
  array: ArrayData,
  itemReader: (items: ArrayData) => ElementReader<T>,
): ElementReader<T[] | null> {
  return elementReader(array, (plain) => {
    const itemAt = itemReader(plain.children[0] as ArrayData);
    return (index) => {
      const from = plain.offsets?.[index] as number;
      return tabulate((plain.offsets?.[index + 1] as number) - from, (i) => itemAt(from + i));
    };
  });
}

function spanReader(items: ArrayData, place: Place): ElementReader<ArraySpan> {
  const read = elementReader(items, (plain) => {
    const parts = byName(plain.children);
    const vecAt = elementReader(parts.get("vec") as ArrayData, (list) => elementsReader(list, place));
    const sizeAt = listReader(parts.get("size") as ArrayData, (dimensions) =>
      elementReader(dimensions, (values) => (i) => Number(values.values?.[i])),
    );
    return (index: number) => checkedSpan(vecAt(index), sizeAt(index), place, index);
  });
  return (index) => read(index) ?? fail(place, index, "an array", "null");
}

type Elements = Omit<ArraySpan, "size">;

function checkedSpan(
  elements: Elements | null,
  size: (number | null)[] | null,
  place: Place,
  index: number,
): ArraySpan {
  if (elements === null || size === null) return fail(place, index, "elements and a size", "null");
  if (!isSize(size)) return fail(place, index, "a size of integers >= 0", formatSize(size.map(Number)));
  const { items, type, from, to } = elements;
  const count = to - from;
  if (product(size) !== count) fail(place, index, `${product(size)} elements for size ${formatSize(size)}`, `${count}`);
  return { items, type, from, to, size: Object.freeze(size) };
}

function fail(place: Place, index: number, expected: string, found: string): never {
  const remedy = "The file is damaged: fetch or write it again";
  throw new FormatError({ subject: `"${place.path.join(".")}", array ${index}`, expected, found, remedy });
}

/** Reads where lists of elements stand. */
function elementsReader(list: ArrayData, place: Place): ElementReader<Elements> {
  const items = list.children[0] as ArrayData;
  const type = elementTypeOfArrow(items.field.type);
  if (type === null) {
    throw new UnsupportedTypeError(
      `the elements of "${place.path.join(".")}"`,
      formatType({ ...items.field, nullable: false }),
      "Convert the weights to floats or to integers of at most 64 bits in Julia, and write them again",
    );
  }
  const mayHaveNull = [items, ...(items.dictionary ?? [])].some(({ nullCount }) => nullCount > 0);
  return (index) => {
    const from = list.offsets?.[index] as number;
    const to = list.offsets?.[index + 1] as number;
    if (mayHaveNull && hasNull(items, from, to)) fail(place, index, "elements that are not null", "null");
    return { items, type, from, to };
  };
}

/** The array of a span whose elements are loaded: a view of them where they are stored as they are. */
export function toFlatArray({ items, type, from, to, size }: ArraySpan): FlatArray {
  return new FlatArray(items.dictionary ? gatherElements(items, from, to) : plainElements(items, from, to), size, type);
}

function hasNull(items: ArrayData, from: number, to: number): boolean {
  const dictionary = items.dictionary ?? [];
  const placeOf = partFinder(dictionary);
  const isNull = (i: number): boolean => {
    if (!isValid(items, i)) return true;
    if (dictionary.length === 0) return false;
    const [part, index] = placeOf(Number(items.values?.[i]));
    return !isValid(dictionary[part] as ArrayData, index);
  };
  for (let i = from; i < to; i++) if (isNull(i)) return true;
  return false;
}

function plainElements(items: ArrayData, from: number, to: number): TypedArray {
  const values = items.values as TypedArray;
  return items.field.type.kind === "bool" ? unpackBits(values as Uint8Array, from, to) : values.subarray(from, to);
}

/** Bits `from` up to, not including, `to` as a 0 or 1 each. */
export function unpackBits(bits: Uint8Array, from: number, to: number): Uint8Array {
  const values = new Uint8Array(to - from);
  for (let i = 0; i < values.length; i++) {
    const bit = from + i;
    // Division, not a shift: there may be more bits than a 32-bit integer counts.
    values[i] = ((bits[Math.floor(bit / 8)] as number) >> (bit % 8)) & 1;
  }
  return values;
}

/** Elements that stand in a dictionary, in new memory. */
function gatherElements(items: ArrayData, from: number, to: number): TypedArray {
  const dictionary = items.dictionary ?? [];
  const placeOf = partFinder(dictionary);
  const isBool = items.field.type.kind === "bool";
  const [first] = dictionary;
  const Constructor = (first?.values ?? new Float32Array()).constructor as new (length: number) => TypedArray;
  const elements = new Constructor(to - from);
  for (let i = 0; i < elements.length; i++) {
    const [part, index] = placeOf(Number(items.values?.[from + i]));
    const stored = dictionary[part] as ArrayData;
    elements[i] = (isBool ? Number(boolAt(stored, index)) : stored.values?.[index]) as never;
  }
  return elements;
}
