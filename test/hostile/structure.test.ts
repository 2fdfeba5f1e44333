/** Well-formed messages that contradict each other, or themselves. */
import {
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  FormatError,
  LegolasError,
  loadCodecs,
  ModelV1,
  Weights,
} from "legolas-flux";
import { decodeTable, encodeTable, isLegolasError, recordEquals, schema, t } from "legolas-flux/legolas";
import { beforeAll, describe, expect, it } from "vitest";
import { bytesOf } from "../helpers/julia-fixtures.ts";
import { type RawFooter, type RawMessage, rawMessages } from "../helpers/raw-messages.ts";

const row = ModelV1({
  weights: new Weights([
    new FlatArray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
    new FlatArray(Float32Array.of(7, 8, 9), [3]),
  ]),
  architecture_version: 3,
});
const file = encodeModelRow(row);
const stream = encodeModelRow(row, ModelV1, { format: "stream" });
const raw = rawMessages(file);
const batch = raw.messages[1] as RawMessage;
const footer = raw.footer as RawFooter;

type Change = (view: DataView, bytes: Uint8Array) => void;

function changed(bytes: Uint8Array, change: Change): Uint8Array {
  const copy = bytes.slice();
  change(new DataView(copy.buffer), copy);
  return copy;
}

function setInt64(at: number, value: number): Change {
  return (view) => view.setBigInt64(at, BigInt(value), true);
}

function setInt64s(at: number, ...values: number[]): Change {
  return (view) => {
    for (const [i, value] of values.entries()) view.setBigInt64(at + 8 * i, BigInt(value), true);
  };
}

function setInt32(at: number, value: number): Change {
  return (view) => view.setInt32(at, value, true);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Position of text in bytes. */
function find(bytes: Uint8Array, text: string, from = 0): number {
  const position = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(text, from);
  if (position < 0) throw new Error(`no ${text}`);
  return position;
}

function expectRefused(bytes: Uint8Array, found: RegExp): void {
  for (const run of [() => decodeTable(bytes), () => decodeTable(bytes, { validate: false })]) {
    expect(run).toThrow(FormatError);
    expect(run).toThrow(found);
  }
  // Of a model row the number of rows may be looked at first.
  expect(() => decodeModelRow(bytes)).toThrow(LegolasError);
}

/** Replaces the footer's bytes with others, and its length with theirs. */
function withFooter(body: Uint8Array, footerBytes: Uint8Array, length = footerBytes.length): Uint8Array {
  const tail = new Uint8Array(4);
  new DataView(tail.buffer).setInt32(0, length, true);
  return concat(body, footerBytes, tail, new TextEncoder().encode("ARROW1"));
}

const body = file.subarray(0, footer.position);
const footerBytes = file.subarray(footer.position, footer.position + footer.length);

describe("a footer that disagrees with the body is refused", () => {
  const block = footer.recordBatches[0] as RawFooter["recordBatches"][number];
  const lengthAt = file.length - 10;
  const batchBytes = file.subarray(batch.position, batch.bodyPosition + batch.bodyLength);
  const withoutBatch = encodeTable([], ModelV1);
  const emptyRaw = rawMessages(withoutBatch);
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["a batch listed elsewhere", changed(file, setInt64(block.offset.at, batch.position + 8)), /does not list/],
    ["a batch listed outside", changed(file, setInt64(block.offset.at, file.length * 2)), /does not list/],
    ["a batch at a negative place", changed(file, setInt64(block.offset.at, -8)), /size of -8/],
    ["a batch of another length", changed(file, setInt64(block.bodyLength.at, batch.bodyLength - 8)), /does not list/],
    ["a negative length of metadata", changed(file, setInt32(block.metadataLength.at, -1)), /length of -1/],
    ["another length of metadata", changed(file, setInt32(block.metadataLength.at, 8)), /does not list/],
    ["a list of no batch", changed(file, setInt32(block.offset.at - 4, 0)), /does not list/],
    ["a list of more batches than fit", changed(file, setInt32(block.offset.at - 4, 2 ** 30)), /offset outside/],
    ["a second batch that it does not list", withFooter(concat(body, batchBytes), footerBytes), /does not list/],
    ["the footer of another file", withFooter(body, bytesOf("bar.arrow").subarray(-700, -10)), /./],
    [
      "a schema of other names",
      changed(file, (_, copy) => copy.set([120], find(copy, "size", footer.position))),
      /schema differs/,
    ],
    [
      "other metadata",
      changed(file, (_, copy) => copy.set([50], find(copy, "model@1", footer.position) + 6)),
      /schema differs/,
    ],
    ["a length beyond the file", changed(file, setInt32(lengthAt, file.length)), /footer of \d+ bytes in a file/],
    ["a negative length", changed(file, setInt32(lengthAt, -5)), /footer of -5 bytes/],
    ["a length of zero", changed(file, setInt32(lengthAt, 0)), /footer of 0 bytes/],
    ["a length that begins inside", changed(file, setInt32(lengthAt, footer.length - 8)), /./],
    ["a footer that begins before", changed(file, setInt32(lengthAt, footer.length + 8)), /./],
    ["a body without its batch", withFooter(file.subarray(0, batch.position), footerBytes), /does not list/],
    ["a body with rubbish before the footer", withFooter(concat(body, new Uint8Array(16)), footerBytes), /no message/],
    [
      "rows of a file that says it has none",
      withFooter(body, withoutBatch.subarray(emptyRaw.footer?.position, -10)),
      /./,
    ],
  ];

  it("in enough ways", () => {
    expect(cases).toHaveLength(20);
    expect(recordEquals(decodeModelRow(withFooter(body, footerBytes)), row)).toBe(true);
  });

  it.each(cases)("%s", (_, bytes, found) => {
    expectRefused(bytes, found);
  });

  it("unless it only adds an end-of-stream marker before it, as other writers do", () => {
    const marker = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);
    expect(recordEquals(decodeModelRow(withFooter(concat(body, marker), footerBytes)), row)).toBe(true);
  });

  it("and a batch hidden behind the end-of-stream marker is not listed", () => {
    const marker = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);
    const beforeBatch = file.subarray(0, batch.position);
    expectRefused(withFooter(concat(beforeBatch, marker, batchBytes), footerBytes), /does not list/);
  });
});

describe("messages that contradict the format are refused", () => {
  const [schemaMessage, batchMessage] = rawMessages(stream).messages as [RawMessage, RawMessage];
  const schemaBytes = stream.subarray(0, batchMessage.position);
  const rest = stream.subarray(batchMessage.position);
  const slot = ({ table }: RawMessage, index: number): number => table.slot(index) ?? 0;
  const header = (message: RawMessage): RawMessage["table"] => message.table.table(2) as RawMessage["table"];
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    [
      "metadata of version V1",
      changed(stream, (view) => view.setInt16(slot(batchMessage, 0), 0, true)),
      /metadata version 0, not V4 or V5/,
    ],
    [
      "metadata of a later version",
      changed(stream, (view) => view.setInt16(slot(schemaMessage, 0), 5, true)),
      /version 5/,
    ],
    ["a message of unknown kind", changed(stream, (view) => view.setUint8(slot(batchMessage, 1), 4)), /unknown kind 4/],
    ["a message of no kind", changed(stream, (view) => view.setUint8(slot(batchMessage, 1), 0)), /unknown kind 0/],
    ["a schema that says it is rows", changed(stream, (view) => view.setUint8(slot(schemaMessage, 1), 3)), /./],
    ["rows that say they are a schema", changed(stream, (view) => view.setUint8(slot(batchMessage, 1), 1)), /./],
    [
      "big-endian data",
      changed(stream, (view) => view.setInt16(header(schemaMessage).slot(0) ?? 0, 1, true)),
      /little-endian data, found big-endian/,
    ],
    ["a body beyond the end", changed(stream, setInt64(slot(batchMessage, 3), 2 ** 40)), /cut off/],
    ["a negative body", changed(stream, setInt64(slot(batchMessage, 3), -8)), /size of -8/],
    ["a shorter body", changed(stream, setInt64(slot(batchMessage, 3), batchMessage.bodyLength - 8)), /./],
    ["rows before the schema", rest, /data before the schema/],
    ["two schemas", concat(schemaBytes, schemaBytes, rest), /second schema/],
    ["a schema after the rows", concat(stream.subarray(0, -8), schemaBytes, rest), /second schema/],
    ["no schema", stream.subarray(-8), /no schema/],
    ["a negative length", changed(stream, setInt32(batchMessage.position + 4, -8)), /message of -8 bytes/],
    ["a length beyond the end", changed(stream, setInt32(4, 2 ** 31 - 1)), /cut off/],
    [
      "another continuation marker",
      changed(stream, setInt32(batchMessage.position, 1)),
      /no message where one must stand/,
    ],
    ["rubbish between messages", concat(schemaBytes, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), rest), /no message/],
    ["a root outside its metadata", changed(stream, setInt32(8, 2 ** 30)), /offset outside/],
    ["a root before its metadata", changed(stream, setInt32(8, -8)), /offset outside/],
  ];

  it.each(cases)("%s", (_, bytes, found) => {
    expect(schemaMessage.kind).toBe("schema");
    expectRefused(bytes, found);
  });
});

describe("arrays that contradict themselves are refused", () => {
  // Nodes and buffers in order: weights, list, item, vec, vec.item, size, size.item, architecture_version.
  const nodeAt = (index: number): RawMessage["nodes"][number] => batch.nodes[index] as RawMessage["nodes"][number];
  const bufferAt = (index: number): RawMessage["buffers"][number] =>
    batch.buffers[index] as RawMessage["buffers"][number];
  const dataAt = (index: number): number => batch.bodyPosition + bufferAt(index).offset.value;
  const [vecOffsets, vecItems, sizeOffsets, sizeItems] = [5, 7, 9, 11] as const;
  const cases: readonly (readonly [string, Change, RegExp])[] = [
    ["more rows than the batch", setInt64(nodeAt(0).length.at, 2), /./],
    ["fewer rows than the batch", setInt64(nodeAt(7).length.at, 0), /rows in a batch/],
    ["a batch of more rows", setInt64(batch.rows?.at ?? 0, 2), /rows in a batch of 2/],
    ["a batch of no rows", setInt64(batch.rows?.at ?? 0, 0), /rows in a batch of 0/],
    ["a batch of 2^53 rows", setInt64(batch.rows?.at ?? 0, 2 ** 53), /size of/],
    ["more elements than bytes", setInt64(nodeAt(4).length.at, 1000), /bytes for 1000 elements/],
    ["negative elements", setInt64(nodeAt(4).length.at, -1), /size of -1/],
    ["more nulls than elements", setInt64(nodeAt(4).nullCount.at, 10), /10 nulls among 9/],
    ["nulls without a bitmap", setInt64(nodeAt(4).nullCount.at, 1), /0 bytes for 9 elements/],
    ["a buffer outside the body", setInt64(bufferAt(vecItems).offset.at, batch.bodyLength), /outside the body/],
    ["a buffer that ends outside", setInt64(bufferAt(12).length.at, 64), /outside the body|./],
    ["a buffer over another", setInt64(bufferAt(vecItems).offset.at, bufferAt(vecOffsets).offset.value), /overlaps/],
    ["a negative offset of a buffer", setInt64(bufferAt(vecItems).offset.at, -8), /size of -8/],
    ["a shorter buffer", setInt64(bufferAt(vecItems).length.at, 32), /32 bytes for 9 elements/],
    ["falling offsets", setInt32(dataAt(vecOffsets) + 4, 8000), /offset \d+ after 8000/],
    ["a negative first offset", setInt32(dataAt(vecOffsets), -1), /offset -1/],
    ["offsets beyond the elements", setInt32(dataAt(vecOffsets) + 8, 10), /offset 10 into 9/],
    ["offsets beyond the sizes", setInt32(dataAt(sizeOffsets) + 8, 2 ** 31 - 1), /offset 2147483647 into 3/],
  ];

  it.each(cases)("%s", (_, change, found) => {
    expectRefused(changed(file, change), found);
  });

  const sizes: readonly (readonly [string, Change, RegExp])[] = [
    ["a size of more elements", setInt64(dataAt(sizeItems), 3), /9 elements for size \(3, 3\), found 6/],
    ["a size of fewer elements", setInt64(dataAt(sizeItems), 0), /0 elements for size \(0, 3\), found 6/],
    ["a negative size", setInt64(dataAt(sizeItems), -2), /integers >= 0, found \(-2, 3\)/],
    ["two negative sizes", setInt64s(dataAt(sizeItems), -2, -3), /\(-2, -3\)/],
    ["a size beyond 2^53", (view) => view.setBigInt64(dataAt(sizeItems), 2n ** 62n, true), /integers >= 0/],
    ["sizes whose product overflows", setInt64s(dataAt(sizeItems), 2 ** 52, 2 ** 52), /elements for size/],
    [
      "elements that belong to another array",
      setInt32(dataAt(vecOffsets) + 4, 5),
      /6 elements for size \(2, 3\), found 5/,
    ],
    [
      "dimensions that belong to another array",
      setInt32(dataAt(sizeOffsets) + 4, 1),
      /elements for size \(2\), found 6/,
    ],
  ];

  it.each(sizes)("%s", (_, change, found) => {
    const bytes = changed(file, change);
    expect(() => decodeModelRow(bytes)).toThrow(FormatError);
    expect(() => decodeModelRow(bytes)).toThrow(found);
    expect(() => decodeModelRow(bytes)).toThrow(/"weights(\.\d+)?", array 0/);
  });

  it("reads the same file unchanged", () => {
    expect(recordEquals(decodeModelRow(changed(file, () => {})), row)).toBe(true);
  });
});

describe("columns of other types that contradict themselves are refused", () => {
  let count = 0;
  const written = (type: Parameters<typeof t.optional>[0], ...values: unknown[]): Uint8Array => {
    const ValueV1 = schema(`test.value-${count++}`).version(1, { fields: { value: type } });
    return encodeTable(
      values.map((value) => ({ value })),
      ValueV1,
    );
  };
  const at = (bytes: Uint8Array, buffer: number): number => {
    const message = rawMessages(bytes).messages[1] as RawMessage;
    return message.bodyPosition + (message.buffers[buffer]?.offset.value ?? 0);
  };
  const union = written(t.union(t.int64, t.string), 1, "a");
  const text = written(t.string, "abc", "d");
  const nulls = written(t.optional(t.int8), 1, null, 3);
  const map = written(t.map(t.string, t.int64), new Map([["a", 1]]));
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["a union's unknown type id", changed(union, (view) => view.setInt8(at(union, 0), 5)), /outside its children/],
    ["a union's negative type id", changed(union, (view) => view.setInt8(at(union, 0), -1)), /outside its children/],
    ["a union's offset outside", changed(union, setInt32(at(union, 1), 1)), /outside its children/],
    ["a union's negative offset", changed(union, setInt32(at(union, 1), -1)), /outside its children/],
    ["text beyond its bytes", changed(text, setInt32(at(text, 1) + 8, 5)), /offset 5 into 4/],
    ["falling text offsets", changed(text, setInt32(at(text, 1) + 4, 9)), /offset 4 after 9/],
    [
      "a bitmap of more nulls than declared",
      changed(nulls, (view) => view.setUint8(at(nulls, 0), 1)),
      /2 nulls where 1/,
    ],
    [
      "a bitmap of fewer nulls than declared",
      changed(nulls, (view) => view.setUint8(at(nulls, 0), 7)),
      /0 nulls where 1/,
    ],
    ["a map's offsets beyond its entries", changed(map, setInt32(at(map, 1) + 4, 2)), /offset 2 into 1/],
  ];

  it.each(cases)("%s", (_, bytes, found) => {
    expect(() => decodeTable(bytes)).toThrow(FormatError);
    expect(() => decodeTable(bytes)).toThrow(found);
  });

  it("text that is not UTF-8, when it is read", () => {
    const bytes = changed(text, (view) => view.setUint8(at(text, 2), 0xff));
    expect(() => decodeTable(bytes).column("value")).toThrow(FormatError);
    expect(() => decodeTable(bytes).records()).toThrow(/"value\.0".*UTF-8/);
  });

  it("dictionary indices outside their dictionary", () => {
    const bytes = bytesOf("field_dictencode_string.arrow");
    const last = rawMessages(bytes).messages.at(-1) as RawMessage;
    const indices = last.bodyPosition + (last.buffers[1]?.offset.value ?? 0);
    for (const index of [120, -3]) {
      const damaged = changed(bytes, (view) => view.setInt8(indices, index));
      expect(() => decodeTable(damaged, { validate: false })).toThrow(FormatError);
      expect(() => decodeTable(damaged, { validate: false })).toThrow(new RegExp(`index ${index} into a dictionary`));
    }
  });
});

describe("tables that claim more rows than their bytes account for", () => {
  const tableOf = (fields: Record<string, Parameters<typeof t.optional>[0]>, row: object): Uint8Array =>
    encodeTable([row], schema("test.claim").version(1, { fields }, { replace: true }));

  /** Sets the number of rows of the batch and of those nodes that have one row. */
  function claim(bytes: Uint8Array, rows: number): Uint8Array {
    const message = rawMessages(bytes).messages[1] as RawMessage;
    const ones = message.nodes
      .flatMap(({ length, nullCount }) => [length, nullCount])
      .filter(({ value }) => value === 1);
    return changed(bytes, (view) => {
      for (const { at } of [...(message.rows ? [message.rows] : []), ...ones]) view.setBigInt64(at, BigInt(rows), true);
    });
  }

  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["columns of nothing but null", tableOf({ x: t.any }, { x: null })],
    ["lists of a fixed size of zero", tableOf({ x: t.fixed(t.int8, 0) }, { x: [] })],
    ["structs of lists of a fixed size of zero", tableOf({ x: t.struct({ y: t.fixed(t.int8, 0) }) }, { x: { y: [] } })],
    ["structs without fields", tableOf({ x: t.struct({}) }, { x: {} })],
    ["no columns", tableOf({}, {})],
  ];

  it.each(cases)("are refused before rows are made: %s", (_, bytes) => {
    for (const rows of [2 ** 20, 2 ** 40]) {
      const read = (): number => decodeTable(claim(bytes, rows)).numRows;
      let claimed = 0;
      try {
        claimed = read();
      } catch (error) {
        expect(isLegolasError(error)).toBe(true);
      }
      expect(claimed).toBeLessThanOrEqual(65_536);
    }
  });

  it("are read where they claim the truth", () => {
    for (const [, bytes] of cases) expect(decodeTable(bytes).numRows).toBeLessThanOrEqual(1);
  });

  it("keep the rows of a table without columns", () => {
    const NoneV1 = schema("test.none").version(1, {});
    const table = decodeTable(encodeTable([{}, {}, {}], NoneV1));
    expect([table.numRows, table.records()]).toEqual([3, [{}, {}, {}]]);
  });
});

describe("compressed buffers that contradict themselves are refused", () => {
  beforeAll(loadCodecs);
  const names = ["simple_lz4.arrow", "stream_zstd.arrow"] as const;

  it.each(names)(
    "a length beyond what its frame can hold, a negative one, one that is not its content's: %s",
    (name) => {
      const bytes = bytesOf(name);
      const message = rawMessages(bytes).messages.at(-1) as RawMessage;
      const places = message.buffers
        .filter(({ length }) => length.value > 8)
        .map(({ offset }) => message.bodyPosition + offset.value);
      expect(places.length).toBeGreaterThan(4);
      for (const place of places) {
        for (const length of [-2, 2 ** 31, 2 ** 40, 1_000_000]) {
          const damaged = changed(bytes, setInt64(place, length));
          expect(() => decodeTable(damaged)).toThrow(FormatError);
        }
      }
    },
  );

  it.each(names)("a frame that is cut off or damaged: %s", (name) => {
    const bytes = bytesOf(name);
    const message = rawMessages(bytes).messages.at(-1) as RawMessage;
    const compressed = message.buffers.filter(
      ({ offset, length }) => length.value > 8 && bytes[message.bodyPosition + offset.value + 7] !== 255,
    );
    expect(compressed.length).toBeGreaterThan(0);
    for (const { offset, length } of compressed) {
      const start = message.bodyPosition + offset.value;
      expect(() => decodeTable(changed(bytes, setInt32(start + 8, 0)))).toThrow(/buffer.*compressed frame/);
      expect(() => decodeTable(changed(bytes, setInt64(length.at, 4)))).toThrow(FormatError);
    }
  });
});
