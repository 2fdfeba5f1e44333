/** Files that are read in parts, and written from what is read in parts. */
import { readFileSync } from "node:fs";
import { encodeModelRow, FlatArray, loadWeights, ModelV1, openModelRow, SourceError, Weights } from "legolas-flux";
import {
  decodeSafetensors,
  encodeSafetensors,
  fromSafetensors,
  openSafetensors,
  toSafetensors,
} from "legolas-flux/safetensors";
import { afterEach, describe, expect, it } from "vitest";
import { type RangeServer, serve } from "../engine/range-server.ts";
import { type CountingSource, countingSource } from "../helpers/counting-source.ts";
import { safetensorsBytes } from "../helpers/safetensors-bytes.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const sum = (reads: readonly { length: number }[]): number => reads.reduce((total, { length }) => total + length, 0);

/** One large bfloat16 array, one large float32 array, and many small ones. */
function modelOf(large: number, small = 50): Weights {
  const arrays = [
    new FlatArray(
      Float32Array.from({ length: large }, (_, i) => i % 128),
      [large],
    ),
    new FlatArray(
      Float32Array.from({ length: large }, (_, i) => i / 3),
      [large],
    ),
    ...Array.from({ length: small }, (_, i) => new FlatArray(new Float32Array(10).fill(i), [5, 2])),
    new FlatArray(Uint8Array.of(1, 0, 1), [3], "bool"),
  ];
  return new Weights(arrays, {
    names: ["half", "whole", ...Array.from({ length: small }, (_, i) => `small.${i}`), "mask"],
    dtypes: [
      "bfloat16",
      "float32",
      ...Array.from({ length: small }, (_, i) => (i % 2 ? "bfloat16" : "float32")),
      "bool",
    ],
    layout: "torch",
  });
}

describe("opening a file", () => {
  it("reads the header and nothing else, however large the tensors are", async () => {
    for (const large of [1_000, 1_000_000]) {
      const bytes = encodeSafetensors(modelOf(large));
      const source = countingSource(bytes);
      const { weights, metadata, close } = await openSafetensors(source);
      const header = Number(Buffer.from(bytes).readBigUInt64LE());
      expect(source.reads).toEqual([
        { position: 0, length: 8 },
        { position: 8, length: header },
      ]);
      expect(weights.length).toBe(53);
      expect(weights.layout).toBe("torch");
      expect(metadata.format).toBe("pt");
      await close();
      expect(source.closed).toBe(false);
    }
  });

  it("says of each array where it stands and what it is", async () => {
    const bytes = encodeSafetensors(modelOf(1_000));
    const { weights } = await openSafetensors(countingSource(bytes));
    expect(weights.dtypes.slice(0, 2)).toEqual(["bfloat16", "float32"]);
    const [half, whole, small] = weights.list();
    expect(half).toMatchObject({ name: "half", size: [1000], elementType: "float32", byteLength: 2000 });
    expect(whole).toMatchObject({ index: 1, name: "whole", elementType: "float32", byteLength: 4000 });
    expect(small).toMatchObject({ name: "small.0", size: [5, 2] });
    const at = whole?.byteOffset ?? 0;
    expect(new Float32Array(bytes.slice(at, at + 4000).buffer)).toEqual(modelOf(1_000).at(1)?.vec);
  });
});

describe("reading", () => {
  const model = modelOf(100_000);
  const bytes = encodeSafetensors(model);
  const opened = async (): Promise<[Awaited<ReturnType<typeof openSafetensors>>["weights"], CountingSource]> => {
    const source = countingSource(bytes);
    const { weights } = await openSafetensors(source);
    source.reads.length = 0;
    return [weights, source];
  };

  it("one array reads its bytes and no others: of bfloat16 two for each element", async () => {
    const [weights, source] = await opened();
    expect(await weights.read(0)).toEqual(model.at(0));
    expect(source.reads.map(({ length }) => length)).toEqual([200_000]);
    expect(await weights.read(1)).toEqual(model.at(1));
    expect(source.reads.map(({ length }) => length)).toEqual([200_000, 400_000]);
    expect(await weights.read(weights.names?.indexOf("small.7") ?? -1)).toEqual(model.get("small.7"));
    expect(sum(source.reads)).toBe(600_020);
  });

  it("into an array that is there already", async () => {
    const [weights] = await opened();
    const memory = new Float32Array(100_002).fill(-1);
    const into = memory.subarray(1, 100_001);
    expect((await weights.read(0, into)).vec).toBe(into);
    expect(into).toEqual(model.at(0)?.vec);
    expect([memory[0], memory[100_001]]).toEqual([-1, -1]);
    await expect(weights.read(0, new Uint16Array(100_000))).rejects.toThrow(
      /array 0 \(half\): expected a Float32Array of 100000 elements/,
    );
  });

  it("all arrays reads neighbours together, and each byte once", async () => {
    const [weights, source] = await opened();
    expect(await weights.readAll()).toEqual(decodeSafetensors(bytes).weights);
    expect(sum(source.reads)).toBe(bytes.length - 8 - Number(Buffer.from(bytes).readBigUInt64LE()));
    expect(source.reads.length).toBeLessThan(10);
  });

  it("some arrays, in any order", async () => {
    const [weights, source] = await opened();
    const names = ["small.4", "mask", "small.0", "small.2", "small.4"];
    const arrays = await weights.readMany(names.map((name) => weights.names?.indexOf(name) ?? -1));
    expect(arrays).toEqual(names.map((name) => model.get(name)));
    expect(sum(source.reads)).toBe(123);
    await expect(weights.readMany([0, 53])).rejects.toThrow(/an index from 0 to 52, found 53/);
  });

  it("in whatever order the header lists what stands in another", async () => {
    const shuffled = safetensorsBytes({
      header: {
        c: { dtype: "F32", shape: [1], data_offsets: [4, 8] },
        a: { dtype: "U8", shape: [2], data_offsets: [0, 2] },
        d: { dtype: "U8", shape: [1], data_offsets: [8, 9] },
        b: { dtype: "BF16", shape: [1], data_offsets: [2, 4] },
      },
      data: Uint8Array.of(7, 8, 0x80, 0x3f, 0, 0, 0, 0x40, 9),
    });
    const source = countingSource(shuffled);
    const { weights } = await fromSafetensors(source);
    expect(weights.names).toEqual(["c", "a", "d", "b"]);
    expect(weights.arrays.map(({ vec }) => [...vec])).toEqual([[2], [7, 8], [9], [1]]);
    expect(source.reads).toHaveLength(3);
  });

  it("straight into a model", async () => {
    const [weights] = await opened();
    const tree = {
      large: [new Float32Array(100_000), new Float32Array(100_000)],
      small: Array.from({ length: 50 }, () => ({ data: new Float32Array(10), shape: [2, 5] })),
      mask: { data: new Uint8Array(3), shape: [3], dtype: "bool" },
    };
    await loadWeights(tree, weights, { inPlace: true });
    expect(tree.large).toEqual([model.at(0)?.vec, model.at(1)?.vec]);
    expect(tree.small[49]?.data).toEqual(new Float32Array(10).fill(49));
    expect(tree.mask.data).toEqual(Uint8Array.of(1, 0, 1));
  });

  it("that fails is the source's own error", async () => {
    const [weights, source] = await opened();
    source.readAt = async () => {
      throw new SourceError("a disk", "reading", new Error("it is gone"));
    };
    await expect(weights.read(0)).rejects.toThrow(/it is gone/);
    await expect(weights.readAll()).rejects.toThrow(SourceError);
  });
});

describe("at an address", () => {
  let server: RangeServer | null = null;
  afterEach(async () => server?.close());

  it("only what is asked for is fetched", async () => {
    const model = modelOf(300_000);
    server = await serve(encodeSafetensors(model));
    const { weights } = await openSafetensors(server.address);
    expect(server.ranges).toHaveLength(1);
    expect(await weights.read(0)).toEqual(model.at(0));
    expect(server.ranges).toHaveLength(2);
    expect(server.sent).toBe(65_536 + 600_000);
  });
});

describe("writing", () => {
  const folder = temporaryFolder();
  const model = modelOf(100_000);

  it("to a path gives the bytes that encodeSafetensors does, and says how far it is", async () => {
    const seen: number[][] = [];
    await toSafetensors(model, folder.at("new", "model.safetensors"), {
      metadata: { epoch: "3" },
      onProgress: ({ bytes, totalBytes }) => seen.push([bytes, totalBytes]),
    });
    const written = readFileSync(folder.at("new", "model.safetensors"));
    expect(written.equals(encodeSafetensors(model, { metadata: { epoch: "3" } }))).toBe(true);
    expect(seen.at(-1)).toEqual([written.length, written.length]);
    expect(seen.every(([bytes = 0, total]) => bytes <= written.length && total === written.length)).toBe(true);
  });

  it("from a file that is read while it is written, without holding it", async () => {
    const row = encodeModelRow(
      ModelV1({
        weights: new Weights(model.arrays.slice(0, -1), {
          names: model.names?.slice(0, -1) ?? null,
          dtypes: model.dtypes.slice(0, -1),
          layout: "torch",
        }),
      }),
    );
    const source = countingSource(row);
    const handle = await openModelRow(source);
    source.reads.length = 0;
    const seen: number[] = [];
    const progress = {
      onProgress: ({ bytes, totalBytes }: { bytes: number; totalBytes: number }) => seen.push(bytes / totalBytes),
    };
    await toSafetensors(handle.weights, folder.at("a.safetensors"), progress);
    expect(Math.max(...source.reads.map(({ length }) => length))).toBe(400_000);
    expect(sum(source.reads)).toBe(4 * (200_000 + 500));
    expect(source.reads.length).toBeLessThan(10);
    expect(seen.at(-1)).toBe(1);
    const { weights } = await fromSafetensors(folder.at("a.safetensors"));
    expect(weights.arrays).toEqual(model.arrays.slice(0, -1));
    expect(weights.dtypes).toEqual(model.dtypes.slice(0, -1));
  });

  it("over the file that is being read", async () => {
    const path = folder.at("same.safetensors");
    await toSafetensors(model, path);
    const { weights, metadata, close } = await openSafetensors(path);
    await toSafetensors(weights, path, { metadata: { ...metadata, more: "x" } });
    await close();
    const again = await fromSafetensors(path);
    expect(again.weights.arrays).toEqual(model.arrays);
    expect(again.metadata.more).toBe("x");
  });

  it("that fails leaves the file that was there, and nothing else", async () => {
    const path = folder.at("kept.safetensors");
    await toSafetensors(model, path);
    const before = readFileSync(path);
    const lossy = new Weights([model.at(0) as FlatArray, new FlatArray(Float32Array.of(1 / 3), [1])], {
      names: ["a", "b"],
      dtypes: ["float32", "bfloat16"],
    });
    await expect(toSafetensors(lossy, path)).rejects.toThrow(/\(b\): .*bfloat16/);
    await expect(toSafetensors(model, path, { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow("stop");
    const source = countingSource(encodeSafetensors(model));
    const { weights } = await openSafetensors(source);
    source.readAt = async () => {
      throw new SourceError("a disk", "reading", new Error("it is gone"));
    };
    await expect(toSafetensors(weights, path)).rejects.toThrow(/it is gone/);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(folder.entries()).toEqual(["kept.safetensors"]);
  });

  it("to an address is refused", async () => {
    await expect(toSafetensors(model, "https://example.org/model.safetensors")).rejects.toThrow(
      /a path, file URL, ByteSink or file of a store/,
    );
  });
});
