/** Columns of every field type, in every place. */
import { encodeTable, schema } from "legolas-flux/legolas";
import { everyType, type TypeCase } from "../helpers/every-type.ts";
import { typeVariants } from "../helpers/type-variants.ts";
import { fileOf, formats, type WrittenFile } from "./written-file.ts";

/** The row of the table that each field type belongs to, and its Arrow type in the words of pyarrow. */
const typeFacts: Readonly<Record<string, readonly [feature: string, arrowType: string]>> = {
  int8: ["integers", "int8"],
  int16: ["integers", "int16"],
  int32: ["integers", "int32"],
  int64: ["integers", "int64"],
  uint8: ["integers", "uint8"],
  uint16: ["integers", "uint16"],
  uint32: ["integers", "uint32"],
  uint64: ["integers", "uint64"],
  bigint: ["integers", "int64"],
  integer: ["integers", "int64"],
  float16: ["float16", "halffloat"],
  float32: ["float32 and float64", "float"],
  float64: ["float32 and float64", "double"],
  real: ["float32 and float64", "double"],
  bool: ["booleans", "bool"],
  string: ["text", "string"],
  symbol: ["text", "string"],
  uuid: ["UUIDs", "fixed_size_binary[16]"],
  bytes: ["bytes", "list<item: uint8 not null>"],
  date: ["dates", "date32[day]"],
  datetime: ["date-times", "timestamp[ms]"],
  time: ["times of day", "time64[ns]"],
  duration: ["durations", "duration[ms]"],
  vector: ["lists", "list<item: int32 not null>"],
  "vector of vectors": ["lists", "list<item: list<item: string not null> not null>"],
  "vector with nulls": ["lists", "list<item: double>"],
  fixed: ["lists of fixed size", "fixed_size_list<item: float not null>[2]"],
  "fixed of fixed": [
    "lists of fixed size",
    "fixed_size_list<item: fixed_size_list<item: int8 not null>[2] not null>[1]",
  ],
  struct: [
    "structs and records",
    "struct<rate: double not null, tags: list<item: string not null> not null, inner: struct<ok: bool not null> not null>",
  ],
  record: [
    "structs and records",
    "struct<x: int32 not null, label: string, path: list<item: float not null> not null>",
  ],
  "vector of records": [
    "structs and records",
    "list<item: struct<x: int32 not null, label: string, path: list<item: float not null> not null> not null>",
  ],
  map: ["maps", "map<string, int64>"],
  union: ["unions", "dense_union<0: int64 not null=0, 1: string not null=1, 2: list<item: bool not null> not null=2>"],
};

function filesOf(typeCase: TypeCase): WrittenFile[] {
  const [feature, arrowType] = typeFacts[typeCase.name] ?? [];
  if (feature === undefined || arrowType === undefined) throw new Error(`typeFacts lacks ${typeCase.name}`);
  return typeVariants.flatMap((variant) => {
    const { type, rows, stored } = variant.of(typeCase);
    const ValueV1 = schema("conformance.value").version(1, { fields: { value: type } }, { replace: true });
    return formats.map((format) =>
      fileOf({
        feature,
        title: `${typeCase.name}, ${variant.name}`,
        format,
        bytes: encodeTable(
          rows.map((value) => ({ value })),
          ValueV1,
          { format },
        ),
        schemaVersion: ValueV1,
        columns: { value: stored },
        types: variant.name === "many rows" ? { value: arrowType } : {},
      }),
    );
  });
}

export function writtenColumns(): WrittenFile[] {
  return everyType.flatMap(filesOf);
}
