/** Streams by apache-arrow, of types that neither Julia's files nor our own have. */
import {
  Binary,
  BinaryView,
  DateMillisecond,
  Dictionary,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Int8,
  Int32,
  LargeBinary,
  LargeUtf8,
  List,
  Null,
  Table,
  TimeMillisecond,
  TimestampMicrosecond,
  tableToIPC,
  Utf8,
  Utf8View,
  type Vector,
  vectorFromArray,
} from "apache-arrow";

const bytes = [Uint8Array.of(1, 2), null, Uint8Array.of(3, 255)];
const texts = ["a", null, "bcd"];

const tables: Readonly<Record<string, () => Readonly<Record<string, Vector>>>> = {
  "large and fixed sizes": () => ({
    large_text: vectorFromArray(texts, new LargeUtf8()),
    large_bytes: vectorFromArray(bytes, new LargeBinary()),
    bytes: vectorFromArray(bytes, new Binary()),
    pairs_of_bytes: vectorFromArray(bytes, new FixedSizeBinary(2)),
    pairs: vectorFromArray([[1, 2], null, [3, 4]], new FixedSizeList(2, new Field("item", new Int8(), true))),
    nothing: vectorFromArray([null, null, null], new Null()),
  }),
  "times and halves": () => ({
    instants: vectorFromArray([0, null, 86_400_000], new TimestampMicrosecond()),
    dates: vectorFromArray([new Date(0), null, new Date(86_400_000)], new DateMillisecond()),
    times: vectorFromArray([0, null, 5], new TimeMillisecond()),
    halves: vectorFromArray([0.5, null, 2], new Float16()),
  }),
  views: () => ({
    texts: vectorFromArray(
      ["a", null, "a text of more than twelve bytes", "another text that is long"],
      new Utf8View(),
    ),
    bytes: vectorFromArray([...bytes, new Uint8Array(20).fill(7)], new BinaryView()),
    lists: vectorFromArray(
      [["twelve bytes"], null, ["more than twelve bytes"], []],
      new List(new Field("item", new Utf8View(), true)),
    ),
    kinds: vectorFromArray(["a kind that is long", null, "b", "b"], new Dictionary(new Utf8View(), new Int8(), 1)),
  }),
  dictionaries: () => ({
    first: vectorFromArray(texts, new Dictionary(new Utf8(), new Int8(), 1)),
    second: vectorFromArray([5, null, 6], new Dictionary(new Int32(), new Int8(), 2)),
    lists: vectorFromArray([["a"], null, ["b", "a"]], new List(new Field("item", new Utf8(), true))),
  }),
};

/** Each stream by its name. */
export function otherTypes(): [string, Uint8Array][] {
  return Object.entries(tables).map(([name, columns]) => [name, tableToIPC(new Table(columns()), "stream")]);
}
