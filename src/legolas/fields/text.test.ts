import { binary, dictionary, int8, int32, largeUtf8, utf8 } from "@uwdata/flechette";
import { construct, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { columnOf, readForeign, refusal, roundTrip } from "../../../test/contract/support.ts";

describe.each([
  ["string", t.string],
  ["symbol", t.symbol],
])("t.%s", (_, type) => {
  const texts = ["", "a", "ß√🂡", "a\0b", "  ", "x".repeat(1000)];

  test("takes strings as they are", () => {
    expect(texts.map((text) => construct(type, text))).toEqual(texts);
  });

  test.each([
    [null, "missing (null)"],
    [undefined, "missing (null)"],
    [1, "1"],
    [new Date(Number.NaN), "the date Invalid Date"],
    [["a"], "an array of 1"],
  ])("refuses %s", (value, found) => {
    expect(refusal(type, value)).toMatchObject({ message: `value: expected string, found ${found}` });
  });

  test("refuses half a surrogate pair, which UTF-8 cannot hold", () => {
    expect(refusal(type, "a\ud800")).toMatchObject({
      message:
        'value: expected a well-formed string, found "a\\ud800". ' +
        "Half a surrogate pair cannot be stored; value.toWellFormed() replaces it",
    });
  });

  test("keeps its values in a table", () => {
    expect(roundTrip(type, texts)).toEqual(texts);
    expect(roundTrip(t.optional(type), ["a", null, ""])).toEqual(["a", null, ""]);
  });

  test.each([
    ["any string column", utf8()],
    ["strings with 64-bit offsets", largeUtf8()],
    ["strings in a dictionary", dictionary(utf8(), int32())],
    ["strings in a dictionary of bytes", dictionary(utf8(), int8())],
  ])("reads %s", (__, arrowType) => {
    expect(readForeign(type, { values: ["a", "b", "a"], type: arrowType })).toEqual(["a", "b", "a"]);
  });

  test("reads Julia's Symbols", () => {
    expect(readForeign(type, { values: ["a"], type: utf8(), extension: "JuliaLang.Symbol" })).toEqual(["a"]);
  });

  test("refuses a column of bytes", () => {
    expect(() => readForeign(type, { values: [new Uint8Array([65])], type: binary() })).toThrow(
      "the table does not comply",
    );
  });
});

test("a long value is shortened in a message", () => {
  expect(refusal(t.int64, "x".repeat(100))).toMatchObject({
    message: `value: expected int64 (a safe integer), found "${"x".repeat(58)}…`,
  });
});

test("t.symbol is written with Julia's extension name, t.string without", () => {
  expect(columnOf(t.symbol, "a")?.metadata.get("ARROW:extension:name")).toBe("JuliaLang.Symbol");
  expect(columnOf(t.string, "a")?.metadata.size).toBe(0);
});
