import fc from "fast-check";
import { FlatArray, Weights } from "legolas-flux";
import {
  type AnySchemaVersion,
  decodeTable,
  encodeTable,
  type FieldLike,
  isLegolasError,
  recordEquals,
  schema,
  schemaVersionOf,
  t,
} from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";
import { arbitraryField, arbitraryUnion, type RandomField, textOf } from "../helpers/arbitrary-field.ts";

const formats = fc.constantFrom("file" as const, "stream" as const);

class RandomTable {
  constructor(
    readonly types: Readonly<Record<string, FieldLike>>,
    readonly rows: readonly Record<string, unknown>[],
  ) {}

  [fc.toStringMethod](): string {
    const types = Object.entries(this.types).map(([name, type]) => `${name}: ${textOf(type)}`);
    return `{ ${types.join(", ")} } ${fc.stringify(this.rows)}`;
  }
}

/** Tables of up to four columns of the given kinds of fields. */
function tablesOf(fields: fc.Arbitrary<RandomField>): fc.Arbitrary<RandomTable> {
  const names = fc.constantFrom("a", "b", "seed", "naïve", "x.y");
  return fc
    .uniqueArray(fc.tuple(names, fields), { minLength: 1, maxLength: 4, selector: ([name]) => name })
    .chain((columns) => {
      const types = Object.fromEntries(columns.map(([name, { type }]) => [name, type]));
      const row = fc.record(Object.fromEntries(columns.map(([name, { value }]) => [name, value])));
      return fc.array(row, { maxLength: 4 }).map((rows) => new RandomTable(types, rows));
    });
}

function declare(types: RandomTable["types"]): AnySchemaVersion {
  return schema("test.random").version(1, { fields: types }, { replace: true });
}

function recordsOf({ types, rows }: RandomTable): { version: AnySchemaVersion; records: object[] } {
  const version = declare(types);
  return { version, records: rows.map((row) => version(row as never)) };
}

function expectSameRecords(found: readonly object[], expected: readonly object[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, record] of found.entries()) {
    const equal = recordEquals(record, expected[i] as object);
    // The comparison of the test framework is asked only for its account of the difference.
    if (!equal) expect(record).toEqual(expected[i]);
    expect(equal).toBe(true);
  }
}

function roundTrip(tables: fc.Arbitrary<RandomTable>, numRuns: number): number {
  let rowsSeen = 0;
  fc.assert(
    fc.property(tables, formats, (random, format) => {
      const { version, records } = recordsOf(random);
      const bytes = encodeTable(records, version, { format });
      const table = decodeTable(bytes);
      expect(table.schemaVersion).toBe(version);
      expect(table.numRows).toBe(records.length);
      expectSameRecords(table.records(), records);
      expect(Buffer.compare(bytes, encodeTable(table.records(), version, { format }))).toBe(0);
      rowsSeen += records.length;
    }),
    { numRuns },
  );
  return rowsSeen;
}

vi.setConfig({ testTimeout: 60_000 });

describe("tables of random fields", () => {
  it("come back as the records that were written, and as the same bytes", () => {
    expect(roundTrip(tablesOf(arbitraryField), 600)).toBeGreaterThan(600);
  });

  it("come back where fields are unions", () => {
    expect(roundTrip(tablesOf(arbitraryUnion), 200)).toBeGreaterThan(200);
  });

  it("come back where unions are optional", () => {
    const optional = arbitraryUnion.map(({ type, value }) => ({ type: t.optional(type), value: fc.option(value) }));
    expect(roundTrip(tablesOf(optional), 200)).toBeGreaterThan(200);
  });

  it("have the same columns, whether read by name or as records", () => {
    fc.assert(
      fc.property(tablesOf(arbitraryField), (random) => {
        const { version, records } = recordsOf(random);
        const table = decodeTable(encodeTable(records, version));
        for (const [name, type] of Object.entries(version.fields)) {
          const column = table.column(name);
          expect(column).toHaveLength(records.length);
          const WrapV1 = schema("test.wrap").version(1, { fields: { column: type } }, { replace: true });
          const of = (value: unknown): object => WrapV1({ column: value } as never);
          for (const [i, value] of column.entries()) {
            expect(recordEquals(of(value), of((records[i] as Record<string, unknown>)[name]))).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("are written alike from records and from plain objects with the same values", () => {
    fc.assert(
      fc.property(tablesOf(arbitraryField), (random) => {
        const { version, records } = recordsOf(random);
        const plain = records.map((record) => ({ ...record }));
        expect(Buffer.compare(encodeTable(records, version), encodeTable(plain, version))).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe("records of random fields", () => {
  it("built from a record are equal to it", () => {
    fc.assert(
      fc.property(tablesOf(fc.oneof(arbitraryField, arbitraryUnion)), (random) => {
        const { version, records } = recordsOf(random);
        for (const record of records) {
          const again = version(record as never);
          expect(schemaVersionOf(again)).toBe(version);
          expectSameRecords([again], [record]);
          expect(Object.isFrozen(again)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("with assignments that are idempotent stay the same when built again, for parent and child", () => {
    const BarV1 = schema("test.bar").version(1, {
      fields: { x: t.optional(t.int8), y: t.string, z: t.string },
      assign: {
        x: ({ x }) => (x === null ? null : Math.min(127, Math.max(-128, x))),
        y: ({ y }) => String(y),
        z: ({ z, y, x }) => z ?? `${y}_${x ?? "missing"}`,
      },
    });
    const BazV1 = schema("test.baz").version(1, {
      extends: BarV1,
      fields: { x: t.int8, k: t.int64 },
      assign: { k: ({ k, z }) => k ?? z.length },
    });
    const input = fc.record(
      {
        x: fc.integer(),
        y: fc.oneof(fc.integer(), fc.string({ unit: "binary" })),
        z: fc.string(),
        k: fc.nat(9),
        extra: fc.nat(),
      },
      { requiredKeys: ["x", "y"] },
    );
    fc.assert(
      fc.property(input, (given) => {
        const bar = BarV1(given as never);
        const baz = BazV1(given as never);
        expect(recordEquals(BarV1(bar), bar)).toBe(true);
        expect(recordEquals(BazV1(baz), baz)).toBe(true);
        expect(recordEquals(BarV1(baz), bar)).toBe(true);
        expect(Object.keys(baz)).toEqual(["x", "y", "z", "k"]);
      }),
      { numRuns: 300 },
    );
  });
});

describe("values that decide their own types", () => {
  const ValueV1 = schema("test.any").version(1, { fields: { value: t.any } });
  const backOf = (values: readonly unknown[]): unknown[] =>
    decodeTable(
      encodeTable(
        values.map((value) => ({ value })),
        ValueV1,
      ),
    ).column("value");

  const columns: fc.Arbitrary<unknown[]> = fc.oneof(
    fc.array(fc.oneof(fc.double(), fc.maxSafeInteger())),
    fc.array(fc.option(fc.boolean())),
    fc.array(fc.option(fc.string({ unit: "binary" }))),
    fc.array(fc.date({ noInvalidDate: true })),
    fc.array(fc.oneof(fc.boolean(), fc.string({ unit: "binary" }), fc.double())),
    fc.array(fc.array(fc.string())),
    fc.array(fc.record({ a: fc.integer(), b: fc.option(fc.string()) })),
  );

  it("come back as they were", () => {
    fc.assert(
      fc.property(columns, (values) => {
        expect(backOf(values)).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["more keys later", [{ a: 1 }, { a: 1, b: 2 }]],
    ["fewer keys later", [{ a: 1, b: 2 }, { a: 1 }]],
    ["other keys", [{ a: null }, { b: 1 }]],
    ["lists of objects with more keys later", [[{ a: 1 }, { a: 2, b: "x" }]]],
    ["text, numbers and null", ["a", null, 1, null]],
  ])("keep every key and every null: %s", (_, values) => {
    const found = backOf(values);
    // A key that only other rows have may come back as null.
    for (const [i, value] of values.entries()) {
      if (typeof value === "object" && value !== null) expect(found[i]).toMatchObject(value);
      else expect(found[i]).toBe(value);
    }
  });
});

describe("weights inside other types", () => {
  const weights = new Weights([new FlatArray(Float32Array.of(1, 2), [2])], { names: ["a"], layout: "tfjs" });
  const plain = new Weights(weights.arrays);
  const casesOf = (weights: Weights): readonly (readonly [string, FieldLike, unknown])[] => [
    ["an optional", t.optional(t.weights), weights],
    ["a struct", t.struct({ w: t.weights, after: t.int8 }), { w: weights, after: 1 }],
    ["a nested record", schema("test.holder").version(1, { fields: { w: t.weights } }), { w: weights }],
    ["a map", t.map(t.string, t.weights), new Map([["k", weights]])],
    ["a union, first", t.union(t.weights, t.string), weights],
    ["a union, last", t.union(t.string, t.weights), weights],
    ["a list", t.vector(t.weights), [weights, weights]],
    ["a fixed list", t.fixed(t.weights, 1), [weights]],
  ];

  function findWeights(value: unknown): Weights[] {
    if (value instanceof Weights) return [value];
    if (value instanceof Map) return [...value.values()].flatMap(findWeights);
    if (typeof value === "object" && value !== null) return Object.values(value).flatMap(findWeights);
    return [];
  }

  it.each(casesOf(plain))("come back from %s, with their arrays", (_, type, value) => {
    const version = declare({ value: type });
    for (const count of [1, 2]) {
      const rows = Array.from({ length: count }, () => version({ value } as never));
      const found = findWeights(decodeTable(encodeTable(rows, version)).records());
      expect(found.length).toBe(count * findWeights(value).length);
      for (const { arrays } of found) expect(arrays.map(({ vec, size }) => [[...vec], size])).toEqual([[[1, 2], [2]]]);
    }
  });

  it.each(casesOf(weights))(
    "keep their names and layout in %s, or are refused: a layout must not be lost silently",
    (_, type, value) => {
      const version = declare({ value: type });
      let bytes: Uint8Array;
      try {
        bytes = encodeTable([version({ value } as never)], version);
      } catch (error) {
        expect(isLegolasError(error)).toBe(true);
        expect(String(error)).toMatch(/layout|names/);
        return;
      }
      const found = findWeights(decodeTable(bytes).records());
      expect(found.length).toBeGreaterThan(0);
      for (const { names, layout } of found) expect([names, layout]).toEqual([["a"], "tfjs"]);
    },
  );
});

describe("unions whose members accept each other's columns", () => {
  const uuid = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
  const cases: readonly (readonly [string, FieldLike, readonly unknown[]])[] = [
    ["bytes and uuid", t.union(t.bytes, t.uuid), [uuid, Uint8Array.of(1, 2)]],
    ["real and an optional integer", t.union(t.real, t.optional(t.integer)), [0.5, null]],
    ["strings and optional symbols", t.union(t.string, t.optional(t.symbol)), ["a", null]],
    [
      "lists of reals and of optional integers",
      t.union(t.vector(t.real), t.vector(t.optional(t.int64))),
      [[0.5], [null, 1]],
    ],
    ["int64 and bigint", t.union(t.int64, t.bigint), [5, 2n ** 60n]],
  ];

  it.each(cases)("read each value by the member that wrote it: %s", (_, type, values) => {
    const version = declare({ value: type });
    const rows = values.map((value) => version({ value } as never));
    expect(decodeTable(encodeTable(rows, version)).column("value")).toEqual(values);
  });
});

describe("unions of integers and rounded numbers", () => {
  const tiny = -(2 ** -149);
  const cases: readonly (readonly [string, FieldLike, unknown])[] = [
    ["by themselves", t.union(t.int8, t.float16), tiny],
    ["in lists", t.union(t.vector(t.int8), t.vector(t.float16)), [tiny]],
    ["in structs", t.union(t.struct({ a: t.int8 }), t.struct({ a: t.float16 })), { a: tiny }],
  ];

  it.each(cases)("give the same record again, though the number was rounded to -0: %s", (_, type, value) => {
    const version = declare({ value: type });
    const record = version({ value } as never);
    expectSameRecords([version(record as never)], [record]);
  });
});

describe("durations of several units", () => {
  const perUnit: Readonly<Record<string, bigint>> = {
    nanosecond: 1n,
    microsecond: 1000n,
    millisecond: 1_000_000n,
    second: 1_000_000_000n,
  };
  const inNs = ({ value, unit }: { value: bigint; unit: string }): bigint => value * (perUnit[unit] as bigint);
  const durations = fc.record({
    value: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }),
    unit: fc.constantFrom("nanosecond", "microsecond", "millisecond", "second"),
  });

  it("keep their lengths, in the finest of their units", () => {
    const version = declare({ d: t.duration });
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1 }), (list) => {
        const found = decodeTable(
          encodeTable(
            list.map((d) => ({ d })),
            version,
          ),
        ).column("d") as typeof list;
        expect(found.map(inNs)).toEqual(list.map(inNs));
        const finest = Object.keys(perUnit).find((unit) => list.some((d) => d.unit === unit));
        expect(new Set(found.map(({ unit }) => unit))).toEqual(new Set([finest]));
      }),
      { numRuns: 100 },
    );
  });
});
