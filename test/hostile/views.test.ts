/** Views that refer to what is not there, or to more than a file should hold. */
import { BinaryView } from "apache-arrow";
import { FormatError, LegolasError, openModelRows } from "legolas-flux";
import { decodeTable, schema, t } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";
import { processorMs } from "../helpers/processor-ms.ts";
import { type RawMessage, rawMessages } from "../helpers/raw-messages.ts";
import { type View, type ViewColumn, viewDictionaryStream, viewStream } from "../helpers/view-stream.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = "a text of more than twelve bytes";
const sound: View = { length: text.length, prefix: "a te" };
const buffers = [utf8(text)];
const TextV1 = schema("test.hostile-views").version(1, { fields: { value: t.optional(t.string) } });

const read = (bytes: Uint8Array): unknown[] => decodeTable(bytes, { validate: false }).column("value");

/** All ways of reading refuse. */
async function expectRefused(bytes: Uint8Array, found: RegExp): Promise<void> {
  expect(() => read(bytes)).toThrow(FormatError);
  expect(() => read(bytes)).toThrow(found);
  const rows = async (): Promise<void> => {
    const handle = await openModelRows(bytes, TextV1);
    await handle.row(0);
  };
  await expect(rows()).rejects.toThrow(FormatError);
  await expect(rows()).rejects.toThrow(found);
}

describe("a view is refused", () => {
  const absent = /column "value".*view 1 of bytes that are not there/;
  const cases: readonly (readonly [string, View, RegExp])[] = [
    ["of a negative length", { ...sound, length: -1 }, absent],
    ["of the least length", { ...sound, length: -(2 ** 31) }, absent],
    ["of more bytes than its buffer", { ...sound, length: text.length + 1 }, absent],
    ["of the greatest length", { ...sound, length: 2 ** 31 - 1 }, absent],
    ["that ends behind its buffer", { ...sound, length: 13, offset: text.length - 12, prefix: "n tw" }, absent],
    ["at a negative place", { ...sound, length: 13, offset: -1 }, absent],
    ["at the greatest place", { ...sound, length: 13, offset: 2 ** 31 - 1 }, absent],
    ["in a buffer that is not there", { ...sound, buffer: 1 }, absent],
    ["in a buffer of a negative number", { ...sound, buffer: -1 }, absent],
    ["whose first bytes are not those it names", { ...sound, prefix: "b te" }, absent],
    ["whose fourth byte is another", { ...sound, prefix: "a t\xe5" }, absent],
  ];

  it.each(cases)("%s", async (_, view, found) => {
    await expectRefused(viewStream({ views: [sound, view], buffers }), found);
    expect(() => read(viewStream({ views: [sound, view], buffers, type: new BinaryView() }))).toThrow(found);
    await expectRefused(viewDictionaryStream({ views: [sound, view], buffers }, [0]), found);
  });

  it("of bytes where there are no buffers", async () => {
    await expectRefused(viewStream({ views: [null, sound], buffers: [] }), absent);
  });

  it("of text that is not UTF-8, inside and outside", async () => {
    const bytes = utf8(text);
    bytes[20] = 0xff;
    await expectRefused(viewStream({ views: [sound], buffers: [bytes] }), /expected UTF-8 text/);
    const half = { length: 13, prefix: "é aa".slice(0, 4), offset: 0 };
    const stream = viewStream({ views: [half], buffers: [Uint8Array.from([0xe9, 0x20, 0x61, 0x61, ...utf8(text)])] });
    await expectRefused(stream, /expected UTF-8 text/);
    const inside = viewStream({ views: ["abc"], buffers: [] });
    const at = Buffer.from(inside.buffer, inside.byteOffset).lastIndexOf("abc");
    inside[at] = 0xff;
    await expectRefused(inside, /expected UTF-8 text/);
  });

  it("unless it is null, or what is odd about it means nothing", () => {
    const views = [null, "abc", sound, null, "", "twelve bytes"];
    expect(read(viewStream({ views, buffers: [...buffers, utf8("never read")] }))).toEqual([
      null,
      "abc",
      text,
      null,
      "",
      "twelve bytes",
    ]);
  });
});

describe("a number of buffers is refused", () => {
  const stream = viewStream({ views: [sound, "b"], buffers });
  const batch = rawMessages(stream).messages[1] as RawMessage;
  const count = batch.variadicCounts[0]?.at ?? 0;
  const withCount = (value: bigint, counts = 1): Uint8Array => {
    const copy = stream.slice();
    const view = new DataView(copy.buffer);
    view.setBigInt64(count, value, true);
    view.setUint32(count - 4, counts, true);
    return copy;
  };

  it("unless it is that of the buffers there are", () => {
    expect(read(withCount(1n))).toEqual([text, "b"]);
  });

  it.each([
    ["that is negative", -1n, 1, /a size of -1/],
    ["of none", 0n, 1, /nodes, buffers, numbers of buffers: 1, 3, 1 where the schema has 1, 2, 1/],
    ["of one more", 2n, 1, /no buffer for field "value"/],
    ["of more than all buffers", 4n, 1, /4 buffers for "value"/],
    ["beyond all measure", 2n ** 53n - 1n, 1, /9007199254740991 buffers for "value"/],
    ["that is no safe integer", 2n ** 62n, 1, /a size of 4611686018427387904/],
    ["that is missing", 1n, 0, /no number of buffers for "value"/],
    ["beyond the metadata", 1n, 2 ** 31, /offset outside/],
  ])("%s", async (_, value, counts, found) => {
    await expectRefused(withCount(value, counts), found);
  });

  it("where there is one of no field", async () => {
    // The second is whatever follows the vector; it is large enough for one more.
    await expectRefused(withCount(1n, 2), /numbers of buffers: 1, 3, 2 where the schema has 1, 3, 1/);
  });
});

describe("bytes that many views refer to", () => {
  const stored = 4096;
  const letters = Buffer.alloc(2 ** 18, "abcdefghijklmnopqrstuvwxyz");
  /** Views of 4 KiB each, every one a byte behind the other. */
  const overlapping = (count: number): ViewColumn => ({
    buffers: [new Uint8Array(letters.subarray(0, stored + count))],
    views: Array.from({ length: count }, (_, i) => ({
      length: stored,
      prefix: letters.toString("latin1", i, i + 4),
      offset: i,
    })),
  });

  it("are read once where the views are the same", () => {
    const count = 100_000;
    const view = { length: stored, prefix: "abcd" };
    const bytes = viewStream({
      buffers: [new Uint8Array(letters.subarray(0, stored))],
      views: Array.from({ length: count }, () => view),
    });
    let texts: unknown[] = [];
    const before = process.memoryUsage().heapUsed;
    const ms = processorMs(() => {
      texts = read(bytes);
    });
    expect(texts).toHaveLength(count);
    expect(new Set(texts)).toEqual(new Set([letters.toString("latin1", 0, stored)]));
    expect(ms).toBeLessThan(1000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50e6);
  });

  it("are read again up to 256 KiB and 8 for each byte of the file", () => {
    const column = overlapping(70);
    const views = column.views as readonly View[];
    const texts = views.map(({ offset = 0, length }) => letters.toString("latin1", offset, offset + length));
    expect(read(viewStream(column))).toEqual(texts);
    expect(texts.join("").length - stored).toBeGreaterThan(2 ** 18);
  });

  it.each([90, 1000, 100_000])("are refused beyond, without being read: %i times", async (count) => {
    const bytes = viewStream(overlapping(count));
    const ms = processorMs(() => expect(() => read(bytes)).toThrow(LegolasError));
    expect(ms).toBeLessThan(1000);
    await expectRefused(bytes, /views of \d+ bytes more than it holds/);
  });

  it("count together over the record batches of a file", async () => {
    const bytes = viewStream(overlapping(70));
    const [, batch] = rawMessages(bytes).messages as [RawMessage, RawMessage];
    const message = bytes.subarray(batch.position, batch.bodyPosition + batch.bodyLength);
    expect(read(bytes)).toHaveLength(70);
    const many = new Uint8Array(Buffer.concat([bytes.subarray(0, batch.position), ...Array(50).fill(message)]));
    expect(() => read(many)).toThrow(/more than it holds/);
  });
});
