/** The schemas `example.bar@1` and `example.baz@1`, as the documentation declares and uses them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CheckError,
  compliesWith,
  construct,
  DeclarationError,
  declared,
  decodeTable,
  encodeTable,
  extractSchemaVersion,
  findViolation,
  findViolations,
  gather,
  lift,
  locations,
  lookup,
  parseIdentifier,
  readTable,
  recordEquals,
  recordMerge,
  schema,
  schemaVersionOf,
  t,
  UnknownSchemaError,
  ViolationError,
  validate,
  writeTable,
} from "legolas-flux/legolas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { thrownBy } from "./support.ts";

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

const rows = [BazV1({ x: 200, y: "hi" }), BazV1({ x: 1, y: "ho", z: "given", k: 5 })];
const metadata = { author: "somebody" };
const provider = { name: "example", version: "1.0.0" };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "declared-schemas-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("declaring and discovering", () => {
  test("a version has an identifier, name, version, parent, fields and declaration", () => {
    expect(BazV1.identifier).toBe("example.baz@1>example.bar@1");
    expect([BazV1.name, BazV1.version]).toEqual(["example.baz", 1]);
    expect(BazV1.parent).toBe(BarV1);
    expect(Object.keys(BazV1.fields)).toEqual(["x", "y", "z", "k"]);
    expect(Object.keys(BazV1.declaration.fields)).toEqual(["x", "k"]);
    expect(Object.keys(BazV1.declaration.checks)).toEqual(["k is not negative"]);
  });

  test("a version is found by its identifier", () => {
    expect(lookup("example.baz@1")).toBe(BazV1);
    expect(lookup("example.baz@2")).toBeUndefined();
    expect([declared("example.baz@1"), declared("example.baz@2")]).toEqual([true, false]);
  });

  test("identifiers are parsed", () => {
    expect(parseIdentifier("a@1>b@2")).toEqual([
      { name: "a", version: 1 },
      { name: "b", version: 2 },
    ]);
  });

  test("a child may narrow, never widen, and the schema itself never conflicts", () => {
    const widen = () => schema("example.wide").version(1, { extends: BazV1, fields: { x: t.optional(t.int8) } });
    expect(widen).toThrow(DeclarationError);
    expect(schema("example.bar").name).toBe(schema("example.bar").name);
  });
});

describe("records", () => {
  test("a record is frozen, has every field, and no undeclared key", () => {
    const record = BazV1({ x: 200, y: "hi", ...JSON.parse('{ "more": true }') });
    expect(record).toEqual({ x: 127, y: "hi", z: "hi_127", k: 6 });
    expect(Object.keys(record)).toEqual(["x", "y", "z", "k"]);
    expect(Object.isFrozen(record)).toBe(true);
  });

  test("assignments see what is above them processed", () => {
    expect(BarV1({ y: "only" })).toEqual({ x: null, y: "only", z: "only_missing" });
    expect(BarV1({ x: -300, y: "low" })).toEqual({ x: -128, y: "low", z: "low_-128" });
  });

  test("building a record from a record gives an equal one", () => {
    for (const row of rows) expect(recordEquals(BazV1(row), row)).toBe(true);
  });

  test("a failed check names its words", () => {
    const error = thrownBy(() => BazV1({ x: 1, y: "hi", k: -1 }));
    expect(error).toBeInstanceOf(CheckError);
    expect(error).toMatchObject({ check: "k is not negative", identifier: "example.baz@1>example.bar@1" });
  });

  test("records are recognised, compared, merged; values are lifted and constructed", () => {
    const record = BazV1({ x: 1, y: "hi" });
    expect(schemaVersionOf(record)).toBe(BazV1);
    expect(recordEquals(record, BazV1({ x: 1, y: "hi" }))).toBe(true);
    expect(recordEquals(record, BazV1({ x: 2, y: "hi" }))).toBe(false);
    expect(recordMerge(record, { k: 1 })).toEqual({ x: 1, y: "hi", z: "hi_1", k: 1 });
    expect([lift((x: number) => x + 1, 1), lift((x: number) => x + 1, null)]).toEqual([2, null]);
    expect(construct(t.float32, 0.1)).toBe(Math.fround(0.1));
  });

  test("the brand is under a Symbol.for key, not enumerable", () => {
    const [brand] = Object.getOwnPropertySymbols(rows[0]).filter((symbol) => symbol.description?.includes("record"));
    expect(Symbol.keyFor(brand as symbol)).toBe("legolas-flux.record");
    expect(Object.getOwnPropertyDescriptor(rows[0], brand as symbol)?.enumerable).toBe(false);
  });

  test("a schema version is a Standard Schema", () => {
    expect(BazV1["~standard"].validate({ x: 200, y: "hi" })).toEqual({ value: rows[0] });
    expect(BazV1["~standard"].validate({ x: "one", y: "hi" })).toMatchObject({ issues: [{ path: ["x"] }] });
  });
});

describe("tables", () => {
  const bytes = encodeTable(rows, BazV1, { metadata, provider, validate: true });
  const table = decodeTable(bytes);

  test("a table has the schema version of its metadata, rows, metadata and columns", () => {
    expect(table.schemaVersion).toBe(BazV1);
    expect(table.numRows).toBe(2);
    expect(Object.fromEntries(table.metadata)).toEqual({
      author: "somebody",
      legolas_schema_provider_name: "example",
      legolas_schema_provider_version: "1.0.0",
      legolas_schema_qualified: "example.baz@1>example.bar@1",
    });
    expect(table.columnNames).toEqual(["x", "y", "z", "k"]);
    expect(table.column("k")).toEqual([6, 5]);
    expect(extractSchemaVersion(table)).toBe(BazV1);
  });

  test("its records are those that were written, also when iterated", () => {
    expect(table.records()).toEqual(rows);
    expect([...table]).toEqual(rows);
  });

  test("validate: false reads any Arrow table", () => {
    const raw = decodeTable(encodeTable([{ x: "text" }], BazV1, { validate: false }), { validate: false });
    expect(raw.numRows).toBe(1);
    expect(raw.columnNames).toContain("x");
  });

  test("a table is written to a path and read from it", async () => {
    const target = join(folder, "two.example.baz.arrow");
    await writeTable(target, rows, BazV1);
    expect((await readTable(target)).records()).toEqual(rows);
  });

  test("violations are data first", () => {
    const bars = decodeTable(encodeTable([BarV1({ y: "a" })], BarV1));
    expect(findViolations(bars, BazV1)).toEqual([
      { field: "x", expected: "int8", found: "int8? with 1 missing values" },
      { field: "k", expected: "int64", found: null },
    ]);
    expect(findViolation(bars, BazV1)).toEqual(findViolations(bars, BazV1)[0]);
    expect(findViolation(table, BazV1)).toBeNull();
    expect(findViolations(bars.schema, BazV1)).toEqual([{ field: "k", expected: "int64", found: null }]);
    expect([compliesWith(bars, BazV1), compliesWith(table, BazV1), compliesWith(table, BarV1)]).toEqual([
      false,
      true,
      true,
    ]);
    const error = thrownBy(() => validate(bars, BazV1));
    expect(error).toBeInstanceOf(ViolationError);
    expect((error as ViolationError).violations).toEqual(findViolations(bars, BazV1));
  });

  test("a schema version passed to a read wins over the file's own identifier", () => {
    const asBar = decodeTable(bytes, { schemaVersion: BarV1 });
    expect(asBar.schemaVersion).toBe(BarV1);
    expect(asBar.records()[0]).toEqual({ x: 127, y: "hi", z: "hi_127" });
  });

  test("an undeclared schema throws an error that names a declared ancestor", () => {
    const LostV1 = schema("example.lost").version(1, { extends: BarV1 });
    const lost = encodeTable([{ y: "a", z: "b" }], LostV1);
    const gone = Buffer.from(lost).toString("latin1").replaceAll("example.lost@1", "example.gone@1");
    const error = thrownBy(() => decodeTable(Buffer.from(gone, "latin1")));
    expect(error).toBeInstanceOf(UnknownSchemaError);
    expect((error as Error).message).toContain("its ancestor example.bar@1");
  });

  test("rows are gathered and located by a value", () => {
    const other = decodeTable(encodeTable([BazV1({ x: 1, y: "hi" })], BazV1));
    expect(gather("y", table, other).get("hi")).toEqual([[rows[0]], [BazV1({ x: 1, y: "hi" })]]);
    expect(locations([["a", "b"], ["b"]]).get("b")).toEqual([[1], [0]]);
  });
});
