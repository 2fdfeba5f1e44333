/** Rows of weights that are read while they are written. */
import { readFileSync } from "node:fs";
import { type ByteSink, FlatArray, InputError, ModelV1, readModelRow, Weights, writeModelRow } from "legolas-flux";
import { openSafetensors, toSafetensors } from "legolas-flux/safetensors";
import { expect, it } from "vitest";
import { toRowWeights } from "../../src/formats/to-row-weights.ts";
import { expectSameWeights } from "../helpers/expect-same-weights.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const count = 5;

async function writeLarge(): Promise<Weights> {
  const arrays = Array.from({ length: count }, (_, i) => {
    const elements = Float32Array.from({ length: 100_000 }, (__, at) => at * (i + 1));
    return new FlatArray(elements, [100, 1000]);
  });
  const weights = new Weights(arrays, { names: arrays.map((_, i) => `a${i}`), layout: "torch" });
  await toSafetensors(weights, folder.at("large.safetensors"));
  return weights;
}

it("one array at a time is in memory, and the file is the same", async () => {
  const weights = await writeLarge();
  const events: string[] = [];
  const source = readFileSync(folder.at("large.safetensors"));
  const opened = await openSafetensors({
    location: "memory",
    size: source.length,
    readAt: async (position, length) => {
      if (length > 100_000) events.push("read");
      return new Uint8Array(source.subarray(position, position + length));
    },
  });
  const parts: Uint8Array[] = [];
  const sink: ByteSink = {
    location: "memory",
    write: async (bytes) => {
      if (bytes.length > 100_000) events.push("write");
      parts.push(Uint8Array.from(bytes));
    },
    close: async () => {},
    abort: async () => {},
  };
  await writeModelRow(sink, ModelV1({ weights: await toRowWeights(opened.weights, true) }));
  expect(events).toEqual(Array.from({ length: count }, () => ["read", "write"]).flat());
  await writeModelRow(folder.at("whole.arrow"), ModelV1({ weights }));
  expect(Buffer.concat(parts).equals(readFileSync(folder.at("whole.arrow")))).toBe(true);
});

it("a digest or compression, which need all values first, are asked for with the weights in memory", async () => {
  const weights = await writeLarge();
  const opened = await openSafetensors(folder.at("large.safetensors"));
  const deferred = ModelV1({ weights: await toRowWeights(opened.weights, true) });
  for (const options of [{ checksum: true }, { compression: "lz4" }] as const) {
    await expect(writeModelRow(folder.at("a.arrow"), deferred, undefined, options)).rejects.toThrow(InputError);
    const present = ModelV1({ weights: await toRowWeights(opened.weights, false) });
    await writeModelRow(folder.at("a.arrow"), present, undefined, options);
    expectSameWeights((await readModelRow(folder.at("a.arrow"))).weights as Weights, weights);
  }
  expect(() => deferred.weights?.at(0)?.vec).toThrow(/read while they are written/);
  await opened.close();
});
