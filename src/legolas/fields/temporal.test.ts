import { dateMillisecond, duration, timeMillisecond, timeSecond, timestamp } from "@uwdata/flechette";
import { construct, type Duration, decodeTable, encodeTable, type FieldLike, schema, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { newSchemaName, readForeign, roundTrip, thrownBy } from "../../../test/contract/support.ts";

function refusal(type: FieldLike, value: unknown): unknown {
  return thrownBy(() => construct(type, value));
}

function columnOf(type: FieldLike, values: readonly unknown[]) {
  const version = schema(newSchemaName()).version(1, { fields: { value: type } });
  const rows = values.map((value) => ({ value }));
  return decodeTable(encodeTable(rows, version)).data.schema.fields[0];
}

describe("t.date", () => {
  const days = ["1970-01-01", "1969-12-31", "2024-02-29", "0000-01-01", "9999-12-31", "+012345-06-07", "-000001-12-31"];

  test("takes calendar days as text", () => {
    expect(days.map((day) => construct(t.date, day))).toEqual(days);
  });

  test("takes a Date as its day in UTC, before 1970 too", () => {
    expect(construct(t.date, new Date("2024-02-29T23:59:59.999Z"))).toBe("2024-02-29");
    expect(construct(t.date, new Date("1969-12-31T23:59:59.999Z"))).toBe("1969-12-31");
    expect(construct(t.date, new Date(0))).toBe("1970-01-01");
  });

  test.each([
    ["2023-02-29", '"2023-02-29"'],
    ["2024-13-01", '"2024-13-01"'],
    ["2024-1-1", '"2024-1-1"'],
    ["2024-01-01T00:00:00Z", '"2024-01-01T00:00:00Z"'],
    [" 2024-01-01", '" 2024-01-01"'],
    ["+002024-01-01", '"+002024-01-01"'],
    ["+999999-01-01", '"+999999-01-01"'],
    ["", '""'],
    [new Date(Number.NaN), "the date Invalid Date"],
    [0, "0"],
    [null, "missing (null)"],
    [undefined, "missing (null)"],
  ])("refuses %j", (value, found) => {
    expect(refusal(t.date, value)).toMatchObject({ message: `value: expected date ("YYYY-MM-DD"), found ${found}` });
  });

  test("keeps its values in a table, as Julia's Date", () => {
    expect(roundTrip(t.date, days)).toEqual(days);
    expect(roundTrip(t.optional(t.date), [null, "2024-01-01"])).toEqual([null, "2024-01-01"]);
    expect(columnOf(t.date, days)).toMatchObject({ type: { kind: "date", unit: "day" } });
    expect(columnOf(t.date, days)?.metadata.get("ARROW:extension:name")).toBe("JuliaLang.Date");
  });

  test("is read from dates in milliseconds", () => {
    const values = [new Date("2024-02-29T00:00:00Z"), new Date("1969-12-31T00:00:00Z")];
    expect(readForeign(t.date, { values, type: dateMillisecond() })).toEqual(["2024-02-29", "1969-12-31"]);
  });
});

describe("t.datetime", () => {
  const instants = [new Date(0), new Date(-1), new Date("2024-02-29T12:34:56.789Z"), new Date(8.64e15)];

  test("takes Dates, and keeps copies", () => {
    const given = new Date(5);
    const kept = construct(t.datetime, given);
    given.setTime(6);
    expect(kept).toEqual(new Date(5));
  });

  test.each([
    [new Date(Number.NaN), "the date Invalid Date"],
    [0, "0"],
    ["2024-01-01", '"2024-01-01"'],
    [null, "missing (null)"],
    [undefined, "missing (null)"],
  ])("refuses %s", (value, found) => {
    expect(refusal(t.datetime, value)).toMatchObject({
      message: `value: expected datetime (a valid Date), found ${found}`,
    });
  });

  test("keeps its values in a table, as Julia's DateTime", () => {
    expect(roundTrip(t.datetime, instants)).toEqual(instants);
    expect(roundTrip(t.optional(t.datetime), [null, new Date(1)])).toEqual([null, new Date(1)]);
    const column = columnOf(t.datetime, instants);
    expect(column?.type).toEqual({ kind: "timestamp", unit: "millisecond", timezone: null });
    expect(column?.metadata.get("ARROW:extension:name")).toBe("JuliaLang.DateTime");
  });

  // flechette writes a number as that many milliseconds, in the unit of the column.
  test.each([
    ["seconds", timestamp(0), -5000],
    ["microseconds", timestamp(2), 1234],
    ["nanoseconds", timestamp(3), -1],
    ["milliseconds with a time zone", timestamp(1, "Europe/Berlin"), 1234],
  ])("is read from %s where each value is a whole millisecond", (_, type, ms) => {
    expect(readForeign(t.datetime, { values: [ms], type })).toEqual([new Date(ms)]);
  });

  test("throws for an instant between milliseconds", () => {
    expect(() => readForeign(t.datetime, { values: [0.001], type: timestamp(2) })).toThrow(
      'expected an instant of whole milliseconds that JavaScript can hold, found "1 microseconds"',
    );
  });
});

const units = ["second", "millisecond", "microsecond", "nanosecond"] as const;
const expectedDuration = '({ value: bigint, unit: "second" | "millisecond" | "microsecond" | "nanosecond" })';

describe.each([
  ["duration", t.duration],
  ["time", t.time],
])("t.%s", (name, type) => {
  test.each(units)("takes a number of %ss", (unit) => {
    expect(construct(type, { value: 5n, unit })).toEqual({ value: 5n, unit });
  });

  test("takes a safe integer as a bigint, and drops other keys", () => {
    const given = { value: 5, unit: "second", more: true };
    expect(construct<Duration, unknown>(type, given)).toEqual({ value: 5n, unit: "second" });
  });

  test.each<[unknown, string]>([
    [{ value: 1.5, unit: "second" }, "an object with value, unit"],
    [{ value: 2 ** 53, unit: "second" }, "an object with value, unit"],
    [{ value: 2n ** 63n, unit: "nanosecond" }, "an object with value, unit"],
    [{ value: 1n, unit: "day" }, "an object with value, unit"],
    [{ value: 1n, unit: "toString" }, "an object with value, unit"],
    [{ value: 1n }, "an object with value"],
    [5n, "5n"],
    [null, "missing (null)"],
    [undefined, "missing (null)"],
  ])("refuses %s", (value, found) => {
    expect(refusal(type, value)).toMatchObject({
      message: `value: expected ${name} ${expectedDuration}, found ${found}`,
    });
  });
});

describe("t.duration of a table", () => {
  test.each(units)("keeps %ss, negative ones and the extremes too, as Julia's periods", (unit) => {
    const values = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)].map((value) => ({ value, unit }));
    expect(roundTrip(t.duration, values)).toEqual(values);
    expect(columnOf(t.duration, values)?.type).toEqual({ kind: "duration", unit });
    expect(columnOf(t.duration, values)?.metadata.get("ARROW:extension:name")).toBe("JuliaLang.Dates.Period");
  });

  test("has the finest unit of its values", () => {
    const values = [{ value: 2n, unit: "second" }, null, { value: -3n, unit: "microsecond" }];
    expect(roundTrip(t.optional(t.duration), values)).toEqual([
      { value: 2_000_000n, unit: "microsecond" },
      null,
      { value: -3n, unit: "microsecond" },
    ]);
  });

  test("throws where a value does not fit the finest unit", () => {
    const values = [
      { value: 2n ** 62n, unit: "second" },
      { value: 1n, unit: "nanosecond" },
    ];
    expect(() => roundTrip(t.duration, values)).toThrow(
      'expected a duration of whole nanoseconds that fits 64 bits, found "4611686018427387904 seconds"',
    );
  });

  test("reads the durations of other writers", () => {
    expect(readForeign(t.duration, { values: [5n], type: duration(0) })).toEqual([{ value: 5n, unit: "second" }]);
  });
});

describe("t.time of a table", () => {
  test("is a time between midnight and midnight", () => {
    const last = { value: 86_399_999_999_999n, unit: "nanosecond" } as const;
    expect(construct(t.time, last)).toEqual(last);
    expect(refusal(t.time, { value: 86_400n, unit: "second" })).toMatchObject({
      message: 'value: expected a time between midnight and midnight, found "86400 seconds"',
    });
    expect(refusal(t.time, { value: -1n, unit: "second" })).toMatchObject({
      message: 'value: expected a time between midnight and midnight, found "-1 seconds"',
    });
  });

  test("is written in nanoseconds, as Julia's Time", () => {
    const values = [
      { value: 1n, unit: "second" },
      { value: 5n, unit: "nanosecond" },
    ];
    expect(roundTrip(t.time, values)).toEqual([
      { value: 1_000_000_000n, unit: "nanosecond" },
      { value: 5n, unit: "nanosecond" },
    ]);
    expect(columnOf(t.time, values)?.type).toEqual({ kind: "time", bitWidth: 64, unit: "nanosecond" });
    expect(columnOf(t.time, values)?.metadata.get("ARROW:extension:name")).toBe("JuliaLang.Time");
  });

  test("is read from 32-bit times", () => {
    expect(readForeign(t.time, { values: [5], type: timeSecond() })).toEqual([{ value: 5n, unit: "second" }]);
    expect(readForeign(t.time, { values: [7], type: timeMillisecond() })).toEqual([{ value: 7n, unit: "millisecond" }]);
  });
});
