/** The schema `digits.model@1`, as the documentation declares it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeModelRow, encodeModelRow, fetchWeights, ModelV1, readModelRow, writeModelRow } from "legolas-flux";
import {
  decodeTable,
  encodeTable,
  lookup,
  type RecordOf,
  recordEquals,
  schema,
  schemaVersionOf,
  t,
} from "legolas-flux/legolas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const DigitsConfigV1 = schema("digits-config").version(1, {
  fields: { seed: t.int64, dropout_rate: t.float32 },
  assign: { seed: ({ seed }) => seed ?? 5, dropout_rate: ({ dropout_rate }) => dropout_rate ?? 0 },
});
const DigitsRowV1 = schema("digits.model").version(1, {
  extends: ModelV1,
  fields: {
    config: DigitsConfigV1,
    epoch: t.optional(t.int64),
    accuracy: t.optional(t.float32),
    commit_sha: t.optional(t.string),
  },
});
type DigitsRowV1 = RecordOf<typeof DigitsRowV1>;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "digits-schema-"));
});
afterAll(() => rm(folder, { recursive: true }));

const weights = fetchWeights({ dense: new Float32Array([1, 2, 3]) });

describe("digits.model@1", () => {
  test("extends legolas-flux.model@1", () => {
    expect(DigitsRowV1.identifier).toBe("digits.model@1>legolas-flux.model@1");
    expect(DigitsRowV1.parent).toBe(ModelV1);
    expect(lookup("digits.model@1")).toBe(DigitsRowV1);
  });

  test("has the columns of its parent, then its own, named as they stand on disk", () => {
    const record: DigitsRowV1 = DigitsRowV1({ weights, config: {} });
    expect(Object.keys(record)).toEqual([
      "weights",
      "architecture_version",
      "config",
      "epoch",
      "accuracy",
      "commit_sha",
    ]);
    expect(record).toEqual({
      weights,
      architecture_version: null,
      config: { seed: 5, dropout_rate: 0 },
      epoch: null,
      accuracy: null,
      commit_sha: null,
    });
  });

  test("takes undefined and absent keys for missing values, and keeps float32 as single precision", () => {
    const { accuracy, epoch } = DigitsRowV1({ config: { dropout_rate: 0.1 }, accuracy: 0.9, epoch: undefined });
    expect(accuracy).toBe(Math.fround(0.9));
    expect(epoch).toBeNull();
    expect(DigitsConfigV1({ dropout_rate: 0.1 }).dropout_rate).toBe(Math.fround(0.1));
  });

  test("keeps its config as a record of its own schema", () => {
    expect(schemaVersionOf(DigitsRowV1({ config: { seed: 1 } }).config)).toBe(DigitsConfigV1);
  });

  test("refuses epochs beyond the safe integers", () => {
    expect(() => DigitsRowV1({ config: {}, epoch: 2 ** 53 })).toThrow(
      'digits.model@1>legolas-flux.model@1: field "epoch": expected int64 (a safe integer), found 9007199254740992',
    );
  });

  test("is kept in a file, and read as a DigitsRowV1", async () => {
    const path = join(folder, "training_run.digits.model.arrow");
    const row = DigitsRowV1({ weights, config: { seed: 7 }, epoch: 3, accuracy: 0.5, commit_sha: "abc" });
    await writeModelRow(path, row);
    const read = await readModelRow(path, DigitsRowV1);
    expect(recordEquals(read, row)).toBe(true);
    expect(read.config.seed).toBe(7);
    expect(schemaVersionOf(await readModelRow(path))).toBe(DigitsRowV1);
  });

  test("is read from files without commit_sha, an optional column, as the seed's own are", () => {
    const SeedV1 = schema("digits.model.of-the-seed").version(1, {
      extends: ModelV1,
      fields: { config: DigitsConfigV1, epoch: t.optional(t.int64), accuracy: t.optional(t.float32) },
    });
    const bytes = encodeTable([{ weights, config: {}, epoch: 1, accuracy: 0.5 }], SeedV1);
    expect(decodeTable(bytes).columnNames).not.toContain("commit_sha");
    expect(decodeModelRow(bytes, DigitsRowV1)).toEqual({
      weights,
      architecture_version: null,
      config: { seed: 5, dropout_rate: 0 },
      epoch: 1,
      accuracy: 0.5,
      commit_sha: null,
    });
  });

  test("is read with its config under Julia's extension name, and without", () => {
    const PlainV1 = schema("digits.model.plain").version(1, {
      extends: ModelV1,
      fields: { config: t.struct({ seed: t.int64, dropout_rate: t.float32 }) },
    });
    const config = { seed: 1, dropout_rate: 0.5 };
    const extensions = [DigitsRowV1, PlainV1].map((version) => {
      const bytes = encodeModelRow({ weights, config }, version);
      expect(decodeModelRow(bytes, DigitsRowV1).config).toEqual(config);
      const column = decodeTable(bytes).schema.fields.find(({ name }) => name === "config");
      return column?.metadata.get("ARROW:extension:name");
    });
    expect(extensions).toEqual(["JuliaLang.Legolas.Generated.digits-config.1", undefined]);
  });
});
