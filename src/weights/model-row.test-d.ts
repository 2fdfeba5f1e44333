import {
  decodeModelRow,
  encodeModelRow,
  type FlatArray,
  fetchWeights,
  loadWeights,
  ModelV1,
  readModelRow,
  type Weights,
  writeModelRow,
} from "legolas-flux";
import { type RecordOf, schema, t } from "legolas-flux/legolas";
import { describe, expectTypeOf, test } from "vitest";

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

describe("reading a model row", () => {
  test("gives the record type of the schema version passed", () => {
    expectTypeOf(readModelRow("a.arrow", DigitsRowV1)).resolves.toEqualTypeOf<DigitsRowV1>();
    expectTypeOf(decodeModelRow(new Uint8Array(), DigitsRowV1)).toEqualTypeOf<DigitsRowV1>();
    expectTypeOf(readModelRow("a.arrow", DigitsRowV1, { signal: new AbortController().signal }))
      .resolves.toHaveProperty("config")
      .toEqualTypeOf<{ readonly seed: number; readonly dropout_rate: number }>();
  });

  test("gives a ModelV1 where none is passed", () => {
    expectTypeOf(readModelRow(new Blob())).resolves.toEqualTypeOf<ModelV1>();
    expectTypeOf(decodeModelRow(new ArrayBuffer(0))).toEqualTypeOf<ModelV1>();
    expectTypeOf<ModelV1>().toEqualTypeOf<{
      readonly weights: Weights | null;
      readonly architecture_version: number | null;
    }>();
  });

  test("takes sources and schema versions only", () => {
    // @ts-expect-error a number is no source
    void readModelRow(5);
    // @ts-expect-error a schema is no version of it
    void readModelRow("a.arrow", schema("digits.model"));
    // @ts-expect-error a path is no bytes
    decodeModelRow("a.arrow");
  });
});

describe("writing a model row", () => {
  test("takes records, or objects with the fields", () => {
    const row = ModelV1({ weights: fetchWeights({}), architecture_version: 1 });
    expectTypeOf(writeModelRow("a.arrow", row)).resolves.toEqualTypeOf<void>();
    expectTypeOf(encodeModelRow({ weights: null }, ModelV1, { compression: "zstd" })).toEqualTypeOf<Uint8Array>();
    // @ts-expect-error a row is an object
    encodeModelRow("row");
    // @ts-expect-error there is no such format
    encodeModelRow(row, ModelV1, { format: "feather" });
  });
});

describe("weights", () => {
  test("are FlatArrays, found by position and name", () => {
    const weights = fetchWeights({}, { layout: "flux" });
    expectTypeOf(weights).toEqualTypeOf<Weights>();
    expectTypeOf(weights.at(0)).toEqualTypeOf<FlatArray | undefined>();
    expectTypeOf(weights.get("kernel")).toEqualTypeOf<FlatArray | undefined>();
    expectTypeOf([...weights]).toEqualTypeOf<FlatArray[]>();
    // @ts-expect-error weights are immutable
    weights.layout = "torch";
  });

  test("of a row, which may be missing, are loaded without a check of one's own", () => {
    const row = {} as DigitsRowV1;
    expectTypeOf(loadWeights({}, row.weights)).toEqualTypeOf<void>();
    // @ts-expect-error a row is no weights
    loadWeights({}, row);
    // @ts-expect-error undefined is not null
    loadWeights({}, undefined);
  });
});
