import { field, int64, struct, utf8 } from "@uwdata/flechette";
import {
  CheckError,
  construct,
  decodeTable,
  encodeTable,
  RecordError,
  recordEquals,
  schema,
  schemaVersionOf,
  t,
} from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { newSchemaName, readForeign, roundTrip, thrownBy } from "../../../test/contract/support.ts";

const ConfigV1 = schema("digits-config").version(1, {
  fields: { seed: t.int64, rate: t.optional(t.float32) },
  assign: { seed: ({ seed }) => seed ?? 5 },
  checks: { "seed is not negative": ({ seed }) => seed >= 0 },
});
const RunV1 = schema("record-type.run").version(1, { fields: { config: ConfigV1, id: t.string } });

describe("a schema version as a field type", () => {
  test("takes records of it, and objects from which it builds them", () => {
    const config = ConfigV1({ seed: 1, rate: 0.5 });
    for (const given of [config, { seed: 1, rate: 0.5 }]) {
      const record = RunV1({ id: "a", config: given });
      expect(record.config).toEqual({ seed: 1, rate: 0.5 });
      expect(schemaVersionOf(record.config)).toBe(ConfigV1);
    }
    expect(construct(ConfigV1, {})).toEqual({ seed: 5, rate: null });
  });

  test.each<[unknown, string]>([
    [null, "missing (null)"],
    [undefined, "missing (null)"],
    [[1], "an array of 1"],
    [5, "5"],
  ])("refuses %s", (value, found) => {
    expect(thrownBy(() => construct<unknown, unknown>(ConfigV1, value))).toMatchObject({
      message: `value: expected a record of digits-config@1, found ${found}`,
    });
  });

  test("names the path of a value inside that is refused, with the inner error as cause", () => {
    const error = thrownBy(() => RunV1(JSON.parse('{ "id": "a", "config": { "seed": "x" } }'))) as RecordError;
    expect(error).toMatchObject({
      message: 'record-type.run@1: field "config.seed": expected int64 (a safe integer), found "x"',
      path: ["config", "seed"],
      value: "x",
    });
    expect(error.cause).toBeInstanceOf(RecordError);
    expect(error.cause).toMatchObject({ identifier: "digits-config@1", path: ["seed"] });
  });

  test("runs the checks of the nested record", () => {
    expect(() => RunV1({ id: "a", config: { seed: -1 } })).toThrow(CheckError);
  });

  test("is kept in a table, as a struct under the extension name that Julia gives it", () => {
    const record = RunV1({ id: "a", config: { rate: 0.1 } });
    const table = decodeTable(encodeTable([record], RunV1));
    expect(recordEquals(table.records()[0] as object, record)).toBe(true);
    const [config] = table.data.schema.fields;
    expect(config?.type.kind).toBe("struct");
    expect(config?.metadata.get("ARROW:extension:name")).toBe("JuliaLang.Legolas.Generated.digits-config.1");
    expect(config?.children.map(({ name, nullable }) => [name, nullable])).toEqual([
      ["seed", false],
      ["rate", true],
    ]);
  });

  test("is kept where it is optional, in vectors and in structs", () => {
    const config = { seed: 1, rate: null };
    expect(roundTrip(t.optional(ConfigV1), [null, config])).toEqual([null, config]);
    expect(roundTrip(t.vector(ConfigV1), [[config, {}]])).toEqual([[config, { seed: 5, rate: null }]]);
    expect(roundTrip(t.struct({ config: ConfigV1 }), [{ config }])).toEqual([{ config }]);
  });

  test.each([
    ["the extension name of Julia", "JuliaLang.Legolas.Generated.digits-config.1"],
    ["no extension name", undefined],
  ])("is read from a struct with %s, its fields by name", (_, extension) => {
    const type = struct([field("more", utf8()), field("seed", int64())]);
    const column = { values: [{ seed: 7n, more: "x" }], type, ...(extension && { extension }) };
    const [config] = readForeign(ConfigV1, column) as [object];
    expect(config).toEqual({ seed: 7, rate: null });
    expect(schemaVersionOf(config)).toBe(ConfigV1);
  });

  test("is read from the form of Legolas 0.3 and 0.4: name, version and fields", () => {
    const content = struct([field("rate", utf8()), field("seed", int64())]);
    const legacy = struct([field("1", utf8()), field("2", int64()), field("3", struct([field("seed", int64())]))]);
    const values = [{ 1: "digits-config", 2: 1n, 3: { seed: 9n } }];
    expect(readForeign(ConfigV1, { values, type: legacy })).toEqual([{ seed: 9, rate: null }]);
    const other = [{ 1: "digits-config", 2: 2n, 3: { seed: 9n } }];
    expect(() => readForeign(ConfigV1, { values: other, type: legacy })).toThrow(
      'expected a record of digits-config@1, found "digits-config@2"',
    );
    expect(() => readForeign(ConfigV1, { values: [{ seed: 9n, rate: "x" }], type: content })).toThrow(
      "the table does not comply",
    );
  });

  test("has its violations found inside", () => {
    const type = struct([field("seed", utf8())]);
    expect(() => readForeign(ConfigV1, { values: [{ seed: "x" }], type })).toThrow(
      'field "value": expected digits-config@1, found struct<seed: string?>?',
    );
  });

  test("may be a record of a schema with a parent, with all its fields", () => {
    const ChildV1 = schema(newSchemaName()).version(1, { extends: ConfigV1, fields: { extra: t.bool } });
    expect(roundTrip(ChildV1, [{ seed: 1, extra: true }])).toEqual([{ seed: 1, rate: null, extra: true }]);
  });
});
