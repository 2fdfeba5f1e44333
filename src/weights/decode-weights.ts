/** Weights from an Arrow column, as LegolasFlux.jl and others write it. */
import { type ArrayData, elementReader, isValid, type TypedArray } from "../arrow/array-data.ts";
import { type Field, formatType } from "../arrow/data-type.ts";
import { FormatError, UnsupportedTypeError } from "../errors.ts";
import { byName } from "../legolas/fields/columns.ts";
import { type ElementReader, inside, mismatch, type Place } from "../legolas/fields/field-type.ts";
import { type ElementType, elementTypeOfArrow } from "./element-type.ts";
import { FlatArray, formatSize } from "./flat-array.ts";
import { Weights } from "./weights.ts";

function child(field: Field | undefined, name: string, kind: string): Field | undefined {
  const found = field?.children.find((candidate) => candidate.name === name);
  return found?.type.kind === kind ? found : undefined;
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

export function readWeights(array: ArrayData, place: Place): ElementReader<Weights> {
  const list = byName(array.children).get("weights") as ArrayData;
  const arraysAt = listReader(list, (items) => flatArrayReader(items, place));
  return (index) => {
    const arrays = arraysAt(index);
    if (arrays === null) throw mismatch(inside(place, index), "a list of arrays", null);
    return new Weights(arrays);
  };
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
      return Array.from({ length: (plain.offsets?.[index + 1] as number) - from }, (_, i) => itemAt(from + i));
    };
  });
}

function flatArrayReader(items: ArrayData, place: Place): ElementReader<FlatArray> {
  const read = elementReader(items, (plain) => {
    const parts = byName(plain.children);
    const vecAt = elementReader(parts.get("vec") as ArrayData, (list) => elementsReader(list, place));
    const sizeAt = listReader(parts.get("size") as ArrayData, (dimensions) =>
      elementReader(dimensions, (values) => (i) => Number(values.values?.[i])),
    );
    return (index: number) => checkedFlatArray(vecAt(index), sizeAt(index), place, index);
  });
  return (index) => read(index) ?? fail(place, index, "an array", "null");
}

interface Elements {
  readonly vec: TypedArray;
  readonly type: ElementType;
}

function checkedFlatArray(
  elements: Elements | null,
  size: (number | null)[] | null,
  place: Place,
  index: number,
): FlatArray {
  if (elements === null || size === null) return fail(place, index, "elements and a size", "null");
  const dimensions = size.filter(
    (dimension) => dimension !== null && Number.isSafeInteger(dimension) && dimension >= 0,
  );
  if (dimensions.length < size.length) fail(place, index, "a size of integers >= 0", formatSize(size.map(Number)));
  const product = dimensions.reduce((total: number, dimension) => total * (dimension as number), 1);
  if (product !== elements.vec.length)
    fail(place, index, `${product} elements for size ${formatSize(size.map(Number))}`, `${elements.vec.length}`);
  return new FlatArray(elements.vec, dimensions as number[], elements.type);
}

function fail(place: Place, index: number, expected: string, found: string): never {
  const remedy = "The file is damaged: fetch or write it again";
  throw new FormatError({ subject: `"${place.path.join(".")}", array ${index}`, expected, found, remedy });
}

/** Reads lists of elements as typed arrays: views of the file's bytes where they are stored as they are. */
function elementsReader(list: ArrayData, place: Place): ElementReader<Elements> {
  const items = list.children[0] as ArrayData;
  const type = elementTypeOfArrow(items.field.type);
  if (type === null) {
    const remedy = "Convert the weights to floats or to integers of at most 64 bits in Julia, and write them again";
    throw new UnsupportedTypeError(
      `the elements of "${place.path.join(".")}"`,
      formatType({ ...items.field, nullable: false }),
      remedy,
    );
  }
  return (index) => {
    const from = list.offsets?.[index] as number;
    const to = list.offsets?.[index + 1] as number;
    if (items.nullCount > 0 && hasNull(items, from, to)) fail(place, index, "elements that are not null", "null");
    return { type, vec: items.dictionary ? gatherElements(items, from, to) : plainElements(items, from, to) };
  };
}

function hasNull(items: ArrayData, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isValid(items, i)) return true;
  return false;
}

function plainElements(items: ArrayData, from: number, to: number): TypedArray {
  const values = items.values as TypedArray;
  if (items.field.type.kind !== "bool") return values.subarray(from, to);
  return Uint8Array.from(
    { length: to - from },
    (_, i) => ((values[(from + i) >> 3] as number) >> ((from + i) & 7)) & 1,
  );
}

/** Elements that stand in a dictionary, in new memory. */
function gatherElements(items: ArrayData, from: number, to: number): TypedArray {
  const parts = (items.dictionary ?? []).map((part) => plainElements(part, 0, part.length));
  const entries = parts.flatMap((part) => Array.from<number | bigint>(part as ArrayLike<number>));
  const Constructor = (parts[0] ?? new Float32Array()).constructor as new (length: number) => TypedArray;
  const elements = new Constructor(to - from);
  for (let i = 0; i < elements.length; i++) elements[i] = entries[Number(items.values?.[from + i])] as never;
  return elements;
}
