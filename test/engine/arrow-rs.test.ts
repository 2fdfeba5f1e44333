import { tableFromIPC } from "apache-arrow";
import { encodeModelRow, FlatArray, ModelV1, Weights } from "legolas-flux";
import { encodeTable } from "legolas-flux/legolas";
// The implementation of Arrow in Rust, compiled to WebAssembly: a reader that shares no code with the others here.
import { Table } from "parquet-wasm";
import { expect, it } from "vitest";

interface StoredRow {
  readonly weights: { readonly weights: Iterable<{ vec: Iterable<number | bigint>; size: Iterable<bigint> }> } | null;
  readonly weights_names: Iterable<string> | null;
  readonly architecture_version: bigint | null;
}

/** Rows as arrow-rs understood them, written again by it. */
function throughRust(bytes: Uint8Array): StoredRow[] {
  const again = Table.fromIPCStream(bytes).intoIPCStream();
  return tableFromIPC(again).toArray() as StoredRow[];
}

function numbersOf(row: StoredRow | undefined): unknown[] {
  return Array.from(row?.weights?.weights ?? [], ({ vec, size }) => [
    Array.from(vec, Number),
    Array.from(size, Number),
  ]);
}

const vectors = {
  int8: new Int8Array([-128, 0, 127]),
  int16: new Int16Array([-32768, 0, 32767]),
  int32: new Int32Array([-(2 ** 31), 0, 2 ** 31 - 1]),
  int64: new BigInt64Array([-(2n ** 53n), 0n, 2n ** 53n]),
  uint8: new Uint8Array([0, 1, 255]),
  uint16: new Uint16Array([0, 1, 65535]),
  uint32: new Uint32Array([0, 1, 2 ** 32 - 1]),
  uint64: new BigUint64Array([0n, 1n, 2n ** 53n]),
  float32: new Float32Array([-1.5, 0, 3.25]),
  float64: new Float64Array([-1e300, 0, 0.1]),
};

it.each(Object.entries(vectors))("arrow-rs reads weights of %s, value by value", (_, vec) => {
  const weights = new Weights([new FlatArray(vec, [3, 1]), new FlatArray(vec.slice(0, 1), [])], { names: ["a", "b"] });
  const row = ModelV1({ weights, architecture_version: 7 });
  const [stored] = throughRust(encodeModelRow(row, ModelV1, { format: "stream" }));
  const values = Array.from(vec, Number);
  expect(numbersOf(stored)).toEqual([
    [values, [3, 1]],
    [values.slice(0, 1), []],
  ]);
  expect([...(stored?.weights_names ?? [])]).toEqual(["a", "b"]);
  expect(stored?.architecture_version).toBe(7n);
});

it("arrow-rs reads a table of rows with missing weights among them", () => {
  const weights = new Weights([new FlatArray(vectors.float32, [3])]);
  const rows = [ModelV1({ weights }), ModelV1({ architecture_version: 2 }), ModelV1({ weights })];
  const stored = throughRust(encodeTable(rows, ModelV1, { format: "stream" }));
  expect(stored.map(numbersOf)).toEqual([[[[-1.5, 0, 3.25], [3]]], [], [[[-1.5, 0, 3.25], [3]]]]);
  expect(stored.map(({ weights: own }) => own === null)).toEqual([false, true, false]);
});
