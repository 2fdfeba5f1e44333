import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  columnFromArray,
  decimal128,
  tableFromIPC as flechetteTable,
  int64,
  tableFromColumns,
  tableToIPC,
} from "@uwdata/flechette";
import { tableFromIPC } from "apache-arrow";
import {
  appendModelRows,
  encodeModelRow,
  FlatArray,
  InputError,
  listModelRows,
  ModelV1,
  openModelRows,
  readModelRow,
  readModelRows,
  SourceError,
  UnsupportedTypeError,
  Weights,
  writeModelRow,
  writeModelRows,
} from "legolas-flux";
import { schema, t } from "legolas-flux/legolas";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const RunV1 = schema("engine-run.model").version(1, {
  extends: ModelV1,
  fields: { epoch: t.int64, accuracy: t.optional(t.float32) },
});

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "legolas-flux-rows-"));
});
afterEach(() => rm(folder, { recursive: true }));

const weightsOf = (seed: number): Weights =>
  new Weights(
    [new FlatArray(new Float32Array([seed, 1, 2, 3, 4, 5]), [3, 2]), new FlatArray(new Int8Array([seed]), [1])],
    {
      names: ["kernel", "bias"],
      layout: "tfjs",
    },
  );
const rowOf = (epoch: number) =>
  RunV1({ weights: epoch === 2 ? null : weightsOf(epoch), epoch, accuracy: epoch / 10, architecture_version: 1 });

async function* epochs(from: number, to: number) {
  for (let epoch = from; epoch < to; epoch++) yield rowOf(epoch);
}

async function readBack(path: string): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of readModelRows(path, RunV1)) rows.push(row);
  return rows;
}

async function expectEpochs(path: string, count: number, isCompressed = false): Promise<void> {
  const rows = await readBack(path);
  expect(rows.map((row) => (row as { epoch: number }).epoch)).toEqual(Array.from({ length: count }, (_, i) => i));
  for (const [epoch, row] of rows.entries()) {
    const { weights } = row as { weights: Weights | null };
    expect(weights?.at(0)?.vec ?? null).toEqual(epoch === 2 ? null : weightsOf(epoch).at(0)?.vec);
    expect(weights?.dtypes ?? null).toEqual(epoch === 2 ? null : ["float32", "int8"]);
    expect(weights?.names ?? null).toEqual(epoch === 2 ? null : ["kernel", "bias"]);
  }
  // The other readers have no codecs.
  if (isCompressed) return;
  const bytes = await readFile(path);
  expect(tableFromIPC(bytes).numRows).toBe(count);
  expect(flechetteTable(new Uint8Array(bytes)).numRows).toBe(count);
}

describe.each([
  { format: "file", compression: undefined },
  { format: "stream", compression: undefined },
  { format: "file", compression: "lz4" },
  { format: "stream", compression: "zstd" },
] as const)("a table of rows as $format, compression $compression", ({ format, compression }) => {
  const options = { format, ...(compression && { compression }) };

  it("is written row by row, appended to, and read by others", async () => {
    const path = join(folder, "run.model.arrow");
    await writeModelRows(path, epochs(0, 3), RunV1, options);
    await expectEpochs(path, 3, compression !== undefined);
    await appendModelRows(path, epochs(3, 5));
    await appendModelRows(path, epochs(5, 6));
    await expectEpochs(path, 6, compression !== undefined);
    expect(await readdir(folder)).toEqual(["run.model.arrow"]);
  });

  it("keeps its bytes when an appended row does not fit", async () => {
    const path = join(folder, "run.model.arrow");
    await writeModelRows(path, epochs(0, 2), RunV1, options);
    const before = await readFile(path);
    const wider = { weights: new Weights([new FlatArray(new Float64Array(1), [1])]), epoch: 9 };
    await expect(appendModelRows(path, [rowOf(2), wider])).rejects.toThrow(InputError);
    await expect(appendModelRows(path, [{ epoch: "x" }])).rejects.toThrow(/field "2.epoch": expected int64/);
    await expect(appendModelRows(path, [{ ...rowOf(2), more: 1 }])).rejects.toThrow(
      /row 2: expected .*no such column, found "more"/,
    );
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(folder)).toEqual(["run.model.arrow"]);
  });
});

describe("a stream that is appended to", () => {
  it("shows the old rows, or the old and the new, when cut off after any byte that an append writes before its last", async () => {
    const path = join(folder, "run.model.arrow");
    await writeModelRows(path, epochs(0, 1), RunV1, { format: "stream" });
    const before = await readFile(path);
    await appendModelRows(path, epochs(1, 2));
    const after = await readFile(path);
    for (let length = before.length; length < after.length; length += 7) {
      // Everything but the length in the old marker is written first.
      const unfinished = Uint8Array.from(after.subarray(0, length));
      unfinished.set(before.subarray(before.length - 8), before.length - 8);
      await writeFile(path, unfinished);
      expect(await readBack(path)).toHaveLength(1);
    }
    await appendModelRows(path, epochs(1, 2));
    expect(await readFile(path)).toEqual(after);
  });

  it("gets its end-of-stream marker if it has none", async () => {
    const path = join(folder, "run.model.arrow");
    await writeModelRows(path, epochs(0, 2), RunV1, { format: "stream" });
    await truncate(path, (await readFile(path)).length - 8);
    await appendModelRows(path, epochs(2, 3));
    await expectEpochs(path, 3);
  });

  it("accepts rows like the one that writeModelRow wrote, and refuses what has no column", async () => {
    const path = join(folder, "one.model.arrow");
    const plain = new Weights([new FlatArray(new Float32Array([1, 2]), [2])]);
    await writeModelRow(path, ModelV1({ weights: plain }), undefined, { format: "stream" });
    await appendModelRows(path, [ModelV1({ weights: plain, architecture_version: 2 })]);
    const table = await openModelRows(path);
    expect(table.numRows).toBe(2);
    await table.close();
    const named = new Weights(plain, { names: ["a"] });
    await expect(appendModelRows(path, [ModelV1({ weights: named })])).rejects.toThrow(
      /"weights_names": expected a column for it/,
    );
    await expect(appendModelRows(path, [ModelV1({})])).rejects.toThrow(/expected weights, as in the rows before/);
  });
});

describe("a table with a column of decimals", () => {
  it.each(["file", "stream"] as const)("as a %s takes no row, and keeps its bytes", async (format) => {
    const column = columnFromArray([1n], decimal128(10, 2));
    const table = tableFromColumns({ architecture_version: columnFromArray([1n], int64()), price: column });
    table.schema.metadata = new Map([["legolas_schema_qualified", "legolas-flux.model@1"]]);
    const path = join(folder, "decimals.arrow");
    const bytes = tableToIPC(table, { format }) as Uint8Array;
    await writeFile(path, bytes);
    await expect(appendModelRows(path, [{ architecture_version: 2 }])).rejects.toThrow(/"price": decimal/);
    await appendModelRows(path, []).catch((error: unknown) => expect(error).toBeInstanceOf(UnsupportedTypeError));
    expect((await readFile(path)).subarray(0, bytes.length)).toEqual(Buffer.from(bytes));
  });
});

describe("writeModelRows", () => {
  it("refuses a single row, and rows that nobody waited for", async () => {
    const path = join(folder, "no.arrow");
    await expect(writeModelRows(path, rowOf(1) as never)).rejects.toThrow(
      /^rows: expected a list of them.*writeModelRow/,
    );
    await expect(writeModelRow(path, Promise.resolve(rowOf(1)))).rejects.toThrow(/found a Promise\. Await it first/);
    expect(() => RunV1(Promise.resolve({ epoch: 1 }) as never)).toThrow(/found a Promise\. Await it first/);
    for (const compression of ["gzip", true] as never[]) {
      await expect(writeModelRow(path, rowOf(1), undefined, { compression })).rejects.toThrow(
        /^compression: expected "lz4" or "zstd", found ("gzip"|true)/,
      );
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("promotes later rows to the element type of the first, and refuses wider ones by the row's number", async () => {
    const path = join(folder, "run.model.arrow");
    const of = (vec: Float32Array | Float64Array) => ModelV1({ weights: new Weights([new FlatArray(vec, [1])]) });
    await writeModelRows(path, [of(new Float64Array([1])), of(new Float32Array([2]))]);
    const rows: unknown[] = [];
    for await (const { weights } of readModelRows(path)) rows.push([weights?.elementType, weights?.dtypes]);
    expect(rows).toEqual([
      ["float64", ["float64"]],
      ["float64", ["float32"]],
    ]);
    await expect(writeModelRows(path, [of(new Float32Array(1)), of(new Float64Array(1))])).rejects.toThrow(
      /row 1: expected the columns of the rows before: "weights": .*float32.*, found "weights": .*float64/,
    );
    const kept: unknown[] = [];
    for await (const row of readModelRows(path)) kept.push(row);
    expect(kept).toHaveLength(2);
  });

  it("writes a table of no rows, and leaves nothing where the rows throw", async () => {
    const path = join(folder, "run.model.arrow");
    await writeModelRows(path, [], RunV1);
    expect(await readBack(path)).toEqual([]);
    const failing = async function* () {
      yield rowOf(0);
      throw new Error("training stopped");
    };
    await expect(writeModelRows(join(folder, "other.arrow"), failing())).rejects.toThrow("training stopped");
    expect(await readdir(folder)).toEqual(["run.model.arrow"]);
  });

  it("asks for a row only when the one before is written, so it holds one at a time", async () => {
    const events: string[] = [];
    const rows = async function* () {
      for (let epoch = 0; epoch < 3; epoch++) {
        events.push(`made ${epoch}`);
        yield rowOf(epoch);
      }
    };
    const done = async (): Promise<void> => {};
    const write = async (): Promise<void> => void (events.at(-1) === "wrote" || events.push("wrote"));
    await writeModelRows({ location: "events", write, close: done, abort: done }, rows(), RunV1);
    expect(events).toEqual(["made 0", "wrote", "made 1", "wrote", "made 2", "wrote"]);
  });
});

describe("listModelRows", () => {
  it("gives the columns of every file, filtered and sorted, without reading a value", async () => {
    for (const epoch of [0, 1, 3]) await writeModelRow(join(folder, `e${epoch}.model.arrow`), rowOf(epoch));
    await writeModelRows(join(folder, "many.model.arrow"), epochs(4, 6), RunV1);
    await writeFile(join(folder, "notes.txt"), "no model");
    const all = await listModelRows(folder, { schemaVersion: RunV1, sort: "-accuracy" });
    expect(all.map(({ row }) => row.epoch)).toEqual([5, 4, 3, 1, 0]);
    expect(all[0]).toMatchObject({ path: join(folder, "many.model.arrow"), index: 1 });
    expect(all[0]?.row).not.toHaveProperty("weights");
    const some = await listModelRows(folder, { schemaVersion: RunV1, where: ({ epoch }) => epoch > 0 && epoch < 4 });
    expect(some.map(({ row }) => row.epoch)).toEqual([1, 3]);
  });

  it("tells apart files of one length whose metadata differ", async () => {
    const NotedV1 = schema("engine-noted.model").version(1, { extends: RunV1, fields: { note: t.string } });
    const OtherV1 = schema("engine-other.model").version(1, { extends: RunV1, fields: { text: t.string } });
    const notes = ["a", "bcd", "ef", "", "bcd"];
    const sizes = new Set<number>();
    for (const [i, note] of notes.entries()) {
      for (const [name, row] of [
        [`${i} noted`, NotedV1({ ...rowOf(i + 3), note })],
        [`${i} other`, OtherV1({ ...rowOf(i + 3), text: note })],
      ] as const) {
        const bytes = encodeModelRow(row);
        sizes.add(bytes.length);
        await writeFile(join(folder, `${name}.model.arrow`), bytes);
      }
    }
    expect(sizes.size).toBeLessThan(3);
    const listed = await listModelRows(folder);
    expect(listed.map(({ row, schemaVersion: { name } }) => [name, row])).toEqual(
      notes.flatMap((note, i) => {
        const { weights: _, ...columns } = rowOf(i + 3);
        return [
          ["engine-noted.model", { ...columns, note }],
          ["engine-other.model", { ...columns, text: note }],
        ];
      }),
    );
  });

  it("refuses a file that has the length of the others, but is damaged", async () => {
    for (const epoch of [0, 1, 3]) await writeModelRow(join(folder, `e${epoch}.model.arrow`), rowOf(epoch));
    const bytes = encodeModelRow(rowOf(1));
    bytes[20] = 0xff;
    await writeFile(join(folder, "e2.model.arrow"), bytes);
    const failed: string[] = [];
    const rows = await listModelRows(folder, { schemaVersion: RunV1, onError: (path) => failed.push(path) });
    expect(rows.map(({ row }) => row.epoch)).toEqual([0, 1, 3]);
    expect(failed).toEqual([join(folder, "e2.model.arrow")]);
  });

  it("names the file that cannot be read, or leaves it out and says so", async () => {
    await writeModelRow(join(folder, "good.model.arrow"), rowOf(0));
    await writeFile(join(folder, "bad.model.arrow"), encodeModelRow(rowOf(1)).subarray(0, 100));
    const error = await listModelRows(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceError);
    expect((error as SourceError).location).toBe(join(folder, "bad.model.arrow"));
    const failed: string[] = [];
    const rows = await listModelRows(folder, { onError: (path) => failed.push(path) });
    expect(rows).toHaveLength(1);
    expect(failed).toEqual([join(folder, "bad.model.arrow")]);
  });

  it("sorts by a field of a column, NaN after all numbers and what is missing after that; refuses a column that no row has", async () => {
    const SortedV1 = schema("sorted-run.model").version(1, {
      extends: ModelV1,
      fields: { accuracy: t.optional(t.float64), config: t.struct({ seed: t.int64 }), "a.b": t.int64 },
    });
    const accuracies = [0.2, Number.NaN, 0.9, null, 0.5];
    for (const [i, accuracy] of accuracies.entries()) {
      const row = SortedV1({ weights: weightsOf(i), accuracy, config: { seed: (i * 2) % 5 }, "a.b": i % 3 });
      await writeModelRow(join(folder, `${i}.arrow`), row);
    }
    const sorted = async (sort: string) =>
      (await listModelRows(folder, { schemaVersion: SortedV1, sort })).map(({ row }) => row);
    expect((await sorted("-accuracy")).map(({ accuracy }) => accuracy)).toEqual([0.9, 0.5, 0.2, Number.NaN, null]);
    expect((await sorted("accuracy")).map(({ accuracy }) => accuracy)).toEqual([0.2, 0.5, 0.9, Number.NaN, null]);
    expect((await sorted("-config.seed")).map(({ config }) => config.seed)).toEqual([4, 3, 2, 1, 0]);
    expect((await sorted("a.b")).map((row) => row["a.b"])).toEqual([0, 0, 1, 1, 2]);
    // What every object has is no field.
    expect((await sorted("-config.constructor")).map(({ config }) => config.seed)).toEqual([0, 2, 4, 1, 3]);
    await expect(sorted("constructor")).rejects.toThrow(InputError);
    await expect(sorted("-acuracy")).rejects.toThrow(
      /^sort: expected one of the columns .*accuracy.*, found "-acuracy"\./,
    );
  });

  it("says that a folder is missing", async () => {
    await expect(listModelRows(join(folder, "none"))).rejects.toThrow(/listing ".*none" failed/);
  });
});

it("a row index outside the table is refused", async () => {
  const path = join(folder, "run.model.arrow");
  await writeModelRows(path, epochs(0, 1), RunV1);
  const table = await openModelRows(path, RunV1);
  await expect(table.row(1)).rejects.toThrow(/expected an index from 0 to 0, found 1/);
  await table.close();
  await expect(readModelRow(join(folder, "nowhere"))).rejects.toThrow(/opening ".*nowhere" failed.*Check the path/s);
});
