/**
 * Files with damage anywhere.
 *
 * Idea: whatever a byte becomes, the reader answers with a result or with an error of its own, soon and without taking more memory than the
 * file accounts for. What is read may differ, for flipped bits inside values are still values.
 */
import {
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  isLegolasError,
  loadCodecs,
  ModelV1,
  readModelRow,
  Weights,
} from "legolas-flux";
import { encodeTable, recordEquals, schema } from "legolas-flux/legolas";
import { beforeAll, describe, expect, it, vi } from "vitest";
import "../golden/schemas.ts";
import { everyType } from "../helpers/every-type.ts";
import { bytesOf } from "../helpers/julia-fixtures.ts";
import { processorMs } from "../helpers/processor-ms.ts";
import { rawMessages } from "../helpers/raw-messages.ts";
import { type Reading, readEverything } from "../helpers/read-everything.ts";
import { seededRandom } from "../helpers/seeded-random.ts";

const weights = new Weights(
  [
    new FlatArray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
    new FlatArray(Float32Array.of(7), []),
    new FlatArray(new Float32Array(0), [0]),
  ],
  { names: ["kernel", "scale", ""], layout: "flux", dtypes: ["float32", "bfloat16", "float32"] },
);
const EveryV1 = schema("test.every").version(1, {
  fields: Object.fromEntries(everyType.map(({ name, type }) => [name, type])),
});
const everyRows = [0, 1, 2].map((i) => Object.fromEntries(everyType.map(({ name, values }) => [name, values[i]])));

/** Small files by name; those of ours are made once the codecs are loaded. */
const files: readonly (readonly [string, () => Uint8Array])[] = [
  ["simple.arrow", () => bytesOf("simple.arrow")],
  ["three_rows.arrow", () => bytesOf("three_rows.arrow")],
  ["extended.arrow", () => bytesOf("extended.arrow")],
  ["dictencode.arrow", () => bytesOf("dictencode.arrow")],
  ["baz_dictencode_batches.arrow", () => bytesOf("baz_dictencode_batches.arrow")],
  ["stream_zstd.arrow", () => bytesOf("stream_zstd.arrow")],
  ["our row", () => encodeModelRow({ weights, architecture_version: 1 })],
  ["our stream", () => encodeModelRow({ weights, note: "x" }, ModelV1, { format: "stream" })],
  ["our lz4 file of many rows", () => encodeTable([{ weights }, {}, { weights }], ModelV1, { compression: "lz4" })],
  ["our file of every type", () => encodeTable(everyRows, EveryV1)],
];

// Other work on the machine may slow the sweep down, but not make it fail.
vi.setConfig({ testTimeout: 60_000 });
beforeAll(loadCodecs);

interface Tally {
  refused: number;
  same: number;
  different: number;
}

/** Reads mutants both ways and holds each reading to the rules; a validated reading is what is counted. */
class Sweep {
  readonly tally: Tally = { refused: 0, same: 0, different: 0 };
  readonly broken: string[] = [];
  private readonly limit: number;
  private readonly texts: readonly string[];

  constructor(private readonly original: Uint8Array) {
    this.limit = 64 * original.length + 2 ** 20;
    this.texts = [true, false].map((validate) => readEverything(original, validate).text);
  }

  try(mutant: Uint8Array, what: string): void {
    for (const [i, validate] of [true, false].entries()) {
      const label = `${what}, ${validate ? "validated" : "not validated"}`;
      let reading: Reading | null = null;
      const ms = processorMs(() => {
        reading = this.read(mutant, validate, label);
      });
      if (ms > 1000) this.broken.push(`${label}: ${ms} ms`);
      this.judge(reading, validate, label, this.texts[i] as string);
    }
  }

  private judge(reading: Reading | null, validate: boolean, label: string, original: string): void {
    if (reading === null) return;
    if (reading.elements > this.limit) this.broken.push(`${label}: ${reading.elements} elements`);
    if (validate) this.count(reading, original);
  }

  private read(mutant: Uint8Array, validate: boolean, label: string): Reading | null {
    try {
      return readEverything(mutant, validate);
    } catch (error) {
      this.broken.push(`${label}: ${(error as Error).stack?.split("\n").slice(0, 2).join(" ")}`);
      return null;
    }
  }

  private count({ error, text }: Reading, original: string): void {
    if (error) this.tally.refused += 1;
    else if (text === original) this.tally.same += 1;
    else this.tally.different += 1;
  }

  /** A copy of the original with one change. */
  change(change: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
    const mutant = this.original.slice();
    change(new DataView(mutant.buffer), mutant);
    return mutant;
  }
}

describe("a file with one wrong byte gives a result or an error of ours, soon and without much memory", () => {
  const mutantsOfEach = 2000;
  const total: Tally = { refused: 0, same: 0, different: 0 };

  it.each(files)("%s", (name, make) => {
    const bytes = make();
    const sweep = new Sweep(bytes);
    const random = seededRandom(files.findIndex(([candidate]) => candidate === name) + 1);
    for (let i = 0; i < mutantsOfEach; i++) {
      const position = random(bytes.length);
      const flip = 1 + random(255);
      const mutant = sweep.change((view) => view.setUint8(position, view.getUint8(position) ^ flip));
      sweep.try(mutant, `byte ${position} ^ ${flip}`);
    }
    const { refused, same, different } = sweep.tally;
    total.refused += refused;
    total.same += same;
    total.different += different;
    expect(sweep.broken).toEqual([]);
    expect(refused + same + different).toBe(mutantsOfEach);
    expect(refused).toBeGreaterThan(mutantsOfEach / 4);
  });

  it("of 20,000 in all, more than half are refused", () => {
    expect(total.refused + total.same + total.different).toBe(20_000);
    expect(total.refused).toBeGreaterThan(10_000);
    expect(total.different).toBeLessThan(5000);
  });
});

describe("a file with one wrong number does not make the reader work or allocate beyond its size", () => {
  const numbers = [-1n, 0n, 1n, 65_536n, 2n ** 31n - 1n, 2n ** 32n, 2n ** 40n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)];

  it.each(files.filter(([name]) => /simple|baz|our row|our lz4/.test(name)))("of 64 bits: %s", (_, make) => {
    const bytes = make();
    const sweep = new Sweep(bytes);
    const { tally } = sweep;
    for (let position = 0; position + 8 <= bytes.length; position += 8) {
      const number = numbers[(position / 8) % numbers.length] as bigint;
      sweep.try(
        sweep.change((view) => view.setBigInt64(position, number, true)),
        `${number} at ${position}`,
      );
    }
    expect(sweep.broken).toEqual([]);
    expect(tally.refused + tally.same + tally.different).toBe(Math.floor(bytes.length / 8));
  });

  it.each(files.filter(([name]) => /three_rows|our stream|our lz4/.test(name)))("of 32 bits: %s", (_, make) => {
    const bytes = make();
    const sweep = new Sweep(bytes);
    const { tally } = sweep;
    for (let position = 0; position + 4 <= bytes.length; position += 4) {
      const number = [0x7fffffff, 0xffffffff, 0x80000000, 1][(position / 4) % 4] as number;
      sweep.try(
        sweep.change((view) => view.setUint32(position, number, true)),
        `${number} at ${position}`,
      );
    }
    expect(sweep.broken).toEqual([]);
    expect(tally.refused + tally.same + tally.different).toBe(Math.floor(bytes.length / 4));
  });

  it.each(files)("of nodes and buffers: %s", (_, make) => {
    const bytes = make();
    const sweep = new Sweep(bytes);
    const places = rawMessages(bytes).messages.flatMap(({ rows, nodes, buffers }) => [
      ...(rows ? [rows.at] : []),
      ...nodes.flatMap(({ length, nullCount }) => [length.at, nullCount.at]),
      ...buffers.flatMap(({ offset, length }) => [offset.at, length.at]),
    ]);
    expect(places.length).toBeGreaterThan(20);
    for (const [i, place] of places.entries()) {
      for (const number of [0, 1, 2].map((step) => numbers[(3 * i + step) % numbers.length] as bigint)) {
        const mutant = sweep.change((view) => view.setBigInt64(place, number, true));
        sweep.try(mutant, `${number} at ${place}`);
      }
    }
    expect(sweep.broken).toEqual([]);
    expect(sweep.tally.refused).toBeGreaterThan(places.length / 2);
  });
});

describe("a file with damage in two places", () => {
  it.each(files.slice(0, 4))("gives a result or an error of ours: %s", (_, make) => {
    const bytes = make();
    const sweep = new Sweep(bytes);
    const random = seededRandom(99);
    for (let i = 0; i < 500; i++) {
      const [from, length, to] = [random(bytes.length), 1 + random(64), random(bytes.length)];
      const mutant = sweep.change((_, copy) => copy.copyWithin(to, from, from + length));
      sweep.try(mutant, `${length} bytes from ${from} to ${to}`);
    }
    expect(sweep.broken).toEqual([]);
    expect(sweep.tally.refused).toBeGreaterThan(100);
  });
});

function outcomeOf(run: () => object): object {
  try {
    return run();
  } catch (error) {
    return error as Error;
  }
}

describe("a damaged source that is read in parts", () => {
  it("gives what the same bytes in memory give", async () => {
    const bytes = bytesOf("simple.arrow");
    const random = seededRandom(7);
    let refused = 0;
    for (let i = 0; i < 200; i++) {
      const mutant = bytes.slice();
      mutant[random(bytes.length)] = random(256);
      const inMemory = outcomeOf(() => decodeModelRow(mutant));
      const inParts = await readModelRow({
        location: "memory",
        size: mutant.length,
        readAt: async (position, length) => mutant.slice(position, position + length),
      }).catch((error: unknown) => error);
      if (inMemory instanceof Error) {
        expect(String(inParts)).toBe(String(inMemory));
        expect(isLegolasError(inParts)).toBe(true);
        refused += 1;
      } else expect(recordEquals(inParts as object, inMemory)).toBe(true);
    }
    expect(refused).toBeGreaterThan(50);
  });
});
