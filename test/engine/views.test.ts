/** Columns of views, as polars writes texts and bytes by default. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import {
  appendModelRows,
  decodeModelRow,
  listModelRows,
  loadCodecs,
  ModelV1,
  openModelRow,
  openModelRows,
  readModelRow,
  readModelRows,
} from "legolas-flux";
import { decodeTable, encodeTable, formatType, readTable, schema, t } from "legolas-flux/legolas";
import { beforeAll, describe, expect, it } from "vitest";
import { countingSource } from "../helpers/counting-source.ts";
import { serveFolder } from "../helpers/serve-folder.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { viewDictionaryStream, viewStream } from "../helpers/view-stream.ts";

const folder = temporaryFolder();
const golden = "test/golden/polars";
const bytesOf = (name: string): Buffer => readFileSync(`${golden}/${name}.arrow`);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const long = "a text of more than twelve bytes, ü";
const kind = "a kind of more than twelve bytes";
const tag = "a tag of more than twelve bytes";

const names = ["short", null, "twelve bytes", long, long, ""];
const columns = {
  name: names,
  raw: [
    Uint8Array.of(0, 255),
    null,
    utf8("0123456789abcdef"),
    utf8(""),
    utf8("0123456789abcdef"),
    utf8("0123456789abcde"),
  ],
  kind: ["x", kind, "x", null, "x", kind],
  tags: [["a", tag], [], null, [null], ["a"], [tag]],
  nested: names.map((inner) => ({ inner })),
};

const PolarsV1 = schema("test.polars-views").version(1, {
  fields: {
    name: t.optional(t.string),
    raw: t.optional(t.bytes),
    kind: t.optional(t.symbol),
    tags: t.optional(t.vector(t.optional(t.string))),
    nested: t.struct({ inner: t.optional(t.string) }),
  },
});

beforeAll(loadCodecs);

describe("files by polars with its default settings", () => {
  it.each(["views", "views_stream", "views_lz4", "views_zstd"])("%s are read value by value", (name) => {
    const table = decodeTable(bytesOf(name), { validate: false });
    expect(table.columnNames).toEqual(Object.keys(columns));
    for (const [column, values] of Object.entries(columns)) expect(table.column(column), column).toEqual(values);
    const records = decodeTable(bytesOf(name), { schemaVersion: PolarsV1 }).records();
    expect(records.map(({ raw }) => raw)).toEqual(columns.raw);
    expect(records.map((record) => ({ ...record }))).toEqual(table.records());
  });

  it("say what they are", () => {
    const { fields } = decodeTable(bytesOf("views"), { validate: false }).schema;
    expect(fields.map(formatType)).toEqual([
      "string view?",
      "binary view?",
      "string view?",
      "large list<string view?>?",
      "struct<inner: string view?>?",
    ]);
    expect(fields[0]?.type).toEqual({ kind: "utf8", large: false, view: true });
  });

  it("are read from paths and addresses, row by row", async () => {
    const server = await serveFolder(golden);
    for (const source of [`${golden}/views_zstd.arrow`, `${server.address}/views.arrow`]) {
      expect((await readTable(source, { validate: false })).column("name")).toEqual(names);
      const rows = await openModelRows(source, PolarsV1);
      for (const [i, name] of names.entries()) expect((await rows.row(i)).row.name).toBe(name);
      await rows.close();
    }
    await server.close();
  });

  it("are other types to fields of other types", () => {
    const WrongV1 = schema("test.polars-wrong").version(1, {
      fields: { name: t.optional(t.bytes), raw: t.optional(t.string) },
    });
    const read = () => decodeTable(bytesOf("views"), { schemaVersion: WrongV1 });
    expect(read).toThrow(/"name": expected bytes.*, found string view.*"raw": expected string.*, found binary view/s);
  });

  it("are written again as plain texts and bytes", () => {
    const again = decodeTable(
      encodeTable(decodeTable(bytesOf("views"), { schemaVersion: PolarsV1 }).records(), PolarsV1),
    );
    expect(again.schema.fields.map(formatType)[0]).toBe("string?");
    expect(again.column("name")).toEqual(names);
  });

  it("are not appended to, nor changed by trying", async () => {
    const path = folder.at("model.arrow");
    copyFileSync(`${golden}/views_model.arrow`, path);
    await expect(appendModelRows(path, [])).rejects.toThrow(/names its schema/);
    const file = viewStream({ views: ["a"], buffers: [] }, new Map([["legolas_schema_qualified", TextV1.identifier]]));
    for (const value of ["b", null]) {
      writeFileSync(folder.at("text.arrow"), file);
      await expect(appendModelRows(folder.at("text.arrow"), [{ value }])).rejects.toThrow(/"value": string view\?/);
      expect(readFileSync(folder.at("text.arrow")).equals(file)).toBe(true);
    }
  });
});

const TextV1 = schema("test.view-text").version(1, { fields: { value: t.optional(t.string) } });

describe("views that refer to the same bytes", () => {
  it("share a value, so that a file of 1 kB may hold 20 MB of text", () => {
    const bytes = bytesOf("views_joined");
    expect(bytes.length).toBeLessThan(1200);
    const texts = decodeTable(bytes, { validate: false }).column("config");
    expect(texts).toHaveLength(20_000);
    for (const [i, text] of texts.entries()) if (text !== `${(i * 7) % 10} ${"abc ".repeat(250)}`) expect(text).toBe(i);
  });

  it("are read as they are where they overlap otherwise", () => {
    const text = "abcdefghijklmnopqrstuvwxyz";
    const views = [0, 3, 0, 3, 5].map((offset, i) => ({ length: 20 - i, prefix: text.slice(offset), offset }));
    const bytes = viewStream({ views: [...views, ...views, null, "z"], buffers: [utf8(text)] });
    const wanted = views.map(({ offset, length }) => text.slice(offset, offset + length));
    expect(decodeTable(bytes, { validate: false }).column("value")).toEqual([...wanted, ...wanted, null, "z"]);
  });

  it("are found in several buffers, and in dictionaries", () => {
    const buffers = ["a first text that is long", "a second text that is long"].map(utf8);
    const views = buffers.map(({ length }, buffer) => ({ length, prefix: ["a fi", "a se"][buffer] ?? "", buffer }));
    const column = { views: [...views, "inside", ...views], buffers };
    const wanted = ["a first text that is long", "a second text that is long", "inside"];
    expect(decodeTable(viewStream(column), { validate: false }).column("value")).toEqual([
      ...wanted,
      ...wanted.slice(0, 2),
    ]);
    const encoded = viewDictionaryStream(column, [4, 2, 0, 0]);
    expect(decodeTable(encoded, { validate: false }).column("value")).toEqual([
      wanted[1],
      wanted[2],
      wanted[0],
      wanted[0],
    ]);
  });
});

describe("weights with names and layout as views", () => {
  const bytes = bytesOf("views_model");

  it("have them", async () => {
    const server = await serveFolder(golden);
    const rows = [
      decodeModelRow(bytes, ModelV1),
      await readModelRow(`${golden}/views_model.arrow`, ModelV1),
      await readModelRow(`${server.address}/views_model.arrow`, ModelV1),
    ];
    await server.close();
    for await (const row of readModelRows(bytes, ModelV1)) rows.push(row);
    expect(rows).toHaveLength(4);
    for (const { weights, architecture_version } of rows) {
      expect(weights).toMatchObject({ names: ["a/kernel of a long name", "a/bias"], layout: "tfjs" });
      expect(weights?.get("a/bias")?.vec).toEqual(Float32Array.of(0.5, 0, -0.5));
      expect(architecture_version).toBe(7);
    }
  });

  it("have them before an array is read, of which no other byte is", async () => {
    const source = countingSource(bytes);
    const { weights, close } = await openModelRow(source, ModelV1);
    expect([weights?.names, weights?.layout]).toEqual([["a/kernel of a long name", "a/bias"], "tfjs"]);
    source.reads.length = 0;
    expect((await weights?.read(1))?.vec).toEqual(Float32Array.of(0.5, 0, -0.5));
    expect(source.reads.map(({ length }) => length)).toEqual([12]);
    await close();
  });

  it("are listed, with the columns beside them", async () => {
    copyFileSync(`${golden}/views_model.arrow`, folder.at("a.arrow"));
    const LayoutV1 = schema("test.layout").version(1, { fields: { weights_layout: t.string } });
    const [row] = await listModelRows(folder.at(), {
      schemaVersion: LayoutV1,
      where: (row) => row.weights_layout === "tfjs",
    });
    expect(row?.row).toMatchObject({ weights_layout: "tfjs" });
  });
});
