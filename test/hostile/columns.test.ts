/** Well-formed Arrow tables whose columns are not what they should be. */
import {
  columnFromArray,
  decimal,
  field,
  float32,
  int32,
  int64,
  list,
  struct,
  tableFromColumns,
  tableFromIPC,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import {
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  FormatError,
  ModelV1,
  openModelRow,
  RecordError,
  RowCountError,
  UnsupportedTypeError,
  ViolationError,
  Weights,
} from "legolas-flux";
import {
  compliesWith,
  decodeTable,
  encodeTable,
  type FieldLike,
  isLegolasError,
  materialize,
  schema,
  t,
} from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";
import { everyType, type TypeCase } from "../helpers/every-type.ts";

const weights = new Weights([new FlatArray(Float32Array.of(1, 2), [2]), new FlatArray(Float32Array.of(3), [1])]);

function declare(name: string, fields: Readonly<Record<string, FieldLike>>) {
  return schema(name).version(1, { fields }, { replace: true });
}

/** The error that a call throws; a failure of the test where it throws none. */
function errorOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

vi.setConfig({ testTimeout: 60_000 });

describe("columns of other types", () => {
  it("are refused with a violation for each, in the order of the fields", () => {
    const WantedV1 = declare("test.wanted", {
      a: t.int64,
      b: t.string,
      c: t.vector(t.int64),
      d: t.optional(t.bool),
      e: t.uuid,
    });
    const FoundV1 = declare("test.found", { e: t.string, c: t.vector(t.string), a: t.int32, d: t.optional(t.int8) });
    const bytes = encodeTable([{ e: "x", c: ["y"], a: 1, d: null }], FoundV1);
    const error = errorOf(() => decodeTable(bytes, { schemaVersion: WantedV1 })) as ViolationError;
    expect(error).toBeInstanceOf(ViolationError);
    expect(error.identifier).toBe("test.wanted@1");
    expect(error.violations).toEqual([
      { field: "a", expected: "int64", found: "int32" },
      { field: "b", expected: "string", found: null },
      { field: "c", expected: "vector<int64>", found: "list<string>" },
      { field: "d", expected: "bool?", found: "int8?" },
      { field: "e", expected: "uuid", found: "string" },
    ]);
    expect(error.message).toContain('field "b": expected string, but there is no such column');
    expect(error.message).toContain("The table's columns are: e: string, c: list<string>, a: int32, d: int8?");
  });

  const weightless: readonly (readonly [string, FieldLike, unknown])[] = [
    ["an integer", t.int64, 1],
    ["a list", t.vector(t.float32), [1]],
    ["a struct of other children", t.struct({ data: t.vector(t.float32) }), { data: [1] }],
    ["a struct whose list holds no arrays", t.struct({ weights: t.vector(t.float32) }), { weights: [1] }],
    ["arrays without sizes", t.struct({ weights: t.vector(t.struct({ vec: t.vector(t.float32) })) }), { weights: [] }],
    [
      "arrays whose sizes are no integers",
      t.struct({ weights: t.vector(t.struct({ vec: t.vector(t.float32), size: t.vector(t.float64) })) }),
      { weights: [] },
    ],
    [
      "arrays whose elements are no list",
      t.struct({ weights: t.vector(t.struct({ vec: t.float32, size: t.vector(t.int64) })) }),
      { weights: [] },
    ],
  ];

  it.each(weightless)("are no weights: %s", (_, type, value) => {
    const bytes = encodeTable([{ weights: value }], declare("test.other", { weights: type }));
    const error = errorOf(() => decodeModelRow(bytes, ModelV1));
    expect(error).toBeInstanceOf(ViolationError);
    expect((error as ViolationError).violations.map(({ field: name, expected }) => [name, expected])).toEqual([
      ["weights", "weights?"],
    ]);
  });

  it("of elements that are text are refused by the name of their type", () => {
    const type = t.struct({ weights: t.vector(t.struct({ vec: t.vector(t.string), size: t.vector(t.int64) })) });
    const value = { weights: [{ vec: ["a"], size: [1] }] };
    const bytes = encodeTable([{ weights: value }], declare("test.text-weights", { weights: type }));
    const error = errorOf(() => decodeModelRow(bytes, ModelV1));
    expect(isLegolasError(error)).toBe(true);
    expect(error.message).toMatch(/"weights.*string/);
  });

  it("read without validation give their values or an error of ours, whatever the schema declares", () => {
    const pairs = everyType.flatMap((stored) => everyType.map((declared) => ({ stored, declared })));
    const readings = pairs.flatMap(({ stored, declared }) => readAsDeclared(stored, declared));
    expect(readings).toHaveLength(2 * everyType.length ** 2);
    expect(readings.filter((reading) => reading === "complies").length).toBeGreaterThan(2 * everyType.length);
    const broken = readings.filter((reading) => reading !== "complies" && reading !== "values" && reading !== "error");
    // A few are enough to tell.
    expect({ count: broken.length, first: broken.slice(0, 12) }).toEqual({ count: 0, first: [] });
  });
});

/** What reading a column of one type gives where the schema that the table names now declares another. */
function readAsDeclared(stored: TypeCase, declared: TypeCase): string[] {
  const bytes = encodeTable([{ x: stored.values[0] }], declare("test.swapped", { x: stored.type }));
  const asStored = decodeTable(bytes, { validate: false, schemaVersion: declare("test.plain", { x: t.any }) }).column(
    "x",
  );
  const SwappedV1 = declare("test.swapped", { x: declared.type });
  const table = decodeTable(bytes, { validate: false });
  const built = (): unknown[] => asStored.map((x) => (SwappedV1({ x } as never) as { x: unknown }).x);
  const ways = [
    { read: () => table.column("x"), expected: () => asStored },
    { read: () => table.records().map((row) => row.x), expected: built },
  ];
  return ways.map(({ read, expected }) => {
    if (compliesWith(table, SwappedV1)) return "complies";
    try {
      expect(read()).toEqual(expected());
      return "values";
    } catch (error) {
      return isLegolasError(error) ? "error" : `${stored.name} as ${declared.name}: ${String(error).split("\n")[0]}`;
    }
  });
}

describe("the number of rows", () => {
  it.each([0, 2, 5])("of a model row is one, not %i", (count) => {
    const rows = Array.from({ length: count }, () => ({ weights }));
    const error = errorOf(() => decodeModelRow(encodeTable(rows, ModelV1))) as RowCountError;
    expect(error).toBeInstanceOf(RowCountError);
    expect(error.numRows).toBe(count);
    expect(error.message).toMatch(
      new RegExp(`model row: expected a table of exactly one row, found ${count} rows. Read`),
    );
  });
});

describe("nulls where none may be", () => {
  it("are refused with their number, in a column", () => {
    const bytes = encodeTable([{ x: 1 }, { x: null }, {}], declare("test.nulls", { x: t.optional(t.int64) }));
    const error = errorOf(() => decodeTable(bytes, { schemaVersion: declare("test.no-nulls", { x: t.int64 }) }));
    expect(error).toBeInstanceOf(ViolationError);
    expect((error as ViolationError).violations).toEqual([
      { field: "x", expected: "int64", found: "int64? with 2 missing values" },
    ]);
  });

  it("are taken where a nullable column holds none", () => {
    const bytes = encodeTable([{ x: 1 }, { x: 2 }], declare("test.nulls", { x: t.optional(t.int64) }));
    expect(decodeTable(bytes, { schemaVersion: declare("test.no-nulls", { x: t.int64 }) }).column("x")).toEqual([1, 2]);
  });

  const nested: readonly (readonly [string, FieldLike, FieldLike, unknown, string])[] = [
    ["a list", t.vector(t.optional(t.int64)), t.vector(t.int64), [1, null], "int64"],
    ["a struct", t.struct({ a: t.optional(t.string) }), t.struct({ a: t.string }), { a: null }, "string"],
    ["a map", t.map(t.string, t.optional(t.bool)), t.map(t.string, t.bool), new Map([["k", null]]), "bool"],
    ["a fixed list", t.fixed(t.optional(t.int8), 2), t.fixed(t.int8, 2), [null, 1], "int8"],
  ];

  it.each(nested)("are refused where they are read, inside %s", (_, stored, wanted, value, expected) => {
    const bytes = encodeTable([{ x: value }], declare("test.nested-nulls", { x: stored }));
    const table = decodeTable(bytes, { schemaVersion: declare("test.no-nested-nulls", { x: wanted }) });
    for (const read of [() => table.records(), () => table.column("x")]) {
      const error = errorOf(read) as RecordError;
      expect(error).toBeInstanceOf(RecordError);
      expect(error.path[0]).toBe("x");
      expect(error.message).toContain(`expected ${expected}, found missing (null)`);
    }
  });
});

describe("columns of the same name", () => {
  it("are refused, or one of them is read whole", () => {
    const column = (values: readonly unknown[], type: Parameters<typeof columnFromArray>[1]) =>
      columnFromArray(values as unknown[], type);
    const both = [column([1, 2], int64()), column(["a", "b"], utf8())] as const;
    for (const [x, y] of [both, [both[1], both[0]]] as const) {
      const bytes = tableToIPC(
        tableFromColumns([
          ["x", x],
          ["x", y],
        ]),
        { format: "file" },
      ) as Uint8Array;
      let values: unknown;
      try {
        const table = decodeTable(bytes, { schemaVersion: declare("test.twice", { x: t.any }) });
        values = [table.column("x"), table.records().map((row) => row.x)];
      } catch (error) {
        expect(isLegolasError(error)).toBe(true);
        continue;
      }
      const readings = [
        [1, 2],
        ["a", "b"],
      ].map((list) => JSON.stringify([list, list]));
      expect(readings).toContain(JSON.stringify(values));
    }
  });

  it("inside weights give an error of ours, not a TypeError", () => {
    const vec = list(float32());
    const size = list(int64());
    const kinds = [
      [field("vec", vec), field("size", size), field("vec", int32())],
      [field("vec", vec), field("size", size), field("size", int32())],
      [field("vec", vec), field("size", size), field("size", utf8())],
    ];
    for (const children of kinds) {
      const type = struct([field("weights", list(struct(children)))]);
      const column = columnFromArray([{ weights: [{ vec: [1, 2], size: [2n] }] }], type);
      const bytes = tableToIPC(tableFromColumns({ weights: column }), { format: "file" }) as Uint8Array;
      let error: unknown = null;
      try {
        const { weights: found } = decodeModelRow(bytes, ModelV1);
        expect(found?.arrays.map(({ vec: values }) => [...values])).toEqual([[1, 2]]);
      } catch (thrown) {
        error = thrown;
      }
      expect(error === null || isLegolasError(error), String(error)).toBe(true);
    }
  });
});

describe("companion columns that do not belong to their weights", () => {
  // Undeclared keys become columns, so companions can be written that the package itself would never write.
  const written = (companions: object): Uint8Array => encodeModelRow({ weights, ...companions });

  it.each([
    ["weights_names", ["a"]],
    ["weights_names", ["a", "b", "c"]],
    ["weights_dtypes", ["int8"]],
    ["weights_dtypes", ["int8", "int8", "int8"]],
    ["weights_checksums", ["crc32:00000000"]],
    ["weights_checksums", ["crc32:00000000", "crc32:00000000", "crc32:00000000"]],
  ])("are refused where their number differs: %s of %j", (name, values) => {
    const error = errorOf(() => decodeModelRow(written({ [name]: values })));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(`"${name}"`);
    expect(error.message).toContain("2 arrays");
    expect(error.message).toContain(`found ${values.length}`);
  });

  it("are kept where their number is right", () => {
    const row = decodeModelRow(
      written({ weights_names: ["a", "b"], weights_dtypes: ["int8", "bool"], weights_layout: "x" }),
    );
    expect([row.weights?.names, row.weights?.dtypes, row.weights?.layout]).toEqual([["a", "b"], ["int8", "bool"], "x"]);
  });

  it.each([
    ["names with null", { weights_names: ["a", null] }],
    ["names that are numbers", { weights_names: [1, 2] }],
    ["a text for names", { weights_names: "ab" }],
    ["a number for the layout", { weights_layout: 5 }],
    ["a list for the layout", { weights_layout: ["tfjs"] }],
    ["structs for dtypes", { weights_dtypes: [{ a: 1 }, { a: 2 }] }],
  ])("of other types give the weights without them, or an error of ours: %s", (_, companions) => {
    let error: unknown = null;
    try {
      const { weights: found } = decodeModelRow(written(companions));
      expect(found?.arrays.map(({ vec }) => [...vec])).toEqual([[1, 2], [3]]);
      expect([found?.names, found?.layout]).toEqual([null, null]);
    } catch (thrown) {
      error = thrown;
    }
    expect(error === null || isLegolasError(error), String(error)).toBe(true);
  });

  it("are refused where their type is not read: without a layout the weights would be taken for Flux's", async () => {
    const plain = tableFromIPC(encodeModelRow({ weights }));
    for (const [name, type] of [
      ["weights_layout", decimal(9, 2)],
      ["weights_names", list(decimal(9, 2))],
    ] as const) {
      const companion = columnFromArray([type.typeId === 12 ? [1.5, 2.5] : 1.5], type);
      const columns = { weights: plain.getChild("weights"), [name]: companion };
      const bytes = tableToIPC(tableFromColumns(columns), { format: "file" }) as Uint8Array;
      const error = errorOf(() => decodeModelRow(bytes, ModelV1));
      expect(error).toBeInstanceOf(UnsupportedTypeError);
      expect(error.message).toMatch(new RegExp(`column "${name}".*decimal.*as plain lists and texts`, "s"));
      await expect(openModelRow(bytes, ModelV1)).rejects.toThrow(UnsupportedTypeError);
    }
  });

  it("are ignored where the weights are missing", () => {
    const bytes = encodeModelRow({ weights: null, weights_names: ["a"], weights_layout: "tfjs" });
    expect(decodeModelRow(bytes).weights).toBeNull();
  });
});

const hostileNames = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "then",
  "toJSON",
  "length",
  "",
  " ",
  ".",
  "a.b",
  "a\u0000b",
  "line\nbreak",
  "\u001b[31mred",
  "\u202eright to left",
  "\ufeffmark",
  "\u{1f600}",
  "x".repeat(10_000),
];

/** An object with one own key, whatever it is called. */
function only(key: string, value: unknown): object {
  return Object.defineProperty({}, key, { value, enumerable: true, writable: true, configurable: true });
}

describe("names that mean something to JavaScript or to terminals", () => {
  const title = (name: string): string => JSON.stringify(name).slice(0, 30);
  const cases = hostileNames.map((name) => [title(name), name] as const);

  it("in enough forms", () => {
    expect(new Set(hostileNames).size).toBe(20);
  });

  it.each(cases)("are kept as columns that the schema does not declare: %s", (_, name) => {
    const table = decodeTable(encodeModelRow({ weights, ...only(name, 7) }, ModelV1));
    expect(table.columnNames).toContain(name);
    expect(table.column(name)).toEqual([7]);
    expect(Object.getOwnPropertyDescriptor(materialize(table), name)?.value).toEqual([7]);
  });

  it.each(cases)("are read as columns of other writers: %s", (_, name) => {
    const column = columnFromArray([1, 2], int32());
    const bytes = tableToIPC(tableFromColumns([[name, column]]), { format: "file" }) as Uint8Array;
    const table = decodeTable(bytes, { validate: false });
    expect(table.columnNames).toEqual([name]);
    expect(table.column(name)).toEqual([1, 2]);
    expect(table.records().map((row) => Object.entries(row))).toEqual([[[name, 1]], [[name, 2]]]);
  });

  const fieldNames = hostileNames.filter((name) => name !== "" && !name.startsWith("_"));

  it.each(fieldNames.map((name) => [title(name), name] as const))("are fields like others: %s", (_, name) => {
    const version = declare("test.hostile-field", { [name]: t.optional(t.int8), other: t.string });
    const record = version({ ...only(name, 5), other: "x" } as never);
    expect(Object.entries(record)).toEqual([
      [name, 5],
      ["other", "x"],
    ]);
    expect(decodeTable(encodeTable([record], version)).records()).toEqual([record]);
    // A key that is absent is null, even where every object inherits one of the name.
    expect(Object.entries(version({ other: "x" } as never))).toEqual([
      [name, null],
      ["other", "x"],
    ]);
    expect(decodeTable(encodeTable([{ other: "x" }], version)).column(name)).toEqual([null]);
  });

  it.each(cases)("are children of structs like others: %s", (_, name) => {
    const type = t.struct(only(name, t.optional(t.int8)) as Record<string, FieldLike<number | null>>);
    const version = declare("test.hostile-child", { s: type });
    const [row] = decodeTable(encodeTable([{ s: only(name, 3) }, { s: {} }], version)).records();
    expect(Object.entries(row?.s as object)).toEqual([[name, 3]]);
    expect(Object.entries((version({ s: {} } as never) as { s: object }).s)).toEqual([[name, null]]);
  });

  it.each(cases)("are kept in metadata, in names of weights and in values: %s", (_, name) => {
    const named = new Weights(weights.arrays, { names: [name, "b"], layout: name });
    const bytes = encodeModelRow({ weights: named, note: name, nested: only(name, [name]) }, ModelV1, {
      metadata: only(name, name) as Record<string, string>,
    });
    const table = decodeTable(bytes, { schemaVersion: ModelV1 });
    expect(table.metadata.get(name)).toBe(name);
    const [row] = table.records();
    expect([row?.weights?.names, row?.weights?.layout]).toEqual([[name, "b"], name]);
    expect(table.column("note")).toEqual([name]);
    expect(Object.entries(table.column("nested")[0] as object)).toEqual([[name, [name]]]);
  });

  it("never reach the prototype of objects", () => {
    const bytes = encodeModelRow({ weights, ...only("__proto__", { polluted: true }) }, ModelV1);
    const table = decodeTable(bytes);
    materialize(table);
    table.records();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(materialize(table))).toBe(Object.prototype);
  });

  it("are no units of a duration", () => {
    const version = declare("test.unit", { d: t.duration });
    for (const unit of ["constructor", "toString", "__proto__", "valueOf", "day", ""]) {
      const error = errorOf(() => version({ d: { value: 1n, unit } } as never));
      expect(error).toBeInstanceOf(RecordError);
      expect(error.message).toContain('field "d"');
    }
  });
});
