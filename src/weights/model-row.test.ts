import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { int64 } from "@uwdata/flechette";
import {
  CodecNotLoadedError,
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  FormatError,
  fetchWeights,
  InputError,
  LossyConversionError,
  ModelV1,
  RecordError,
  RowCountError,
  readModelRow,
  Weights,
  writeModelRow,
} from "legolas-flux";
import {
  decodeTable,
  encodeTable,
  recordEquals,
  schema,
  schemaVersionOf,
  t,
  UnknownSchemaError,
  ViolationError,
} from "legolas-flux/legolas";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { foreignTable, newSchemaName, thrownBy } from "../../test/contract/support.ts";

const weights = fetchWeights({ dense: { weight: { data: new Float32Array([1, 2, 3, 4, 5, 6]), shape: [2, 3] } } });
const row = ModelV1({ weights, architecture_version: 3 });
const ExtendedV1 = schema("model-row.extended").version(1, {
  extends: ModelV1,
  fields: { epoch: t.int64, note: t.optional(t.string) },
});
const extended = ExtendedV1({ weights, epoch: 7 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "model-row-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("ModelV1", () => {
  test("is legolas-flux.model@1, of weights and an architecture version, both of which may be missing", () => {
    expect(ModelV1.identifier).toBe("legolas-flux.model@1");
    expect(Object.keys(ModelV1.fields)).toEqual(["weights", "architecture_version"]);
    expect(ModelV1({})).toEqual({ weights: null, architecture_version: null });
  });

  test("refuses other values", () => {
    expect(() => ModelV1(JSON.parse('{ "architecture_version": "1" }'))).toThrow(
      'legolas-flux.model@1: field "architecture_version": expected int64 (a safe integer), found "1"',
    );
    expect(() => ModelV1({ architecture_version: 2 ** 53 })).toThrow(RecordError);
  });
});

describe("encodeModelRow and decodeModelRow", () => {
  test("keep a row", () => {
    const read = decodeModelRow(encodeModelRow(row));
    expect(recordEquals(read, row)).toBe(true);
    expect(read.weights?.names).toEqual(["dense.weight"]);
    expect(read.weights?.at(0)?.size).toEqual([3, 2]);
  });

  test("keep a row of an extension, under its own schema version, which is the default", () => {
    const read = decodeModelRow(encodeModelRow(extended));
    expect(schemaVersionOf(read)).toBe(ExtendedV1);
    expect(recordEquals(read, extended)).toBe(true);
  });

  test("write a record by the schema version passed, and keep the columns it does not declare", () => {
    const bytes = encodeModelRow(extended, ModelV1);
    expect(decodeTable(bytes).metadata.get("legolas_schema_qualified")).toBe("legolas-flux.model@1");
    expect(decodeModelRow(bytes)).toEqual({ weights, architecture_version: null });
    expect(recordEquals(decodeModelRow(bytes, ExtendedV1), extended)).toBe(true);
  });

  test("write a plain object as a ModelV1, with its further keys as columns", () => {
    const bytes = encodeModelRow({ weights, epoch: 7, loss: 0.5 });
    expect(decodeTable(bytes).schemaVersion).toBe(ModelV1);
    expect(decodeTable(bytes).column("loss")).toEqual([0.5]);
    expect(decodeModelRow(bytes, ExtendedV1).epoch).toBe(7);
  });

  test("read as the schema version passed, if the table complies with it", () => {
    expect(decodeModelRow(encodeModelRow(extended), ModelV1)).toEqual({ weights, architecture_version: null });
    expect(() => decodeModelRow(encodeModelRow(row), ExtendedV1)).toThrow(ViolationError);
  });

  test("read a row of an undeclared extension as the ancestor that is passed", () => {
    const bytes = encodeModelRow(row, schema("model-row.parent").version(1, { extends: ModelV1 }));
    const metadata = { legolas_schema_qualified: "never.declared@1>legolas-flux.model@1" };
    const unknown = foreignTable({ architecture_version: { values: [4n], type: int64() } }, metadata);
    expect(decodeModelRow(bytes, ModelV1)).toEqual(row);
    expect(decodeModelRow(unknown, ModelV1)).toEqual({ weights: null, architecture_version: 4 });
    expect(() => decodeModelRow(unknown)).toThrow(UnknownSchemaError);
    expect(() => decodeModelRow(unknown)).toThrow("pass the schema version of its ancestor legolas-flux.model@1");
  });

  test.each([0, 2, 3])("refuse a table of %d rows", (count) => {
    const bytes = encodeTable(
      Array.from({ length: count }, () => row),
      ModelV1,
    );
    const error = thrownBy(() => decodeModelRow(bytes));
    expect(error).toBeInstanceOf(RowCountError);
    expect(error).toMatchObject({
      message: `model row: expected a table of exactly one row, found ${count} rows. Read tables of many rows with readTable, and pick a row`,
      numRows: count,
    });
  });

  test("refuse values that do not fit", () => {
    expect(() => encodeModelRow({ weights: [1, 2] })).toThrow(RecordError);
    expect(() => encodeModelRow({ architecture_version: 1.5 })).toThrow(RecordError);
    expect(() => encodeModelRow(JSON.parse("null"))).toThrow(InputError);
    expect(() => encodeModelRow(row, ExtendedV1)).toThrow(RecordError);
  });

  test("give the same bytes for the same row", () => {
    expect(encodeModelRow(row)).toEqual(encodeModelRow(ModelV1({ ...row })));
  });

  test("take the options of encodeTable", () => {
    const provider = { name: "my-models", version: "2" };
    const bytes = encodeModelRow(row, ModelV1, { metadata: { run: "a" }, provider, format: "stream" });
    const table = decodeTable(bytes);
    expect(table.metadata.get("run")).toBe("a");
    expect(table.provider).toEqual(provider);
    expect(decodeModelRow(bytes)).toEqual(row);
  });

  test("throw for compression before the codecs are loaded", () => {
    expect(() => encodeModelRow(row, ModelV1, { compression: "lz4" })).toThrow(CodecNotLoadedError);
  });

  test("refuse bytes that hold no table", () => {
    expect(() => decodeModelRow(new Uint8Array(50))).toThrow(FormatError);
  });
});

describe("writeModelRow and readModelRow", () => {
  test("keep a row in a file", async () => {
    const path = join(folder, "my_model.model.arrow");
    await writeModelRow(path, row);
    expect(new Uint8Array(await readFile(path))).toEqual(encodeModelRow(row));
    expect(recordEquals(await readModelRow(path), row)).toBe(true);
    expect(recordEquals(await readModelRow(path, ModelV1), row)).toBe(true);
  });

  test("record the schema version of the record, or the one passed", async () => {
    const path = join(folder, "a.arrow");
    await writeModelRow(path, extended);
    expect(schemaVersionOf(await readModelRow(path))).toBe(ExtendedV1);
    await writeModelRow(path, extended, ModelV1);
    expect(schemaVersionOf(await readModelRow(path))).toBe(ModelV1);
    expect((await readModelRow(path, ExtendedV1)).epoch).toBe(7);
  });

  test.each(["lz4", "zstd"] as const)(
    "keep a row compressed with %s, loading the codec themselves",
    async (compression) => {
      const path = join(folder, "a.arrow");
      await writeModelRow(path, row, ModelV1, { compression });
      expect(recordEquals(await readModelRow(path), row)).toBe(true);
    },
  );

  test("leave the file that was there where a row cannot be written, and nothing beside it", async () => {
    const path = join(folder, "a.arrow");
    await writeFile(path, "old");
    const changing = new Weights([
      new FlatArray(new Float32Array([1]), [1]),
      new FlatArray(new Int32Array([2 ** 24 + 1]), [1]),
    ]);
    await expect(writeModelRow(path, { weights: changing })).rejects.toThrow(LossyConversionError);
    await expect(writeModelRow(path, { weights: new Weights([]) })).rejects.toThrow(InputError);
    await expect(writeModelRow(path, { architecture_version: "1" })).rejects.toThrow(RecordError);
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["a.arrow"]);
  });

  test("stop with the reason of their signal", async () => {
    const path = join(folder, "a.arrow");
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(writeModelRow(path, row, ModelV1, { signal })).rejects.toThrow("stopped");
    await writeModelRow(path, row);
    await expect(readModelRow(path, ModelV1, { signal })).rejects.toThrow("stopped");
  });

  test("refuse a table of many rows", async () => {
    const path = join(folder, "many.arrow");
    await writeFile(path, encodeTable([row, row], ModelV1));
    await expect(readModelRow(path)).rejects.toThrow(RowCountError);
  });

  test("keep weights of a schema of one's own under another field name", async () => {
    const OwnV1 = schema(newSchemaName()).version(1, { fields: { generator: t.weights, critic: t.weights } });
    const record = OwnV1({ generator: weights, critic: null });
    const path = join(folder, "gan.arrow");
    await writeModelRow(path, record);
    expect(recordEquals(await readModelRow(path, OwnV1), record)).toBe(true);
  });
});
