/** Small files that declare much: memory and time stay in proportion to the length of the file. */
import {
  type Data,
  Dictionary,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float32,
  Int8,
  Int32,
  Int64,
  List,
  makeData,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Utf8,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { decodeModelRow, isLegolasError, ModelV1 } from "legolas-flux";
import { decodeTable } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";
import { rawMessages } from "../helpers/raw-messages.ts";

const maxMs = 1000;

/** Reads all there is; the error where it is refused. */
function read(bytes: Uint8Array): { error: unknown; ms: number; rows: number } {
  const start = performance.now();
  let error: unknown = null;
  let rows = 0;
  try {
    const table = decodeTable(bytes, { validate: false });
    rows = table.numRows;
    for (const name of table.columnNames) table.column(name);
    table.records();
  } catch (caught) {
    error = caught;
  }
  return { error, ms: performance.now() - start, rows };
}

function expectRefused(bytes: Uint8Array): void {
  const { error, ms } = read(bytes);
  expect(isLegolasError(error), String(error)).toBe(true);
  expect(ms).toBeLessThan(maxMs);
}

/** A stream of columns with one row each. */
function oneRow(...columns: readonly Data[]): Uint8Array<ArrayBuffer> {
  const schema = new Schema(columns.map(({ type }, i) => new Field(`column${i}`, type, true)));
  const data = makeData({ type: new Struct(schema.fields), length: 1, children: [...columns] });
  return tableToIPC(new Table(schema, [new RecordBatch(schema, data)]), "stream") as Uint8Array<ArrayBuffer>;
}

function listOf(child: Data, offsets: Int32Array): Data {
  const type = new List(new Field("item", child.type, false));
  return makeData({ type, length: offsets.length - 1, valueOffsets: offsets, child });
}

function structOf(length: number, children: Readonly<Record<string, Data>>): Data<Struct> {
  const fields = Object.entries(children).map(([name, { type }]) => new Field(name, type, false));
  return makeData({ type: new Struct(fields), length, children: Object.values(children) });
}

/** A model row of arrays of one element each, all of them the first entry of a dictionary. */
function weightsInDictionary(arrays: number, values: Data): Uint8Array {
  const each = Int32Array.from({ length: arrays + 1 }, (_, i) => i);
  const items = makeData({
    type: new Dictionary(values.type, new Int32()),
    length: arrays,
    data: new Int32Array(arrays),
    dictionary: new Vector([values]),
  });
  const sizes = makeData({ type: new Int64(), length: arrays, data: new BigInt64Array(arrays).fill(1n) });
  const list = listOf(
    structOf(arrays, { vec: listOf(items, each), size: listOf(sizes, each) }),
    Int32Array.of(0, arrays),
  );
  const data = structOf(1, { weights: structOf(1, { weights: list }) });
  const schema = new Schema(data.type.children, new Map([["legolas_schema_qualified", ModelV1.identifier]]));
  return tableToIPC(new Table(schema, [new RecordBatch(schema, data)]), "stream");
}

/** The same bytes with other lengths for the record batch and its first nodes. */
function withLengths(bytes: Uint8Array, ...lengths: bigint[]): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const batch = rawMessages(copy).messages.find(({ kind }) => kind === "recordBatch");
  if (!batch) throw new Error("no record batch");
  if (batch.rows === null) throw new Error("a record batch whose length is not stored");
  view.setBigInt64(batch.rows.at, lengths[0] ?? 0n, true);
  for (const [i, length] of lengths.entries()) {
    const node = batch.nodes[i];
    if (node) view.setBigInt64(node.length.at, length, true);
  }
  return copy;
}

/** A stream with its last record batch many times. */
function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const { messages } = rawMessages(bytes);
  const parts = messages.map((message) => bytes.subarray(message.position, message.bodyPosition + message.bodyLength));
  const last = parts.pop() as Uint8Array;
  return new Uint8Array(Buffer.concat([...parts, ...Array.from({ length: times }, () => last)]));
}

const item = new Field("item", new Int8(), true);
const none = new Uint8Array(0);
const free: Readonly<Record<string, () => Data>> = {
  "null column": () => makeData({ type: new Null(), length: 1 }),
  "struct without fields": () => makeData({ type: new Struct([]), length: 1, children: [] }),
  "binary of no bytes": () => makeData({ type: new FixedSizeBinary(0), length: 1, data: none }),
  "list of no elements": () =>
    makeData({
      type: new FixedSizeList(0, item),
      length: 1,
      child: makeData({ type: item.type, length: 0, data: new Int8Array(0) }),
    }),
};

describe("a length that costs no bytes is refused where it is out of proportion", () => {
  it.each(Object.entries(free))("of a %s", (_, column) => {
    for (const length of [10_000_000n, 2n ** 31n - 1n, 2n ** 40n, 2n ** 53n - 1n]) {
      expectRefused(withLengths(oneRow(column()), length, length));
    }
  });

  it("of a table without columns", () => {
    for (const length of [10_000_000n, 2n ** 53n - 1n]) expectRefused(withLengths(oneRow(), length));
  });

  it("of many columns together", () => {
    const columns = Array.from({ length: 400 }, () => makeData({ type: new Null(), length: 1 }));
    expectRefused(withLengths(oneRow(...columns), ...Array.from({ length: 401 }, () => 60_000n)));
  });

  it("of many record batches together", () => {
    const batch = withLengths(oneRow(makeData({ type: new Null(), length: 1 })), 60_000n, 60_000n);
    expectRefused(repeated(batch, 400));
  });
});

describe("what many rows share is not made again for each", () => {
  const entries = 20_000;

  it("such as a dictionary that many record batches refer to", () => {
    const column = vectorFromArray(["entry 7"], new Dictionary(new Utf8(), new Int32()));
    expect(column.length).toBe(1);
    const dictionary = vectorFromArray(
      Array.from({ length: entries }, (_, i) => `entry ${i}`),
      new Utf8(),
    );
    const data = makeData({ type: column.type, length: 1, data: Int32Array.of(7), dictionary });
    const { error, ms, rows } = read(repeated(oneRow(data), 1000));
    expect(error).toBe(null);
    expect(rows).toBe(1000);
    expect(ms).toBeLessThan(maxMs);
  });

  it("such as a dictionary that many arrays of weights refer to", () => {
    const values = makeData({ type: new Float32(), length: 50_000, data: new Float32Array(50_000).fill(3) });
    const start = performance.now();
    const { weights } = decodeModelRow(weightsInDictionary(5000, values));
    expect(performance.now() - start).toBeLessThan(maxMs);
    expect(weights?.length).toBe(5000);
    expect(weights?.at(4999)?.vec).toEqual(Float32Array.of(3));
  });
});
