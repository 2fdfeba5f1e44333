import { tableFromIPC } from "@uwdata/flechette";
import { decodeTable, encodeTable, InputError, isLegolasError, RecordError, schema, t } from "legolas-flux/legolas";
import { describe, expect, test, vi } from "vitest";
import { newSchemaName, thrownBy } from "../../test/contract/support.ts";

const RunV1 = schema("encode.run").version(1, {
  fields: { id: t.string, epoch: t.int64, rate: t.optional(t.float32) },
  assign: { epoch: ({ epoch }) => epoch ?? 0 },
});

describe("encodeTable", () => {
  test("writes a file that another reader reads", () => {
    const table = tableFromIPC(
      encodeTable(
        [
          { id: "a", epoch: 1, rate: 0.5 },
          { id: "b", epoch: 2 },
        ],
        RunV1,
      ),
    );
    expect(table.toArray()).toEqual([
      { id: "a", epoch: 1, rate: 0.5 },
      { id: "b", epoch: 2, rate: null },
    ]);
  });

  test("writes a stream that another reader reads", () => {
    const bytes = encodeTable([{ id: "a", epoch: 1 }], RunV1, { format: "stream" });
    expect(new TextDecoder().decode(bytes.subarray(0, 6))).not.toBe("ARROW1");
    expect(tableFromIPC(bytes).toArray()).toEqual([{ id: "a", epoch: 1, rate: null }]);
    expect(decodeTable(bytes).records()).toEqual([{ id: "a", epoch: 1, rate: null }]);
  });

  test("writes non-optional fields as columns that are not nullable, in the order of the fields", () => {
    const { fields } = decodeTable(encodeTable([{ rate: null, epoch: 1, id: "a" }], RunV1)).schema;
    expect(fields.map(({ name, nullable }) => [name, nullable])).toEqual([
      ["id", false],
      ["epoch", false],
      ["rate", true],
    ]);
  });

  test("gives the same bytes for the same rows", () => {
    const encode = () =>
      encodeTable([RunV1({ id: "a" }), { id: "b", epoch: 2, more: [1] }], RunV1, { metadata: { a: "b" } });
    expect(encode()).toEqual(encode());
  });

  test("takes any iterable of rows, once", () => {
    const generate = vi.fn(function* () {
      yield RunV1({ id: "a" });
      yield RunV1({ id: "b" });
    });
    expect(decodeTable(encodeTable(generate(), RunV1)).column("id")).toEqual(["a", "b"]);
    expect(generate).toHaveBeenCalledOnce();
  });

  test("takes plain objects whose values fit, without running assignments on them", () => {
    expect(decodeTable(encodeTable([{ id: "a", epoch: 7 }], RunV1)).column("epoch")).toEqual([7]);
    expect(() => encodeTable([{ id: "a" }], RunV1)).toThrow(RecordError);
  });

  test("names the row, the field and the value of a plain object that does not fit", () => {
    const error = thrownBy(() =>
      encodeTable(
        [
          { id: "a", epoch: 1 },
          { id: "b", epoch: "two" },
        ],
        RunV1,
      ),
    );
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({
      message: 'encode.run@1: field "1.epoch": expected int64 (a safe integer), found "two"',
      path: [1, "epoch"],
      value: "two",
    });
  });

  test.each([
    [null, "missing (null)"],
    ["a", '"a"'],
    [["a", 1], "an array of 2"],
  ])("refuses the row %j", (row, found) => {
    const list: object[] = [{ id: "a", epoch: 1 }, JSON.parse(JSON.stringify(row))];
    expect(() => encodeTable(list, RunV1)).toThrow(InputError);
    expect(() => encodeTable(list, RunV1)).toThrow(
      `row 1: expected a record or an object with the fields, found ${found}`,
    );
  });

  test("takes nothing that a row inherits", () => {
    const row = Object.create({ rate: 0.5 }, { id: { value: "a", enumerable: true }, epoch: { value: 1 } });
    expect(decodeTable(encodeTable([row], RunV1)).records()).toEqual([{ id: "a", epoch: 1, rate: null }]);
  });

  test.each<[string, unknown]>([
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
    ["a Set", new Set()],
    ["a duration of an unknown unit", { value: 5n, unit: "parsec" }],
    ["half a surrogate pair", "half \ud800"],
    ["an invalid date", new Date(Number.NaN)],
  ])("refuses %s in an undeclared column, which none can hold, with an error of this package", (_, more) => {
    const error = thrownBy(() => encodeTable([{ id: "a", epoch: 1, more }], RunV1));
    expect(isLegolasError(error)).toBe(true);
  });

  test("writes a record of a replaced declaration by the new one, whose types it must fit", () => {
    const name = newSchemaName();
    const OldV1 = schema(name).version(1, { fields: { x: t.int64 } });
    const record = OldV1({ x: 1 });
    const NewV1 = schema(name).version(1, { fields: { x: t.string } }, { replace: true });
    expect(() => encodeTable([record], NewV1)).toThrow(RecordError);
  });

  test("gives new memory, independent of its input", () => {
    const rows = [{ id: "a", epoch: 1 }];
    const bytes = encodeTable(rows, RunV1);
    const before = bytes.slice();
    (rows[0] as { epoch: number }).epoch = 9;
    expect(bytes).toEqual(before);
  });

  test("keeps many rows, among them nulls", () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ id: `r${i}`, epoch: i, rate: i % 3 === 0 ? null : i / 2 }));
    expect(decodeTable(encodeTable(rows, RunV1)).records()).toEqual(rows);
    expect(tableFromIPC(encodeTable(rows, RunV1)).numRows).toBe(1000);
  });
});
