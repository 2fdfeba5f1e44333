/** Nested records as Legolas 0.3 and 0.4 wrote them: a struct of the schema's name ("1"), its version ("2") and the fields ("3"). */
import { RecordError } from "legolas-flux";
import { decodeTable, encodeTable, schema, t, ViolationError } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";
import { type LegacyRow, legacyNestedTable } from "../helpers/legacy-nested-table.ts";
import { DigitsConfigV1 } from "./schemas.ts";

const RequiredV1 = schema("oracle.legacy").version(1, { fields: { config: DigitsConfigV1 } });
const OptionalV1 = schema("oracle.legacy-optional").version(1, { fields: { config: t.optional(DigitsConfigV1) } });

const first: LegacyRow = { 1: "digits-config", 2: 1n, 3: { seed: 7n, dropout_rate: 0.25 } };
const second: LegacyRow = { ...first, 3: { seed: -1n, dropout_rate: 0 } };
const records = [
  { seed: 7, dropout_rate: 0.25 },
  { seed: -1, dropout_rate: 0 },
];

describe("a nested record in the form of Legolas 0.3 and 0.4", () => {
  it("stands in the file as a struct of 1, 2 and 3 under the schema's own extension name", () => {
    const { schema: arrow } = decodeTable(legacyNestedTable(RequiredV1.identifier, [first, second]));
    const [config] = arrow.fields;
    expect(config?.children.map(({ name, type }) => [name, type.kind])).toEqual([
      ["1", "utf8"],
      ["2", "int"],
      ["3", "struct"],
    ]);
    expect(config?.metadata.get("ARROW:extension:name")).toBe("JuliaLang.digits-config@1");
  });

  it("is read by a field of that schema version", () => {
    const table = decodeTable(legacyNestedTable(RequiredV1.identifier, [first, second]), { schemaVersion: RequiredV1 });
    expect(table.records().map(({ config }) => config)).toStrictEqual(records);
  });

  it("is read by an optional field, null where it is missing", () => {
    const bytes = legacyNestedTable(OptionalV1.identifier, [first, null, second]);
    const table = decodeTable(bytes, { schemaVersion: OptionalV1 });
    expect(table.records().map(({ config }) => config)).toStrictEqual([records[0], null, records[1]]);
  });

  it("is written again in the present form", () => {
    const old = decodeTable(legacyNestedTable(OptionalV1.identifier, [first, null]), { schemaVersion: OptionalV1 });
    const table = decodeTable(encodeTable(old.records(), OptionalV1), { schemaVersion: OptionalV1 });
    expect(table.schema.fields[0]?.children.map(({ name }) => name)).toEqual(["seed", "dropout_rate"]);
    expect(table.records().map(({ config }) => config)).toStrictEqual([records[0], null]);
  });

  it.each([
    ["another schema's name", { ...first, 1: "other-config" }, "other-config@1"],
    ["another version", { ...first, 2: 2n }, "digits-config@2"],
  ])("is refused with %s, which the error names beside the expected one", (_, row, found) => {
    const table = decodeTable(legacyNestedTable(RequiredV1.identifier, [first, row]), { schemaVersion: RequiredV1 });
    expect(() => table.records()).toThrow(RecordError);
    expect(() => table.records()).toThrow(expect.objectContaining({ path: ["config", 1] }));
    expect(() => table.records()).toThrow(`expected a record of digits-config@1, found "${found}"`);
  });

  it("is refused before any row is read where the fields inside are of other types", () => {
    const OtherV1 = schema("oracle.other-config").version(1, { fields: { seed: t.string } });
    const schemaVersion = schema("oracle.legacy-other").version(1, { fields: { config: OtherV1 } });
    const read = () => decodeTable(legacyNestedTable(RequiredV1.identifier, [first]), { schemaVersion });
    expect(read).toThrow(ViolationError);
    expect(read).toThrow(/field "config": expected oracle\.other-config@1/);
  });

  it("is refused with a row missing where the field must not be", () => {
    const bytes = legacyNestedTable(RequiredV1.identifier, [first, null]);
    expect(() => decodeTable(bytes, { schemaVersion: RequiredV1 })).toThrow(/with 1 missing values/);
  });
});
