/**
 * LZ4 frames, as Arrow's buffers hold them.
 *
 * No library on the registry that runs in browsers decodes all valid frames (see docs/decisions/003-compression.md), so this is our own:
 * strict, and never larger in memory than what the caller expects.
 * Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
import { concatBytes } from "../../io/concat-bytes.ts";
import type { BodyCodec } from "./body-compression.ts";
import { copyLiterals, decodeBlock, encodeBlock, Lz4Error, type Output } from "./lz4-block.ts";
import { xxhash32 } from "./xxhash32.ts";

const magic = 0x184d2204;
const skippableMagic = 0x184d2a50;
const storedFlag = 0x80000000;
/** Bits of the frame's flags. */
const flags = { dictionary: 1, reserved: 2, contentChecksum: 4, contentSize: 8, blockChecksum: 16, independent: 32 };
const version = 1;

/** Bytes of a block at most, by its code: 4 is 64 KiB, 5 is 256 KiB, 6 is 1 MiB, 7 is 4 MiB. */
function maxBlockBytes(code: number): number {
  return 1 << (8 + 2 * code);
}

class FrameReader {
  position = 0;
  private readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get atEnd(): boolean {
    return this.position === this.bytes.length;
  }

  take(length: number): Uint8Array {
    if (length > this.bytes.length - this.position) throw new Lz4Error("a frame that is cut off");
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  uint8(): number {
    return this.take(1)[0] as number;
  }

  uint32(): number {
    this.take(4);
    return this.view.getUint32(this.position - 4, true);
  }
}

function decompress(frame: Uint8Array, length: number): Uint8Array {
  const reader = new FrameReader(frame);
  const output: Output = { bytes: new Uint8Array(length), position: 0, windowStart: 0 };
  do decodeFrame(reader, output);
  while (!reader.atEnd);
  if (output.position !== length) throw new Lz4Error(`${output.position} bytes of content`);
  return output.bytes;
}

/** Decodes one frame, or passes over a skippable one. */
function decodeFrame(reader: FrameReader, output: Output): void {
  const found = reader.uint32();
  if ((found & 0xfffffff0) >>> 0 === skippableMagic) {
    reader.take(reader.uint32());
    return;
  }
  if (found !== magic) throw new Lz4Error("no LZ4 frame");
  const start = output.position;
  output.windowStart = start;
  const { flag, maxBlock, contentSize } = readDescriptor(reader);
  if (contentSize !== null && contentSize > output.bytes.length - start)
    throw new Lz4Error("more content than declared");
  for (let size = reader.uint32(); size !== 0; size = reader.uint32())
    decodeFrameBlock(reader, output, size, flag, maxBlock);
  if (contentSize !== null && output.position - start !== contentSize) throw new Lz4Error("less content than declared");
  if (flag & flags.contentChecksum)
    checkHash(output.bytes.subarray(start, output.position), reader.uint32(), "content");
}

function readDescriptor(reader: FrameReader): { flag: number; maxBlock: number; contentSize: number | null } {
  const start = reader.position;
  const flag = reader.uint8();
  const blockDescriptor = reader.uint8();
  if (flag >> 6 !== version || flag & flags.reserved || blockDescriptor & 0x8f)
    throw new Lz4Error("an unknown version");
  if (flag & flags.dictionary) throw new Lz4Error("a dictionary");
  const code = blockDescriptor >> 4;
  if (code < 4) throw new Lz4Error("an unknown block size");
  const contentSize = flag & flags.contentSize ? reader.uint32() + reader.uint32() * 2 ** 32 : null;
  const expected = (xxhash32(reader.bytes.subarray(start, reader.position)) >> 8) & 255;
  if (reader.uint8() !== expected) throw new Lz4Error("a wrong checksum of the header");
  return { flag, maxBlock: maxBlockBytes(code), contentSize };
}

function decodeFrameBlock(reader: FrameReader, output: Output, size: number, flag: number, maxBlock: number): void {
  const isStored = size >= storedFlag;
  const length = isStored ? size - storedFlag : size;
  if (length > maxBlock) throw new Lz4Error("a block larger than its maximum");
  const block = reader.take(length);
  if (flag & flags.blockChecksum) checkHash(block, reader.uint32(), "a block");
  const limit = Math.min(output.bytes.length, output.position + maxBlock);
  if (flag & flags.independent) output.windowStart = output.position;
  if (isStored) copyLiterals(block, output, limit);
  else decodeBlock(block, output, limit);
}

function checkHash(bytes: Uint8Array, stored: number, what: string): void {
  if (xxhash32(bytes) !== stored) throw new Lz4Error(`a wrong checksum of ${what}`);
}

/** One frame of independent blocks of 64 KiB to 4 MiB, with its content size, which readers then need not guess. */
function compress(bytes: Uint8Array): Uint8Array {
  const code = [4, 5, 6].find((candidate) => bytes.length <= maxBlockBytes(candidate)) ?? 7;
  const blocks: Uint8Array[] = [frameHeader(bytes.length, code)];
  for (let start = 0; start < bytes.length; start += maxBlockBytes(code)) {
    const content = bytes.subarray(start, start + maxBlockBytes(code));
    const encoded = encodeBlock(content);
    blocks.push(uint32Bytes(encoded ? encoded.length : content.length + storedFlag), encoded ?? content);
  }
  return concatBytes([...blocks, uint32Bytes(0)]);
}

function frameHeader(contentSize: number, code: number): Uint8Array {
  const header = new Uint8Array(15);
  const view = new DataView(header.buffer);
  view.setUint32(0, magic, true);
  header[4] = (version << 6) | flags.independent | flags.contentSize;
  header[5] = code << 4;
  view.setBigUint64(6, BigInt(contentSize), true);
  header[14] = (xxhash32(header.subarray(4, 14)) >> 8) & 255;
  return header;
}

function uint32Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** The LZ4 frame codec. */
export const lz4: BodyCodec = { decompress, compress };
