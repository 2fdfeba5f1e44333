/** Streams by apache-arrow with a column of views, sound or not. */
import {
  type BinaryView,
  type Data,
  Dictionary,
  Field,
  Int32,
  List,
  Map_,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  Utf8View,
  Vector,
  vectorFromArray,
} from "apache-arrow";

/** The place of bytes in the buffers, or where they are claimed to be. */
export interface View {
  readonly length: number;
  /** The first four bytes as text. */
  readonly prefix: string;
  readonly buffer?: number;
  readonly offset?: number;
}

export interface ViewColumn {
  /** Texts, of at most 12 bytes, stand inside. */
  readonly views: readonly (View | string | null)[];
  readonly buffers: readonly Uint8Array[];
  readonly type?: Utf8View | BinaryView;
}

/** What stands behind the bytes of texts inside, and in place of nulls. */
const rubbish = 0xa5;

function wordsOf(views: ViewColumn["views"]): Uint8Array {
  const bytes = Buffer.alloc(16 * views.length, rubbish);
  for (const [i, view] of views.entries()) {
    const at = 16 * i;
    if (view === null) continue;
    if (typeof view === "string") {
      bytes.writeInt32LE(Buffer.byteLength(view), at);
      bytes.write(view, at + 4);
      continue;
    }
    bytes.writeInt32LE(view.length, at);
    bytes.write(view.prefix, at + 4, 4, "latin1");
    bytes.writeInt32LE(view.buffer ?? 0, at + 8);
    bytes.writeInt32LE(view.offset ?? 0, at + 12);
  }
  return new Uint8Array(bytes);
}

function bitsOf(views: ViewColumn["views"]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(views.length / 8));
  for (const [i, view] of views.entries()) if (view !== null) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  return bits;
}

function dataOf({ views, buffers, type = new Utf8View() }: ViewColumn): Data {
  return makeData({
    type: type as Utf8View,
    length: views.length,
    nullCount: views.filter((view) => view === null).length,
    nullBitmap: bitsOf(views),
    views: wordsOf(views),
    variadicBuffers: [...buffers],
  });
}

function streamOf(data: Data, metadata: ReadonlyMap<string, string>): Uint8Array<ArrayBuffer> {
  const schema = new Schema([new Field("value", data.type, true)], new Map(metadata));
  const rows = makeData({ type: new Struct(schema.fields), length: data.length, children: [data] });
  return tableToIPC(new Table(schema, [new RecordBatch(schema, rows)]), "stream") as Uint8Array<ArrayBuffer>;
}

/** A stream of one column, `value`. */
export function viewStream(
  column: ViewColumn,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  return streamOf(dataOf(column), metadata);
}

/** The same for a column of one map, from these keys to their numbers. */
export function viewMapStream(keys: readonly string[]): Uint8Array<ArrayBuffer> {
  const buffer = Buffer.from(keys.join(""));
  const starts = keys.map((_, i) => Buffer.byteLength(keys.slice(0, i).join("")));
  const views = keys.map((key, i) =>
    key.length <= 12
      ? key
      : { length: Buffer.byteLength(key), prefix: key.slice(0, 4), buffer: 0, offset: starts[i] ?? 0 },
  );
  const key = dataOf({ views, buffers: [new Uint8Array(buffer)] });
  const value = makeData({ type: new Int32(), data: Int32Array.from(keys, (_, i) => i) });
  const fields = [new Field("key", key.type, false), new Field("value", value.type, true)];
  const entries = makeData({ type: new Struct(fields), length: keys.length, children: [key, value] });
  const type = new Map_(new Field("entries", entries.type, false) as never);
  return streamOf(
    makeData({ type, length: 1, valueOffsets: Int32Array.of(0, keys.length), child: entries } as never),
    new Map(),
  );
}

/** The same for a column whose values are found in a dictionary of views. */
export function viewDictionaryStream(column: ViewColumn, indices: readonly number[]): Uint8Array<ArrayBuffer> {
  const type = new Dictionary((column.type ?? new Utf8View()) as Utf8View, new Int32(), 1);
  const dictionary = new Vector([dataOf(column)]);
  const data = Int32Array.from(indices);
  return streamOf(makeData<Dictionary>({ type, length: indices.length, data, dictionary }), new Map());
}

/** The stream of a table whose texts and lists of texts are views; the names of extension types are lost. */
export function withViews(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const plain = tableFromIPC(bytes);
  const columns = plain.schema.names.map((name) => {
    const column = plain.getChild(name) as Vector;
    const { type } = column;
    if (type instanceof Utf8) return [name, vectorFromArray(column.toJSON(), new Utf8View())];
    const isTexts = type instanceof List && type.valueType instanceof Utf8;
    if (!isTexts) return [name, column];
    const lists = [...column].map((list: Vector | null) => list && [...list]);
    return [name, vectorFromArray(lists, new List(new Field("item", new Utf8View(), true)))];
  });
  const table = new Table(Object.fromEntries(columns) as Record<string, Vector>);
  for (const [key, value] of plain.schema.metadata) table.schema.metadata.set(key, value);
  return tableToIPC(table, "stream") as Uint8Array<ArrayBuffer>;
}
