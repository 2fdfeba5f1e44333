import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ModelV1 } from "legolas-flux";
import { schema, schemaVersionOf, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";

const ConfigV1 = schema("standard.config").version(1, { fields: { seed: t.int64 } });
const RunV1 = schema("standard.run").version(1, {
  fields: { id: t.string, config: ConfigV1, tags: t.optional(t.vector(t.string)) },
  checks: { "id is short": ({ id }) => id.length < 10 },
});

/** Any tool that takes Standard Schemas works like this. */
async function parse<S extends StandardSchemaV1>(tool: S, input: unknown): Promise<StandardSchemaV1.InferOutput<S>> {
  const result = await tool["~standard"].validate(input);
  if (!result.issues) return result.value;
  throw new Error(result.issues.map(({ path, message }) => `${path?.map(String).join("/")}: ${message}`).join("\n"));
}

describe("a schema version as a Standard Schema", () => {
  test("says which version of the standard it follows and who made it", () => {
    expect(RunV1["~standard"].version).toBe(1);
    expect(RunV1["~standard"].vendor).toBe("legolas-flux");
    expect(ModelV1["~standard"].vendor).toBe("legolas-flux");
  });

  test("gives the record of a valid input, synchronously", () => {
    const result = RunV1["~standard"].validate({
      id: "a",
      config: { seed: 1 },
    }) as StandardSchemaV1.SuccessResult<object>;
    expect(result).toEqual({ value: { id: "a", config: { seed: 1 }, tags: null } });
    expect(result.issues).toBeUndefined();
    expect(schemaVersionOf(result.value)).toBe(RunV1);
  });

  test.each<[unknown, PropertyKey[], string]>([
    [{ id: 1, config: { seed: 1 } }, ["id"], 'standard.run@1: field "id": expected string, found 1'],
    [
      { id: "a" },
      ["config"],
      'standard.run@1: field "config": expected a record of standard.config@1, found missing (null)',
    ],
    [
      { id: "a", config: { seed: 0.5 } },
      ["config", "seed"],
      'standard.run@1: field "config.seed": expected int64 (a safe integer), found 0.5',
    ],
    [
      { id: "a", config: { seed: 1 }, tags: ["x", 2] },
      ["tags", 1],
      'standard.run@1: field "tags.1": expected string, found 2',
    ],
    [null, [], "standard.run@1: value: expected an object with id, config, tags, found missing (null)"],
    ["a", [], 'standard.run@1: value: expected an object with id, config, tags, found "a"'],
  ])("gives one issue, with its path, for %j", (input, path, message) => {
    expect(RunV1["~standard"].validate(input)).toEqual({ issues: [{ message, path }] });
  });

  test("gives an issue without a path for a check that fails", () => {
    const result = RunV1["~standard"].validate({ id: "much too long", config: { seed: 1 } });
    expect(result).toEqual({ issues: [{ message: expect.stringContaining('check "id is short" failed') }] });
  });

  test("gives an issue for an assignment that throws, whatever it throws", () => {
    const FailingV1 = schema("standard.failing").version(1, {
      fields: { x: t.int64 },
      assign: {
        x: () => schemaVersionOf({}).version,
      },
    });
    expect(FailingV1["~standard"].validate({})).toEqual({
      issues: [{ message: expect.stringContaining('field "x"'), path: ["x"] }],
    });
  });

  test("works with a tool that takes any Standard Schema", async () => {
    const record = await parse(RunV1, { id: "a", config: { seed: 1 }, more: true });
    expect(record.config.seed).toBe(1);
    await expect(parse(RunV1, { id: "a", config: { seed: "1" } })).rejects.toThrow(
      'config/seed: standard.run@1: field "config.seed": expected int64 (a safe integer), found "1"',
    );
  });
});
