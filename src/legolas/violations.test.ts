import { field, float64, int32, int64, list, struct, utf8 } from "@uwdata/flechette";
import {
  type ArrowSchema,
  compliesWith,
  decodeTable,
  encodeTable,
  type Field,
  type FieldLike,
  findViolation,
  findViolations,
  InputError,
  schema,
  t,
  type Violation,
  ViolationError,
  validate,
} from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { type ForeignColumn, foreignTable, newSchemaName, thrownBy } from "../../test/contract/support.ts";

const RunV1 = schema("violations.run").version(1, {
  fields: { id: t.string, epoch: t.int64, accuracy: t.optional(t.float32), tags: t.optional(t.vector(t.string)) },
});

const id: ForeignColumn = { values: ["a", "b"], type: utf8() };
const epoch: ForeignColumn = { values: [1n, 2n], type: int64() };

function tableOf(columns: Record<string, ForeignColumn>) {
  return decodeTable(foreignTable(columns), { validate: false });
}

function arrowField(name: string, kind: "int" | "utf8" | "null", nullable = false, children: Field[] = []): Field {
  const types = {
    int: { kind: "int", bitWidth: 64, signed: true },
    utf8: { kind: "utf8", large: false },
    null: { kind: "null" },
  } as const;
  return { name, type: types[kind], nullable, children, dictionary: null, metadata: new Map() };
}

describe("findViolations", () => {
  test("finds none in a table written with the schema version", () => {
    const table = decodeTable(encodeTable([{ id: "a", epoch: 1 }], RunV1));
    expect(findViolations(table, RunV1)).toEqual([]);
  });

  test("finds every one, in the order of the declared fields", () => {
    const table = tableOf({
      tags: { values: [[1n], [2n]], type: list(int64()) },
      accuracy: { values: [0.5, 1], type: float64() },
      epoch: { values: [1, 2], type: int32() },
    });
    expect(findViolations(table, RunV1)).toEqual<Violation[]>([
      { field: "id", expected: "string", found: null },
      { field: "epoch", expected: "int64", found: "int32?" },
      { field: "accuracy", expected: "float32?", found: "float64?" },
      { field: "tags", expected: "vector<string>?", found: "list<int64?>?" },
    ]);
  });

  test("accepts absent columns only where a field may be missing", () => {
    expect(findViolations(tableOf({ id, epoch }), RunV1)).toEqual([]);
    expect(findViolations(tableOf({ id }), RunV1)).toEqual([{ field: "epoch", expected: "int64", found: null }]);
  });

  test("accepts undeclared columns, and columns in any order", () => {
    expect(findViolations(tableOf({ more: epoch, epoch, other: id, id }), RunV1)).toEqual([]);
  });

  test("accepts a nullable column without nulls, and refuses one with, telling how many", () => {
    expect(findViolations(tableOf({ id, epoch }), RunV1)).toEqual([]);
    const missing = { values: [1n, null, null], type: int64() };
    expect(findViolations(tableOf({ id: { ...id, values: ["a", "b", "c"] }, epoch: missing }), RunV1)).toEqual([
      { field: "epoch", expected: "int64", found: "int64? with 2 missing values" },
    ]);
  });

  test("looks at the fields of the parent too", () => {
    const ChildV1 = schema(newSchemaName()).version(1, { extends: RunV1, fields: { accuracy: t.float32 } });
    expect(findViolations(tableOf({ epoch }), ChildV1)).toEqual([
      { field: "id", expected: "string", found: null },
      { field: "accuracy", expected: "float32", found: null },
    ]);
  });

  test("takes an Arrow schema alone, where nothing is known of nulls", () => {
    const arrowSchema: ArrowSchema = {
      fields: [arrowField("epoch", "int", true), arrowField("id", "int"), arrowField("accuracy", "null", true)],
      metadata: new Map(),
    };
    expect(findViolations(arrowSchema, RunV1)).toEqual([{ field: "id", expected: "string", found: "int64" }]);
  });

  test("refuses a column of nothing but null for a field that may not be missing", () => {
    const arrowSchema: ArrowSchema = {
      fields: [arrowField("id", "null", true), arrowField("epoch", "int")],
      metadata: new Map(),
    };
    expect(findViolations(arrowSchema, RunV1)).toEqual([{ field: "id", expected: "string", found: "null?" }]);
  });

  test("matches the fields of structs by name, in any order, absent ones only where they may be missing", () => {
    const PointV1 = schema(newSchemaName()).version(1, {
      fields: { point: t.struct({ x: t.int64, label: t.optional(t.string) }) },
    });
    const x = field("x", int64());
    const label = field("label", utf8());
    const values = [{ x: 1n, label: "a" }];
    const complies = (...children: (typeof x)[]) =>
      compliesWith(tableOf({ point: { values, type: struct(children) } }), PointV1);
    expect([complies(x, label), complies(label, x), complies(x), complies(label)]).toEqual([true, true, true, false]);
  });

  test("leaves nothing that an empty schema version could refuse", () => {
    const EmptyV1 = schema(newSchemaName()).version(1);
    expect(findViolations(tableOf({ id }), EmptyV1)).toEqual([]);
  });

  test("goes by accepted types, which authors may widen", () => {
    const narrow: FieldLike = t.int64;
    const complies = (type: FieldLike) =>
      compliesWith(
        tableOf({ epoch: { values: [1, 2], type: int32() } }),
        schema(newSchemaName()).version(1, { fields: { epoch: type } }),
      );
    expect([complies(narrow), complies(t.int64.accepting(t.int32)), complies(t.integer), complies(t.any)]).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });
});

describe("findViolation and compliesWith", () => {
  test("give the first violation, or null, and whether there is none", () => {
    const wrong = tableOf({ epoch: id });
    expect(findViolation(wrong, RunV1)).toEqual({ field: "id", expected: "string", found: null });
    expect(compliesWith(wrong, RunV1)).toBe(false);
    const right = tableOf({ id, epoch });
    expect(findViolation(right, RunV1)).toBeNull();
    expect(compliesWith(right, RunV1)).toBe(true);
  });

  test("hold for the parent wherever they hold for the child", () => {
    const ChildV1 = schema(newSchemaName()).version(1, {
      extends: RunV1,
      fields: { accuracy: t.float32, more: t.bool },
    });
    const table = decodeTable(encodeTable([{ id: "a", epoch: 1, accuracy: 1, more: true }], ChildV1));
    expect([compliesWith(table, ChildV1), compliesWith(table, RunV1)]).toEqual([true, true]);
  });
});

describe("validate", () => {
  test.each([null, undefined, 5, "table"])("refuses %s, which is no table", (target) => {
    expect(() => validate(target as never, RunV1)).toThrow(InputError);
  });

  test("returns where there is no violation", () => {
    expect(() => validate(tableOf({ id, epoch }), RunV1)).not.toThrow();
  });

  test("throws one error with every violation, absent fields and types, and the table's own schema", () => {
    const error = thrownBy(() => validate(tableOf({ epoch: id, more: epoch }), RunV1));
    expect(error).toBeInstanceOf(ViolationError);
    expect(error).toMatchObject({
      message: [
        "the table does not comply with violations.run@1:",
        '  field "id": expected string, but there is no such column',
        '  field "epoch": expected int64, found string?',
        "The table's columns are: epoch: string?, more: int64?",
        "Read it with the schema version it was written with, or widen the field's type with .accepting(...)",
      ].join("\n"),
      identifier: "violations.run@1",
      violations: [
        { field: "id", expected: "string", found: null },
        { field: "epoch", expected: "int64", found: "string?" },
      ],
    });
  });

  test("takes an Arrow schema too, and names a table without columns", () => {
    const error = thrownBy(() => validate({ fields: [], metadata: new Map() }, RunV1)) as Error;
    expect(error.message).toContain("The table's columns are: none");
  });
});

test("refuses to look for violations in what is no table", () => {
  for (const target of [RunV1, null, { fields: {} }]) {
    expect(() => findViolations(target as never, RunV1)).toThrow(
      /findViolations: expected a table, or the Arrow schema of one, found .*Read the table first/,
    );
  }
});
