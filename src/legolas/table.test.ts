import { decimal128, int64, tableFromIPC, utf8 } from "@uwdata/flechette";
import { FlatArray, ModelV1, Weights } from "legolas-flux";
import {
  decodeTable,
  encodeTable,
  extractSchemaVersion,
  FormatError,
  InputError,
  isLegolasError,
  type LegolasTable,
  RecordError,
  recordEquals,
  schema,
  schemaVersionOf,
  t,
  UnknownSchemaError,
  UnsupportedTypeError,
  ViolationError,
} from "legolas-flux/legolas";
import { describe, expect, test, vi } from "vitest";
import { foreignTable, newSchemaName, thrownBy } from "../../test/contract/support.ts";

const RunV1 = schema("table.run").version(1, {
  fields: { id: t.string, epoch: t.optional(t.int64) },
  assign: { epoch: ({ epoch }) => epoch ?? 0 },
});
const DetailedRunV1 = schema("table.detailed-run").version(1, { extends: RunV1, fields: { tags: t.vector(t.string) } });

const rows = [RunV1({ id: "a", epoch: 1 }), RunV1({ id: "b" }), RunV1({ id: "c", epoch: 3 })];

describe("a table", () => {
  const table = decodeTable(encodeTable(rows, RunV1), { schemaVersion: RunV1 });

  test("has its schema version, from the metadata", () => {
    expect(decodeTable(encodeTable(rows, RunV1)).schemaVersion).toBe(RunV1);
    expect(decodeTable(encodeTable([], DetailedRunV1)).schemaVersion).toBe(DetailedRunV1);
  });

  test("has its number of rows and the names of its columns", () => {
    expect(table.numRows).toBe(3);
    expect(table.columnNames).toEqual(["id", "epoch"]);
  });

  test("gives its rows as records of the schema version", () => {
    const records = table.records();
    expect(records).toEqual([
      { id: "a", epoch: 1 },
      { id: "b", epoch: 0 },
      { id: "c", epoch: 3 },
    ]);
    expect(records.map(schemaVersionOf)).toEqual([RunV1, RunV1, RunV1]);
    expect(records.map((record, i) => recordEquals(record, rows[i] as object))).toEqual([true, true, true]);
  });

  test("gives the same records when iterated, as often as wanted", () => {
    expect([...table]).toEqual(table.records());
    expect([...table]).toEqual(table.records());
    const [first] = table;
    expect(first).toEqual({ id: "a", epoch: 1 });
  });

  test("makes records only as they are asked for", () => {
    const assigned = vi.fn((x: number) => x);
    const CountedV1 = schema(newSchemaName()).version(1, { fields: { x: t.int64.as((x) => assigned(x)) } });
    const counted = decodeTable(encodeTable([{ x: 1 }, { x: 2 }], CountedV1));
    assigned.mockClear();
    counted[Symbol.iterator]().next();
    expect(assigned.mock.calls.every(([x]) => x === 1)).toBe(true);
    expect(assigned).toHaveBeenCalled();
  });

  test("gives the values of a column", () => {
    expect(table.column("id")).toEqual(["a", "b", "c"]);
    expect(table.column("epoch")).toEqual([1, 0, 3]);
  });

  test.each(["absent", "toString", "__proto__", ""])("throws for the column %j that it does not have", (name) => {
    expect(() => table.column(name)).toThrow(InputError);
    expect(() => table.column(name)).toThrow(`column "${name}": expected one of id, epoch, found no such column`);
  });

  test("may have no rows", () => {
    const empty = decodeTable(encodeTable([], DetailedRunV1));
    expect(empty.numRows).toBe(0);
    expect(empty.records()).toEqual([]);
    expect(empty.columnNames).toEqual(["id", "epoch", "tags"]);
    expect(empty.column("tags")).toEqual([]);
  });

  test("may have no columns", () => {
    const EmptyV1 = schema(newSchemaName()).version(1);
    const empty = decodeTable(encodeTable([], EmptyV1));
    expect(empty.columnNames).toEqual([]);
    expect(empty.records()).toEqual([]);
  });

  test("gives nested objects in columns and records that cannot be changed", () => {
    const read = decodeTable(encodeTable([{ id: "a", tags: ["x"] }], DetailedRunV1));
    expect(Object.isFrozen(read.column("tags")[0])).toBe(true);
  });
});

describe("metadata", () => {
  test("names the schema version with its ancestors, where Legolas.jl looks for it", () => {
    const { metadata } = decodeTable(encodeTable([], DetailedRunV1));
    expect([...metadata]).toEqual([["legolas_schema_qualified", "table.detailed-run@1>table.run@1"]]);
  });

  test("is kept as given, and seen by other readers", () => {
    const bytes = encodeTable(rows, RunV1, { metadata: { author: "me", ключ: "ß" } });
    expect(decodeTable(bytes).metadata.get("author")).toBe("me");
    expect(decodeTable(bytes).metadata.get("ключ")).toBe("ß");
    expect(tableFromIPC(bytes).schema.metadata?.get("author")).toBe("me");
  });

  test("cannot replace the identifier", () => {
    const bytes = encodeTable(rows, RunV1, { metadata: { legolas_schema_qualified: "other@1" } });
    expect(decodeTable(bytes).schemaVersion).toBe(RunV1);
  });

  test("records the provider under keys of ours, not under Julia's", () => {
    const provider = { name: "my-package", version: "not semver" };
    const table = decodeTable(encodeTable(rows, RunV1, { provider }));
    expect(table.provider).toEqual(provider);
    expect(table.metadata.get("legolas_schema_provider_name")).toBe("my-package");
    expect(table.metadata.get("legolas_schema_provider_version")).toBe("not semver");
    expect([...table.metadata.keys()].filter((key) => key.includes("julia"))).toEqual([]);
  });

  test("tells Julia's provider", () => {
    const bytes = foreignTable(
      { id: { values: ["a"], type: utf8() } },
      {
        legolas_schema_qualified: "table.run@1",
        legolas_julia_schema_provider_name: "Runs",
        legolas_julia_schema_provider_version: "1.2.3",
      },
    );
    expect(decodeTable(bytes).provider).toEqual({ name: "Runs", version: "1.2.3" });
  });

  test("tells no provider where none is recorded", () => {
    expect(decodeTable(encodeTable(rows, RunV1)).provider).toBeNull();
  });
});

describe("undeclared columns", () => {
  test("are kept, with their own types", () => {
    const bytes = encodeTable([{ id: "a", note: "n", score: 0.5, at: new Date(1) }], RunV1);
    const table = decodeTable(bytes);
    expect(table.columnNames).toEqual(["id", "epoch", "note", "score", "at"]);
    expect(table.column("note")).toEqual(["n"]);
    expect(table.column("score")).toEqual([0.5]);
    expect(table.column("at")).toEqual([new Date(1)]);
  });

  test("are no part of the records", () => {
    expect(decodeTable(encodeTable([{ id: "a", note: "n" }], RunV1)).records()).toEqual([{ id: "a", epoch: 0 }]);
  });

  test("of weights keep what accompanies them", () => {
    const weights = new Weights([new FlatArray(new Float32Array([1]), [1])], { names: ["w"], layout: "tfjs" });
    const bytes = encodeTable([{ id: "a", best: weights }], RunV1);
    const BestV1 = schema(newSchemaName()).version(1, { fields: { best: t.weights } });
    expect(decodeTable(bytes, { schemaVersion: BestV1 }).records()).toEqual([{ best: weights }]);
  });

  test("may have names that every object inherits", () => {
    const bytes = encodeTable([JSON.parse('{ "id": "a", "constructor": 5, "__proto__": "p" }')], RunV1);
    const table = decodeTable(bytes);
    expect(table.columnNames).toEqual(["id", "epoch", "constructor", "__proto__"]);
    expect(table.column("constructor")).toEqual([5]);
    expect(table.column("__proto__")).toEqual(["p"]);
  });

  test("of a record of a child, written as its parent, keep the child's types", () => {
    const record = DetailedRunV1({ id: "a", tags: [] });
    const table = decodeTable(encodeTable([record], RunV1));
    expect(table.schemaVersion).toBe(RunV1);
    expect(table.records()).toEqual([{ id: "a", epoch: 0 }]);
    expect(decodeTable(encodeTable([record], RunV1), { schemaVersion: DetailedRunV1 }).records()).toEqual([record]);
  });

  test("of types that are not read do no harm until they are asked for", () => {
    const bytes = foreignTable(
      { id: { values: ["a"], type: utf8() }, price: { values: [1.5], type: decimal128(10, 2) } },
      { legolas_schema_qualified: "table.run@1" },
    );
    const table = decodeTable(bytes);
    expect(table.records()).toEqual([{ id: "a", epoch: 0 }]);
    expect(() => table.column("price")).toThrow(UnsupportedTypeError);
  });
});

describe("columns in several orders and encodings", () => {
  test("are found by name", () => {
    const bytes = foreignTable(
      { epoch: { values: [5n, null], type: int64() }, id: { values: ["a", "b"], type: utf8() } },
      { legolas_schema_qualified: "table.run@1" },
    );
    expect(decodeTable(bytes).records()).toEqual([
      { id: "a", epoch: 5 },
      { id: "b", epoch: 0 },
    ]);
  });

  test("are read across record batches", () => {
    const ids = ["a", "b", "c", "d", "e"];
    const bytes = foreignTable(
      { id: { values: ids, type: utf8(), options: { maxBatchRows: 2 } } },
      { legolas_schema_qualified: "table.run@1" },
    );
    const table = decodeTable(bytes);
    expect(table.data.columns[0]).toHaveLength(3);
    expect(table.numRows).toBe(5);
    expect(table.column("id")).toEqual(ids);
    expect(table.records().map(({ id }) => id)).toEqual(ids);
  });
});

describe("validate: false", () => {
  const raw = foreignTable({ k: { values: [1n, 2n], type: int64() }, s: { values: ["a", null], type: utf8() } });

  test("reads any Arrow table, as plain objects of all columns", () => {
    const table = decodeTable(raw, { validate: false });
    expect(table.schemaVersion).toBeNull();
    expect(table.records()).toEqual([
      { k: 1, s: "a" },
      { k: 2, s: null },
    ]);
    expect(table.column("s")).toEqual(["a", null]);
  });

  test("reads a table of an undeclared schema", () => {
    const bytes = foreignTable(
      { k: { values: [1n], type: int64() } },
      { legolas_schema_qualified: "never.declared@1" },
    );
    expect(decodeTable(bytes, { validate: false }).records()).toEqual([{ k: 1 }]);
  });

  test("reads a table whose identifier is malformed", () => {
    const bytes = foreignTable(
      { k: { values: [1n], type: int64() } },
      { legolas_schema_qualified: "not an identifier" },
    );
    expect(decodeTable(bytes, { validate: false }).records()).toEqual([{ k: 1 }]);
  });

  test("writes each column with the type of its values, whatever the schema declares", () => {
    const bytes = encodeTable([{ id: 5, epoch: "first" }], RunV1, { validate: false });
    expect(() => decodeTable(bytes)).toThrow(ViolationError);
    const table = decodeTable(bytes, { validate: false });
    expect(table.schemaVersion).toBe(RunV1);
    expect(table.schema.fields.map(({ name, type }) => `${name}: ${type.kind}`)).toEqual(["id: int", "epoch: utf8"]);
  });

  test("gives the columns of a table that does not comply as they stand", () => {
    const bytes = encodeTable([{ id: 5, epoch: "first" }], RunV1, { validate: false });
    const table = decodeTable(bytes, { validate: false });
    expect(table.column("id")).toEqual([5]);
    expect(table.column("epoch")).toEqual(["first"]);
  });

  test("lets the records of a table that does not comply fail with an error of this package", () => {
    const bytes = encodeTable([{ id: 5, epoch: "first" }], RunV1, { validate: false });
    const error = thrownBy(() => decodeTable(bytes, { validate: false }).records());
    expect(isLegolasError(error)).toBe(true);
  });

  test("writes rows that are no records, and what complies all the same is read", () => {
    const bytes = encodeTable([{ id: "a" }, { id: "b", epoch: 2 }], RunV1, { validate: false });
    expect(decodeTable(bytes).records()).toEqual([
      { id: "a", epoch: 0 },
      { id: "b", epoch: 2 },
    ]);
  });

  test("keeps what accompanies weights: a layout that were lost would be taken for another", () => {
    const weights = new Weights([new FlatArray(new Float32Array([1]), [1])], { names: ["w"], layout: "tfjs" });
    const bytes = encodeTable([{ weights }], ModelV1, { validate: false });
    const [row] = decodeTable(bytes, { schemaVersion: ModelV1 }).records();
    expect([row?.weights?.layout, row?.weights?.names]).toEqual(["tfjs", ["w"]]);
  });
});

describe("the schema version of a table", () => {
  const bytes = encodeTable([{ id: "a", epoch: 1, tags: ["x"] }], DetailedRunV1);

  test("is the one passed, whatever the metadata names, if the table complies", () => {
    const OtherV1 = schema(newSchemaName()).version(1, { fields: { tags: t.any, id: t.string } });
    const table = decodeTable(bytes, { schemaVersion: OtherV1 });
    expect(table.schemaVersion).toBe(OtherV1);
    expect(table.records()).toEqual([{ tags: ["x"], id: "a" }]);
    expect(decodeTable(bytes, { schemaVersion: RunV1 }).records()).toEqual([{ id: "a", epoch: 1 }]);
  });

  test("that is passed is the one that violations are found against", () => {
    const StrictV1 = schema(newSchemaName()).version(1, { fields: { id: t.int64 } });
    const error = thrownBy(() => decodeTable(bytes, { schemaVersion: StrictV1 }));
    expect(error).toBeInstanceOf(ViolationError);
    expect(error).toMatchObject({ identifier: StrictV1.identifier });
  });

  test("that is passed serves tables that name none, or an undeclared one", () => {
    const columns = { id: { values: ["a"], type: utf8() } };
    const none = decodeTable(foreignTable(columns), { schemaVersion: RunV1 });
    const unknown = decodeTable(foreignTable(columns, { legolas_schema_qualified: "never.declared@1" }), {
      schemaVersion: RunV1,
    });
    for (const table of [none, unknown]) expect(table.records()).toEqual([{ id: "a", epoch: 0 }]);
  });

  test("may be written with spaces around >", () => {
    const columns = { id: { values: ["a"], type: utf8() } };
    const spaced = foreignTable(columns, { legolas_schema_qualified: "table.run@1 > never.declared@2" });
    expect(decodeTable(spaced).schemaVersion).toBe(RunV1);
  });

  test("that is missing throws, and says what to do", () => {
    const error = thrownBy(() => decodeTable(foreignTable({ id: { values: ["a"], type: utf8() } })));
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({
      message:
        'Arrow table: expected metadata "legolas_schema_qualified" that names its schema, found none: it was not written by Legolas. ' +
        "Pass the schema version to read it as, or read the raw table with decodeTable(bytes, { validate: false })",
      byteOffset: null,
    });
  });

  test("that is malformed throws, naming it", () => {
    const malformed = foreignTable({ id: { values: ["a"], type: utf8() } }, { legolas_schema_qualified: "Table Run" });
    expect(() => decodeTable(malformed)).toThrow(FormatError);
    expect(() => decodeTable(malformed)).toThrow(
      'table metadata "legolas_schema_qualified": expected name@version, or child@1>parent@1, found "Table Run"',
    );
  });

  test("that is not declared throws an error with its identifier and provider", () => {
    const identifier = "never.declared@1>never.declared.either@2";
    const unknown = foreignTable(
      { id: { values: ["a"], type: utf8() } },
      {
        legolas_schema_qualified: identifier,
        legolas_schema_provider_name: "their-package",
        legolas_schema_provider_version: "1.0.0",
      },
    );
    const error = thrownBy(() => decodeTable(unknown));
    expect(error).toBeInstanceOf(UnknownSchemaError);
    expect(error).toMatchObject({
      identifier,
      provider: { name: "their-package", version: "1.0.0" },
      message:
        `schema version "${identifier}" (declared by their-package 1.0.0) is not declared in this process. ` +
        "Import the module that declares it before reading, or read the raw table with decodeTable(bytes, { validate: false })",
    });
  });

  test("that is not declared while an ancestor is throws an error that names the nearest such", () => {
    const identifier = "never.declared@1>table.detailed-run@1>table.run@1";
    const unknown = foreignTable({ id: { values: ["a"], type: utf8() } }, { legolas_schema_qualified: identifier });
    const error = thrownBy(() => decodeTable(unknown)) as UnknownSchemaError;
    expect(error.provider).toBeNull();
    expect(error.message).toContain("pass the schema version of its ancestor table.detailed-run@1 to read it as that");
  });
});

describe("extractSchemaVersion", () => {
  const columns = { id: { values: ["a"], type: utf8() } };

  test("gives the schema version that the metadata names, whatever the table is read as", () => {
    const table: LegolasTable<object> = decodeTable(encodeTable([{ id: "a", tags: [] }], DetailedRunV1), {
      schemaVersion: RunV1,
    });
    expect(table.schemaVersion).toBe(RunV1);
    expect(extractSchemaVersion(table)).toBe(DetailedRunV1);
  });

  test("throws where it names none, or one that is not declared", () => {
    const none = decodeTable(foreignTable(columns), { validate: false });
    expect(() => extractSchemaVersion(none)).toThrow(FormatError);
    const unknown = foreignTable(columns, { legolas_schema_qualified: "never.declared@1" });
    expect(() => extractSchemaVersion(decodeTable(unknown, { validate: false }))).toThrow(UnknownSchemaError);
  });
});

describe("records of a table", () => {
  test("pass their assignments and checks again", () => {
    const name = newSchemaName();
    const OldV1 = schema(name).version(1, { fields: { k: t.int64 } });
    const bytes = encodeTable([{ k: 5 }, { k: -5 }], OldV1);
    const CheckedV1 = schema(newSchemaName()).version(1, {
      fields: { k: t.int64 },
      assign: { k: ({ k }) => (k === null ? 0 : Math.abs(k)) },
      checks: { "k is small": ({ k }) => k < 10 },
    });
    expect(decodeTable(bytes, { schemaVersion: CheckedV1 }).records()).toEqual([{ k: 5 }, { k: 5 }]);
  });

  test("that cannot be built name the field", () => {
    const RefinedV1 = schema(newSchemaName()).version(1, {
      fields: {
        k: t.int64.as((k) => {
          if (k < 0) throw new Error("negative");
          return k;
        }),
      },
    });
    const PlainV1 = schema(newSchemaName()).version(1, { fields: { k: t.int64 } });
    const table = decodeTable(encodeTable([{ k: 1 }, { k: -5 }], PlainV1), { schemaVersion: RefinedV1 });
    const error = thrownBy(() => table.records());
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({ path: ["k", 1], identifier: RefinedV1.identifier });
  });
});
