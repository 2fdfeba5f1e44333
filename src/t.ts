/** The field types, as `t.int64`, `t.optional(t.string)`, ... */
import { any } from "./legolas/fields/any.ts";
import { bool } from "./legolas/fields/bool.ts";
import { bytes } from "./legolas/fields/bytes.ts";
import { float16, float32, float64, real } from "./legolas/fields/floats.ts";
import {
  bigint,
  int8,
  int16,
  int32,
  int64,
  integer,
  uint8,
  uint16,
  uint32,
  uint64,
} from "./legolas/fields/integers.ts";
import { map } from "./legolas/fields/map.ts";
import { optional } from "./legolas/fields/optional.ts";
import { struct } from "./legolas/fields/struct.ts";
import { date, datetime, duration, time } from "./legolas/fields/temporal.ts";
import { string, symbol } from "./legolas/fields/text.ts";
import { union } from "./legolas/fields/union.ts";
import { uuid } from "./legolas/fields/uuid.ts";
import { fixed, vector } from "./legolas/fields/vector.ts";
import { weights } from "./weights/weights-type.ts";

/**
 * Every field type; a schema version stands for its own records wherever a type may stand. Each says which values it takes, how it keeps them, and
 * which Arrow columns it reads and writes; {@link FieldType} says what can be done with all of them.
 */
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
