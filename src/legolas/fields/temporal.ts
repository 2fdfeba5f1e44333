/** Dates, instants, times of day and durations. */
import type { ArrayData } from "../../arrow/array-data.ts";
import type { DataType, Field, TimeUnit } from "../../arrow/data-type.ts";
import { type Column, encodeFixed } from "../../arrow/encoded-array.ts";
import { FieldType, inside, mismatch, type Place } from "./field-type.ts";

const msPerDay = 86_400_000;
const datePattern = /^(\d{4}|[+-]\d{6})-\d{2}-\d{2}$/;

function formatDate(days: number): string | null {
  const date = new Date(days * msPerDay);
  return Number.isNaN(date.getTime()) ? null : (date.toISOString().split("T")[0] as string);
}

function parseDate(text: string): number | null {
  if (!datePattern.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00.000Z`);
  const days = Math.round(ms / msPerDay);
  return formatDate(days) === text ? days : null;
}

/** A calendar day as `"YYYY-MM-DD"` (years beyond 0 to 9999 as `±YYYYYY`). A Date is taken as its day in UTC. */
export const date: FieldType<string, string | Date> = new FieldType<string, string | Date>({
  text: "date",
  construct: (value, place) => {
    const text =
      value instanceof Date && !Number.isNaN(value.getTime())
        ? formatDate(Math.floor(value.getTime() / msPerDay))
        : value;
    if (typeof text !== "string" || parseDate(text) === null) throw mismatch(place, 'date ("YYYY-MM-DD")', value);
    return text;
  },
  accepts: ({ type }) => type.kind === "date",
  reader: (array, place) => (index) => {
    const stored = array.values?.[index] as number | bigint;
    const text = formatDate(typeof stored === "bigint" ? Math.floor(Number(stored) / msPerDay) : stored);
    if (text === null) throw mismatch(inside(place, index), "a date that JavaScript can hold", stored);
    return text;
  },
  encode: (column, values) => {
    const days = Int32Array.from(values, (value) => (value === null ? 0 : (parseDate(value) ?? 0)));
    return encodeFixed(
      { ...column, extension: "JuliaLang.Date" },
      { kind: "date", unit: "day" },
      days,
      present(values),
    );
  },
});

const present = (values: readonly unknown[]): boolean[] => values.map((value) => value !== null);

/** Units in a second, and nanoseconds in a unit. */
const nsPerUnit: Readonly<Record<TimeUnit, bigint>> = {
  second: 10n ** 9n,
  millisecond: 10n ** 6n,
  microsecond: 1000n,
  nanosecond: 1n,
};

/** An instant as a Date, to the millisecond. Columns in other units are read where each value is a whole millisecond. */
export const datetime: FieldType<Date> = new FieldType<Date>({
  text: "datetime",
  construct: (value, place) => {
    if (!(value instanceof Date) || Number.isNaN(value.getTime()))
      throw mismatch(place, "datetime (a valid Date)", value);
    return new Date(value);
  },
  accepts: ({ type }) => type.kind === "timestamp",
  reader: (array, place) => {
    const unit = unitOf(array);
    return (index) => {
      const stored = BigInt(array.values?.[index] as bigint);
      const ns = stored * nsPerUnit[unit];
      const ms = ns / nsPerUnit.millisecond;
      const result = new Date(Number(ms));
      if (ms * nsPerUnit.millisecond !== ns || Number.isNaN(result.getTime())) {
        throw mismatch(
          inside(place, index),
          "an instant of whole milliseconds that JavaScript can hold",
          `${stored} ${unit}s`,
        );
      }
      return result;
    };
  },
  encode: (column, values) => {
    const ms = BigInt64Array.from(values, (value) => BigInt(value?.getTime() ?? 0));
    const type: DataType = { kind: "timestamp", unit: "millisecond", timezone: null };
    return encodeFixed({ ...column, extension: "JuliaLang.DateTime" }, type, ms, present(values));
  },
});

function unitOf({ field: { type } }: ArrayData): TimeUnit {
  return "unit" in type && type.unit !== "day" ? type.unit : "millisecond";
}

/** A number of units: `{ value: 5n, unit: "second" }`. */
export interface Duration {
  /** How many units. */
  readonly value: bigint;
  /** The unit. */
  readonly unit: TimeUnit;
}

function constructDuration(text: string): (value: unknown, place: Place) => Duration {
  return (input, place) => {
    const { value, unit } = (typeof input === "object" && input !== null ? input : {}) as Partial<Duration>;
    const integer = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (
      typeof integer !== "bigint" ||
      typeof unit !== "string" ||
      !Object.hasOwn(nsPerUnit, unit) ||
      BigInt.asIntN(64, integer) !== integer
    ) {
      throw mismatch(
        place,
        `${text} ({ value: bigint, unit: "second" | "millisecond" | "microsecond" | "nanosecond" })`,
        input,
      );
    }
    return Object.freeze({ value: integer, unit });
  };
}

function readDurations(array: ArrayData): (index: number) => Duration {
  const unit = unitOf(array);
  return (index) => Object.freeze({ value: BigInt(array.values?.[index] as number | bigint), unit });
}

/** Values converted to one unit, exactly. */
function inUnit(column: Column, values: readonly (Duration | null)[], unit: TimeUnit): BigInt64Array {
  return BigInt64Array.from(values, (duration) => {
    if (duration === null) return 0n;
    const ns = duration.value * nsPerUnit[duration.unit];
    const converted = ns / nsPerUnit[unit];
    if (BigInt.asIntN(64, converted) === converted && converted * nsPerUnit[unit] === ns) return converted;
    const place = { identifier: null, path: [column.name] };
    throw mismatch(place, `a duration of whole ${unit}s that fits 64 bits`, `${duration.value} ${duration.unit}s`);
  });
}

const nsPerDay = 86_400n * nsPerUnit.second;

/** A time of day as `{ value, unit }` since midnight; written in nanoseconds, as Julia's Time. */
export const time: FieldType<Duration> = new FieldType<Duration>({
  text: "time",
  construct: (value, place) => {
    const duration = constructDuration("time")(value, place);
    const ns = duration.value * nsPerUnit[duration.unit];
    if (ns < 0n || ns >= nsPerDay)
      throw mismatch(place, "a time between midnight and midnight", `${duration.value} ${duration.unit}s`);
    return duration;
  },
  accepts: ({ type }) => type.kind === "time",
  reader: readDurations,
  encode: (column, values) => {
    const type: DataType = { kind: "time", bitWidth: 64, unit: "nanosecond" };
    return encodeFixed(
      { ...column, extension: "JuliaLang.Time" },
      type,
      inUnit(column, values, "nanosecond"),
      present(values),
    );
  },
});

function unitOfRowsBefore(like: Field | null): TimeUnit | null {
  return like?.type.kind === "duration" ? like.type.unit : null;
}

const unitsFromFinest: readonly TimeUnit[] = ["nanosecond", "microsecond", "millisecond", "second"];

/** A length of time as `{ value, unit }`, as Julia's fixed periods; a column has the finest unit among its values. */
export const duration: FieldType<Duration> = new FieldType<Duration>({
  text: "duration",
  construct: constructDuration("duration"),
  accepts: ({ type }) => type.kind === "duration",
  reader: readDurations,
  encode: (column, values) => {
    const unit =
      unitOfRowsBefore(column.like) ??
      unitsFromFinest.find((candidate) => values.some((value) => value?.unit === candidate)) ??
      "millisecond";
    const extended = { ...column, extension: "JuliaLang.Dates.Period" };
    return encodeFixed(extended, { kind: "duration", unit }, inUnit(column, values, unit), present(values));
  },
});
