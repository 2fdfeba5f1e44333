/** Every file that Python wrote, against what numpy says of it, and written again. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type FlatArray, type Source, UnsupportedTypeError } from "legolas-flux";
import { decodeSafetensors, encodeSafetensors, fromSafetensors, type Safetensors } from "legolas-flux/safetensors";
import { describe, expect, it } from "vitest";
import { bytesOfArray } from "../helpers/arbitrary-weights.ts";
import { countingSource } from "../helpers/counting-source.ts";

interface Described {
  readonly metadata: Readonly<Record<string, string>>;
  readonly sha256: string;
  readonly tensors: Readonly<Record<string, { dtype: string; shape: readonly number[]; hex: string }>>;
}

const folder = new URL("../golden/safetensors/", import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(name, folder));
const manifest = JSON.parse(readFileSync(pathOf("manifest.json"), "utf8")) as Readonly<Record<string, Described>>;
const readable = Object.keys(manifest).filter((name) => name !== "float8.safetensors");

/** The manifest's tensors, which JSON.parse puts into another order. */
function expectTensors({ weights }: Safetensors, tensors: Described["tensors"]): void {
  expect([...(weights.names ?? [])].sort()).toEqual(Object.keys(tensors).sort());
  for (const [name, { dtype, shape, hex }] of Object.entries(tensors)) {
    const array = weights.get(name) as FlatArray;
    expect(array.size, name).toEqual(shape.toReversed());
    expect(array.elementType, name).toBe(dtype === "bfloat16" ? "float32" : dtype);
    expect(weights.dtypes[weights.names?.indexOf(name) ?? -1], name).toBe(dtype);
    expect(bytesOfArray(array).toString("hex"), name).toBe(hex);
  }
}

it("the folder holds the files of the manifest and no others", () => {
  const entries = ["", "sharded/"].flatMap((within) =>
    readdirSync(new URL(within || ".", folder)).map((entry) => within + entry),
  );
  expect(entries.filter((name) => name.endsWith(".safetensors")).sort()).toEqual(Object.keys(manifest).sort());
  expect(Object.keys(manifest)).toHaveLength(8);
});

describe.each(readable)("%s", (name) => {
  const { metadata, sha256, tensors } = manifest[name] as Described;
  const bytes = readFileSync(pathOf(name));

  it("is as Python wrote it", () => {
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  });

  const sources: Readonly<Record<string, () => Source>> = {
    path: () => pathOf(name),
    "file URL": () => new URL(name, folder),
    bytes: () => new Uint8Array(bytes),
    Blob: () => new Blob([new Uint8Array(bytes)]),
    ByteSource: () => countingSource(bytes),
  };

  it.each(Object.entries(sources))("is read from a %s, bit by bit", async (_, source) => {
    const file = await fromSafetensors(source());
    expectTensors(file, tensors);
    expect({ ...file.metadata }).toEqual(metadata);
  });

  it("is read from bytes at once, aligned or not", () => {
    for (const shift of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const moved = new Uint8Array(bytes.length + 8).subarray(shift, shift + bytes.length);
      moved.set(bytes);
      expectTensors(decodeSafetensors(moved), tensors);
    }
  });

  it("is written again as Python wrote it", () => {
    const { weights, metadata: found } = decodeSafetensors(bytes);
    const written = Buffer.from(encodeSafetensors(weights, { metadata: found }));
    // Python's order of several metadata is random; of none or one the bytes are the same.
    if (Object.keys(metadata).length < 2) expect(written.equals(bytes)).toBe(true);
    const again = decodeSafetensors(written);
    expectTensors(again, tensors);
    expect({ ...again.metadata }).toEqual(metadata);
    expect(again.weights.names).toEqual(weights.names);
    expect(again.weights.layout).toBe(weights.layout);
    expect(written.length).toBe(bytes.length);
  });
});

it("files with elements that only mean something with their scales are refused by the type's name", async () => {
  const reading = fromSafetensors(pathOf("float8.safetensors"));
  await expect(reading).rejects.toThrow(UnsupportedTypeError);
  await expect(reading).rejects.toThrow(/tensor "x": .* found F8_E4M3\. Convert it in Python/);
});

it("an index of shards is read as one model, in the order of the index", async () => {
  const location = pathOf("sharded/model.safetensors.index.json");
  for (const source of [location, new URL("sharded/model.safetensors.index.json", folder)]) {
    const { weights, metadata } = await fromSafetensors(source);
    expect(weights.names).toEqual(["embed.weight", "head.weight", "head.bias"]);
    expect(weights.dtypes).toEqual(["float32", "bfloat16", "float32"]);
    expect(weights.arrays.map(({ vec }) => [...vec])).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2, 3],
      [1, 2],
    ]);
    expect(weights.layout).toBe("torch");
    expect(metadata.format).toBe("pt");
  }
});
