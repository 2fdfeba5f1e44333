/** Weights as an Arrow column, in the form that LegolasFlux.jl reads. */
import type { TypedArray } from "../arrow/array-data.ts";
import type { Field } from "../arrow/data-type.ts";
import {
  type Chunk,
  chunkOf,
  type EncodedArray,
  encodeChunks,
  encodeFixed,
  encodeList,
  encodeNull,
  encodeStruct,
  packBits,
} from "../arrow/encoded-array.ts";
import { InputError, LossyConversionError } from "../errors.ts";
import type { ColumnRequest } from "../legolas/fields/field-type.ts";
import { deferredRead } from "./deferred-array.ts";
import { arrowTypeOf, bytesPerElement, type ElementType, elementTypeOfArrow, promote } from "./element-type.ts";
import { type FlatArray, formatSize } from "./flat-array.ts";
import { arrayLabel, elementsAs, type Weights } from "./weights.ts";

const weightsExtension = "JuliaLang.LegolasFlux.Weights";
const flatArrayExtension = "JuliaLang.LegolasFlux.FlatArray";

/** The column of rows of weights; the arrays' memory is referred to, not copied, unless their types must be promoted. */
export function encodeWeights(column: ColumnRequest, values: readonly (Weights | null)[]): EncodedArray {
  const { name, form, like } = column;
  const isOne = !form.many && values.length === 1;
  if (isOne && values[0] === null) return encodeNull(name, 1);
  for (const value of values) if (value) checkJuliaCanRead(name, value);
  const present = values.filter((value) => value !== null);
  const list = encodeList(
    { name: "weights", nullable: false },
    values.map((value) => value?.length ?? 0),
    encodeFlatArrays(present, elementTypeFor(present, like)),
  );
  const own = { name, nullable: like?.nullable ?? !isOne, extension: weightsExtension };
  if (!own.nullable && present.length < values.length) throw missingAmongPresent(name);
  return encodeStruct(
    own,
    values.map((value) => value !== null),
    [list],
  );
}

function missingAmongPresent(column: string): InputError {
  return new InputError({
    subject: `"${column}"`,
    expected: "weights, as in the rows before",
    found: "missing weights (null)",
    remedy: "Begin the table with writeModelRows, in which weights may be missing",
  });
}

/** The one element type of a column: that of the rows before where it can hold these, else the promotion of all of them. */
function elementTypeFor(rows: readonly Weights[], like: Field | null): ElementType {
  const before = like && storedElementType(like);
  const types = rows.map(({ elementType }) => elementType);
  return before ? types.reduce(promote, before) : types.length > 0 ? types.reduce(promote) : "float32";
}

/** The element type of a column of weights as it was encoded, or null where all of it is missing. */
export function storedElementType(column: Field): ElementType | null {
  const item = column.children[0]?.children[0]?.children[0]?.children[0];
  return item ? elementTypeOfArrow(item.type) : null;
}

/** Julia looks at the first array of a row to learn its type, and fails where there is none or it is empty. */
function checkJuliaCanRead(column: string, { arrays, names }: Weights): void {
  const first = arrays[0];
  if (first && first.length > 0) return;
  throw new InputError({
    subject: first ? `"${column}", ${arrayLabel(0, names?.[0])}` : `"${column}"`,
    expected: "weights whose first array has elements, which Julia needs to read them",
    found: first ? `an empty array of size ${formatSize(first.size)}` : "no arrays",
    remedy: first
      ? "Put an array that has elements first"
      : "Build the model before fetching its weights, or store null for a model without any",
  });
}

function encodeFlatArrays(rows: readonly Weights[], type: ElementType): EncodedArray {
  const arrays = rows.flatMap((row) => row.arrays);
  const sizes = arrays.flatMap(({ size }) => size);
  const items = { name: "item", nullable: false };
  const int64 = { kind: "int", bitWidth: 64, signed: true } as const;
  const sizeItems = encodeFixed(
    items,
    int64,
    BigInt64Array.from(sizes, BigInt),
    sizes.map(() => true),
  );
  const vecItems = encodeElements(rows, type);
  const vec = encodeList(
    { name: "vec", nullable: false },
    arrays.map(({ length }) => length),
    vecItems,
  );
  const size = encodeList(
    { name: "size", nullable: false },
    arrays.map((array) => array.size.length),
    sizeItems,
  );
  return encodeStruct(
    { ...items, extension: flatArrayExtension },
    arrays.map(() => true),
    [vec, size],
  );
}

/** An array with what is said of it where it cannot be converted. */
interface Labelled {
  readonly array: FlatArray;
  readonly label: string;
  readonly lossy: boolean;
}

function encodeElements(rows: readonly Weights[], type: ElementType): EncodedArray {
  const labelled = rows.flatMap(({ arrays, names, lossy }) =>
    arrays.map((array, i): Labelled => ({ array, label: arrayLabel(i, names?.[i]), lossy })),
  );
  const length = labelled.reduce((sum, { array }) => sum + array.length, 0);
  const chunks =
    type === "bool"
      ? [
          chunkOf(
            packArrays(
              labelled.map(({ array }) => array),
              length,
            ),
          ),
        ]
      : labelled.map((part) => chunkAs(part, type));
  return encodeChunks({ name: "item", nullable: false }, arrowTypeOf(type), length, chunks);
}

/** An array's bytes in a type: its own memory, or a conversion made only when it is written, or read only then. */
function chunkAs({ array, label, lossy }: Labelled, type: ElementType): Chunk {
  const read = deferredRead(array);
  if (!read && array.elementType === type) return chunkOf(array.vec);
  const bytesIn = (present: FlatArray): Uint8Array => chunkOf(elementsAs(present, type, lossy, label)).toBytes();
  return {
    byteLength: array.length * bytesPerElement(type),
    toBytes: () => bytesIn(array),
    ...(read && { load: async () => bytesIn(await read()) }),
  };
}

/** @throws {LossyConversionError} An element is neither 0 nor 1. */
export function checkBools(vec: TypedArray): void {
  const index = (vec as Uint8Array).findIndex((element) => element > 1);
  if (index < 0) return;
  throw new LossyConversionError({
    subject: "bool array",
    expected: "0 or 1",
    found: `${vec[index]} at element ${index}`,
  });
}

/** Bools as bits, one array after the other without gaps. */
function packArrays(arrays: readonly FlatArray[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let position = 0;
  for (const { vec } of arrays) {
    checkBools(vec);
    joined.set(vec as Uint8Array, position);
    position += vec.length;
  }
  return packBits(joined);
}
