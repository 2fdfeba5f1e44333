/** The type of fields declared without one: whatever the column, or the values, are. */
import { elementReader } from "../../arrow/array-data.ts";
import type { DataType, Field } from "../../arrow/data-type.ts";
import { extensionName, formatType } from "../../arrow/data-type.ts";
import { UnsupportedTypeError } from "../../errors.ts";
import { bool } from "./bool.ts";
import { bytes, isByteList } from "./bytes.ts";
import { FieldType, fieldTypeOfValue, inside, mismatch, ownValue, type Place } from "./field-type.ts";
import { float16, float32, float64 } from "./floats.ts";
import { bigint, int8, int16, int32, int64, uint8, uint16, uint32 } from "./integers.ts";
import { map } from "./map.ts";
import { nothing, optional } from "./optional.ts";
import { struct } from "./struct.ts";
import { date, datetime, duration, time } from "./temporal.ts";
import { string, symbol } from "./text.ts";
import { union } from "./union.ts";
import { uuid } from "./uuid.ts";
import { fixed, vector } from "./vector.ts";

type AnyType = FieldType<unknown, unknown>;

/** 64-bit integers as numbers where they are safe, as bigints where not. */
const anyInt64: AnyType = new FieldType<unknown>({
  ...int64.spec,
  text: "integer",
  accepts: ({ type }) => type.kind === "int" && type.bitWidth === 64,
  reader: (array) => (index) => {
    const value = array.values?.[index] as bigint;
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  },
  encode: (column, values) => int64.spec.encode(column, values as (number | null)[]),
});

const signed: Readonly<Record<number, AnyType>> = { 8: int8, 16: int16, 32: int32, 64: anyInt64 };
const unsigned: Readonly<Record<number, AnyType>> = { 8: uint8, 16: uint16, 32: uint32, 64: anyInt64 };
const floats = { 16: float16, 32: float32, 64: float64 } as const;

const uuidExtensions: readonly (string | null)[] = ["JuliaLang.UUID", "arrow.uuid"];

const readers: {
  readonly [K in DataType["kind"]]: (type: Extract<DataType, { kind: K }>, field: Field) => AnyType | undefined;
} = {
  null: () => nothing,
  int: ({ bitWidth, signed: isSigned }) => (isSigned ? signed : unsigned)[bitWidth],
  float: ({ bitWidth }) => floats[bitWidth],
  bool: () => bool,
  utf8: (_, field) => (extensionName(field) === "JuliaLang.Symbol" ? symbol : string),
  binary: () => bytes,
  fixedSizeBinary: ({ byteWidth }, field) =>
    byteWidth === 16 && uuidExtensions.includes(extensionName(field)) ? uuid : bytes,
  date: () => date,
  time: () => time,
  timestamp: () => datetime,
  duration: () => duration,
  list: (_, field) => (isByteList(field) ? bytes : vector(typeOfChild(field.children[0]))),
  fixedSizeList: ({ listSize }, { children: [item] }) => fixed(typeOfChild(item), listSize),
  struct: (_, { children }) => struct(Object.fromEntries(children.map((child) => [child.name, typeOfChild(child)]))),
  map: (_, { children: [entries] }) => map(typeOfChild(entries?.children[0]), typeOfChild(entries?.children[1])),
  union: (_, { children }) => union(...children.map(typeOfChild)),
  unsupported: () => undefined,
};

/** The type that reads a column as it is. @throws {UnsupportedTypeError} for types that JavaScript cannot hold here. */
export function typeOfField(field: Field): AnyType {
  const { type } = field;
  // Each reader takes the member of the union that its key names, which TypeScript cannot see across an index.
  const found = (readers[type.kind] as (type: DataType, field: Field) => AnyType | undefined)(type, field);
  if (found) return found;
  const remedy = "Read the other columns, or convert this one where it was written";
  throw new UnsupportedTypeError(`column "${field.name}"`, formatType(field), remedy);
}

function typeOfChild(child: Field | undefined): AnyType {
  return child ? optional(typeOfField(child)) : nothing;
}

function typeOfObject(value: object, place: Place): AnyType {
  if (fieldTypeOfValue in value) return value[fieldTypeOfValue] as AnyType;
  if (value instanceof Date) return datetime;
  if (value instanceof Uint8Array) return bytes;
  if (value instanceof Map)
    return map(typeOfValues([...value.keys()], place), typeOfValues([...value.values()], place));
  if (ArrayBuffer.isView(value)) return vector(typedArrayTypes[value.constructor.name] ?? float64);
  if (Array.isArray(value)) return vector(typeOfValues(value, place));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype)
    throw mismatch(place, "a value that a column can hold", value);
  if (isDuration(value)) return duration;
  return structOf([value], place);
}

function isDuration(value: object): boolean {
  return "unit" in value && "value" in value && typeof value.value === "bigint";
}

/** Whether a value is a plain object, to be kept as a struct. */
function isStruct(value: unknown): value is object {
  if (typeof value !== "object" || value === null || fieldTypeOfValue in value || isDuration(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** One struct with the keys of all values, null where a value lacks one. */
function structOf(values: readonly object[], place: Place): AnyType {
  const names = new Set(values.flatMap((value) => Object.keys(value)));
  const typeOf = (name: string) =>
    typeOfValues(
      values.map((value) => ownValue(value, name)),
      inside(place, name),
    );
  return struct(Object.fromEntries([...names].map((name) => [name, typeOf(name)])));
}

const typedArrayTypes: Readonly<Record<string, AnyType>> = {
  Int8Array: int8,
  Int16Array: int16,
  Uint16Array: uint16,
  Int32Array: int32,
  Uint32Array: uint32,
  Float32Array: float32,
  Float64Array: float64,
  BigInt64Array: bigint,
  BigUint64Array: bigint,
};

function typeOfValue(value: unknown, place: Place): AnyType {
  if (typeof value === "boolean") return bool;
  if (typeof value === "string") return string;
  if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0) ? int64 : float64;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? int64 : bigint;
  if (typeof value === "object" && value !== null) return typeOfObject(value, place);
  throw mismatch(place, "a value that a column can hold", value);
}

/** Less than readers of Arrow schemas take; it also ends cycles. */
const maxDepth = 48;

/** The type of values: one that takes all of them, optional where one is null, a union where they differ. */
export function typeOfValues(values: readonly unknown[], place: Place): AnyType {
  if (place.path.length > maxDepth) throw mismatch(place, `values nested at most ${maxDepth} deep`, values[0]);
  const present = values.filter((value) => value !== null && value !== undefined);
  const structs = present.filter(isStruct);
  const lists = present.filter(Array.isArray) as unknown[][];
  const others = present.filter((value) => !isStruct(value) && !Array.isArray(value));
  const joined = [
    ...others.map((value) => typeOfValue(value, place)),
    ...(structs.length > 0 ? [structOf(structs, place)] : []),
    ...(lists.length > 0 ? [vector(typeOfValues(lists.flat(), inside(place, "item")))] : []),
  ];
  const types = new Map(joined.map((type) => [type.text, type]));
  if (types.has("float64")) types.delete("int64");
  if (types.has("bigint")) types.delete("int64");
  const distinct = [...types.values()];
  const type = distinct.length <= 1 ? (distinct[0] ?? nothing) : union(...distinct);
  return present.length < values.length && !type.takesNull ? optional(type) : type;
}

/** Any value that a column can hold, null included; the column's type follows from the values. */
export const any: FieldType<unknown, unknown> = new FieldType<unknown>({
  text: "any",
  takesNull: true,
  construct: (value, place) =>
    value === null || value === undefined ? null : typeOfValue(value, place).spec.construct(value, place),
  accepts: () => true,
  reader: (array, place) => elementReader(array, (plain) => typeOfField(plain.field).spec.reader(plain, place)),
  encode: (column, values) => {
    const type = typeOfValues(values, { identifier: null, path: [column.name] });
    return type.spec.encode({ ...column, nullable: type.takesNull }, values);
  },
});
