import { tableFromIPC } from "@uwdata/flechette";
import { decodeModelRow, encodeModelRow, FlatArray, InputError, ModelV1, Weights } from "legolas-flux";
import { decodeTable, encodeTable, type Field } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { thrownBy } from "../../test/contract/support.ts";

function weightsOf(...arrays: [FlatArray["vec"], number[]][]): Weights {
  return new Weights(arrays.map(([vec, size]) => new FlatArray(vec, size)));
}

/** A field as text: its name, extension name, kind, and whether it may be null. */
function describeField({ name, type, nullable, metadata, children }: Field): unknown {
  const extension = metadata.get("ARROW:extension:name");
  const text = `${name}: ${extension ? `${extension} ` : ""}${type.kind}${nullable ? "?" : ""}`;
  return children.length > 0 ? [text, ...children.map(describeField)] : text;
}

describe("weights on disk", () => {
  const weights = weightsOf([new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3]], [new Float32Array([7]), []]);

  test("have the types and extension names that LegolasFlux.jl reads, not nullable at any depth", () => {
    const [column] = decodeTable(encodeModelRow({ weights })).schema.fields;
    expect(describeField(column as Field)).toEqual([
      "weights: JuliaLang.LegolasFlux.Weights struct",
      [
        "weights: list",
        ["item: JuliaLang.LegolasFlux.FlatArray struct", ["vec: list", "item: float"], ["size: list", "item: int"]],
      ],
    ]);
  });

  test("hold elements in column-major order, and sizes as int64, as another reader sees them", () => {
    const [row] = tableFromIPC(encodeModelRow({ weights }), { useBigInt: true }).toArray();
    expect(row?.weights.weights).toEqual([
      { vec: new Float32Array([1, 2, 3, 4, 5, 6]), size: new BigInt64Array([2n, 3n]) },
      { vec: new Float32Array([7]), size: new BigInt64Array([]) },
    ]);
  });

  test("are the same bytes for the same weights", () => {
    expect(encodeModelRow({ weights })).toEqual(
      encodeModelRow({
        weights: weightsOf([new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3]], [new Float32Array([7]), []]),
      }),
    );
  });

  test("are the elements at the time of writing, as the arrays are live", () => {
    const vec = new Float32Array([1]);
    const row = ModelV1({ weights: weightsOf([vec, [1]]) });
    const before = encodeModelRow(row);
    vec[0] = 2;
    expect(decodeModelRow(before).weights?.at(0)?.vec).toEqual(new Float32Array([1]));
    expect(decodeModelRow(encodeModelRow(row)).weights?.at(0)?.vec).toEqual(new Float32Array([2]));
  });

  test("hold views into larger buffers without the rest of the buffer", () => {
    const buffer = new Float32Array([9, 1, 2, 9]);
    const written = encodeModelRow({ weights: weightsOf([buffer.subarray(1, 3), [2]]) });
    expect(decodeModelRow(written).weights?.at(0)?.vec).toEqual(new Float32Array([1, 2]));
  });

  test("hold empty arrays, but not first", () => {
    const sizes = [[1], [0], [5, 0], [0]];
    const arrays = sizes.map((size): [Float32Array, number[]] => [new Float32Array(size[0] === 1 ? 1 : 0), size]);
    const read = decodeModelRow(encodeModelRow({ weights: weightsOf(...arrays) })).weights;
    expect([...(read ?? [])].map(({ size }) => size)).toEqual(sizes);
  });

  test("hold bools as bits, one array after the other", () => {
    const flags = [3, 9, 1].map((length) => Uint8Array.from({ length }, (_, i) => (i + length) % 2));
    const bools = new Weights(flags.map((vec) => new FlatArray(vec, [vec.length], "bool")));
    const read = decodeModelRow(encodeModelRow({ weights: bools })).weights;
    expect([...(read ?? [])].map(({ vec, elementType }) => [vec, elementType])).toEqual(
      flags.map((vec) => [vec, "bool"]),
    );
  });

  test("of many rows have one element type, promoted over all of them", () => {
    const rows = [
      { weights: weightsOf([new Float32Array([0.5]), [1]]) },
      { weights: weightsOf([new Int8Array([3]), [1]]) },
    ];
    const table = decodeTable(encodeTable(rows, ModelV1), { schemaVersion: ModelV1 });
    const read = table.records().map((row) => row.weights);
    expect(read.map((row) => row?.at(0)?.vec)).toEqual([new Float32Array([0.5]), new Float32Array([3])]);
  });
});

describe("rows that Julia could not read back are refused", () => {
  test("weights without any array", () => {
    const error = thrownBy(() => encodeModelRow({ weights: new Weights([]) }));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({
      message:
        '"weights": expected weights whose first array has elements, which Julia needs to read them, found no arrays. ' +
        "Build the model before fetching its weights, or store null for a model without any",
    });
  });

  test("weights whose first array is empty", () => {
    const arrays = [new FlatArray(new Float32Array(0), [0, 3]), new FlatArray(new Float32Array(1), [1])];
    const error = thrownBy(() => encodeModelRow({ weights: new Weights(arrays, { names: ["empty", "full"] }) }));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({
      message:
        '"weights", array 0 (empty): expected weights whose first array has elements, which Julia needs to read them, ' +
        "found an empty array of size (0, 3). Put an array that has elements first",
    });
  });

  test("in any row of a table", () => {
    const full = weightsOf([new Float32Array(1), [1]]);
    expect(() => encodeTable([{ weights: full }, { weights: new Weights([]) }], ModelV1)).toThrow(InputError);
  });
});
