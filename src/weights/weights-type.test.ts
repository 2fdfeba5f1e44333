import { decodeModelRow, encodeModelRow, FlatArray, FormatError, fetchWeights, ModelV1, Weights } from "legolas-flux";
import { construct, decodeTable, encodeTable, type FieldLike, recordEquals, schema, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { newSchemaName, thrownBy } from "../../test/contract/support.ts";

const array = (value: number) => new FlatArray(new Float32Array([value, value]), [2]);
const plain = new Weights([array(1), array(2)]);
const named = new Weights([array(1), array(2)], { names: ["kernel", "bias"], layout: "tfjs" });
const promoted = new Weights([array(1), new FlatArray(new Int8Array([3]), [1])]);

function columnsOf(...rows: object[]): string[] {
  return decodeTable(encodeTable(rows, ModelV1)).columnNames;
}

function readBack(weights: Weights): Weights {
  return decodeModelRow(encodeModelRow({ weights })).weights as Weights;
}

describe("t.weights", () => {
  test("takes Weights, and keeps them uncopied", () => {
    expect(construct(t.weights, plain)).toBe(plain);
  });

  test("takes null", () => {
    expect(construct(t.weights, null)).toBeNull();
    expect(construct(t.weights, undefined)).toBeNull();
    expect(t.weights.takesNull).toBe(true);
  });

  test.each<[unknown, string]>([
    [[new Float32Array(1)], "an array of 1"],
    [new Float32Array(1), "a Float32Array of 4 bytes"],
    [array(1), "a FlatArray"],
    [{ arrays: [] }, "an object with arrays"],
    [Promise.resolve(plain), "a Promise"],
  ])("refuses %s, and says how to make them", (value, found) => {
    expect(thrownBy(() => construct<unknown, unknown>(t.weights, value))).toMatchObject({
      message:
        `value: expected Weights, found ${found}. ` +
        "Take them from a model with fetchWeights, or build them: new Weights([new FlatArray(vec, size)])",
    });
  });
});

describe("the columns that accompany weights", () => {
  test("are left out of a file of one row where they have nothing to say", () => {
    expect(columnsOf({ weights: plain })).toEqual(["weights", "architecture_version"]);
    expect(columnsOf({ weights: named })).toEqual([
      "weights",
      "weights_names",
      "weights_layout",
      "architecture_version",
    ]);
    expect(columnsOf({ weights: promoted })).toEqual(["weights", "weights_dtypes", "architecture_version"]);
    expect(columnsOf({ weights: null })).toEqual(["weights", "architecture_version"]);
  });

  test("always stand in a file of many rows, or of none, right after the weights and in their order", () => {
    const all = ["weights", "weights_names", "weights_layout", "weights_dtypes", "architecture_version"];
    expect(columnsOf({ weights: plain }, { weights: plain })).toEqual(all);
    expect(columnsOf({ weights: null }, { weights: null })).toEqual(all);
    expect(columnsOf()).toEqual(all);
  });

  test("are nullable columns of text and of lists of text", () => {
    const { fields } = decodeTable(encodeTable([{ weights: plain }, { weights: named }], ModelV1)).schema;
    const accompanying = fields.filter(({ name }) => name.startsWith("weights_"));
    expect(accompanying.map(({ type, nullable, children }) => [type.kind, nullable, children[0]?.type.kind])).toEqual([
      ["list", true, "utf8"],
      ["utf8", true, undefined],
      ["list", true, "utf8"],
    ]);
  });

  test("have names after the field's own", () => {
    const TwoV1 = schema(newSchemaName()).version(1, { fields: { best: t.weights, last: t.weights } });
    const bytes = encodeTable([{ best: named, last: promoted }], TwoV1);
    expect(decodeTable(bytes).columnNames).toEqual(["best", "best_names", "best_layout", "last", "last_dtypes"]);
    expect(decodeTable(bytes, { schemaVersion: TwoV1 }).records()[0]?.best).toEqual(named);
  });

  test("give back names, layout and the types before promotion", () => {
    expect(readBack(named)).toEqual(named);
    expect(readBack(promoted).dtypes).toEqual(["float32", "int8"]);
    expect(readBack(plain)).toEqual(plain);
    const bfloat = new Weights([array(1)], { dtypes: ["bfloat16"] });
    expect(readBack(bfloat).dtypes).toEqual(["bfloat16"]);
  });

  test("give each row its own", () => {
    const rows = [{ weights: named }, { weights: null }, { weights: plain }];
    const table = decodeTable(encodeTable(rows, ModelV1), { schemaVersion: ModelV1 });
    expect(table.records().map(({ weights }) => weights)).toEqual([named, null, plain]);
  });

  test("stand as plain columns for those who ask for them", () => {
    const table = decodeTable(encodeTable([{ weights: named }], ModelV1));
    expect(table.column("weights_names")).toEqual([["kernel", "bias"]]);
    expect(table.column("weights_layout")).toEqual(["tfjs"]);
  });

  test("are no part of the record", () => {
    expect(Object.keys(decodeModelRow(encodeModelRow({ weights: named })))).toEqual([
      "weights",
      "architecture_version",
    ]);
  });

  test("stay with weights in structs, nested records and optional fields", () => {
    const NestedV1 = schema(newSchemaName()).version(1, { fields: { weights: t.weights } });
    const HolderV1 = schema(newSchemaName()).version(1, {
      fields: { struct: t.struct({ best: t.weights }), nested: NestedV1, maybe: t.optional(t.weights) },
    });
    const record = HolderV1({ struct: { best: named }, nested: { weights: named }, maybe: named });
    const [read] = decodeTable(encodeTable([record], HolderV1)).records();
    expect(read).toEqual({ struct: { best: named }, nested: { weights: named }, maybe: named });
  });

  test.each<[string, FieldLike, (weights: Weights) => unknown]>([
    ["vectors", t.vector(t.weights), (weights) => [weights]],
    ["lists of a fixed length", t.fixed(t.weights, 1), (weights) => [weights]],
    ["maps", t.map(t.string, t.weights), (weights) => new Map([["best", weights]])],
    ["unions", t.union(t.weights, t.string), (weights) => weights],
  ])("have no place in %s, where the arrays are kept all the same", (_, type, wrap) => {
    const HolderV1 = schema(newSchemaName()).version(1, { fields: { held: type } });
    for (const count of [1, 2]) {
      const rows = Array.from({ length: count }, () => ({ held: wrap(plain) }));
      expect(decodeTable(encodeTable(rows, HolderV1)).column("held")).toEqual(rows.map(({ held }) => held));
    }
  });

  test("must have one entry for each array", () => {
    const LooseV1 = schema(newSchemaName()).version(1, { fields: { own: t.weights, own_more: t.any } });
    const bytes = encodeTable([{ own: plain, own_names: ["only one"] }], LooseV1);
    const error = thrownBy(() => decodeTable(bytes).records());
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({
      message:
        'the column "own_names": expected one entry for each of 2 arrays, found 1. ' +
        "The file is damaged or was edited: write it again",
    });
  });

  test("count for nothing where a column of such a name holds something else", () => {
    const LooseV1 = schema(newSchemaName()).version(1, { fields: { own: t.weights } });
    const bytes = encodeTable([{ own: plain, own_names: 5, own_layout: ["x"] }], LooseV1);
    expect(decodeTable(bytes, { schemaVersion: LooseV1 }).records()[0]?.own).toEqual(plain);
  });

  test("cannot be replaced by an undeclared value of the row", () => {
    const bytes = encodeTable([{ weights: named, weights_names: ["x", "y"] }], ModelV1);
    expect(decodeTable(bytes).column("weights_names")).toEqual([["kernel", "bias"]]);
  });
});

describe("missing weights", () => {
  test("are a column of type Null in a file of one row", () => {
    const [column] = decodeTable(encodeModelRow({})).schema.fields;
    expect([column?.name, column?.type.kind]).toEqual(["weights", "null"]);
    expect(decodeModelRow(encodeModelRow({})).weights).toBeNull();
  });

  test("are null in a nullable struct in a file of many rows, even where all are missing", () => {
    for (const rows of [
      [{ weights: null }, { weights: plain }],
      [{}, {}],
    ]) {
      const table = decodeTable(encodeTable(rows, ModelV1), { schemaVersion: ModelV1 });
      const [column] = table.schema.fields;
      expect([column?.type.kind, column?.nullable]).toEqual(["struct", true]);
      expect(table.records().map(({ weights }) => weights)).toEqual(
        rows.map((row) => ("weights" in row ? row.weights : null)),
      );
    }
  });

  test("may be an absent column", () => {
    const OtherV1 = schema(newSchemaName()).version(1, { fields: { architecture_version: t.int64 } });
    const bytes = encodeTable([{ architecture_version: 3 }], OtherV1);
    expect(decodeModelRow(bytes, ModelV1)).toEqual({ weights: null, architecture_version: 3 });
  });
});

test("records with weights are equal to what is read back, where no type is promoted", () => {
  const row = ModelV1({ weights: fetchWeights({ w: new Float32Array([1, Number.NaN]) }), architecture_version: 2 });
  expect(recordEquals(decodeModelRow(encodeModelRow(row)), row)).toBe(true);
});
