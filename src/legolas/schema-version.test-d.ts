import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ModelV1, type Weights } from "legolas-flux";
import {
  type AnySchemaVersion,
  construct,
  decodeTable,
  encodeTable,
  gather,
  type LegolasTable,
  lift,
  type RecordInputOf,
  type RecordOf,
  readTable,
  recordMerge,
  schema,
  t,
} from "legolas-flux/legolas";
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

const BarV1 = schema("example.bar").version(1, {
  fields: { x: t.optional(t.int8), y: t.string, z: t.string },
  assign: {
    x: ({ x }) => (x === null ? null : Math.min(127, Math.max(-128, x))),
    y: ({ y }) => String(y),
    z: ({ z, y, x }) => z ?? `${y}_${x ?? "missing"}`,
  },
});
const BazV1 = schema("example.baz").version(1, {
  extends: BarV1,
  fields: { x: t.int8, k: t.int64 },
  assign: { k: ({ k, z }) => k ?? z.length },
  checks: { "k is not negative": ({ k }) => k >= 0 },
});
type BazV1 = RecordOf<typeof BazV1>;

describe("the type of a record", () => {
  test("has the fields of its version, read-only", () => {
    expectTypeOf<RecordOf<typeof DigitsConfigV1>>().toEqualTypeOf<{
      readonly seed: number;
      readonly dropout_rate: number;
    }>();
    expectTypeOf<RecordOf<typeof BarV1>>().toEqualTypeOf<{
      readonly x: number | null;
      readonly y: string;
      readonly z: string;
    }>();
  });

  test("has the fields of its parents too, and nested records", () => {
    expectTypeOf<DigitsRowV1>().toEqualTypeOf<{
      readonly weights: Weights | null;
      readonly architecture_version: number | null;
      readonly config: { readonly seed: number; readonly dropout_rate: number };
      readonly epoch: number | null;
      readonly accuracy: number | null;
      readonly commit_sha: string | null;
    }>();
  });

  test("has a redeclared field as its child narrows it", () => {
    expectTypeOf<BazV1>().toEqualTypeOf<{
      readonly x: number;
      readonly y: string;
      readonly z: string;
      readonly k: number;
    }>();
  });

  test("is that of what the schema version returns", () => {
    expectTypeOf(BazV1({ x: 1 })).toEqualTypeOf<BazV1>();
    expectTypeOf<ReturnType<typeof DigitsRowV1>>().toEqualTypeOf<DigitsRowV1>();
    expectTypeOf<RecordOf<typeof ModelV1>>().toEqualTypeOf<ModelV1>();
  });

  test("lets no value be assigned", () => {
    const record = BazV1({ x: 1 });
    // @ts-expect-error records are read-only
    record.k = 2;
  });

  test("has no undeclared key", () => {
    // @ts-expect-error more is no field of example.baz@1
    BazV1({ x: 1 }).more;
  });

  test("of a version without fields has none", () => {
    const EmptyV1 = schema("empty").version(1);
    expectTypeOf(EmptyV1({})).toEqualTypeOf<Record<never, never>>();
    const HeirV1 = schema("heir").version(1, { extends: BarV1 });
    expectTypeOf<RecordOf<typeof HeirV1>>().toEqualTypeOf<RecordOf<typeof BarV1>>();
  });
});

describe("what a record is built from", () => {
  test("may leave out fields that may be null, and those that an assignment fills", () => {
    expectTypeOf<RecordInputOf<typeof DigitsConfigV1>>().toEqualTypeOf<{
      readonly seed?: number | null | undefined;
      readonly dropout_rate?: number | null | undefined;
    }>();
    expectTypeOf<RecordInputOf<typeof BazV1>>().toEqualTypeOf<{
      readonly y?: string | null | undefined;
      readonly z?: string | null | undefined;
      readonly x: number;
      readonly k?: number | null | undefined;
    }>();
    DigitsRowV1({ config: {} });
    DigitsRowV1({ config: { seed: 1 }, weights: null, epoch: undefined });
  });

  test("must have all other fields", () => {
    // @ts-expect-error config is not optional, and nothing assigns it
    DigitsRowV1({ epoch: 1 });
    // @ts-expect-error x is int8 in example.baz@1, no longer optional
    BazV1({ y: "hi" });
  });

  test("has values of the fields' types", () => {
    // @ts-expect-error epoch is a number
    DigitsRowV1({ config: {}, epoch: "1" });
    // @ts-expect-error null is no config
    DigitsRowV1({ config: null });
    // @ts-expect-error weights are Weights, not arrays
    DigitsRowV1({ config: {}, weights: [new Float32Array(1)] });
    // @ts-expect-error seed, inside the config, is a number
    DigitsRowV1({ config: { seed: "1" } });
  });

  test("has no undeclared key, where it is written out", () => {
    // @ts-expect-error epochs is misspelt
    DigitsRowV1({ config: {}, epochs: 1 });
  });

  test("may be a record", () => {
    expectTypeOf<BazV1>().toExtend<RecordInputOf<typeof BazV1>>();
    expectTypeOf<DigitsRowV1>().toExtend<RecordInputOf<typeof DigitsRowV1>>();
    expectTypeOf<BazV1>().toExtend<RecordInputOf<typeof BarV1>>();
  });
});

describe("assignments and checks", () => {
  test("see the parent's fields processed, own fields as values or null", () => {
    schema("seen").version(1, {
      extends: BarV1,
      fields: { k: t.int64, maybe: t.optional(t.string), config: DigitsConfigV1 },
      assign: {
        k: (values) => {
          expectTypeOf(values).toEqualTypeOf<{
            readonly x: number | null;
            readonly y: string;
            readonly z: string;
            readonly k: number | null;
            readonly maybe: string | null;
            readonly config: { readonly seed: number; readonly dropout_rate: number } | null;
          }>();
          return 1;
        },
      },
    });
  });

  test("see a redeclared field by its narrower type, or null", () => {
    schema("seen.narrow").version(1, {
      extends: BarV1,
      fields: { x: t.int8 },
      assign: {
        x: ({ x }) => {
          expectTypeOf(x).toEqualTypeOf<number | null>();
          return x ?? 0;
        },
      },
    });
  });

  test("may return what the field takes", () => {
    schema("returned").version(1, {
      fields: { at: t.date, config: DigitsConfigV1, maybe: t.optional(t.int64) },
      assign: { at: () => new Date(), config: () => ({}), maybe: () => undefined },
    });
  });

  test("may not return another type", () => {
    schema("returned.wrong").version(1, {
      fields: { k: t.int64 },
      // @ts-expect-error k is a number
      assign: { k: () => "1" },
    });
    schema("returned.null").version(1, {
      fields: { k: t.int64 },
      // @ts-expect-error k may not be null
      assign: { k: ({ k }) => k },
    });
  });

  test("are of own fields only", () => {
    schema("assigned.parent").version(1, {
      extends: BarV1,
      fields: { k: t.int64 },
      // @ts-expect-error y is a field of the parent, not declared again
      assign: { y: () => "" },
    });
  });

  test("check whole records", () => {
    schema("checked").version(1, {
      extends: BarV1,
      fields: { x: t.int8, k: t.int64 },
      checks: {
        "all fields are there": (record) => {
          expectTypeOf(record).toEqualTypeOf<{
            readonly x: number;
            readonly y: string;
            readonly z: string;
            readonly k: number;
          }>();
          return true;
        },
      },
    });
  });
});

describe("declarations", () => {
  test("have field types or schema versions for fields", () => {
    // @ts-expect-error a string is no field type
    schema("no-type").version(1, { fields: { x: "int64" } });
    // @ts-expect-error a type of TypeScript's is no field type
    schema("no-type").version(1, { fields: { x: Number } });
  });

  test("extend schema versions", () => {
    // @ts-expect-error a schema is no version of it
    schema("no-parent").version(1, { extends: schema("parent") });
  });

  test("are assignable to a schema version whose records are not known", () => {
    expectTypeOf(DigitsRowV1).toExtend<AnySchemaVersion>();
    expectTypeOf(ModelV1).toExtend<AnySchemaVersion>();
    expectTypeOf(DigitsRowV1.parent).toEqualTypeOf<AnySchemaVersion | null>();
  });

  test("are Standard Schemas of their input and their records", () => {
    expectTypeOf(BazV1).toExtend<StandardSchemaV1>();
    expectTypeOf<StandardSchemaV1.InferInput<typeof BazV1>>().toEqualTypeOf<RecordInputOf<typeof BazV1>>();
    expectTypeOf<StandardSchemaV1.InferOutput<typeof BazV1>>().toEqualTypeOf<BazV1>();
  });
});

describe("records in use", () => {
  test("keep their type when merged, and take only their fields", () => {
    const record = BazV1({ x: 1 });
    expectTypeOf(recordMerge(record, { k: 1 })).toEqualTypeOf<BazV1>();
    // @ts-expect-error k is a number
    recordMerge(record, { k: "1" });
    // @ts-expect-error more is no field
    recordMerge(record, { more: 1 });
  });

  test("lift and construct have the types of their functions and field types", () => {
    const maybe = null as number | null;
    expectTypeOf(lift((x: number) => String(x), maybe)).toEqualTypeOf<string | null>();
    expectTypeOf(construct(t.float32, 1)).toEqualTypeOf<number>();
    expectTypeOf(construct(DigitsConfigV1, {})).toEqualTypeOf<RecordOf<typeof DigitsConfigV1>>();
    // @ts-expect-error float32 takes numbers
    construct(t.float32, "1");
  });
});

describe("tables", () => {
  const bytes = new Uint8Array();

  test("have records of the schema version they are read as", () => {
    expectTypeOf(decodeTable(bytes, { schemaVersion: BazV1 })).toEqualTypeOf<LegolasTable<BazV1>>();
    expectTypeOf(decodeTable(bytes, { schemaVersion: BazV1 }).records()).toEqualTypeOf<BazV1[]>();
    expectTypeOf(readTable(bytes, { schemaVersion: DigitsRowV1 })).resolves.toEqualTypeOf<LegolasTable<DigitsRowV1>>();
  });

  test("have records of unknown values where none is passed", () => {
    expectTypeOf(decodeTable(bytes).records()).toEqualTypeOf<Record<string, unknown>[]>();
    expectTypeOf(decodeTable(bytes, { validate: false }).column("k")).toEqualTypeOf<unknown[]>();
  });

  test("are gathered by the records of each", () => {
    const table = {} as LegolasTable<BazV1>;
    expectTypeOf(gather("k", table, table)).toEqualTypeOf<Map<unknown, BazV1[][]>>();
  });

  test("are written from objects, not from other values", () => {
    encodeTable([BazV1({ x: 1 })], BazV1, { metadata: { a: "b" }, provider: { name: "p", version: "1" } });
    // @ts-expect-error a row is an object
    encodeTable(["row"], BazV1);
    // @ts-expect-error metadata are strings
    encodeTable([], BazV1, { metadata: { a: 1 } });
    // @ts-expect-error there is no such codec
    encodeTable([], BazV1, { compression: "gzip" });
  });
});
