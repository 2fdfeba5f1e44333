import { expect, it } from "vitest";
import { seededRandom } from "../../test/helpers/seeded-random.ts";
import { readThroughBlocks } from "./read-blocks.ts";

const blockBytes = 64;

function source(size: number) {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);
  const ranges: string[] = [];
  const read = readThroughBlocks(size, blockBytes, async ({ position, length }) => {
    ranges.push(`${position}+${length}`);
    return bytes.slice(position, position + length);
  });
  return { bytes, ranges, read };
}

it("reads of a large part only what the blocks at its ends do not hold", async () => {
  const { bytes, ranges, read } = source(400);
  await read(3, 2);
  await read(398, 2);
  expect(ranges.splice(0)).toEqual(["0+64", "336+64"]);
  expect(await read(10, 385)).toEqual(bytes.subarray(10, 395));
  expect(ranges.splice(0)).toEqual(["64+272"]);
  expect(await read(10, 54)).toEqual(bytes.subarray(10, 64));
  expect(await read(330, 70)).toEqual(bytes.subarray(330, 400));
  expect(ranges.splice(0)).toEqual(["330+6"]);
  expect(await read(100, 100)).toEqual(bytes.subarray(100, 200));
  expect(ranges.splice(0)).toEqual(["100+100"]);
});

it("gives the bytes of any range, whatever was read before", async () => {
  const random = seededRandom(5);
  for (let round = 0; round < 300; round++) {
    const { bytes, read } = source(1 + random(300));
    for (let i = 0; i < 8; i++) {
      const position = random(bytes.length);
      const length = random(bytes.length - position + 1);
      expect(await read(position, length)).toEqual(bytes.subarray(position, position + length));
    }
  }
});
