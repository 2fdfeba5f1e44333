import { concatBytes } from "../io/concat-bytes.ts";
import { compressBuffer } from "./codecs/body-compression.ts";
import { type Chunks, chunkOf } from "./encoded-array.ts";
import type { Codec } from "./message-codec.ts";

/** The chunks of a buffer as they are written: as they are, or as one compressed buffer. */
export function compressChunks(chunks: Chunks, codec: Codec | null): Chunks {
  if (codec === null || chunks.length === 0) return chunks;
  return [chunkOf(compressBuffer(codec, joinChunks(chunks)))];
}

/** The bytes of chunks, one after the other, in new memory. */
export function joinChunks(chunks: Chunks): Uint8Array {
  return concatBytes(chunks.map((chunk) => chunk.toBytes()));
}
