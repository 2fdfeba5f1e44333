import { FlatArray, fetchWeights, ModelV1, Weights } from "legolas-flux";
import {
  CheckError,
  construct,
  InputError,
  lift,
  RecordError,
  recordEquals,
  recordMerge,
  schema,
  schemaVersionOf,
  t,
} from "legolas-flux/legolas";
import { describe, expect, test, vi } from "vitest";
import { thrownBy } from "../../test/contract/support.ts";

const PointV1 = schema("record.point").version(1, {
  fields: { x: t.int64, label: t.optional(t.string), scale: t.float32 },
  assign: { scale: ({ scale }) => scale ?? 1 },
});

describe("a record", () => {
  test("has every declared field, in order, and no other", () => {
    const record = PointV1({ scale: 2, label: "a", x: 1 });
    expect(Object.keys(record)).toEqual(["x", "label", "scale"]);
    expect(record).toEqual({ x: 1, label: "a", scale: 2 });
  });

  test("has the inherited fields first, a redeclared one at its parent's place", () => {
    const ChildV1 = schema("record.child").version(1, {
      extends: PointV1,
      fields: { extra: t.bool, label: t.string },
    });
    expect(Object.keys(ChildV1({ x: 1, label: "a", extra: true }))).toEqual(["x", "label", "scale", "extra"]);
  });

  test("has null for fields that are absent, undefined or null", () => {
    expect(PointV1({ x: 1 }).label).toBeNull();
    expect(PointV1({ x: 1, label: undefined }).label).toBeNull();
    expect(PointV1({ x: 1, label: null }).label).toBeNull();
  });

  test("drops undeclared keys", () => {
    expect(PointV1(JSON.parse('{ "x": 1, "y": 2, "constructor": 3 }'))).toEqual({ x: 1, label: null, scale: 1 });
  });

  test("takes nothing from a __proto__ key of its input", () => {
    const record = PointV1(JSON.parse('{ "x": 1, "__proto__": { "label": "polluted", "polluted": true } }'));
    expect(record).toEqual({ x: 1, label: null, scale: 1 });
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect("polluted" in record).toBe(false);
  });

  test.each(["constructor", "toString", "hasOwnProperty", "valueOf"])(
    "has null for an absent field called %s, which every object inherits",
    (name) => {
      const OddV1 = schema(`record.odd.${name.toLowerCase()}`).version(1, { fields: { [name]: t.optional(t.string) } });
      expect(Object.entries(OddV1({}))).toEqual([[name, null]]);
      expect(Object.entries(OddV1({ [name]: "given" }))).toEqual([[name, "given"]]);
    },
  );

  test("does not change its input, nor keep the input's arrays", () => {
    const ListV1 = schema("record.list").version(1, { fields: { items: t.vector(t.int64), bytes: t.bytes } });
    const input = { items: [1, 2], bytes: new Uint8Array([1]) };
    const record = ListV1(input);
    input.items.push(3);
    input.bytes[0] = 9;
    expect(record).toEqual({ items: [1, 2], bytes: new Uint8Array([1]) });
    expect(Object.isFrozen(input)).toBe(false);
  });

  test("is frozen, and so are its vectors, structs, durations and nested records, at any depth", () => {
    const DeepV1 = schema("record.deep").version(1, {
      fields: {
        vector: t.vector(t.vector(t.int64)),
        fixed: t.fixed(t.int64, 1),
        struct: t.struct({ inner: t.struct({ items: t.vector(t.string) }) }),
        nested: PointV1,
        duration: t.duration,
        any: t.any,
      },
    });
    const record = DeepV1({
      vector: [[1]],
      fixed: [1],
      struct: { inner: { items: ["a"] } },
      nested: { x: 1 },
      duration: { value: 1n, unit: "second" },
      any: [{ a: [1] }],
    });
    const [anyItem] = record.any as [{ a: unknown }];
    const parts = [record, record.vector, record.vector[0], record.fixed, record.struct, record.struct.inner];
    const deeper = [record.struct.inner.items, record.nested, record.duration, record.any, anyItem, anyItem.a];
    expect([...parts, ...deeper].map(Object.isFrozen)).toEqual(Array.from({ length: 12 }, () => true));
    expect(() => Object.assign(record, { vector: [] })).toThrow(TypeError);
  });

  test("built from a record is equal to it", () => {
    const record = PointV1({ x: 1, scale: 0.1 });
    expect(PointV1(record)).toEqual(record);
    expect(recordEquals(PointV1(record), record)).toBe(true);
  });

  test("shows its schema version to nobody who lists its keys", () => {
    expect(Reflect.ownKeys(PointV1({ x: 1 })).filter((key) => typeof key === "string")).toEqual([
      "x",
      "label",
      "scale",
    ]);
    expect(JSON.stringify(PointV1({ x: 1 }))).toBe('{"x":1,"label":null,"scale":1}');
    expect(Object.getOwnPropertySymbols({ ...PointV1({ x: 1 }) })).toEqual([]);
  });

  test.each([
    [null, "missing (null)"],
    [undefined, "missing (null)"],
    [5, "5"],
    ["text", '"text"'],
    [[1], "an array of 1"],
  ])("is not built from %j", (input, found) => {
    const build: (input: never) => object = PointV1;
    const error = thrownBy(() => build(input as never));
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({
      message: `record.point@1: value: expected an object with x, label, scale, found ${found}`,
      path: [],
      value: input,
    });
  });
});

describe("a value that its field does not take", () => {
  test("throws an error that names schema version, field, expected type and value", () => {
    const error = thrownBy(() => PointV1(JSON.parse('{ "x": "one" }')));
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({
      message: 'record.point@1: field "x": expected int64 (a safe integer), found "one"',
      identifier: "record.point@1",
      path: ["x"],
      value: "one",
    });
  });

  test("throws where it is missing and the field is not optional", () => {
    expect(() => PointV1(JSON.parse("{}"))).toThrow(
      'record.point@1: field "x": expected int64 (a safe integer), found missing (null)',
    );
  });

  test("is named by its whole path inside nested values", () => {
    const OuterV1 = schema("record.outer").version(1, {
      fields: { points: t.vector(PointV1), more: t.optional(t.struct({ list: t.vector(t.bool) })) },
    });
    const inPoint = thrownBy(() => OuterV1(JSON.parse('{ "points": [{ "x": 1 }, { "x": 1.5 }] }')));
    expect(inPoint).toMatchObject({
      message: 'record.outer@1: field "points.1.x": expected int64 (a safe integer), found 1.5',
      path: ["points", 1, "x"],
      value: 1.5,
    });
    const inStruct = thrownBy(() => OuterV1(JSON.parse('{ "points": [], "more": { "list": [true, 0] } }')));
    expect(inStruct).toMatchObject({ path: ["more", "list", 1], value: 0 });
  });
});

describe("assignments", () => {
  test("run in the order of the fields, after the parent's, whatever the order they are declared in", () => {
    const order: string[] = [];
    const note = (name: string) => {
      order.push(name);
      return 1;
    };
    const ParentV1 = schema("record.order.parent").version(1, {
      fields: { a: t.int64, b: t.int64 },
      assign: { b: () => note("b"), a: () => note("a") },
    });
    const ChildV1 = schema("record.order.child").version(1, {
      extends: ParentV1,
      fields: { d: t.int64, c: t.int64 },
      assign: { c: () => note("c"), d: () => note("d") },
    });
    ChildV1({});
    expect(order).toEqual(["a", "b", "d", "c"]);
  });

  test("see the fields above already processed, and their own and those below as given, null where absent", () => {
    const seen = vi.fn();
    const SeenV1 = schema("record.seen").version(1, {
      fields: { above: t.float32, own: t.float32, below: t.float32, absent: t.optional(t.string) },
      assign: {
        above: ({ above }) => (above ?? 0) + 1,
        own: (values) => {
          seen(values);
          return values.own ?? 0;
        },
        below: ({ below }) => (below ?? 0) + 1,
      },
    });
    SeenV1({ above: 0.1, own: 0.1, below: 0.1 });
    expect(seen).toHaveBeenCalledExactlyOnceWith({ above: Math.fround(1.1), own: 0.1, below: 0.1, absent: null });
  });

  test("of a child see the parent's fields processed, and its own redeclared field as the parent left it", () => {
    const seen = vi.fn();
    const ParentV1 = schema("record.seen.parent").version(1, {
      fields: { x: t.real },
      assign: { x: ({ x }) => (x ?? 0) + 1 },
    });
    const ChildV1 = schema("record.seen.child").version(1, {
      extends: ParentV1,
      fields: { x: t.int64 },
      assign: {
        x: (values) => {
          seen(values);
          return (values.x ?? 0) * 10;
        },
      },
    });
    expect(ChildV1({ x: 1 })).toEqual({ x: 20 });
    expect(seen).toHaveBeenCalledExactlyOnceWith({ x: 2 });
  });

  test("cannot change the record through what they see", () => {
    const GreedyV1 = schema("record.greedy").version(1, {
      fields: { a: t.int64, b: t.int64 },
      assign: { b: (values) => Object.assign(values, { a: 99 }).b ?? 0 },
    });
    expect(GreedyV1({ a: 1, b: 2 })).toEqual({ a: 1, b: 2 });
  });

  test("have their results pass the field's type", () => {
    const TypedV1 = schema("record.typed").version(1, {
      fields: { x: t.int8 },
      assign: { x: ({ x }) => (x ?? 0) * 2 },
    });
    expect(TypedV1({ x: 5 })).toEqual({ x: 10 });
    expect(() => TypedV1({ x: 100 })).toThrow(
      'record.typed@1: field "x": expected int8 (an integer from -128 to 127), found 200',
    );
  });

  test("that throw are wrapped in an error that names the field, with the cause", () => {
    const cause = new TypeError("cannot compute");
    const FailingV1 = schema("record.failing").version(1, {
      fields: { x: t.int64 },
      assign: {
        x: () => {
          throw cause;
        },
      },
    });
    const error = thrownBy(() => FailingV1({ x: 3 }));
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({
      message:
        'record.failing@1: field "x": expected a value from the field\'s assignment, found an error from it: cannot compute',
      identifier: "record.failing@1",
      path: ["x"],
      value: 3,
    });
    expect((error as RecordError).cause).toBe(cause);
  });

  test("that throw what is no Error are wrapped too", () => {
    const FailingV1 = schema("record.failing.text").version(1, {
      fields: { x: t.int64 },
      assign: {
        x: () => {
          throw "just text";
        },
      },
    });
    expect(() => FailingV1({})).toThrow("found an error from it: just text");
  });

  test("that throw an error of this package are wrapped too, so that the field is named", () => {
    const FailingV1 = schema("record.failing.construct").version(1, {
      fields: { x: t.int64 },
      assign: { x: () => construct(t.int8, 999) },
    });
    const error = thrownBy(() => FailingV1({}));
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({ identifier: "record.failing.construct@1", path: ["x"] });
    expect((error as RecordError).cause).toBeInstanceOf(RecordError);
  });
});

describe("checks", () => {
  const EvenV1 = schema("record.even").version(1, {
    fields: { k: t.int64 },
    checks: { "k is even": ({ k }) => k % 2 === 0, "k is small": ({ k }) => k < 100 },
  });
  const PositiveV1 = schema("record.positive").version(1, {
    extends: EvenV1,
    fields: { name: t.string },
    checks: { "k is positive": ({ k }) => k > 0 },
  });

  test("pass silently", () => {
    expect(PositiveV1({ k: 2, name: "two" })).toEqual({ k: 2, name: "two" });
  });

  test("that fail throw their own error, naming the check and the values", () => {
    const error = thrownBy(() => PositiveV1({ k: -2, name: "minus two" }));
    expect(error).toBeInstanceOf(CheckError);
    expect(error).toMatchObject({
      message:
        'record.positive@1>record.even@1: check "k is positive" failed for { k: -2, name: "minus two" }. ' +
        "Give values that satisfy the check, or change the check in a new version of the schema",
      identifier: "record.positive@1>record.even@1",
      check: "k is positive",
    });
  });

  test.each([
    [-1, "k is even", "record.even@1"],
    [200, "k is small", "record.even@1"],
    [-200, "k is positive", "record.positive@1>record.even@1"],
  ])("run the parent's first, then the child's, in order: %d fails %j", (k, check, identifier) => {
    expect(thrownBy(() => PositiveV1({ k, name: "" }))).toMatchObject({ check, identifier });
  });

  test("of the parent run before the child's assignments", () => {
    const assigned = vi.fn(() => 1);
    const ChildV1 = schema("record.even.child").version(1, {
      extends: EvenV1,
      fields: { extra: t.int64 },
      assign: { extra: assigned },
    });
    expect(() => ChildV1({ k: 1 })).toThrow(CheckError);
    expect(assigned).not.toHaveBeenCalled();
    ChildV1({ k: 2 });
    expect(assigned).toHaveBeenCalledOnce();
  });

  test.each([0, "", null, undefined, Number.NaN, false])("fail with the falsy result %j", (result) => {
    const FalsyV1 = schema("record.falsy").version(1, { checks: { falsy: () => result } }, { replace: true });
    expect(() => FalsyV1({})).toThrow(CheckError);
  });

  test("that throw fail, with the cause", () => {
    const cause = new RangeError("out of range");
    const ThrowingV1 = schema("record.throwing").version(1, {
      checks: {
        throwing: () => {
          throw cause;
        },
      },
    });
    const error = thrownBy(() => ThrowingV1({}));
    expect(error).toBeInstanceOf(CheckError);
    expect(error).toMatchObject({ check: "throwing", cause });
  });

  test("that throw an error of this package fail too, so that the check is named", () => {
    const ThrowingV1 = schema("record.throwing.construct").version(1, {
      checks: { "fits a byte": () => construct(t.uint8, 256) },
    });
    const error = thrownBy(() => ThrowingV1({}));
    expect(error).toBeInstanceOf(CheckError);
    expect(error).toMatchObject({ check: "fits a byte" });
  });
});

describe("schemaVersionOf", () => {
  test("gives the schema version of a record", () => {
    expect(schemaVersionOf(PointV1({ x: 1 }))).toBe(PointV1);
  });

  test("refuses what no schema version built", () => {
    expect(() => schemaVersionOf({ x: 1 })).toThrow(InputError);
    expect(() => schemaVersionOf({ x: 1 })).toThrow(
      "schemaVersionOf: expected a record built by a schema version, found an object with x. " +
        "Build the record first, as in DigitsRowV1({ ... })",
    );
  });

  test("does not take a copy of a record for one", () => {
    expect(() => schemaVersionOf({ ...PointV1({ x: 1 }) })).toThrow(InputError);
  });
});

describe("recordEquals", () => {
  const AllV1 = schema("record.all").version(1, {
    fields: {
      number: t.optional(t.float64),
      date: t.optional(t.datetime),
      list: t.optional(t.vector(t.float64)),
      map: t.optional(t.map(t.string, t.int64)),
      bytes: t.optional(t.bytes),
      nested: t.optional(PointV1),
      duration: t.optional(t.duration),
    },
  });

  const pairs: [string, Parameters<typeof AllV1>[0], Parameters<typeof AllV1>[0]][] = [
    ["no values", {}, {}],
    ["numbers", { number: 1 }, { number: 1 }],
    ["NaN", { number: Number.NaN }, { number: Number.NaN }],
    ["NaN in lists", { list: [Number.NaN] }, { list: [Number.NaN] }],
    ["dates", { date: new Date(5) }, { date: new Date(5) }],
    ["lists and typed arrays", { list: [1, 2] }, { list: new Float64Array([1, 2]) }],
    ["maps", { map: new Map([["a", 1]]) }, { map: new Map([["a", 1]]) }],
    [
      "maps in another order",
      {
        map: new Map([
          ["a", 1],
          ["b", 2],
        ]),
      },
      {
        map: new Map([
          ["b", 2],
          ["a", 1],
        ]),
      },
    ],
    ["bytes", { bytes: new Uint8Array([1]) }, { bytes: Buffer.from([1]) }],
    ["nested records", { nested: { x: 1 } }, { nested: PointV1({ x: 1, scale: 1 }) }],
    ["durations", { duration: { value: 1n, unit: "second" } }, { duration: { value: 1n, unit: "second" } }],
  ];
  test.each(pairs)("compares by value: equal %s", (_, a, b) => {
    expect(recordEquals(AllV1(a), AllV1(b))).toBe(true);
  });

  const others: [string, Parameters<typeof AllV1>[0], Parameters<typeof AllV1>[0]][] = [
    ["null and a number", { number: 0 }, {}],
    ["numbers", { number: 1 }, { number: 2 }],
    ["signs of zero", { number: 0 }, { number: -0 }],
    ["dates", { date: new Date(5) }, { date: new Date(6) }],
    ["lengths", { list: [1] }, { list: [1, 2] }],
    ["elements", { list: [1, 3] }, { list: [1, 2] }],
    ["values of maps", { map: new Map([["a", 1]]) }, { map: new Map([["a", 2]]) }],
    ["keys of maps", { map: new Map([["a", 1]]) }, { map: new Map([["b", 1]]) }],
    ["bytes", { bytes: new Uint8Array([1]) }, { bytes: new Uint8Array([2]) }],
    ["nested records", { nested: { x: 1 } }, { nested: { x: 2 } }],
    ["units", { duration: { value: 1n, unit: "second" } }, { duration: { value: 1n, unit: "millisecond" } }],
  ];
  test.each(others)("compares by value: different %s", (_, a, b) => {
    expect(recordEquals(AllV1(a), AllV1(b))).toBe(false);
    expect(recordEquals(AllV1(b), AllV1(a))).toBe(false);
  });

  test("tells records of different schema versions apart, whatever their values", () => {
    const fields = { x: t.int64, label: t.optional(t.string), scale: t.float32 };
    const TwinV1 = schema("record.point.twin").version(1, { fields });
    const PointV2 = schema("record.point").version(2, { fields });
    const record = PointV1({ x: 1 });
    expect({ ...TwinV1(record) }).toEqual({ ...record });
    expect(recordEquals(record, TwinV1(record))).toBe(false);
    expect(recordEquals(record, PointV2(record))).toBe(false);
  });

  test("compares weights by element type, elements, sizes, names and layout", () => {
    const rowOf = (vec: FlatArray["vec"], size: number[], names = ["w"], layout = "tfjs") =>
      ModelV1({ weights: new Weights([new FlatArray(vec, size)], { names, layout }) });
    const row = rowOf(new Float32Array([1, Number.NaN]), [2]);
    expect(recordEquals(row, rowOf(new Float32Array([1, Number.NaN]), [2]))).toBe(true);
    const others = [
      rowOf(new Float32Array([1, 2]), [2]),
      rowOf(new Float64Array([1, Number.NaN]), [2]),
      rowOf(new Float32Array([1, Number.NaN]), [1, 2]),
      rowOf(new Float32Array([1, Number.NaN]), [2], ["v"]),
      rowOf(new Float32Array([1, Number.NaN]), [2], ["w"], "flux"),
      ModelV1({}),
    ];
    expect(others.map((other) => recordEquals(row, other))).toEqual(others.map(() => false));
  });

  test("refuses what is no record", () => {
    expect(() => recordEquals(PointV1({ x: 1 }), { x: 1 })).toThrow(InputError);
  });
});

describe("recordMerge", () => {
  test("gives a new record of the same schema version with the overrides", () => {
    const record = PointV1({ x: 1, label: "a" });
    const merged = recordMerge(record, { x: 2 });
    expect(merged).toEqual({ x: 2, label: "a", scale: 1 });
    expect(schemaVersionOf(merged)).toBe(PointV1);
    expect(record).toEqual({ x: 1, label: "a", scale: 1 });
    expect(Object.isFrozen(merged)).toBe(true);
  });

  test("lets null override", () => {
    expect(recordMerge(PointV1({ x: 1, label: "a" }), { label: null }).label).toBeNull();
  });

  test("runs assignments, types and checks again", () => {
    const SumV1 = schema("record.sum").version(1, {
      fields: { a: t.int64, sum: t.int64 },
      assign: { sum: ({ a }) => (a ?? 0) + 1 },
      checks: { "a is small": ({ a }) => a < 10 },
    });
    const record = SumV1({ a: 1 });
    expect(recordMerge(record, { a: 2 })).toEqual({ a: 2, sum: 3 });
    expect(() => recordMerge(record, { a: 10 })).toThrow(CheckError);
    expect(() => recordMerge(record, { a: 0.5 })).toThrow(RecordError);
  });

  test("keeps weights as they are, uncopied", () => {
    const weights = fetchWeights([new Float32Array([1])]);
    const merged = recordMerge(ModelV1({ weights }), { architecture_version: 2 });
    expect(merged.weights).toBe(weights);
    expect(merged.architecture_version).toBe(2);
  });
});

describe("lift", () => {
  test("applies a function to a value", () => {
    expect(lift((x: number) => x + 1, 1)).toBe(2);
    expect(lift(String, false)).toBe("false");
  });

  test("leaves missing values missing, and does not call the function", () => {
    const apply = vi.fn((x: number) => x);
    expect(lift(apply, null)).toBeNull();
    expect(lift(apply, undefined)).toBeNull();
    expect(apply).not.toHaveBeenCalled();
  });
});

describe("construct", () => {
  test("gives a value as a field of the type keeps it", () => {
    expect(construct(t.float32, 0.1)).toBe(Math.fround(0.1));
    expect(construct(t.optional(t.int64), undefined)).toBeNull();
    expect(construct(PointV1, { x: 1 })).toEqual({ x: 1, label: null, scale: 1 });
  });

  test("refuses other values, naming no field and no schema version", () => {
    const error = thrownBy(() => construct(t.int8, 128));
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({
      message: "value: expected int8 (an integer from -128 to 127), found 128",
      identifier: null,
      path: [],
      value: 128,
    });
  });

  test("keeps a missing value missing when lifted", () => {
    const toFloat32 = (x: number) => construct(t.float32, x);
    expect(lift(toFloat32, null)).toBeNull();
    expect(lift(toFloat32, 0.1)).toBe(Math.fround(0.1));
  });
});
