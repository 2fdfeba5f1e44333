/**
 * Arrow data types as they stand in flatbuffer metadata.
 *
 * Source: https://github.com/apache/arrow/blob/main/format/Schema.fbs (type numbers and slots).
 */
import { UnsupportedTypeError } from "../errors.ts";
import type { DataType, IntType, TimeUnit } from "./data-type.ts";
import { type FlatValue, flat } from "./flatbuffer-builder.ts";
import type { FlatTable } from "./flatbuffer-reader.ts";

const timeUnits: readonly TimeUnit[] = ["second", "millisecond", "microsecond", "nanosecond"];
const floatWidths = [16, 32, 64] as const;
const dateUnits = ["day", "millisecond"] as const;
const unionModes = ["sparse", "dense"] as const;

function pick<T>(choices: readonly T[], index: number, table: FlatTable, what: string): T {
  const choice = choices[index];
  if (choice === undefined) throw table.error(`${what} ${index}`);
  return choice;
}

function nonNegative(value: number, table: FlatTable, what: string): number {
  if (value < 0) throw table.error(`${what} ${value}`);
  return value;
}

export function decodeIntType(table: FlatTable): IntType {
  const bitWidth = pick(
    [8, 16, 32, 64, 128] as const,
    [8, 16, 32, 64, 128].indexOf(table.int32(0)),
    table,
    "an integer width of",
  );
  return { kind: "int", bitWidth, signed: table.bool(1) };
}

function unsupported(name: string, bufferCount: number): DataType {
  return { kind: "unsupported", name, bufferCount };
}

/** By type number. Union type ids that are absent mean 0, 1, 2, ... */
const decoders: readonly (((table: FlatTable, childCount: number) => DataType) | null)[] = [
  null,
  () => ({ kind: "null" }),
  decodeIntType,
  (table) => ({ kind: "float", bitWidth: pick(floatWidths, table.int16(0), table, "a floating-point precision of") }),
  () => ({ kind: "binary", large: false }),
  () => ({ kind: "utf8", large: false }),
  () => ({ kind: "bool" }),
  () => unsupported("decimal", 2),
  (table) => ({ kind: "date", unit: pick(dateUnits, table.int16(0, 1), table, "a date unit of") }),
  (table) => ({
    kind: "time",
    unit: pick(timeUnits, table.int16(0, 1), table, "a time unit of"),
    bitWidth: table.int32(1, 32) === 64 ? 64 : 32,
  }),
  (table) => ({
    kind: "timestamp",
    unit: pick(timeUnits, table.int16(0), table, "a timestamp unit of"),
    timezone: table.string(1),
  }),
  () => unsupported("interval", 2),
  () => ({ kind: "list", large: false }),
  () => ({ kind: "struct" }),
  (table, childCount) => {
    const typeIds = table.int32s(1);
    return {
      kind: "union",
      mode: pick(unionModes, table.int16(0), table, "a union mode of"),
      typeIds: typeIds.length > 0 ? typeIds : Array.from({ length: childCount }, (_, i) => i),
    };
  },
  (table) => ({ kind: "fixedSizeBinary", byteWidth: nonNegative(table.int32(0), table, "a byte width of") }),
  (table) => ({ kind: "fixedSizeList", listSize: nonNegative(table.int32(0), table, "a list size of") }),
  (table) => ({ kind: "map", keysSorted: table.bool(0) }),
  (table) => ({ kind: "duration", unit: pick(timeUnits, table.int16(0, 1), table, "a duration unit of") }),
  () => ({ kind: "binary", large: true }),
  () => ({ kind: "utf8", large: true }),
  () => ({ kind: "list", large: true }),
  () => unsupported("run-end encoded", 0),
  () => ({ kind: "binary", large: false, view: true }),
  () => ({ kind: "utf8", large: false, view: true }),
  () => unsupported("list view", 3),
  () => unsupported("large list view", 3),
];

const childCounts: { readonly [K in DataType["kind"]]?: number } = {
  list: 1,
  fixedSizeList: 1,
  map: 1,
  null: 0,
  int: 0,
  float: 0,
  bool: 0,
};

/** The type of a field, from its type number, type table and number of children. */
export function decodeType(
  typeNumber: number,
  field: FlatTable,
  table: FlatTable | null,
  childCount: number,
): DataType {
  const decoder = decoders[typeNumber];
  if (!decoder || !table) throw field.error(`a field of unknown type ${typeNumber}`);
  const type = decoder(table, childCount);
  const wanted = childCounts[type.kind];
  if (wanted !== undefined && wanted !== childCount) throw field.error(`a ${type.kind} of ${childCount} children`);
  if (type.kind === "union" && type.typeIds.length !== childCount)
    throw field.error("a union whose type ids do not match its children");
  return type;
}

export function encodeIntType({ bitWidth, signed }: IntType): FlatValue {
  return flat.table(flat.int32(bitWidth), flat.bool(signed));
}

type Encoders = {
  readonly [K in DataType["kind"]]: (type: Extract<DataType, { kind: K }>) => readonly [number, FlatValue];
};

const encoders: Encoders = {
  null: () => [1, flat.table()],
  int: (type) => [2, encodeIntType(type)],
  float: ({ bitWidth }) => [3, flat.table(flat.int16(floatWidths.indexOf(bitWidth)))],
  bool: () => [6, flat.table()],
  utf8: ({ large, view }) => [view ? 24 : large ? 20 : 5, flat.table()],
  binary: ({ large, view }) => [view ? 23 : large ? 19 : 4, flat.table()],
  fixedSizeBinary: ({ byteWidth }) => [15, flat.table(flat.int32(byteWidth))],
  date: ({ unit }) => [8, flat.table(flat.int16(dateUnits.indexOf(unit)))],
  time: ({ unit, bitWidth }) => [9, flat.table(flat.int16(timeUnits.indexOf(unit)), flat.int32(bitWidth))],
  timestamp: ({ unit, timezone }) => [
    10,
    flat.table(flat.int16(timeUnits.indexOf(unit)), timezone === null ? null : flat.text(timezone)),
  ],
  duration: ({ unit }) => [18, flat.table(flat.int16(timeUnits.indexOf(unit)))],
  list: ({ large }) => [large ? 21 : 12, flat.table()],
  fixedSizeList: ({ listSize }) => [16, flat.table(flat.int32(listSize))],
  struct: () => [13, flat.table()],
  map: ({ keysSorted }) => [17, flat.table(flat.bool(keysSorted))],
  union: ({ mode, typeIds }) => [14, flat.table(flat.int16(unionModes.indexOf(mode)), { int32s: typeIds })],
  unsupported: ({ name }) => {
    throw new UnsupportedTypeError("a column of the table", name, "Write the rows to a table without such a column");
  },
};

/** Type number and type table of a type. */
export function encodeType(type: DataType): readonly [number, FlatValue] {
  // Each encoder takes the member of the union that its key names, which TypeScript cannot see across an index.
  return (encoders[type.kind] as (type: DataType) => readonly [number, FlatValue])(type);
}
