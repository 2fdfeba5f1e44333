/** What `cat` and `split` make of columns of every type, declared or not: the same, or an error that names them. */
import { readFileSync, writeFileSync } from "node:fs";
import {
  bool,
  columnFromArray,
  type DataType,
  dateDay,
  dateMillisecond,
  decimal,
  dictionary,
  duration,
  field,
  fixedSizeBinary,
  fixedSizeList,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  largeUtf8,
  list,
  map,
  nullType,
  struct,
  TimeUnit,
  tableFromColumns,
  tableFromIPC,
  tableToIPC,
  timeNanosecond,
  timeSecond,
  timestamp,
  uint8,
  uint16,
  uint32,
  uint64,
  utf8,
} from "@uwdata/flechette";
import { ModelV1, openModelRows } from "legolas-flux";
import { decodeTable, encodeTable, formatType, readTable, schema, t } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { viewMapStream, viewStream } from "../helpers/view-stream.ts";
import { denseWeights } from "./models.ts";
import { runCli } from "./run-cli.ts";

const folder = temporaryFolder();

/** A table of three models without metadata, and a column more. */
function writeWith(name: string, values: unknown, type: DataType): string {
  const rows = [1, 2, 3].map((step) => ({ weights: denseWeights(step), architecture_version: step }));
  const models = tableFromIPC(encodeTable(rows, ModelV1), { useBigInt: true });
  const columns = Object.fromEntries(models.names.map((column) => [column, models.getChild(column)]));
  const extra = columnFromArray(values as unknown[], type);
  const bytes = tableToIPC(tableFromColumns({ ...columns, [name]: extra }), { format: "file" }) as Uint8Array;
  writeFileSync(folder.at("in.arrow"), bytes);
  return folder.at("in.arrow");
}

interface Outcome {
  readonly code: number;
  readonly err: string;
  readonly paths: readonly string[];
}

async function cat(path: string, name: string, ...flags: string[]): Promise<Outcome> {
  const { code, err } = await runCli("cat", path, "-o", folder.at("out.arrow"), "--name", name, ...flags);
  return { code, err, paths: [folder.at("out.arrow")] };
}

async function split(path: string, name: string, ...flags: string[]): Promise<Outcome> {
  const { code, out, err } = await runCli("split", path, "-o", folder.at("out"), "--name", name, "--json", ...flags);
  return { code, err, paths: code === 0 ? (JSON.parse(out) as string[]) : [] };
}

/** The type of a column but for Julia's name of it, and the bits of its floats or else its values. */
async function contentOf(paths: readonly string[], name: string): Promise<unknown[]> {
  const contents: unknown[] = [];
  for (const path of paths) {
    const table = await readTable(path, { validate: false, columns: [name] });
    const [own] = table.schema.fields;
    const type = own && formatType(own).replace(/ \(JuliaLang[^)]*\)|\?/g, "");
    const arrays = table.data.columns[0] ?? [];
    const bits = arrays.flatMap(({ values }) =>
      values ? [...new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength)] : [],
    );
    const values = table.column(name).map((value) => (value instanceof Uint8Array ? [...value] : value));
    const isWholeFloat = own?.type.kind === "float" && arrays.every(({ nullCount }) => nullCount === 0);
    contents.push(type, values, isWholeFloat ? bits : null);
  }
  return contents;
}

const ways = [
  ["cat", ModelV1.identifier, cat],
  ["cat", "any", cat],
  ["split", ModelV1.identifier, split],
  ["split", "any", split],
] as const;
let count = 0;
const nameFor = (identifier: string): string => (identifier === "any" ? `cat-types-${count++}.model@1` : identifier);

const special = [0.5, -0, Number.POSITIVE_INFINITY];
const kept: readonly (readonly [string, unknown, DataType])[] = [
  ["int8", [1, null, -128], int8()],
  ["int16", [1, null, -32_768], int16()],
  ["int32", [1, null, -(2 ** 31)], int32()],
  ["int64", [1n, null, -(2n ** 53n) + 1n], int64()],
  ["uint8", [1, null, 255], uint8()],
  ["uint16", [1, null, 65_535], uint16()],
  ["uint32", [1, null, 2 ** 32 - 1], uint32()],
  ["uint64", [1n, null, 2n ** 53n - 1n], uint64()],
  ["float16", special, float16()],
  ["float32", [1, null, Math.fround(0.1)], float32()],
  ["float32 with NaN", Float32Array.of(Number.NaN, -0, 3), float32()],
  ["float64", [1, null, 3], float64()],
  ["bool", [true, null, false], bool()],
  ["utf8", ["a", null, ""], utf8()],
  ["date", [new Date("2020-02-29"), null, new Date(0)], dateDay()],
  ["time", [1n, null, 86_399_999_999_999n], timeNanosecond()],
  ["timestamp", [1, null, -1], timestamp(TimeUnit.MILLISECOND, null)],
  ["duration", [1n, null, -(2n ** 60n)], duration(TimeUnit.MILLISECOND)],
  ["list of int32", [[1, 2], null, []], list(int32())],
  ["list of float32 with nulls", [[1, null], null, []], list(float32())],
  ["list of uint8", [[1, 2], null, []], list(uint8())],
  ["fixed list of int16", [[1, 2], null, [3, 4]], fixedSizeList(int16(), 2)],
  ["struct", [{ a: 1, b: "x" }, null, { a: null, b: null }], struct([field("a", int8()), field("b", utf8())])],
  ["map", [new Map([["a", 1]]), null, new Map()], map(utf8(), int32())],
  ["null", [null, null, null], nullType()],
];

const whole = Uint32Array.of(0xffc00000, 0x7f800001, 0x3f800000);
const [negative, signalling] = [new Float32Array(whole.buffer), new BigUint64Array([0n, 0x7ff0000000000001n, 0n])];
const refused: readonly (readonly [string, unknown, DataType, RegExp])[] = [
  ["timestamps of seconds", [1000, null, -1000], timestamp(TimeUnit.SECOND, null), /timestamp\(second\) becomes/],
  [
    "timestamps of microseconds",
    [1, null, -1],
    timestamp(TimeUnit.MICROSECOND, null),
    /timestamp\(microsecond\) becomes/,
  ],
  [
    "timestamps of a zone",
    [1, null, -1],
    timestamp(TimeUnit.MILLISECOND, "UTC"),
    /timestamp\(millisecond, UTC\) becomes/,
  ],
  ["times of seconds", [1, null, 2], timeSecond(), /time\(second\) becomes time\(nanosecond\)/],
  ["dates of milliseconds", [new Date(0), null, new Date(0)], dateMillisecond(), /date\(millisecond\) becomes/],
  ["durations of nanoseconds", [1n, null, 2n], duration(TimeUnit.NANOSECOND), /duration\(nanosecond\) becomes/],
  ["dictionaries", ["a", null, "a"], dictionary(utf8(), int8()), /string \(in a dictionary\) becomes string/],
  [
    "dictionaries in lists",
    [["a"], null, []],
    list(dictionary(utf8(), int8())),
    /list<string> \(in a dictionary\) becomes/,
  ],
  ["large text", ["a", null, "b"], largeUtf8(), /large string becomes string/],
  [
    "bytes of a fixed number",
    [[1, 2], null, [3, 4]].map((b) => b && Uint8Array.from(b)),
    fixedSizeBinary(2),
    /binary\[2\] becomes/,
  ],
  ["NaNs with a sign", negative, float32(), /a NaN with bits of its own/],
  ["NaNs in lists", [[1], null, new Float64Array(signalling.buffer)], list(float64()), /a NaN with bits of its own/],
  [
    "keys that are there twice",
    [
      [
        ["a", 1],
        ["a", 2],
      ],
      null,
      [],
    ],
    map(utf8(), int32()),
    /a map with a key more than once/,
  ],
  [
    "keys of a dictionary that are there twice",
    [[["a", 1]], null, ["b", "a", "b"].map((key) => [key, 1])],
    map(dictionary(utf8(), int8()), int32()),
    /a map with a key more than once/,
  ],
  ["keys that are -0", [[[0, 1]], null, [[-0, 1]]], map(float64(), int32()), /a map with the key -0/],
  [
    "keys of a dictionary that are -0",
    [[[1, 1]], null, [[-0, 1]]],
    map(dictionary(float32(), int8()), int32()),
    /a map with the key -0/,
  ],
  ["keys of half precision that are -0", [[[0, 1]], null, [[-0, 1]]], map(float16(), int32()), /a map with the key -0/],
];

describe.each(ways)("%s under %s", (_, identifier, run) => {
  it.each(kept)("keeps type and bits of %s", async (__, values, type) => {
    const path = writeWith("value", values, type);
    const { code, err, paths } = await run(path, nameFor(identifier));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [before, all, bits] = await contentOf([path], "value");
    const after = await contentOf(paths, "value");
    expect(new Set(after.filter((__, i) => i % 3 === 0))).toEqual(new Set([before]));
    expect(after.filter((__, i) => i % 3 === 1).flat()).toEqual(all);
    if (bits !== null) expect(after.filter((__, i) => i % 3 === 2).flat()).toEqual(bits);
  });

  it.each(refused)("refuses %s by name, and writes them so if told to", async (__, values, type, found) => {
    const path = writeWith("value", values, type);
    const { code, err } = await run(path, nameFor(identifier));
    expect({ code, err }).toEqual({ code: 3, err: expect.stringMatching(found) });
    expect(err).toMatch(/"value": .*\. Pass --retype to write them so/);
    expect(folder.entries()).toEqual(["in.arrow"]);
    expect(await run(path, nameFor(identifier), "--retype")).toMatchObject({ code: 0, err: "" });
  });

  it("refuses what is not read, what no schema may declare, and numbers that are not safe, and writes nothing", async () => {
    const cases: readonly (readonly [string, unknown, DataType, RegExp])[] = [
      ["value", [1.5, null, 2], decimal(9, 2), /"value".*(cannot be read|found decimal)/],
      ["value_names", [1.5, null, 2], decimal(9, 2), /"value_names".*(cannot be read|found decimal)/],
      ["_value", [1, null, 2], int32(), /"_value" is a name that no schema may declare\. Leave them out or rename/],
      [
        "value",
        [2n ** 60n, null, 1n],
        int64(),
        /in\.arrow, row 0: "value": expected int64 \(a safe integer\), found 1152921504606846976n\. Leave the column out/,
      ],
    ];
    for (const [name, values, type, found] of cases) {
      const path = writeWith(name, values, type);
      for (const flags of [[], ["--retype"]]) {
        expect(await run(path, nameFor(identifier), ...flags)).toMatchObject({
          code: 3,
          err: expect.stringMatching(found),
        });
      }
    }
    expect(folder.entries()).toEqual(["in.arrow"]);
  });
});

describe("cat", () => {
  it("gives columns the same type in every row, whichever files have them", async () => {
    const first = writeWith("note", [1, 2, 3], int16());
    writeFileSync(folder.at("a.arrow"), readFileSync(first));
    const second = writeWith("loss", [0.5, 1, null], float32());
    const out = folder.at("all.arrow");
    const command = ["cat", folder.at("a.arrow"), second, "-o", out, "--name", ModelV1.identifier];
    expect(await runCli(...command)).toMatchObject({ code: 0, err: "" });
    const table = await readTable(out, { validate: false });
    const types = new Map(table.schema.fields.map((each) => [each.name, formatType(each)]));
    expect([types.get("note"), types.get("loss")]).toEqual(["int16?", "float32?"]);
    expect(table.column("note")).toEqual([1, 2, 3, null, null, null]);
    expect(table.column("loss")).toEqual([null, null, null, 0.5, 1, null]);
    const handle = await openModelRows(out, ModelV1);
    expect((await (await handle.row(5)).weights?.read(0))?.vec).toEqual(denseWeights(3).at(0)?.vec);
    await handle.close();
  });

  it("refuses unions of types that JavaScript cannot tell apart, and keeps others", async () => {
    const MixedV1 = schema("cat-types.mixed").version(1, { fields: { value: t.union(t.int32, t.float64) } });
    const PlainV1 = schema("cat-types.plain").version(1, { fields: { value: t.union(t.int32, t.string) } });
    writeFileSync(folder.at("mixed.arrow"), encodeTable([{ value: 1 }, { value: 0.5 }], MixedV1));
    writeFileSync(folder.at("plain.arrow"), encodeTable([{ value: 1 }, { value: "a" }], PlainV1));
    const { code, err } = await cat(folder.at("mixed.arrow"), "cat-types.other@1");
    expect({ code, err }).toEqual({
      code: 3,
      err: expect.stringMatching(/"value": union<int32, float64> may give a value to another/),
    });
    expect(await cat(folder.at("plain.arrow"), "cat-types.another@1")).toMatchObject({ code: 0, err: "" });
    expect(decodeTable(readFileSync(folder.at("out.arrow")), { validate: false }).column("value")).toEqual([1, "a"]);
  });

  it("refuses columns of one name, and metadata of columns", async () => {
    const bytes = Buffer.from(encodeTable([{ aa: 1, bb: 2 }], ModelV1, { validate: false })).toString("latin1");
    writeFileSync(folder.at("twice.arrow"), Buffer.from(bytes.replaceAll("bb", "aa"), "latin1"));
    const twice = await cat(folder.at("twice.arrow"), ModelV1.identifier);
    expect(twice).toMatchObject({
      code: 3,
      err: expect.stringMatching(/"aa" is there twice\. Leave them out or rename/),
    });
    writeFileSync(folder.at("views.arrow"), viewStream({ views: ["a"], buffers: [] }));
    const views = await cat(folder.at("views.arrow"), "cat-types.views@1");
    expect(views).toMatchObject({ code: 3, err: expect.stringMatching(/"value": string view becomes string/) });
  });

  it("refuses keys that are views and there twice, short or long", async () => {
    const twice = /a map with a key more than once/;
    const long = ["a text that stands elsewhere", "a text that is another"];
    const cases: readonly (readonly [string[], boolean])[] = [
      [["a", "b"], false],
      [["a", "b", "a"], true],
      [long, false],
      [[...long, ...long.slice(0, 1)], true],
    ];
    for (const [i, [keys, isTwice]] of cases.entries()) {
      writeFileSync(folder.at("in.arrow"), viewMapStream(keys));
      const { code, err } = await cat(folder.at("in.arrow"), `cat-types.view-keys-${i}@1`);
      expect({ code, isTwice: twice.test(err) }).toEqual({ code: 3, isTwice });
    }
  });

  it("refuses metadata of columns that is empty, but for what stands beside the name of an extension type", async () => {
    const type = columnFromArray([1], int32()).type;
    const writeMetadata = (metadata: ReadonlyMap<string, string>): string => {
      const table = tableFromColumns({ value: columnFromArray([1], type) });
      const [own] = table.schema.fields;
      if (own) own.metadata = new Map(metadata);
      writeFileSync(folder.at("in.arrow"), tableToIPC(table, { format: "file" }) as Uint8Array);
      return folder.at("in.arrow");
    };
    const unit = await cat(writeMetadata(new Map([["unit", ""]])), "cat-types.empty@1");
    expect(unit).toMatchObject({ code: 3, err: expect.stringMatching(/"value": its metadata "unit" is left out/) });
    const extension = new Map([["ARROW:extension:metadata", ""]]);
    expect(await cat(writeMetadata(extension), "cat-types.extension@1")).toMatchObject({ code: 0, err: "" });
  });

  it("joins structs by the names of their fields, and refuses those of other names", async () => {
    const write = (name: string, values: readonly object[], fields: readonly string[]): string => {
      const type = struct(fields.map((each) => field(each, int32())));
      const table = tableFromColumns({ value: columnFromArray([...values], type) });
      writeFileSync(folder.at(name), tableToIPC(table, { format: "file" }) as Uint8Array);
      return folder.at(name);
    };
    const seed = write("seed.arrow", [{ seed: 1 }], ["seed"]);
    const rate = write("rate.arrow", [{ rate: 2 }], ["rate"]);
    const out = folder.at("all.arrow");
    for (const flags of [[], ["--retype"]]) {
      expect(await runCli("cat", seed, rate, "-o", out, "--name", "cat-types.structs@1", ...flags)).toMatchObject({
        code: 3,
        err: expect.stringMatching(/rate\.arrow: column "value": expected struct<seed: .*found struct<rate: /),
      });
    }
    const one = write("one.arrow", [{ seed: 1, rate: 2 }], ["seed", "rate"]);
    const other = write("other.arrow", [{ rate: 4, seed: 3 }], ["rate", "seed"]);
    const name = "cat-types.ordered@1";
    expect(await runCli("cat", one, other, "-o", out, "--name", name, "--retype")).toMatchObject({ code: 0, err: "" });
    expect((await readTable(out, { validate: false })).column("value")).toEqual([
      { seed: 1, rate: 2 },
      { seed: 3, rate: 4 },
    ]);
  });
});
