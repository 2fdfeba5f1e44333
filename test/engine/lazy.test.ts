import {
  type ByteSource,
  encodeModelRow,
  FlatArray,
  FormatError,
  fetchWeights,
  InputError,
  LossyConversionError,
  loadCodecs,
  loadWeights,
  ModelV1,
  openModelRow,
  openModelRows,
  PartialLoadError,
  readModelRow,
  SourceError,
  Weights,
  WeightsMismatchError,
  writeModelRow,
} from "legolas-flux";
import { encodeTable } from "legolas-flux/legolas";
import { beforeAll, describe, expect, it } from "vitest";
import { planReads } from "../../src/weights/read-groups.ts";
import { countingSource } from "../helpers/counting-source.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

beforeAll(loadCodecs);

interface Counted extends ByteSource {
  readonly reads: { position: number; length: number }[];
}

function counted(bytes: Uint8Array): Counted {
  const reads: { position: number; length: number }[] = [];
  return {
    location: "counted",
    size: bytes.length,
    reads,
    readAt: async (position, length) => {
      reads.push({ position, length });
      return bytes.slice(position, position + length);
    },
    readInto: async (position, target) => {
      reads.push({ position, length: target.length });
      target.set(bytes.subarray(position, position + target.length));
    },
  };
}

const sum = (reads: readonly { length: number }[]): number => reads.reduce((total, { length }) => total + length, 0);

function modelOf(elements: number, small = 50): { big: Float32Array; small: Float32Array[] } {
  return {
    big: new Float32Array(elements).map((_, i) => i % 97),
    small: Array.from({ length: small }, (_, i) => new Float32Array(10).fill(i)),
  };
}

const encoded = (tree: unknown, options = {}): Uint8Array =>
  encodeModelRow(ModelV1({ weights: fetchWeights(tree), architecture_version: 4 }), ModelV1, options);

describe("opening a row", () => {
  it("reads as many bytes for a small model as for a large one, and no value", async () => {
    const costs = await Promise.all(
      [1_000, 3_000_000].map(async (elements) => {
        const source = counted(encoded(modelOf(elements)));
        const handle = await openModelRow(source);
        expect(handle.row).toEqual({ architecture_version: 4 });
        return sum(source.reads);
      }),
    );
    expect(costs[1]).toBe(costs[0]);
    expect(costs[0]).toBeLessThan(10_000);
  });

  it("lists each array with its place in the file", async () => {
    const tree = modelOf(1_000);
    const bytes = encoded(tree);
    const { weights } = await openModelRow(counted(bytes));
    const infos = weights?.list() ?? [];
    expect(infos).toHaveLength(51);
    expect(infos[0]).toMatchObject({ index: 0, name: "big", size: [1000], elementType: "float32", byteLength: 4000 });
    const at = infos[3]?.byteOffset ?? 0;
    expect(new Float32Array(bytes.slice(at, at + 40).buffer)).toEqual(tree.small[2]);
    expect(weights?.sizes[1]).toEqual([10]);
  });
});

describe("reading", () => {
  it("one array takes one read of exactly its bytes, into new memory or into a given array", async () => {
    const tree = modelOf(300_000);
    const source = counted(encoded(tree));
    const { weights } = await openModelRow(source);
    source.reads.length = 0;
    expect((await weights?.read(0))?.vec).toEqual(tree.big);
    expect(source.reads.map(({ length }) => length)).toEqual([1_200_000]);
    const own = new Float32Array(10);
    const array = await weights?.read(5, own);
    expect(array?.vec).toBe(own);
    expect(own).toEqual(tree.small[4]);
    await expect(weights?.read(5, new Float64Array(10))).rejects.toThrow(
      /array 5 \(small\.4\): expected a Float32Array of 10 elements/,
    );
    await expect(weights?.read(51)).rejects.toThrow(InputError);
  });

  it("all arrays reads neighbours together", async () => {
    const tree = modelOf(270_000, 200);
    const source = counted(encoded(tree));
    const { weights } = await openModelRow(source);
    source.reads.length = 0;
    const all = await weights?.readAll();
    expect(all?.arrays.map(({ vec }) => vec)).toEqual([tree.big, ...tree.small]);
    expect(source.reads.length).toBeLessThanOrEqual(2);
  });

  it.each(["lz4", "zstd"] as const)(
    "works where the row is compressed with %s, without places",
    async (compression) => {
      const tree = modelOf(1_000);
      const { weights } = await openModelRow(encoded(tree, { compression }));
      expect(weights?.list()[0]).toMatchObject({ byteOffset: null, byteLength: 4000 });
      expect((await weights?.read(2))?.vec).toEqual(tree.small[1]);
      expect((await weights?.readAll())?.arrays[0]?.vec).toEqual(tree.big);
    },
  );

  it("bools that share bytes with their neighbours come out right, in one read or one by one", async () => {
    const arrays = [3, 0, 10, 1, 7].map(
      (n, k) =>
        new FlatArray(
          Uint8Array.from({ length: n }, (_, i) => ((i * 5 + k) % 3) & 1),
          [n],
          "bool",
        ),
    );
    const { weights } = await openModelRow(
      encodeModelRow(ModelV1({ weights: new Weights(arrays) }), ModelV1, { checksum: true }),
    );
    expect((await weights?.readAll())?.arrays).toEqual(arrays);
    for (const [i, array] of arrays.entries()) expect(await weights?.read(i)).toEqual(array);
  });
});

describe("loading into a tree", () => {
  it("in place reads straight into its arrays, and converts where the type differs", async () => {
    const tree = modelOf(100_000);
    const source = counted(encoded(tree));
    const { weights } = await openModelRow(source);
    const fresh = { big: new Float64Array(100_000), small: tree.small.map(() => new Float32Array(10)) };
    await loadWeights(fresh, weights as NonNullable<typeof weights>, { inPlace: true });
    expect(fresh.big).toEqual(Float64Array.from(tree.big));
    expect(fresh.small).toEqual(tree.small);
  });

  it("checks sizes before the first read", async () => {
    const source = counted(encoded(modelOf(1_000)));
    const { weights } = await openModelRow(source);
    const reads = source.reads.length;
    const loading = loadWeights(modelOf(999), weights as NonNullable<typeof weights>, { inPlace: true });
    await expect(loading).rejects.toThrow(WeightsMismatchError);
    expect(source.reads).toHaveLength(reads);
  });

  it("that fails half-way leaves the tree as it was, or in place says what is new", async () => {
    const tree = modelOf(300_000, 3);
    const bytes = encoded(tree);
    const source = counted(bytes);
    const { weights } = await openModelRow(source);
    const broken = { ...source };
    const lazy = weights as NonNullable<typeof weights>;
    const fail = async (): Promise<never> => {
      throw new Error("the disk is gone");
    };
    Object.assign(source, { readInto: fail });
    const staged = { big: new Float32Array(300_000), small: tree.small.map(() => new Float32Array(10)) };
    await expect(loadWeights(staged, lazy)).rejects.toThrow("the disk is gone");
    expect(staged.small[1]).toEqual(new Float32Array(10));
    const error: unknown = await loadWeights(staged, lazy, { inPlace: true }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PartialLoadError);
    expect((error as PartialLoadError).loaded.every((index) => index > 0)).toBe(true);
    expect((error as Error).message).toMatch(/reading stopped after \d of 4 arrays \(the disk is gone\)/);
    Object.assign(source, broken);
  });

  it("refuses values that an array of another type cannot hold", async () => {
    const { weights } = await openModelRow(encoded({ a: new Float64Array([1 / 3]) }));
    const lazy = weights as NonNullable<typeof weights>;
    await expect(loadWeights({ a: new Float32Array(1) }, lazy)).rejects.toThrow(LossyConversionError);
  });
});

describe("digests", () => {
  it("notice every flipped bit in values, on all ways of reading", async () => {
    const tree = modelOf(2_000, 3);
    const bytes = encoded(tree, { checksum: true });
    const clean = await openModelRow(bytes);
    const { byteOffset } = clean.weights?.list()[2] ?? {};
    const flipped = bytes.slice();
    const at = (byteOffset ?? 0) + 13;
    flipped[at] = (flipped[at] as number) ^ 4;
    const { weights } = await openModelRow(flipped);
    expect((await weights?.read(1))?.vec).toEqual(tree.small[0]);
    await expect(weights?.read(2)).rejects.toThrow(
      /array 2 \(small\.1\): expected the digest crc32:[0-9a-f]{8}, found crc32/,
    );
    await expect(weights?.readAll()).rejects.toThrow(FormatError);
    await expect(readModelRow(flipped)).rejects.toThrow(/digest/);
    expect((await readModelRow(bytes)).weights?.arrays[0]?.vec).toEqual(tree.big);
  });

  it("are those of the stored elements, as any CRC-32 gives them", async () => {
    const bytes = encoded({ a: new Uint8Array([...Buffer.from("123456789")]) }, { checksum: true });
    expect(Buffer.from(bytes).includes("crc32:cbf43926")).toBe(true);
  });
});

describe("the plan of reads", () => {
  it("joins small neighbours, reads large arrays alone, skips empty ones", () => {
    const mib = 2 ** 20;
    const place = (position: number, length: number) => ({ position, length });
    expect(
      planReads([place(0, 100), place(100, 0), place(100, 50), place(150, 2 * mib), place(150 + 2 * mib, 8)]),
    ).toEqual([
      { position: 0, length: 150, indices: [0, 2] },
      { position: 150, length: 2 * mib, indices: [3] },
      { position: 150 + 2 * mib, length: 8, indices: [4] },
    ]);
    expect(planReads([place(0, 10), place(20, 10)])).toHaveLength(2);
  });

  it("needs few reads for ten thousand small arrays", () => {
    const groups = planReads(Array.from({ length: 10_000 }, (_, i) => ({ position: 400 * i, length: 400 })));
    expect(groups.length).toBeLessThanOrEqual(10);
    expect(groups.flatMap(({ indices }) => indices)).toHaveLength(10_000);
  });
});

describe("a file that is closed", () => {
  const folder = temporaryFolder();
  const values = Float32Array.from({ length: 2 ** 20 }, (_, i) => i % 8191);
  const zeros = new Float32Array(2 ** 20);

  function expectArray(weights: Weights | null | undefined, expected: Float32Array): void {
    const vec = weights?.at(0)?.vec as Float32Array;
    expect(vec.length).toBe(expected.length);
    expect(vec.every((value, i) => value === expected[i])).toBe(true);
  }

  it("while it is read gives what was being read, and then refuses", async () => {
    const path = folder.at("a.model.arrow");
    await writeModelRow(path, { weights: fetchWeights([values]) });
    const { weights, close } = await openModelRow(path);
    const reading = weights?.readAll();
    await close();
    await close();
    expectArray(await reading, values);
    await expect(weights?.readAll()).rejects.toThrow(SourceError);
    await expect(weights?.read(0)).rejects.toThrow(/reading ".*a.model.arrow" failed: it was closed/);
  });

  it("while it is read is not taken for one that is opened meanwhile", async () => {
    const [path, other] = [folder.at("a.model.arrow"), folder.at("other.model.arrow")];
    await writeModelRow(path, { weights: fetchWeights([values]) });
    await writeModelRow(other, { weights: fetchWeights([zeros]) });
    for (let i = 0; i < 20; i++) {
      const { weights, close } = await openModelRow(path);
      const reading = weights?.readAll();
      const [, meanwhile] = await Promise.all([close(), readModelRow(other)]);
      expectArray(await reading, values);
      expectArray(meanwhile.weights, zeros);
    }
  });
});

it("loads the columns of a record batch once for all its rows", async () => {
  const weights = new Weights([new FlatArray(new Float32Array(3), [3])]);
  const source = countingSource(
    encodeTable(
      [1, 2, 3].map((version) => ({ weights, architecture_version: version })),
      ModelV1,
    ),
  );
  const table = await openModelRows(source, ModelV1);
  const first = await table.row(0);
  const reads = source.reads.length;
  const others = [await table.row(1), await table.row(2)];
  expect(source.reads).toHaveLength(reads);
  expect([first, ...others].map(({ row }) => row.architecture_version)).toEqual([1, 2, 3]);
  await expect(table.row(3)).rejects.toThrow(/expected an index from 0 to 2, found 3/);
});
