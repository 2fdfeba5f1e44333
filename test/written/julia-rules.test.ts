/**
 * What Julia's reader accepts from another writer, as rules on the bytes that this package writes.
 *
 * Idea: each rule was found by feeding files to Arrow.jl and LegolasFlux.jl; here it is held on the written bytes, read by hand and by
 * two other Arrow libraries, never with the package's own reader.
 */
import { tableFromIPC as tableFromFlechette } from "@uwdata/flechette";
import { tableFromIPC as tableFromApache } from "apache-arrow";
import {
  encodeModelRow,
  FlatArray,
  InputError,
  isLegolasError,
  ModelV1,
  Weights,
  type WeightsOptions,
  writeModelRow,
} from "legolas-flux";
import { type EncodeOptions, encodeTable, schema, t } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";
import { everyType, PointV1 } from "../helpers/every-type.ts";
import {
  type RawField,
  type RawMessage,
  rawBuffer,
  rawFieldPaths,
  rawMessages,
  rawSchemaOf,
} from "../helpers/raw-messages.ts";
import { readWith } from "../helpers/read-with.ts";

const typeNumbers = { null: 1, int: 2, bool: 6, list: 12, struct: 13, fixedSizeBinary: 15, largeTypes: [19, 20, 21] };

const array = (...values: number[]): FlatArray => new FlatArray(Float32Array.from(values), [values.length]);

function weightsOf(options?: WeightsOptions): Weights {
  return new Weights([new FlatArray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]), array(7, 8, 9)], options);
}

const EveryV1 = schema("test.every").version(1, {
  fields: Object.fromEntries(everyType.map(({ name, type }) => [name.replaceAll(" ", "_"), type])),
});
const everyRows = [0, 1, 2].map((i) =>
  Object.fromEntries(everyType.map(({ name, values }) => [name.replaceAll(" ", "_"), values[i]])),
);

const ConfigV1 = schema("test.config").version(1, { fields: { seed: t.int64, point: PointV1 } });
const DeepV1 = schema("test.deep").version(2, {
  extends: ModelV1,
  fields: {
    config: ConfigV1,
    layers: t.vector(t.struct({ name: t.string, points: t.vector(PointV1) })),
    pairs: t.fixed(t.struct({ id: t.uuid, on: t.date }), 2),
    table: t.map(t.string, t.vector(ConfigV1)),
    note: t.optional(t.string),
    maybe: t.optional(t.struct({ kind: t.symbol, list: t.vector(t.optional(t.int8)) })),
  },
});
const point = { path: [1, 2], x: 1, label: "a" };
const config = { point, seed: 5 };
const pair = { on: "2024-02-29", id: "3f2504e0-4f89-11d3-9a0c-0305e82c3301" };
const deepRow = DeepV1({
  weights: weightsOf(),
  config,
  layers: [{ points: [point], name: "one" }],
  pairs: [pair, pair],
  table: new Map([["k", [config, config]]]),
  maybe: { list: [1, null], kind: "k" },
});

/** Written bytes of every shape of table, by name. */
const samples: readonly (readonly [string, (options: EncodeOptions) => Uint8Array])[] = [
  ["a model row", (options) => encodeModelRow(ModelV1({ weights: weightsOf() }), ModelV1, options)],
  ["a row without weights", (options) => encodeModelRow(ModelV1({}), ModelV1, options)],
  ["a named row", (options) => encodeModelRow({ weights: weightsOf({ names: ["a", "b"] }) }, ModelV1, options)],
  ["a row of every type", (options) => encodeTable(everyRows.slice(0, 1), EveryV1, options)],
  ["many rows of every type", (options) => encodeTable(everyRows, EveryV1, options)],
  ["a deep row", (options) => encodeModelRow(deepRow, DeepV1, options)],
  ["many deep rows", (options) => encodeTable([deepRow, { ...deepRow, weights: null }, deepRow], DeepV1, options)],
  ["no rows", (options) => encodeTable([], DeepV1, options)],
];
const formats = ["file", "stream"] as const;
const written = samples.flatMap(([name, encode]) =>
  formats.map((format) => ({ name, format, bytes: encode({ format }) })),
);

function batchOf(bytes: Uint8Array): RawMessage {
  return rawMessages(bytes).messages.find(({ kind }) => kind === "recordBatch") as RawMessage;
}

function fieldAt(bytes: Uint8Array, path: string): RawField {
  const found = rawFieldPaths(rawSchemaOf(bytes).fields).find(([candidate]) => candidate === path);
  if (!found) throw new Error(`no field ${path}`);
  return found[1];
}

const columnNames = (bytes: Uint8Array): (string | null)[] => rawSchemaOf(bytes).fields.map(({ name }) => name);

describe("rule 1: Julia scans messages from the start and ignores the footer", () => {
  it("has samples of every shape in both formats", () => {
    expect(written).toHaveLength(16);
  });

  it.each(written)("puts the schema message at the start of the body: $name, $format", ({ format, bytes }) => {
    const { messages } = rawMessages(bytes);
    const start = format === "file" ? 8 : 0;
    if (format === "file") expect(Array.from(bytes.subarray(0, 8))).toEqual([...Buffer.from("ARROW1"), 0, 0]);
    expect(messages.map(({ kind }) => kind)).toEqual(["schema", "recordBatch"]);
    expect(messages[0]?.position).toBe(start);
    expect(Array.from(bytes.subarray(start, start + 4))).toEqual([255, 255, 255, 255]);
  });

  it.each(written)("places end-of-stream markers as Julia expects: $name, $format", ({ format, bytes }) => {
    const { endMarkers, end, footer, messages } = rawMessages(bytes);
    const last = messages.at(-1) as RawMessage;
    if (format === "file") {
      expect(endMarkers).toEqual([]);
      expect(footer?.position).toBe(last.bodyPosition + last.bodyLength);
    } else {
      expect(endMarkers).toEqual([last.bodyPosition + last.bodyLength]);
      expect(end).toBe(bytes.length);
    }
  });

  it.each(written.filter(({ format }) => format === "file"))(
    "repeats the same schema in the footer and lists the batch: $name",
    ({ bytes }) => {
      const { footer } = rawMessages(bytes);
      const batch = batchOf(bytes);
      const plain = (fields: readonly RawField[]): unknown =>
        rawFieldPaths(fields).map(([path, { type, ...rest }]) => [path, { ...rest, children: rest.children.length }]);
      expect(plain(footer?.schema.fields ?? [])).toEqual(plain(rawSchemaOf(bytes).fields));
      expect(footer?.schema.metadata).toEqual(rawSchemaOf(bytes).metadata);
      expect(footer?.dictionaries).toEqual([]);
      expect(
        footer?.recordBatches.map(({ offset, metadataLength, bodyLength }) => [
          offset.value,
          metadataLength.value,
          bodyLength.value,
        ]),
      ).toEqual([[batch.position, batch.metadataLength, batch.bodyLength]]);
    },
  );

  it.each(written)("writes metadata version V5: $name, $format", ({ bytes }) => {
    expect(rawMessages(bytes).messages.map(({ version }) => version)).toEqual([4, 4]);
  });

  it.each(written)("is read by other libraries: $name, $format", ({ bytes }) => {
    const names = columnNames(bytes);
    const rows = batchOf(bytes).rows?.value;
    const apache = tableFromApache(bytes);
    const flechette = tableFromFlechette(bytes);
    expect([apache.numRows, flechette.numRows]).toEqual([rows, rows]);
    expect(apache.schema.fields.map(({ name }) => name)).toEqual(names);
    expect(flechette.names).toEqual(names);
  });
});

describe("rule 2: nullability", () => {
  it.each(written.filter(({ name }) => /model|named|deep|no rows/.test(name)))(
    "keeps vec items and FlatArray items non-nullable: $name, $format",
    ({ bytes }) => {
      for (const path of ["weights.weights.item", "weights.weights.item.vec.item", "weights.weights.item.size.item"]) {
        expect(fieldAt(bytes, path).nullable, path).toBe(false);
      }
    },
  );

  it.each(written.filter(({ name }) => name.includes("deep")))(
    "makes a field nullable only where its declaration is optional, at every depth: $name, $format",
    ({ name, bytes }) => {
      const fields = rawSchemaOf(bytes).fields.filter(({ name: column }) => !column?.startsWith("weights_"));
      const nullable = rawFieldPaths(fields).filter(([, field]) => field.nullable);
      expect(nullable.map(([path]) => path)).toEqual([
        ...(name === "a deep row" ? [] : ["weights"]),
        "architecture_version",
        "config.point.label",
        "layers.item.points.item.label",
        "table.entries.value.item.point.label",
        "note",
        "maybe",
        "maybe.list.item",
      ]);
    },
  );

  it.each(written.filter(({ name }) => name.includes("every type")))(
    "makes no field nullable that is not optional, in any type: $name, $format",
    ({ bytes }) => {
      const nullable = rawFieldPaths(rawSchemaOf(bytes).fields).filter(([, field]) => field.nullable);
      expect(nullable.map(([path]) => path)).toEqual([
        "vector_with_nulls.item",
        "record.label",
        "vector_of_records.item.label",
      ]);
    },
  );

  it("writes no validity where a field that is not optional stands under a missing parent", () => {
    const OuterV1 = schema("test.outer").version(1, { fields: { inner: t.optional(t.struct({ x: t.int32 })) } });
    const bytes = encodeTable([{ inner: { x: 1 } }, { inner: null }], OuterV1);
    const { nodes, buffers } = batchOf(bytes);
    expect(nodes.map(({ nullCount }) => nullCount.value)).toEqual([1, 0]);
    expect(buffers.map(({ length }) => length.value)).toEqual([1, 0, 8]);
  });

  it.each(written.filter(({ name }) => name.includes("deep")))(
    "keeps struct children in declared order: $name, $format",
    ({ bytes }) => {
      const children = (path: string): unknown => fieldAt(bytes, path).children.map(({ name }) => name);
      expect(children("config")).toEqual(["seed", "point"]);
      expect(children("config.point")).toEqual(["x", "label", "path"]);
      expect(children("layers.item")).toEqual(["name", "points"]);
      expect(children("layers.item.points.item")).toEqual(["x", "label", "path"]);
      expect(children("pairs.item")).toEqual(["id", "on"]);
      expect(children("maybe")).toEqual(["kind", "list"]);
    },
  );

  it.each(written.filter(({ name }) => name.includes("deep")))(
    "names nested records as Julia's generated types, wherever they stand: $name, $format",
    ({ bytes }) => {
      const named = rawFieldPaths(rawSchemaOf(bytes).fields)
        .map(([path, { metadata }]) => [path, metadata?.[0]?.[1]] as const)
        .filter(([, name]) => name?.startsWith("JuliaLang.Legolas."));
      expect(named).toEqual([
        ["config", "JuliaLang.Legolas.Generated.test.config.1"],
        ["config.point", "JuliaLang.Legolas.Generated.test.point.1"],
        ["layers.item.points.item", "JuliaLang.Legolas.Generated.test.point.1"],
        ["table.entries.value.item", "JuliaLang.Legolas.Generated.test.config.1"],
        ["table.entries.value.item.point", "JuliaLang.Legolas.Generated.test.point.1"],
      ]);
    },
  );

  it("writes bytes as a list of non-nullable UInt8, never Binary", () => {
    const BytesV1 = schema("test.bytes").version(1, { fields: { data: t.bytes } });
    const bytes = encodeTable([{ data: Uint8Array.of(1, 255) }], BytesV1);
    const field = fieldAt(bytes, "data");
    const [item] = field.children as [RawField];
    expect(field.typeNumber).toBe(typeNumbers.list);
    expect([item.typeNumber, item.type?.int32(0), item.type?.uint8(1), item.nullable]).toEqual([
      typeNumbers.int,
      8,
      0,
      false,
    ]);
    expect(Array.from(rawBuffer(bytes, batchOf(bytes), 3))).toEqual([1, 255]);
  });

  it("writes a UUID as 16 bytes in reverse under its extension name", () => {
    const IdV1 = schema("test.id").version(1, { fields: { id: t.uuid } });
    const bytes = encodeTable([{ id: "00010203-0405-0607-0809-0a0b0c0d0eff" }], IdV1);
    const field = fieldAt(bytes, "id");
    expect([field.typeNumber, field.type?.int32(0)]).toEqual([typeNumbers.fixedSizeBinary, 16]);
    expect(field.metadata).toEqual([
      ["ARROW:extension:name", "JuliaLang.UUID"],
      ["ARROW:extension:metadata", ""],
    ]);
    expect(Array.from(rawBuffer(bytes, batchOf(bytes), 1))).toEqual([
      255, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ]);
  });
});

describe("rule 3: extension names", () => {
  const extensions: Readonly<Record<string, string>> = {
    symbol: "JuliaLang.Symbol",
    uuid: "JuliaLang.UUID",
    date: "JuliaLang.Date",
    datetime: "JuliaLang.DateTime",
    time: "JuliaLang.Time",
    duration: "JuliaLang.Dates.Period",
    record: "JuliaLang.Legolas.Generated.test.point.1",
    "vector_of_records.item": "JuliaLang.Legolas.Generated.test.point.1",
  };

  it.each(written.filter(({ name }) => name.includes("every type")))(
    "stand with an empty ARROW:extension:metadata, and only where Julia has them: $name, $format",
    ({ bytes }) => {
      const fields = rawFieldPaths(rawSchemaOf(bytes).fields);
      expect(fields.length).toBeGreaterThan(everyType.length);
      for (const [path, { metadata }] of fields) {
        const name = extensions[path];
        const expected = [
          ["ARROW:extension:name", name],
          ["ARROW:extension:metadata", ""],
        ];
        expect(metadata, path).toEqual(name === undefined ? null : expected);
      }
      const apache = new Map(tableFromApache(bytes).schema.fields.map(({ name, metadata }) => [name, metadata]));
      const flechette = new Map(tableFromFlechette(bytes).schema.fields.map(({ name, metadata }) => [name, metadata]));
      for (const [path, name] of Object.entries(extensions).filter(([path]) => !path.includes("."))) {
        for (const metadata of [apache.get(path), flechette.get(path)]) {
          expect([...(metadata ?? [])], path).toEqual([
            ["ARROW:extension:name", name],
            ["ARROW:extension:metadata", ""],
          ]);
        }
      }
    },
  );

  it.each(written.filter(({ name }) => /model|named|many deep|no rows/.test(name)))(
    "mark weights and their arrays: $name, $format",
    ({ bytes }) => {
      for (const [path, name] of [
        ["weights", "JuliaLang.LegolasFlux.Weights"],
        ["weights.weights.item", "JuliaLang.LegolasFlux.FlatArray"],
      ] as const) {
        expect(fieldAt(bytes, path).metadata).toEqual([
          ["ARROW:extension:name", name],
          ["ARROW:extension:metadata", ""],
        ]);
      }
    },
  );
});

describe("rule 4: the children of an array are positional", () => {
  it.each(written.filter(({ name }) => /model|named|deep|no rows/.test(name)))(
    "writes vec first and size second: $name, $format",
    ({ bytes }) => {
      const names = (path: string): unknown => fieldAt(bytes, path).children.map(({ name }) => name);
      expect(names("weights")).toEqual(["weights"]);
      expect(names("weights.weights.item")).toEqual(["vec", "size"]);
      const size = fieldAt(bytes, "weights.weights.item.size.item");
      expect([size.typeNumber, size.type?.int32(0), size.type?.uint8(1)]).toEqual([typeNumbers.int, 64, 1]);
    },
  );

  it("stores the values and the sizes where their names say", () => {
    const bytes = encodeModelRow({ weights: weightsOf() });
    const batch = batchOf(bytes);
    // Buffers in order: weights, list (2), item, vec (2), vec.item (2), size (2), size.item (2).
    const bufferAt = (index: number): ArrayBuffer => rawBuffer(bytes, batch, index).buffer as ArrayBuffer;
    expect(Array.from(new Int32Array(bufferAt(2)))).toEqual([0, 2]);
    expect(Array.from(new Int32Array(bufferAt(5)))).toEqual([0, 6, 9]);
    expect(Array.from(new Float32Array(bufferAt(7)))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Array.from(new Int32Array(bufferAt(9)))).toEqual([0, 2, 3]);
    expect(Array.from(new BigInt64Array(bufferAt(11)))).toEqual([2n, 3n, 3n]);
  });
});

describe("containers of weights", () => {
  const weights = weightsOf({ names: ["a", "b"], layout: "flux" });
  const HoldersV1 = schema("test.holders").version(1, {
    fields: { map: t.map(t.string, t.weights), first: t.union(t.weights, t.string), list: t.vector(t.weights) },
  });
  const holder = { map: new Map([["k", weights]]), first: weights, list: [weights] };

  it.each([1, 3])("keep the children that their type prescribes, companions or not: %i rows", (count) => {
    const bytes = encodeTable(
      Array.from({ length: count }, () => holder),
      HoldersV1,
    );
    const names = (path: string): unknown => fieldAt(bytes, path).children.map(({ name }) => name);
    expect(names("map.entries")).toEqual(["key", "value"]);
    expect(names("first")).toHaveLength(2);
    expect(names("list")).toEqual(["item"]);
  });
});

describe("rule 5: architecture_version is Int64", () => {
  it.each(written.filter(({ name }) => /model|named|without weights|deep|no rows/.test(name)))(
    "$name, $format",
    ({ bytes }) => {
      const field = fieldAt(bytes, "architecture_version");
      expect([field.typeNumber, field.type?.int32(0), field.type?.uint8(1)]).toEqual([typeNumbers.int, 64, 1]);
    },
  );
});

describe("rule 6: companion columns", () => {
  const names = ["a", "b"];
  const oneRow: readonly (readonly [string, WeightsOptions, string[]])[] = [
    ["nothing to say", {}, []],
    ["names", { names }, ["weights_names"]],
    ["a layout", { layout: "tfjs" }, ["weights_layout"]],
    ["dtypes", { dtypes: ["bfloat16", "float32"] }, ["weights_dtypes"]],
    ["dtypes that say nothing", { dtypes: ["float32", "float32"] }, []],
    [
      "everything",
      { names, layout: "flux", dtypes: ["bfloat16", "bfloat16"] },
      ["weights_names", "weights_layout", "weights_dtypes"],
    ],
  ];

  it.each(oneRow)("of a one-row file stand right after weights, those with something to say: %s", (_, options, own) => {
    const bytes = encodeModelRow({ weights: weightsOf(options) });
    expect(columnNames(bytes)).toEqual(["weights", ...own, "architecture_version"]);
    for (const name of own) expect(fieldAt(bytes, name).nullable, name).toBe(true);
  });

  it("stand before the columns of an extension and before undeclared columns", () => {
    const row = { ...deepRow, extra: 1, weights: weightsOf({ names, layout: "flux" }) };
    expect(columnNames(encodeModelRow(row, DeepV1))).toEqual([
      "weights",
      "weights_names",
      "weights_layout",
      "architecture_version",
      "config",
      "layers",
      "pairs",
      "table",
      "note",
      "maybe",
      "extra",
    ]);
  });

  it("of a many-row file are always there, all but the checksums", () => {
    const bytes = encodeTable([{ weights: weightsOf() }, { weights: weightsOf() }], ModelV1);
    expect(columnNames(bytes)).toEqual([
      "weights",
      "weights_names",
      "weights_layout",
      "weights_dtypes",
      "architecture_version",
    ]);
  });

  it("have their types: list of text, text, list of text, all nullable", () => {
    const bytes = encodeTable([{ weights: weightsOf({ names }) }, {}], ModelV1);
    const types = new Map(
      tableFromApache(bytes).schema.fields.map(({ name, type, nullable }) => [name, [type, nullable]]),
    );
    expect(String(types.get("weights_names"))).toBe("List<Utf8>,true");
    expect(String(types.get("weights_layout"))).toBe("Utf8,true");
    expect(String(types.get("weights_dtypes"))).toBe("List<Utf8>,true");
  });

  it("are null where the weights are missing or have nothing to say", () => {
    const rows = [{ weights: weightsOf({ names, layout: "tfjs" }) }, { weights: null }, { weights: weightsOf() }];
    const table = tableFromApache(encodeTable(rows, ModelV1));
    const column = (name: string): unknown[] => Array.from(table.getChild(name) ?? [], (value) => value && [...value]);
    expect(column("weights_names")).toEqual([names, null, null]);
    expect(column("weights_layout")).toEqual([[..."tfjs"], null, null]);
  });

  it("record the types before promotion, of one row and across the rows of a table", () => {
    const mixed = new Weights([new FlatArray(Int8Array.of(1), [1]), array(2)]);
    const ints = new Weights([new FlatArray(Int8Array.of(3), [1])]);
    const dtypes = (bytes: Uint8Array): unknown[] =>
      Array.from(tableFromApache(bytes).getChild("weights_dtypes") ?? [], (value) => value && [...value]);
    expect(dtypes(encodeModelRow({ weights: mixed }))).toEqual([["int8", "float32"]]);
    expect(dtypes(encodeTable([{ weights: ints }, { weights: mixed }], ModelV1))).toEqual([
      ["int8"],
      ["int8", "float32"],
    ]);
  });

  it("follow the name of their field", () => {
    const TwoV1 = schema("test.two").version(1, { fields: { teacher: t.weights, student: t.weights } });
    const row = { teacher: weightsOf({ names }), student: weightsOf({ layout: "torch" }) };
    expect(columnNames(encodeTable([row], TwoV1))).toEqual(["teacher", "teacher_names", "student", "student_layout"]);
  });
});

describe("rule 7: the schema's identifier", () => {
  const metadataOf = (bytes: Uint8Array): Map<string | null, string | null> => new Map(rawSchemaOf(bytes).metadata);

  it.each(written)("is recorded: $name, $format", ({ name, bytes }) => {
    const identifier = /every/.test(name)
      ? "test.every@1"
      : /deep|no rows/.test(name)
        ? "test.deep@2>legolas-flux.model@1"
        : "legolas-flux.model@1";
    expect([...metadataOf(bytes)]).toEqual([["legolas_schema_qualified", identifier]]);
    expect(tableFromApache(bytes).schema.metadata.get("legolas_schema_qualified")).toBe(identifier);
    expect(tableFromFlechette(bytes).schema.metadata?.get("legolas_schema_qualified")).toBe(identifier);
  });

  it("cannot be replaced by the caller's metadata, which is kept beside it", () => {
    const metadata = { legolas_schema_qualified: "other@1", note: "kept", empty: "" };
    const found = metadataOf(encodeModelRow(ModelV1({}), ModelV1, { metadata }));
    expect(found.get("legolas_schema_qualified")).toBe("legolas-flux.model@1");
    expect([found.get("note"), found.get("empty")]).toEqual(["kept", ""]);
  });

  it("stands beside the provider under our keys, never under Julia's", () => {
    const provider = { name: "my-package", version: "1.2" };
    const found = metadataOf(encodeModelRow(ModelV1({}), ModelV1, { provider }));
    expect(found.get("legolas_schema_provider_name")).toBe("my-package");
    expect(found.get("legolas_schema_provider_version")).toBe("1.2");
    expect([...found.keys()].filter((key) => key?.startsWith("legolas_julia"))).toEqual([]);
  });

  it("never stands beside Julia's provider keys, even where the caller copies them from a Julia file", () => {
    const metadata = { legolas_julia_schema_provider_name: "Digits", legolas_julia_schema_provider_version: "latest" };
    let bytes: Uint8Array | null = null;
    try {
      bytes = encodeModelRow(ModelV1({}), ModelV1, { metadata });
    } catch (error) {
      expect(isLegolasError(error)).toBe(true);
    }
    const keys = bytes === null ? [] : [...metadataOf(bytes).keys()];
    expect(keys.filter((key) => key?.startsWith("legolas_julia"))).toEqual([]);
  });
});

describe("rule 8: what Julia could not read back is refused", () => {
  const empty = new FlatArray(new Float32Array(0), [0, 5]);
  const cases: readonly (readonly [string, Weights, RegExp])[] = [
    ["a first array without elements", new Weights([empty, array(1)]), /array 0.*Julia.*empty array of size \(0, 5\)/],
    ["a named first array without elements", new Weights([empty], { names: ["conv.bias"] }), /array 0 \(conv\.bias\)/],
    ["no arrays", new Weights([]), /Julia.*no arrays/],
  ];

  it.each(cases)("refuses %s, and says why", (_, weights, message) => {
    const encoders = [
      () => encodeModelRow({ weights }),
      () => encodeModelRow({ weights }, ModelV1, { format: "stream" }),
      () => encodeModelRow({ weights }, ModelV1, { validate: false }),
      () => encodeTable([{ weights: weightsOf() }, { weights }], ModelV1),
    ];
    for (const encode of encoders) {
      expect(encode).toThrow(InputError);
      expect(encode).toThrow(message);
    }
  });

  it("refuses them before a sink is touched", async () => {
    const calls: string[] = [];
    const sink = {
      location: "sink",
      write: async () => void calls.push("write"),
      close: async () => void calls.push("close"),
      abort: async () => void calls.push("abort"),
    };
    await expect(writeModelRow(sink, { weights: new Weights([empty]) })).rejects.toThrow(InputError);
    expect(calls).toEqual([]);
  });

  it("takes empty arrays behind the first, and 0-dimensional ones anywhere", () => {
    const scalar = new FlatArray(Float32Array.of(3), []);
    const bytes = encodeModelRow({ weights: new Weights([scalar, empty]) });
    expect(readWith["apache-arrow"](bytes).weights).toEqual([
      {
        weights: [
          { vec: [3], size: [] },
          { vec: [], size: [0n, 5n] },
        ],
      },
    ]);
  });
});

describe("missing weights", () => {
  it.each(formats)("of a one-row %s are an Arrow Null without an extension name", (format) => {
    const bytes = encodeModelRow(ModelV1({ architecture_version: 7 }), ModelV1, { format });
    const field = fieldAt(bytes, "weights");
    expect([field.typeNumber, field.nullable, field.metadata, field.children]).toEqual([
      typeNumbers.null,
      true,
      null,
      [],
    ]);
    expect(columnNames(bytes)).toEqual(["weights", "architecture_version"]);
    expect(tableFromApache(bytes).getChild("weights")?.get(0)).toBeNull();
  });

  it.each([
    ["some", [weightsOf(), null, weightsOf()], [true, false, true]],
    ["all", [null, null], [false, false]],
    ["none", [weightsOf(), weightsOf()], [true, true]],
  ] as const)("of a many-row table are null slots of a typed struct: %s missing", (_, weights, present) => {
    const bytes = encodeTable(
      weights.map((value) => ({ weights: value })),
      ModelV1,
    );
    const field = fieldAt(bytes, "weights");
    expect([field.typeNumber, field.nullable, field.metadata?.[0]?.[1]]).toEqual([
      typeNumbers.struct,
      true,
      "JuliaLang.LegolasFlux.Weights",
    ]);
    const missing = present.filter((value) => !value).length;
    const batch = batchOf(bytes);
    expect(batch.nodes[0]?.nullCount.value).toBe(missing);
    const bits = present.reduce((sum, value, i) => sum + (value ? 1 << i : 0), 0);
    expect(Array.from(rawBuffer(bytes, batch, 0))).toEqual(missing > 0 ? [bits] : []);
    for (const column of [
      tableFromApache(bytes).getChild("weights")?.toArray(),
      tableFromFlechette(bytes).getChild("weights").toArray(),
    ]) {
      expect(Array.from(column as ArrayLike<unknown>, (value) => value !== null)).toEqual(present);
    }
  });
});

describe("buffers", () => {
  it.each(written)("stand at multiples of 8 bytes, in order, inside the body: $name, $format", ({ bytes }) => {
    const { messages } = rawMessages(bytes);
    for (const { position, metadataLength, bodyPosition, bodyLength } of messages) {
      for (const value of [position, metadataLength, bodyPosition, bodyLength]) expect(value % 8).toBe(0);
    }
    const batch = batchOf(bytes);
    expect(batch.buffers.length).toBeGreaterThan(0);
    let end = 0;
    for (const { offset, length } of batch.buffers) {
      expect(offset.value % 8).toBe(0);
      expect(offset.value).toBeGreaterThanOrEqual(end);
      end = offset.value + length.value;
    }
    expect(end).toBeLessThanOrEqual(batch.bodyLength);
  });

  it.each(written)("are padded with zeros: $name, $format", ({ bytes }) => {
    const batch = batchOf(bytes);
    const padding = batch.buffers.flatMap(({ offset, length }, i) => {
      const next = batch.buffers[i + 1]?.offset.value ?? batch.bodyLength;
      const start = batch.bodyPosition + offset.value + length.value;
      return Array.from(bytes.subarray(start, batch.bodyPosition + next));
    });
    expect(padding.every((byte) => byte === 0)).toBe(true);
    expect(padding.length).toBeLessThan(8 * batch.buffers.length + 1);
  });

  it("of an empty list still have one offset", () => {
    const batch = batchOf(encodeTable([], schema("test.empty-list").version(1, { fields: { x: t.vector(t.int8) } })));
    expect(batch.buffers.map(({ length }) => length.value)).toEqual([0, 4, 0, 0]);
  });

  it.each(written)("never have 64-bit offsets at ordinary sizes: $name, $format", ({ bytes }) => {
    const numbers = rawFieldPaths(rawSchemaOf(bytes).fields).map(([, { typeNumber }]) => typeNumber);
    expect(numbers.filter((number) => typeNumbers.largeTypes.includes(number))).toEqual([]);
  });

  it.each(written)("hold no dictionaries: $name, $format", ({ bytes }) => {
    expect(rawFieldPaths(rawSchemaOf(bytes).fields).filter(([, { isDictionary }]) => isDictionary)).toEqual([]);
  });
});

function expectSameBytes(a: Uint8Array, b: Uint8Array): void {
  expect(a.length).toBeGreaterThan(0);
  expect(Buffer.compare(a, b)).toBe(0);
}

describe("the same row gives the same bytes", () => {
  it.each(samples)("%s", (_, encode) => {
    for (const format of formats) expectSameBytes(encode({ format }), encode({ format }));
  });

  it("whatever the order of its keys, and whether it is a record or a plain object", () => {
    const row = { architecture_version: 3, weights: weightsOf({ names: ["a", "b"] }) };
    const other = { weights: weightsOf({ names: ["a", "b"] }), architecture_version: 3 };
    expectSameBytes(encodeModelRow(row), encodeModelRow(other));
    expectSameBytes(encodeModelRow(ModelV1(row)), encodeModelRow(other));
  });

  it("whether its arrays have memory of their own or share a larger one", () => {
    const memory = Float32Array.from({ length: 20 }, (_, i) => i);
    const view = new FlatArray(memory.subarray(3, 9), [6]);
    const own = new FlatArray(memory.slice(3, 9), [6]);
    expectSameBytes(encodeModelRow({ weights: new Weights([view]) }), encodeModelRow({ weights: new Weights([own]) }));
  });

  it("in memory and through a sink", async () => {
    const parts: Uint8Array[] = [];
    const sink = {
      location: "memory",
      write: async (bytes: Uint8Array) => void parts.push(bytes.slice()),
      close: async () => {},
      abort: async () => {},
    };
    await writeModelRow(sink, deepRow, DeepV1);
    expectSameBytes(Buffer.concat(parts), encodeModelRow(deepRow, DeepV1));
  });
});
