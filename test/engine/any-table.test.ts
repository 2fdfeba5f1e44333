/** Tables opened whatever their schema: `validate: false`. */
import {
  FlatArray,
  LazyWeights,
  listModelRows,
  ModelV1,
  openModelRow,
  openModelRows,
  Weights,
  writeModelRow,
} from "legolas-flux";
import { schema, t, writeTable } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const golden = new URL("../golden/julia/", import.meta.url);
const open = (name: string) => openModelRow<object>(new URL(name, golden), undefined, { validate: false });
const weights = new Weights([new FlatArray(Float32Array.of(1, 2), [2])], { names: ["w"] });

describe("with validate: false", () => {
  it("a row of a schema unknown here has every column, and says what it records", async () => {
    const handle = await open("extended.arrow");
    expect(handle.schemaVersion).toBe(ModelV1);
    expect(handle.table).toMatchObject({
      identifier: "oracle.extended@1>legolas-flux.model@1",
      format: "file",
      compression: null,
      byteLength: 5842,
    });
    expect(handle.row).toMatchObject({
      architecture_version: 5,
      kind: "relu",
      trained_on: "2023-11-20",
      hyper: { lr: 0.001, batch: 32 },
      commit_sha: null,
    });
    expect(handle.table.unread).toEqual([]);
    expect((await handle.weights?.read(1))?.size).toEqual([2]);
    await handle.close();
  });

  it("columns that break the schema are read as they stand", async () => {
    const WrongV1 = schema("any-table.wrong").version(1, {
      fields: { weights: t.float64, architecture_version: t.string },
    });
    await writeTable(folder.at("wrong.arrow"), [{ weights: 1.5, architecture_version: "x" }], WrongV1);
    await expect(openModelRow(folder.at("wrong.arrow"), ModelV1)).rejects.toThrow(/does not comply/);
    const handle = await openModelRow<object>(folder.at("wrong.arrow"), ModelV1, { validate: false });
    expect(handle.row).toEqual({ weights: 1.5, architecture_version: "x" });
    expect(handle.weights).toBeNull();
    await handle.close();
  });

  it("other columns in the form of weights are lazy, with their companions", async () => {
    const EmaV1 = schema("any-table.ema").version(1, {
      extends: ModelV1,
      fields: { ema: t.weights, slot: t.struct({ m: t.weights }) },
    });
    await writeModelRow(folder.at("ema.arrow"), { weights, ema: weights, slot: { m: weights } }, EmaV1);
    const handle = await openModelRow<object>(folder.at("ema.arrow"), undefined, { validate: false });
    const { ema } = handle.row as { ema: LazyWeights };
    expect(ema).toBeInstanceOf(LazyWeights);
    expect(ema.names).toEqual(["w"]);
    expect((await ema.read(0)).vec).toEqual(Float32Array.of(1, 2));
    expect(handle.table.unread).toEqual(["weights_names", "ema_names", "slot"]);
    await handle.close();
  });

  it("columns of types that are not read are left out", async () => {
    const complex = await open("eltype_complex_float32_.arrow");
    expect([complex.weights, complex.table.unread]).toEqual([null, ["weights"]]);
    const int128 = await openModelRows<object>(new URL("field_int128.arrow", golden), undefined, { validate: false });
    expect((await int128.row(0)).row).toEqual({});
    await Promise.all([complex.close(), int128.close()]);
  });

  it("listModelRows lists files of any schema, by folder or by name", async () => {
    await writeModelRow(folder.at("a.arrow"), { weights, epoch: 3 });
    await writeTable(
      folder.at("b.arrow"),
      [{ x: "y" }],
      schema("any-table.other").version(1, { fields: { x: t.string } }),
    );
    const rows = await listModelRows<object>(folder.at(), { validate: false });
    expect(rows.map(({ row, table }) => [table.identifier, row])).toEqual([
      ["legolas-flux.model@1", { architecture_version: null, epoch: 3 }],
      ["any-table.other@1", { x: "y" }],
    ]);
    const named = await listModelRows<object>([folder.at("b.arrow")], { validate: false });
    expect(named.map(({ path }) => path)).toEqual([folder.at("b.arrow")]);
  });

  it("the digests that are stored are known, and can be computed", async () => {
    await writeModelRow(folder.at("a.arrow"), { weights }, undefined, { checksum: true });
    const handle = await openModelRow(folder.at("a.arrow"));
    expect(handle.weights?.checksums).toEqual([weights.at(0)?.checksum()]);
    expect(weights.at(0)?.checksum()).toBe("crc32:2e3fa576");
    await handle.close();
  });
});
