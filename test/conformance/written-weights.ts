/** Model rows with everything that may be in them. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendModelRows, encodeModelRow, FlatArray, ModelV1, Weights, writeModelRows } from "legolas-flux";
import { encodeTable, schema, t } from "legolas-flux/legolas";
import { DigitsRowV1 } from "../../examples/digits/digits-row.ts";
import { arraysOf, everyElementType, storedWeights } from "../helpers/element-types.ts";
import { asLongLists } from "./long-lists.ts";
import { type Format, fileOf, formats, type WrittenFile } from "./written-file.ts";

const first = new Weights([new FlatArray(Float32Array.of(1, 2), [2])], { names: ["a"], layout: "tfjs" });
const second = new Weights([new FlatArray(Float32Array.of(3), []), new FlatArray(Int8Array.of(4, 5), [2, 1])]);
const third = new Weights([new FlatArray(Float32Array.of(6), [1])], { names: ["ö/β₁"] });
const storedFirst = storedWeights([[1, 2], [2n]]);
const storedSecond = storedWeights(
  [[3], []],
  [
    [4, 5],
    [2n, 1n],
  ],
);
const storedThird = storedWeights([[6], [1n]]);

function elementTypeFiles(format: Format): WrittenFile[] {
  return everyElementType.map((typeCase) => {
    const { weights, stored } = arraysOf(typeCase);
    return fileOf({
      feature: `weights: ${typeCase.elementType}`,
      title: "two, three, no dimensions, no elements",
      format,
      bytes: encodeModelRow({ weights, architecture_version: 4 }, ModelV1, { format }),
      isWeights: true,
      schemaVersion: ModelV1,
      elementType: typeCase.elementType,
      columns: { weights: [stored], architecture_version: [4n] },
    });
  });
}

function missingFiles(format: Format): WrittenFile[] {
  return [
    fileOf({
      feature: "weights: missing, one row",
      title: "as Arrow Null",
      format,
      bytes: encodeModelRow({ weights: null, architecture_version: 7 }, ModelV1, { format }),
      isWeights: true,
      schemaVersion: ModelV1,
      columns: { weights: [null], architecture_version: [7n] },
      types: { weights: "null" },
    }),
  ];
}

const manyRows = [{ weights: first }, { weights: null }, { weights: second, architecture_version: 1 }];
const manyColumns = {
  weights: [storedFirst, null, storedSecond],
  architecture_version: [null, null, 1n],
  weights_names: [["a"], null, null],
  weights_layout: ["tfjs", null, null],
  weights_dtypes: [null, null, ["float32", "int8"]],
};

/** One record batch a row, written and then extended on disk. */
async function appendedBytes(format: Format): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "legolas-flux-conformance-"));
  const path = join(folder, "rows.arrow");
  await writeModelRows(path, manyRows, ModelV1, { format });
  await appendModelRows(path, [{ weights: third, architecture_version: 2 }]);
  await appendModelRows(path, [{ weights: null }]);
  const bytes = await readFile(path);
  await rm(folder, { recursive: true });
  return bytes;
}

async function manyRowFiles(format: Format): Promise<WrittenFile[]> {
  const feature = "weights: many rows, some missing";
  const facts = { feature, format, isWeights: true, schemaVersion: ModelV1 };
  const elements =
    "list<item: struct<vec: list<item: float not null> not null, size: list<item: int64 not null> not null> not null>";
  return [
    fileOf({
      ...facts,
      title: "one record batch",
      bytes: encodeTable(manyRows, ModelV1, { format }),
      columns: manyColumns,
      types: {
        weights: `struct<weights: ${elements} not null>`,
        architecture_version: "int64",
        weights_names: "list<item: string not null>",
        weights_layout: "string",
        weights_dtypes: "list<item: string not null>",
      },
    }),
    fileOf({
      ...facts,
      feature: "weights: rows appended, one record batch each",
      title: "five record batches",
      bytes: await appendedBytes(format),
      columns: {
        weights: [...manyColumns.weights, storedThird, null],
        architecture_version: [null, null, 1n, 2n, null],
        weights_names: [["a"], null, null, ["ö/β₁"], null],
        weights_layout: ["tfjs", null, null, null, null],
        weights_dtypes: [null, null, ["float32", "int8"], null, null],
      },
    }),
  ];
}

/** Arrays that compress well, hardly and not at all, larger than one block of a codec. */
function compressedFiles(format: Format): WrittenFile[] {
  let state = 1;
  const noise = Int32Array.from({ length: 50_000 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state;
  });
  const arrays = [noise, new Int32Array(100_000), Int32Array.from({ length: 30_000 }, (_, i) => i >> 4)];
  const weights = new Weights(
    arrays.map((vec) => new FlatArray(vec, [vec.length / 2, 2])),
    { names: ["noise", "zeros", "steps"] },
  );
  const stored = storedWeights(...arrays.map((vec) => [Array.from(vec), [BigInt(vec.length / 2), 2n]] as const));
  return (["lz4", "zstd"] as const).flatMap((compression) => {
    const facts = { feature: `compression: ${compression}`, format, isWeights: true, schemaVersion: ModelV1 };
    return [
      fileOf({
        ...facts,
        title: "180,000 elements",
        bytes: encodeModelRow({ weights }, ModelV1, { format, compression }),
        columns: { weights: [stored], weights_names: [["noise", "zeros", "steps"]] },
      }),
      fileOf({
        ...facts,
        title: "many rows",
        bytes: encodeTable(manyRows, ModelV1, { format, compression }),
        columns: manyColumns,
      }),
    ];
  });
}

function longListFiles(format: Format): WrittenFile[] {
  return asLongLists(() =>
    everyElementType.map((typeCase) => {
      const { weights, stored } = arraysOf(typeCase);
      return fileOf({
        feature: "weights: LargeList (64-bit offsets)",
        title: typeCase.elementType,
        format,
        bytes: encodeTable([{ weights }, { weights: null }, { weights }], ModelV1, { format }),
        isWeights: true,
        schemaVersion: ModelV1,
        columns: { weights: [stored, null, stored] },
      });
    }),
  );
}

function companionFiles(format: Format): WrittenFile[] {
  const arrays = [new FlatArray(Float32Array.of(1, -0), [1, 2]), new FlatArray(Uint16Array.of(3), [1])];
  const weights = new Weights(arrays, { names: ["dense/kernel", "dense/bias"], layout: "tfjs" });
  const bits = Array.from({ length: 29 }, (_, i) => i % 3 === 0);
  const bounds = [0, 1, 10, 15, 29];
  const slices = bounds.slice(1).map((end, i) => bits.slice(bounds[i], end));
  const bools = slices.map((slice) => new FlatArray(Uint8Array.from(slice, Number), [slice.length], "bool"));
  const facts = { feature: "companion columns and digests", format, isWeights: true, schemaVersion: ModelV1 };
  return [
    fileOf({
      ...facts,
      title: "all four",
      bytes: encodeModelRow({ weights }, ModelV1, { format, checksum: true }),
      columns: {
        weights: [
          storedWeights(
            [
              [1, -0],
              [1n, 2n],
            ],
            [[3], [1n]],
          ),
        ],
        weights_names: [["dense/kernel", "dense/bias"]],
        weights_layout: ["tfjs"],
        weights_dtypes: [["float32", "uint16"]],
        // Python: zlib.crc32(struct.pack("<2f", 1, -0.0)), zlib.crc32(struct.pack("<f", 3))
        weights_checksums: [["crc32:b55b67c6", "crc32:a7e1d189"]],
      },
    }),
    fileOf({
      ...facts,
      feature: "weights: bool",
      title: "arrays that share bytes",
      bytes: encodeModelRow({ weights: new Weights(bools) }, ModelV1, { format }),
      columns: { weights: [storedWeights(...slices.map((slice) => [slice, [BigInt(slice.length)]] as const))] },
    }),
  ];
}

/** The table that people query: small columns beside weights, a nested record among them. */
export const digitsRows = [
  { weights: first, config: { seed: 7 }, epoch: 1, accuracy: 0.5, commit_sha: "abc" },
  { weights: second, config: { seed: 8, dropout_rate: 0.25 }, epoch: 2, accuracy: 0.75 },
  { weights: null, config: { seed: 9 }, epoch: 3 },
] as const;

function digitsFiles(format: Format): WrittenFile[] {
  const rows = digitsRows.map((row) => DigitsRowV1(row));
  const NestV1 = schema("conformance.nest").version(
    1,
    { fields: { list: t.vector(t.weights), map: t.map(t.string, t.weights), state: t.struct({ w: t.weights }) } },
    { replace: true },
  );
  const plain = new Weights(first.arrays);
  const nest = { list: [plain, plain], map: new Map([["k", plain]]), state: { w: first } };
  const parts = { w: storedFirst, w_names: ["a"], w_layout: "tfjs", w_dtypes: null };
  return [
    fileOf({
      feature: "a schema of one's own (digits.model@1)",
      title: "three rows",
      format,
      bytes: encodeTable(rows, DigitsRowV1, { format }),
      schemaVersion: DigitsRowV1,
      columns: {
        ...manyColumns,
        weights: [storedFirst, storedSecond, null],
        architecture_version: [null, null, null],
        weights_layout: ["tfjs", null, null],
        weights_dtypes: [null, ["float32", "int8"], null],
        config: [
          { seed: 7n, dropout_rate: 0 },
          { seed: 8n, dropout_rate: 0.25 },
          { seed: 9n, dropout_rate: 0 },
        ],
        epoch: [1n, 2n, 3n],
        accuracy: [0.5, 0.75, null],
        commit_sha: ["abc", null, null],
      },
      types: {
        epoch: "int64",
        accuracy: "float",
        config: "struct<seed: int64 not null, dropout_rate: float not null>",
      },
    }),
    fileOf({
      feature: "weights nested in lists, maps and records",
      title: "two rows",
      format,
      bytes: encodeTable([nest, nest], NestV1, { format }),
      schemaVersion: NestV1,
      columns: {
        list: [
          [storedFirst, storedFirst],
          [storedFirst, storedFirst],
        ],
        map: [[["k", storedFirst]], [["k", storedFirst]]],
        state: [parts, parts],
      },
    }),
  ];
}

export async function writtenWeights(): Promise<WrittenFile[]> {
  const of = async (format: Format): Promise<WrittenFile[]> => [
    ...elementTypeFiles(format),
    ...missingFiles(format),
    ...(await manyRowFiles(format)),
    ...longListFiles(format),
    ...compressedFiles(format),
    ...companionFiles(format),
    ...digitsFiles(format),
  ];
  return (await Promise.all(formats.map(of))).flat();
}
