/** Values of every field type, with the form in which they are stored. */
import { type FieldLike, schema, t } from "legolas-flux/legolas";

/** A record that nests in other types. */
export const PointV1 = schema("test.point").version(1, {
  fields: { x: t.int32, label: t.optional(t.string), path: t.vector(t.float32) },
});

export interface TypeCase {
  readonly name: string;
  readonly type: FieldLike;
  /** Three values, none of them null. */
  readonly values: readonly [unknown, unknown, unknown];
  /** The values as generic Arrow readers see them: int64 as bigint, structs as objects, maps as arrays of entries. */
  readonly stored: readonly [unknown, unknown, unknown];
}

function same(name: string, type: FieldLike, ...values: [unknown, unknown, unknown]): TypeCase {
  return { name, type, values, stored: values };
}

function big(name: string, type: FieldLike, ...values: [number, number, number]): TypeCase {
  const [a, b, c] = values;
  return { name, type, values, stored: [BigInt(a), BigInt(b), BigInt(c)] };
}

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);
const days = (days: number): number => days * 86_400_000;
const max = Number.MAX_SAFE_INTEGER;

/** The bytes of a UUID in reverse, as Julia's little-endian 128-bit integer has them. */
function reversed(uuid: string): number[] {
  return (uuid.replaceAll("-", "").match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)).reverse();
}

const uuids = [
  "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
  "00000000-0000-0000-0000-000000000001",
  "ffffffff-ffff-4fff-bfff-ffffffffff00",
] as const;

const numberTypes: readonly TypeCase[] = [
  same("int8", t.int8, -128, 127, 0),
  same("int16", t.int16, -32_768, 32_767, -1),
  same("int32", t.int32, -(2 ** 31), 2 ** 31 - 1, 12),
  big("int64", t.int64, -max, max, 0),
  same("uint8", t.uint8, 0, 255, 128),
  same("uint16", t.uint16, 0, 65_535, 256),
  same("uint32", t.uint32, 0, 2 ** 32 - 1, 2 ** 31),
  big("uint64", t.uint64, 0, max, 2 ** 32),
  same("bigint", t.bigint, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n),
  same("float16", t.float16, 1.5, -65_504, 2 ** -24),
  same("float32", t.float32, Math.fround(0.1), -0, 2 ** -149),
  same("float64", t.float64, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324),
  same("real", t.real, 0.1, 3, -2.5),
  big("integer", t.integer, -5, max, 1),
  same("bool", t.bool, true, false, true),
];

const textTypes: readonly TypeCase[] = [
  same("string", t.string, "", "Höhe 😀", "a\u0000b"),
  same("symbol", t.symbol, "adam", "", "β₁"),
  { name: "uuid", type: t.uuid, values: uuids, stored: [reversed(uuids[0]), reversed(uuids[1]), reversed(uuids[2])] },
  {
    name: "bytes",
    type: t.bytes,
    values: [bytesOf(), bytesOf(0, 255, 7), bytesOf(1)],
    stored: [[], [0, 255, 7], [1]],
  },
];

const timeTypes: readonly TypeCase[] = [
  {
    name: "date",
    type: t.date,
    values: ["1970-01-02", "1969-12-31", "+010000-01-01"],
    stored: [days(1), days(-1), Date.UTC(10_000, 0, 1)],
  },
  {
    name: "datetime",
    type: t.datetime,
    values: [new Date(0), new Date(-1), new Date(1_700_000_000_123)],
    stored: [0, -1, 1_700_000_000_123],
  },
  {
    name: "time",
    type: t.time,
    values: [0n, 86_399_999_999_999n, 3n].map((value) => ({ value, unit: "nanosecond" })) as never,
    stored: [0n, 86_399_999_999_999n, 3n],
  },
  {
    name: "duration",
    type: t.duration,
    values: [5n, -(2n ** 63n), 0n].map((value) => ({ value, unit: "millisecond" })) as never,
    stored: [5n, -(2n ** 63n), 0n],
  },
];

const pointOf = (x: number, label: string | null, ...path: number[]): object => ({ x, label, path });

const nestedTypes: readonly TypeCase[] = [
  same("vector", t.vector(t.int32), [1, 2, 3], [], [-1]),
  same("vector of vectors", t.vector(t.vector(t.string)), [["a"], []], [[], ["b", "c"]], []),
  same("vector with nulls", t.vector(t.optional(t.float64)), [1, null], [null], []),
  same("fixed", t.fixed(t.float32, 2), [1, 2], [0.5, -1], [0, 0]),
  same("fixed of fixed", t.fixed(t.fixed(t.int8, 2), 1), [[1, 2]], [[3, 4]], [[5, 6]]),
  same(
    "struct",
    t.struct({ rate: t.float64, tags: t.vector(t.string), inner: t.struct({ ok: t.bool }) }),
    { rate: 0.5, tags: ["a"], inner: { ok: true } },
    { rate: -1, tags: [], inner: { ok: false } },
    { rate: 0, tags: ["b", ""], inner: { ok: true } },
  ),
  same("record", PointV1, pointOf(1, "one", 0.5), pointOf(2, null), pointOf(3, "", 1, 2)),
  same("vector of records", t.vector(PointV1), [pointOf(1, "a", 1)], [], [pointOf(2, null), pointOf(3, "c")]),
  {
    name: "map",
    type: t.map(t.string, t.int64),
    values: [new Map([["a", 1]]), new Map(), new Map(Object.entries({ b: 2, c: -3 }))],
    stored: [
      [["a", 1n]],
      [],
      [
        ["b", 2n],
        ["c", -3n],
      ],
    ],
  },
  {
    name: "union",
    type: t.union(t.int64, t.string, t.vector(t.bool)),
    values: [7, "seven", [true, false]],
    stored: [7n, "seven", [true, false]],
  },
];

/** Every type that a column of its own may have; `t.any` and `t.weights` are told apart by their values. */
export const everyType: readonly TypeCase[] = [...numberTypes, ...textTypes, ...timeTypes, ...nestedTypes];
