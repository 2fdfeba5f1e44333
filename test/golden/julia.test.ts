/** Every file that Julia wrote, value by value against its manifest. */
import { createHash } from "node:crypto";
import { decodeModelRow, ModelV1, readModelRow, type Source } from "legolas-flux";
import { decodeTable, type LegolasTable, loadCodecs, readTable, schemaVersionOf } from "legolas-flux/legolas";
import { beforeAll, describe, expect, it } from "vitest";
import { countingSource } from "../helpers/counting-source.ts";
import { expectWeights } from "../helpers/expect-weights.ts";
import { fromJulia } from "../helpers/from-julia.ts";
import {
  bytesOf,
  digitsReference,
  type JuliaFixture,
  type JuliaRow,
  juliaFixture,
  juliaFixtures,
  listJuliaFiles,
  pathOf,
} from "../helpers/julia-fixtures.ts";
import { DigitsRowV1, declaredVersion } from "./schemas.ts";

/** Files with values that JavaScript cannot hold as declared; julia-oddities.test.ts says how each is refused. */
const refusedFiles: readonly string[] = [
  "eltype_complex_float32_.arrow",
  "eltype_int128.arrow",
  "eltype_rational_int64_.arrow",
  "eltype_uint128.arrow",
  "field_int128.arrow",
  "int64_extremes.arrow",
];
const readableFixtures = juliaFixtures.filter(({ file }) => !refusedFiles.includes(file));
const modelFixtures = readableFixtures.filter(
  ({ rows: [first], rows }) => rows.length === 1 && first?.weights !== undefined,
);

beforeAll(loadCodecs);

/** Fields as the manifest can say them: it has no notation for bytes. */
function comparable(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Uint8Array ? Array.from(value) : value]),
  );
}

function expectedFields(file: string, { fields }: JuliaRow): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [name, fromJulia(value)] as const);
  if (file !== "field_complex.arrow") return Object.fromEntries(entries);
  // The manifest's [re, im] looks like any array of two numbers.
  return Object.fromEntries(entries.map(([name, parts]) => [name, toComplex(parts as [number, number])]));
}

const toComplex = ([re, im]: [number, number]) => ({ re, im });

function expectRecord(record: object, row: JuliaRow, { file, schema }: JuliaFixture): void {
  const version = declaredVersion(schema);
  expect(schemaVersionOf(record)).toBe(version);
  expect(Object.keys(record).sort()).toEqual(Object.keys(version.fields).sort());
  const { weights, ...fields } = record as Record<string, unknown>;
  // Optional fields that the file has no column for, such as commit_sha in the files of the first digits.model.
  const absent = Object.keys(fields).filter((name) => !Object.hasOwn(row.fields, name));
  const expected = { ...expectedFields(file, row), ...Object.fromEntries(absent.map((name) => [name, null])) };
  expect(comparable(fields)).toStrictEqual(expected);
  if (row.weights !== undefined) expectWeights(weights, row.weights);
}

function expectTable(table: LegolasTable<object>, fixture: JuliaFixture): void {
  const records = table.records();
  expect(table.numRows).toBe(fixture.rows.length);
  expect(records.length).toBe(fixture.rows.length);
  for (const [i, row] of fixture.rows.entries()) expectRecord(records[i]!, row, fixture);
}

function atOddPosition(bytes: Uint8Array): Uint8Array {
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  return shifted.subarray(1);
}

describe("the folder of files that Julia wrote", () => {
  it("has a manifest entry for every file, and a file for every entry", () => {
    const described = [...juliaFixtures.map(({ file }) => file), "digits_runnable.arrow"];
    expect(listJuliaFiles().sort()).toEqual(described.sort());
    expect(described.length).toBe(97);
  });

  it("is unchanged since the manifest was written", () => {
    const changed = juliaFixtures.filter(({ file, bytes, sha256 }) => {
      const content = bytesOf(file);
      return content.length !== bytes || createHash("sha256").update(content).digest("hex") !== sha256;
    });
    expect(changed).toEqual([]);
  });

  it("is read whole, but for the files that are refused by name", () => {
    expect(readableFixtures.length).toBe(90);
    expect(juliaFixtures.length - readableFixtures.length).toBe(refusedFiles.length);
    expect(modelFixtures.length).toBe(41);
  });
});

describe.each(readableFixtures)("$file", (fixture) => {
  const { file, schema } = fixture;

  it("names its schema version and who declared it", () => {
    const table = decodeTable(bytesOf(file));
    expect(table.metadata.get("legolas_schema_qualified")).toBe(schema);
    expect(table.schemaVersion).toBe(declaredVersion(schema));
    expect(table.provider).toEqual(schema === ModelV1.identifier ? { name: "LegolasFlux", version: "0.2.3" } : null);
  });

  it("holds the manifest's rows", () => {
    expectTable(decodeTable(bytesOf(file)), fixture);
    expectTable(decodeTable(bytesOf(file), { schemaVersion: declaredVersion(schema) }), fixture);
  });

  it("gives the same values by column as by record", () => {
    const table = decodeTable<Record<string, unknown>>(bytesOf(file));
    const declared = table.columnNames.filter((name) => Object.hasOwn(declaredVersion(schema).fields, name));
    const columns = Object.fromEntries(declared.map((name) => [name, table.column(name)]));
    const records = table.records();
    expect(declared.length).toBeGreaterThan(0);
    for (const name of declared) expect(columns[name]).toEqual(records.map((record) => record[name]));
  });

  it.each<[string, (bytes: Uint8Array<ArrayBuffer>) => Source]>([
    ["a path", () => pathOf(file)],
    ["a Blob", (bytes) => new Blob([bytes])],
    ["a Node Buffer", (bytes) => Buffer.from(bytes)],
    ["bytes at an odd position in memory", atOddPosition],
  ])("reads alike, again and again, from %s", async (_, sourceOf) => {
    const source = sourceOf(bytesOf(file));
    const table = await readTable(source);
    expectTable(table, fixture);
    expectTable(table, fixture);
    expectTable(await readTable(source), fixture);
  });

  it("reads alike from a source, nothing behind the first 8 bytes twice, and leaves the source open", async () => {
    const source = countingSource(bytesOf(file));
    expectTable(await readTable(source), fixture);
    const reads = source.reads.filter(({ position }) => position > 0).sort((a, b) => a.position - b.position);
    const overlaps = reads.filter(
      ({ position }, i) => i > 0 && position < reads[i - 1]!.position + reads[i - 1]!.length,
    );
    expect(reads.length).toBeGreaterThan(3);
    expect(overlaps).toEqual([]);
    expect(source.closed).toBe(false);
  });
});

describe.each(modelFixtures)("the model row in $file", (fixture) => {
  const { file, schema, rows } = fixture;
  const row = rows[0]!;
  const version = declaredVersion(schema);

  it("is decoded from bytes, by its own schema version or a given one", () => {
    expectRecord(decodeModelRow(bytesOf(file)), row, fixture);
    expectRecord(decodeModelRow(bytesOf(file), version), row, fixture);
  });

  it("is read from a path, a Blob and a source", async () => {
    expectRecord(await readModelRow(pathOf(file)), row, fixture);
    expectRecord(await readModelRow(new Blob([bytesOf(file)]), version), row, fixture);
    expectRecord(await readModelRow(countingSource(bytesOf(file))), row, fixture);
  });

  it("is read as its ancestor ModelV1 when asked to", () => {
    const { fields, weights = null } = row;
    const { architecture_version } = fields;
    const ancestor = { ...fixture, schema: ModelV1.identifier };
    expectRecord(decodeModelRow(bytesOf(file), ModelV1), { fields: { architecture_version }, weights }, ancestor);
  });
});

describe("digits_runnable.arrow", () => {
  const sizesOf = (record: ModelV1) => record.weights?.arrays.map(({ size }) => size);

  it("holds the arrays of the network that digits_reference.json tells of, the shared dense layer once", () => {
    const record = decodeModelRow(bytesOf("digits_runnable.arrow"), DigitsRowV1);
    const batchNorm = [[32], [32], [32], [32]];
    const convolutions = [[3, 3, 1, 32], [32], ...batchNorm, [3, 3, 32, 16], [16], [3, 3, 16, 10], [10]];
    expect(sizesOf(record)).toEqual([...convolutions, [10, 90], [10], [10, 10], [10]]);
    expect(sizesOf(record)).toEqual(juliaFixture("digits.arrow").rows[0]?.weights?.map(({ size }) => size));
    expect(record.weights?.arrays.every(({ vec }) => vec.every((value) => Number.isFinite(value)))).toBe(true);
  });

  it("fits the reference: one image of 28 by 28 in, ten logits out whose softmax is the output", () => {
    const { input, logits, output } = digitsReference;
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    expect(input.length).toBe(28 * 28);
    expect(logits.length).toBe(10);
    expect(output.length).toBe(10);
    for (const [i, logit] of logits.entries()) expect(output[i]).toBeCloseTo(Math.exp(logit) / total, 6);
  });
});
