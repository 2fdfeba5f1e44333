/** The field types, as `t.int64`, `t.optional(t.string)`, ... */
import { any } from "./legolas/fields/any.ts";
import { map } from "./legolas/fields/map.ts";
import {
  bigint,
  bool,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  integer,
  real,
  uint8,
  uint16,
  uint32,
  uint64,
} from "./legolas/fields/numbers.ts";
import { optional } from "./legolas/fields/optional.ts";
import { struct } from "./legolas/fields/struct.ts";
import { date, datetime, duration, time } from "./legolas/fields/temporal.ts";
import { bytes, string, symbol, uuid } from "./legolas/fields/text.ts";
import { union } from "./legolas/fields/union.ts";
import { fixed, vector } from "./legolas/fields/vector.ts";
import { weights } from "./weights/weights-type.ts";

/** Every field type; a schema version stands for its own records wherever a type may stand. */
export const t = {
  any,
  bigint,
  bool,
  bytes,
  date,
  datetime,
  duration,
  fixed,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  integer,
  map,
  optional,
  real,
  string,
  struct,
  symbol,
  time,
  uint8,
  uint16,
  uint32,
  uint64,
  union,
  uuid,
  vector,
  weights,
} as const;
