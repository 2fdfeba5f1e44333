import {
  binary,
  columnFromArray,
  dictionary,
  fixedSizeBinary,
  fixedSizeList,
  int64,
  largeUtf8,
  tableFromColumns,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import fc from "fast-check";
import {
  type AnySchemaVersion,
  compliesWith,
  DeclarationError,
  decodeTable,
  encodeTable,
  type FieldLike,
  findViolations,
  type LegolasTable,
  schema,
  t,
} from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";
import { textOf } from "../helpers/arbitrary-field.ts";
import { PointV1 } from "../helpers/every-type.ts";

const even = (value: number): number => value - (value % 2);
const nonEmpty = (list: readonly number[]): readonly number[] => {
  if (list.length === 0) throw new Error("empty");
  return list;
};

/** Field types, each with values it takes. */
const types: readonly (readonly [FieldLike, readonly unknown[]])[] = [
  [t.int8, [1]],
  [t.int64, [1]],
  [t.uint8, [1]],
  [t.bigint, [1n]],
  [t.float32, [0.5]],
  [t.float64, [0.5]],
  [t.real, [0.5]],
  [t.integer, [1]],
  [t.bool, [true]],
  [t.string, ["a"]],
  [t.symbol, ["a"]],
  [t.bytes, [Uint8Array.of(1)]],
  [t.uuid, ["3f2504e0-4f89-11d3-9a0c-0305e82c3301"]],
  [t.any, [1, "a", null, { a: 1 }]],
  [t.optional(t.int64), [1, null]],
  [t.optional(t.string), ["a", null]],
  [t.vector(t.int64), [[1], []]],
  [t.vector(t.real), [[0.5]]],
  [t.vector(t.optional(t.int64)), [[null, 1]]],
  [t.vector(t.uint8), [[1, 2]]],
  [t.vector(t.any), [["a"], [1]]],
  [t.fixed(t.uint8, 2), [[1, 2]]],
  [t.fixed(t.int64, 2), [[1, 2]]],
  [t.struct({ a: t.int64 }), [{ a: 1 }]],
  [PointV1, [{ x: 1, label: null, path: [] }]],
  [t.map(t.string, t.int64), [new Map([["a", 1]])]],
  [t.union(t.int64, t.string), [1, "a"]],
  [t.union(t.optional(t.real), t.string), [0.5, null, "a"]],
  [t.optional(t.union(t.int64, t.string)), [1, "a"]],
  [t.weights, [null]],
  [t.int64.accepting(t.string), [1]],
  [t.real.accepting(t.string), [0.5]],
  [t.vector(t.int64).accepting(t.string), [[1]]],
  [t.optional(t.int64).accepting(t.bool), [1, null]],
  [t.int64.as(even), [2]],
  [t.vector(t.int64).as(nonEmpty), [[1]]],
  [t.optional(t.string.as((text) => text.trim())), ["a"]],
];

function declare(name: string, type: FieldLike, parent?: AnySchemaVersion): AnySchemaVersion {
  return schema(name).version(1, { ...(parent && { extends: parent }), fields: { x: type } }, { replace: true });
}

/** Tables with one column, of each type and value. */
const ownTables = types.flatMap(([type, values], i) => {
  const version = declare(`test.stored-${i}`, type);
  return [...values.map((value) => [value]), [values[0], values.at(-1)], []].map((column) => {
    const bytes = encodeTable(
      column.map((x) => ({ x })),
      version,
    );
    return [`${textOf(type)} of ${column.length}`, decodeTable(bytes, { validate: false })] as const;
  });
});

/** Tables of types that only other writers use. */
const foreignTables = [
  ["binary[2]", columnFromArray([Uint8Array.of(1, 2)], fixedSizeBinary(2))] as const,
  ["binary[16]", columnFromArray([new Uint8Array(16)], fixedSizeBinary(16))] as const,
  ["binary", columnFromArray([Uint8Array.of(1)], binary())] as const,
  ["large text", columnFromArray(["a"], largeUtf8())] as const,
  ["text from a dictionary", columnFromArray(["a"], dictionary(utf8()))] as const,
  ["fixed list", columnFromArray([[1, 2]], fixedSizeList(int64(), 2))] as const,
].map(([name, column]) => {
  const bytes = tableToIPC(tableFromColumns({ x: column }), { format: "file" }) as Uint8Array;
  return [name, decodeTable(bytes, { validate: false })] as const;
});

const tables: readonly (readonly [string, LegolasTable<object>])[] = [...ownTables, ...foreignTables];

interface Pair {
  readonly parent: AnySchemaVersion;
  readonly child: AnySchemaVersion;
  readonly text: string;
}

/** A child whose field has one type and whose parent's has another; null where the declaration is refused. */
function declarePair(childType: FieldLike, parentType: FieldLike): Pair | null {
  const parent = declare("test.parent", parentType);
  try {
    const child = declare("test.child", childType, parent);
    return { parent, child, text: `${textOf(childType)} narrows ${textOf(parentType)}` };
  } catch (error) {
    if (error instanceof DeclarationError) return null;
    throw error;
  }
}

function attempt<T>(run: () => T): readonly [T | undefined, unknown] {
  try {
    return [run(), null];
  } catch (error) {
    return [undefined, error];
  }
}

/** What comes of giving a child's record to its parent; nothing where there is no such pair. */
function buildBoth(pair: Pair | null, x: unknown): string[] {
  if (pair === null) return [];
  const [record] = attempt(() => pair.child({ x } as never));
  // A parent's refinement speaks first, so a child may refuse what its own type takes.
  if (record === undefined) return [];
  const [, error] = attempt(() => pair.parent(record as never));
  return [error === null ? "built" : `${pair.text}: ${error}`];
}

vi.setConfig({ testTimeout: 60_000 });

describe("a table that complies with a child complies with its parent", () => {
  it("for every two types of which one may redeclare the other", () => {
    const pairs = types.flatMap(([childType]) => types.map(([parentType]) => declarePair(childType, parentType)));
    const allowed = pairs.filter((pair) => pair !== null);
    expect(pairs).toHaveLength(types.length ** 2);
    expect(allowed.length).toBeGreaterThan(90);
    const complying = allowed.flatMap(({ parent, child, text }) =>
      tables
        .filter(([, table]) => compliesWith(table, child))
        .map(([name, table]) => ({ text, name, holds: compliesWith(table, parent) })),
    );
    expect(complying.length).toBeGreaterThan(500);
    // One table of each pair is enough to tell.
    const broken = new Map(complying.filter(({ holds }) => !holds).map(({ text, name }) => [text, name]));
    expect([...broken]).toEqual([]);
  });

  it("and its records are taken by the parent", () => {
    const built = types.flatMap(([childType, values]) =>
      types.flatMap(([parentType]) => values.flatMap((x) => buildBoth(declarePair(childType, parentType), x))),
    );
    expect(built.length).toBeGreaterThan(100);
    expect(built.filter((outcome) => outcome !== "built")).toEqual([]);
  });

  it("for tables of several columns, through generations", () => {
    const narrow: readonly (readonly [FieldLike, FieldLike, FieldLike])[] = [
      [t.any, t.optional(t.real), t.float32],
      [t.any, t.union(t.int64, t.string), t.string],
      [t.optional(t.integer), t.integer, t.uint8],
      [t.vector(t.any), t.vector(t.optional(t.real)), t.vector(t.int64)],
    ];
    const stored = fc.constantFrom<FieldLike>(t.float32, t.string, t.uint8, t.vector(t.int64), t.int64, t.bool);
    const firstOf = new Map(types.map(([type, values]) => [textOf(type), values[0]]));
    const columns = fc.uniqueArray(
      fc.record({ name: fc.constantFrom("a", "b", "c", "d"), line: fc.nat(3), type: stored }),
      {
        minLength: 1,
        selector: ({ name }) => name,
      },
    );
    let complied = 0;
    fc.assert(
      fc.property(columns, fc.nat(3), (list, dropped) => {
        const generation = (level: 0 | 1 | 2): Record<string, FieldLike> =>
          Object.fromEntries(list.map(({ name, line }) => [name, narrow[line]?.[level] as FieldLike]));
        const oldest = schema("test.oldest").version(1, { fields: generation(0) }, { replace: true });
        const middle = schema("test.middle").version(1, { extends: oldest, fields: generation(1) }, { replace: true });
        const youngest = schema("test.youngest").version(
          1,
          { extends: middle, fields: generation(2) },
          { replace: true },
        );
        const written = list.map(
          ({ name, line, type }, i) => [name, i === dropped ? (narrow[line]?.[2] as FieldLike) : type] as const,
        );
        const version = schema("test.columns").version(1, { fields: Object.fromEntries(written) }, { replace: true });
        const row = Object.fromEntries(written.map(([name, type]) => [name, firstOf.get(textOf(type))]));
        const table = decodeTable(encodeTable([row], version));
        const holds = [youngest, middle, oldest].map((candidate) => compliesWith(table, candidate));
        expect(holds).toEqual([...holds].sort());
        expect(holds).toEqual(
          [youngest, middle, oldest].map((candidate) => findViolations(table, candidate).length === 0),
        );
        complied += Number(holds[0]);
      }),
      { numRuns: 400 },
    );
    expect(complied).toBeGreaterThan(10);
  });
});
