/** Files by polars, which differ from those of every other writer. */

import { readFileSync } from "node:fs";
import { decodeModelRow, encodeModelRow, FlatArray, LegolasError, ModelV1, openModelRow, Weights } from "legolas-flux";
import { decodeTable, formatType } from "legolas-flux/legolas";
import polars from "nodejs-polars";
import { describe, expect, it } from "vitest";

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
function errorOf(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return null;
}

const uncompressed = { compression: "uncompressed" } as const;

describe("files whose schema is not a message", () => {
  const golden = (name: string): Buffer => readFileSync(new URL(`../golden/polars/${name}.arrow`, import.meta.url));
  const bytes = golden("categorical");

  it("begin as no other file does", () => {
    for (const file of [bytes, golden("no_rows")]) {
      expect(latin1(file).slice(0, 6)).toBe("ARROW1");
      expect(file.readUInt32LE(8)).not.toBe(0xffffffff);
    }
  });

  it("are read by their footer, with dictionaries that stand behind the record batches that refer to them", () => {
    const table = decodeTable(bytes, { validate: false });
    expect(table.column("epoch")).toEqual([1, 2, 3]);
    expect(table.column("loss")).toEqual([0.5, null, Number.NaN]);
    expect(table.column("kind")).toEqual(["b", "a", "b"]);
  });

  it("are read without rows", () => {
    const table = decodeTable(golden("no_rows"), { validate: false });
    expect([table.numRows, table.columnNames]).toEqual([0, ["epoch", "loss", "kind"]]);
  });

  it("are refused, or read as they are, where something else stands in the place of the schema", () => {
    let refused = 0;
    for (let at = 8; at < 256; at++) {
      const damaged = Buffer.from(bytes).fill(0xa5, at, at + 4);
      const error = errorOf(() => expect(decodeTable(damaged, { validate: false }).column("epoch")).toEqual([1, 2, 3]));
      if (error !== null) expect(error).toBeInstanceOf(LegolasError);
      refused += error === null ? 0 : 1;
    }
    expect(refused).toBeGreaterThan(100);
  });
});

describe("companion columns as string views", () => {
  const weights = new Weights([new FlatArray(Float32Array.of(1, 2), [2])], { names: ["a"], layout: "tfjs" });
  // Its Rust panics on extension names; without their key, of the same length, they mean nothing.
  const bare = Buffer.from(
    latin1(encodeModelRow({ weights }, ModelV1)).replaceAll("ARROW:extension:name", "ARROW:extension:none"),
    "latin1",
  );
  const bytes = polars.readIPC(bare).writeIPC(uncompressed);

  it("are read, for without them weights of TensorFlow.js would be taken for Flux's", async () => {
    const { fields } = decodeTable(bytes, { validate: false }).schema;
    expect(fields.map(formatType).slice(1, 3)).toEqual(["large list<string view?>?", "string view?"]);
    const handle = await openModelRow(bytes, ModelV1);
    for (const found of [decodeModelRow(bytes, ModelV1).weights, handle.weights]) {
      expect(found).toMatchObject({ names: ["a"], layout: "tfjs" });
    }
  });
});
