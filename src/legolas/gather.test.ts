import {
  decodeTable,
  encodeTable,
  gather,
  locations,
  materialize,
  schema,
  schemaVersionOf,
  t,
} from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";

const RowV1 = schema("gather.row").version(1, { fields: { id: t.any, k: t.int64 } });

function tableOf(...rows: [unknown, number][]) {
  const records = rows.map(([id, k]) => RowV1({ id, k }));
  return decodeTable(encodeTable(records, RowV1), { schemaVersion: RowV1 });
}

describe("locations", () => {
  test("gives, for each value in the order first met, its positions in each collection", () => {
    expect([...locations([["a", "b", "a"], ["b", "c"], []])]).toEqual([
      ["a", [[0, 2], [], []]],
      ["b", [[1], [0], []]],
      ["c", [[], [1], []]],
    ]);
  });

  test("takes any iterables", () => {
    expect([...locations([new Set([1, 2]), new Float32Array([2])])]).toEqual([
      [1, [[0], []]],
      [2, [[1], [0]]],
    ]);
  });

  test("gives an empty map for no values", () => {
    expect(locations([]).size).toBe(0);
    expect(locations([[], []]).size).toBe(0);
  });

  test("counts null and NaN as values like others", () => {
    expect([...locations([[null, Number.NaN, null, Number.NaN]])]).toEqual([
      [null, [[0, 2]]],
      [Number.NaN, [[1, 3]]],
    ]);
  });

  const equal: [string, unknown, unknown][] = [
    ["lists", [1, "a"], [1, "a"]],
    ["objects", { a: { b: 1n } }, { a: { b: 1n } }],
    ["dates", new Date(5), new Date(5)],
    ["maps", new Map([["a", 1]]), new Map([["a", 1]])],
    ["bytes", new Uint8Array([1]), new Uint8Array([1])],
    ["durations", { value: 5n, unit: "second" }, { value: 5n, unit: "second" }],
  ];
  test.each(equal)("takes %s that are equal by content for one value", (_, a, b) => {
    expect([...locations([[a, b]])]).toEqual([[a, [[0, 1]]]]);
  });

  const different: [string, unknown, unknown][] = [
    ["a number and its text", 1, "1"],
    ["a bigint and a number", 1n, 1],
    ["null and its text", null, "null"],
    ["a list and its text", [1], "[1]"],
    ["a list with a bigint and one with text", [5n], ["5n"]],
    ["a list with NaN and one with null", [Number.NaN], [null]],
    ["a date and its text", [new Date(0)], [new Date(0).toISOString()]],
    ["a map and the list of its entries", new Map([["a", 1]]), [["a", 1]]],
  ];
  test.each(different)("keeps %s apart", (_, a, b) => {
    expect(locations([[a, b]]).size).toBe(2);
  });
});

describe("gather", () => {
  test("gives, for each value of a column, the records of each table that have it", () => {
    const a = tableOf(["x", 1], ["y", 2], ["x", 3]);
    const b = tableOf(["y", 4], ["z", 5]);
    expect([...gather("id", a, b)]).toEqual([
      [
        "x",
        [
          [
            { id: "x", k: 1 },
            { id: "x", k: 3 },
          ],
          [],
        ],
      ],
      ["y", [[{ id: "y", k: 2 }], [{ id: "y", k: 4 }]]],
      ["z", [[], [{ id: "z", k: 5 }]]],
    ]);
  });

  test("gives records of the tables' schema version", () => {
    const [[record]] = gather("id", tableOf(["x", 1])).get("x") as [[object]];
    expect(schemaVersionOf(record)).toBe(RowV1);
  });

  test("takes rows in place of tables", () => {
    const rows = [
      { id: "x", more: 1 },
      { id: "y", more: 2 },
    ];
    expect(gather("id", rows).get("y")).toEqual([[{ id: "y", more: 2 }]]);
  });

  test("gathers missing values under null, and finds values that are equal by content", () => {
    const table = tableOf([null, 1], [null, 2]);
    expect(gather("id", table).get(null)?.[0]).toHaveLength(2);
    expect(gather("id", tableOf([[1, 2], 1], [[1, 2], 2])).size).toBe(1);
    expect(gather("absent", tableOf(["x", 1])).get(null)?.[0]).toHaveLength(1);
  });

  test("gives an empty map for no tables", () => {
    expect(gather("id").size).toBe(0);
  });
});

describe("materialize", () => {
  test("gives every column as an array, undeclared ones included, in the order on disk", () => {
    const bytes = encodeTable([{ id: "a", k: 1, more: true }], RowV1);
    const columns = materialize(decodeTable(bytes));
    expect(Object.entries(columns)).toEqual([
      ["id", ["a"]],
      ["k", [1]],
      ["more", [true]],
    ]);
  });
});
