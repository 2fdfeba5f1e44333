/** Small files that could make a reader work or allocate out of proportion. */
import {
  type Data,
  Dictionary,
  Field,
  Float32,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { decodeModelRow, encodeModelRow, FlatArray, fetchWeights, ModelV1, Weights } from "legolas-flux";
import { decodeTable, encodeTable, schema, t, writeTable } from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";
import { processorMs } from "../helpers/processor-ms.ts";

function streamOf(schema: Schema, batches: readonly Data[]): Uint8Array {
  const written = batches.map((data) => new RecordBatch(schema, data as Data<Struct>));
  return RecordBatchStreamWriter.writeAll(written).toUint8Array(true);
}

vi.setConfig({ testTimeout: 60_000 });

describe("the work of reading follows the size of what is read", () => {
  it("where many record batches share one large dictionary", () => {
    const [entries, batches] = [20_000, 300];
    const dictionary = vectorFromArray(
      Array.from({ length: entries }, (_, i) => `name ${i}`),
      new Utf8(),
    );
    const type = new Dictionary(new Utf8(), new Int32(), 7);
    const schema = new Schema([new Field("x", type, true)]);
    const bytes = streamOf(
      schema,
      Array.from({ length: batches }, (_, i) =>
        makeData({
          type: new Struct(schema.fields),
          length: 1,
          children: [makeData({ type, length: 1, data: Int32Array.of(i), dictionary })],
        }),
      ),
    );
    expect(bytes.length).toBeLessThan(400_000);
    const table = decodeTable(bytes, { validate: false });
    let column: unknown[] = [];
    const ms = processorMs(() => {
      column = table.column("x");
    });
    expect(column).toEqual(Array.from({ length: batches }, (_, i) => `name ${i}`));
    expect(ms).toBeLessThan(1000);
  });

  it("where the elements of many arrays of weights stand in one large dictionary", () => {
    const [entries, arrays] = [20_000, 1000];
    const dictionary = vectorFromArray(Float32Array.from({ length: entries }, (_, i) => i));
    const elements = new Dictionary(new Float32(), new Int32(), 1);
    const offsets = Int32Array.from({ length: arrays + 1 }, (_, i) => i);
    const vec = new List(new Field("item", elements, false));
    const size = new List(new Field("item", new Int64(), false));
    const item = new Struct([new Field("vec", vec, false), new Field("size", size, false)]);
    const list = new List(new Field("item", item, false));
    const weights = new Struct([new Field("weights", list, false)]);
    const schema = new Schema([new Field("weights", weights, false)]);
    const indices = Int32Array.from({ length: arrays }, (_, i) => (7 * i) % entries);
    const children: Data[] = [
      makeData({
        type: vec,
        length: arrays,
        valueOffsets: offsets,
        child: makeData({ type: elements, length: arrays, data: indices, dictionary }),
      }),
      makeData({
        type: size,
        length: arrays,
        valueOffsets: offsets,
        child: makeData({ type: new Int64(), length: arrays, data: new BigInt64Array(arrays).fill(1n) }),
      }),
    ];
    const items = makeData({ type: item, length: arrays, children });
    const lists = makeData({ type: list, length: 1, valueOffsets: Int32Array.of(0, arrays), child: items });
    const column = makeData({ type: weights, length: 1, children: [lists] });
    const bytes = streamOf(schema, [makeData({ type: new Struct(schema.fields), length: 1, children: [column] })]);
    expect(bytes.length).toBeLessThan(200_000);
    let found: (number | bigint | undefined)[] = [];
    const ms = processorMs(() => {
      const [row] = decodeTable(bytes, { schemaVersion: ModelV1 }).records();
      found = row?.weights?.arrays.map(({ vec: values }) => values[0]) ?? [];
    });
    expect(found).toEqual(Array.from(indices));
    expect(ms).toBeLessThan(1000);
  });

  it("where there are many record batches of one row", () => {
    const schema = new Schema([new Field("x", new Int32(), false)]);
    const rows = 3000;
    const bytes = streamOf(
      schema,
      Array.from({ length: rows }, (_, i) =>
        makeData({
          type: new Struct(schema.fields),
          length: 1,
          children: [makeData({ type: new Int32(), length: 1, data: Int32Array.of(i) })],
        }),
      ),
    );
    let column: unknown[] = [];
    const ms = processorMs(() => {
      column = decodeTable(bytes, { validate: false }).column("x");
    });
    expect(column).toEqual(Array.from({ length: rows }, (_, i) => i));
    expect(ms).toBeLessThan(1000);
  });
});

describe("no number of parts is too many", () => {
  const count = 200_000;

  it("for rows of text", () => {
    const TextV1 = schema("test.text").version(1, { fields: { text: t.string } });
    const rows = Array.from({ length: count }, (_, i) => ({ text: `${i}` }));
    const column = decodeTable(encodeTable(rows, TextV1)).column("text");
    expect(column).toHaveLength(count);
    expect(column.at(-1)).toBe(`${count - 1}`);
  });

  it("for arrays of weights", () => {
    const array = new FlatArray(Float32Array.of(1), [1]);
    const weights = new Weights(Array.from({ length: count }, () => array));
    expect(decodeModelRow(encodeModelRow({ weights })).weights?.length).toBe(count);
  });

  it("for the entries of a tree, of which plain numbers are configuration", () => {
    const plain = Array.from({ length: count }, (_, i) => i);
    const tree = { before: Float32Array.of(1), plain, many: new Set(plain), after: Float32Array.of(2) };
    expect(fetchWeights(tree).names).toEqual(["before", "after"]);
  });

  it("for a sink, which gets small parts together", async () => {
    const TextV1 = schema("test.text").version(1, { fields: { text: t.string } });
    let writes = 0;
    let bytes = 0;
    const sink = {
      location: "sink",
      write: async (part: Uint8Array) => {
        writes += 1;
        bytes += part.length;
      },
      close: async () => {},
      abort: async () => {},
    };
    await writeTable(
      sink,
      Array.from({ length: 20_000 }, (_, i) => ({ text: `${i}` })),
      TextV1,
    );
    expect(bytes).toBeGreaterThan(150_000);
    expect(writes).toBeLessThan(1000);
  });
});
