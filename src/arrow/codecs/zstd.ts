/**
 * ZSTD frames, as Arrow's buffers hold them, through the reference implementation compiled to WebAssembly.
 *
 * Idea: the library allocates what a frame declares, so the frame's header is checked against what the caller expects first.
 * Source: https://datatracker.ietf.org/doc/html/rfc8878#section-3.1.1
 */
import { compress, decompress, init } from "@bokuweb/zstd-wasm";
import type { BodyCodec } from "./body-compression.ts";

const magic = 0xfd2fb528;
const descriptorReserved = 8;
const descriptorDictionary = 3;
const singleSegment = 32;
const level = 3;

/** The content size in a frame's header, or null where it has none. */
function contentSize(frame: Uint8Array): number | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < 6 || view.getUint32(0, true) !== magic) throw new Error("no ZSTD frame");
  const descriptor = view.getUint8(4);
  if (descriptor & descriptorReserved) throw new Error("a reserved bit");
  if (descriptor & descriptorDictionary) throw new Error("a dictionary");
  const isSingle = (descriptor & singleSegment) !== 0;
  const start = isSingle ? 5 : 6;
  const code = descriptor >> 6;
  const bytes = code === 0 ? Number(isSingle) : 2 ** code;
  if (bytes === 0) return null;
  if (frame.length < start + bytes) throw new Error("a frame that is cut off");
  if (bytes === 1) return view.getUint8(start);
  // Two bytes count from 256 on.
  if (bytes === 2) return view.getUint16(start, true) + 256;
  return bytes === 4 ? view.getUint32(start, true) : Number(view.getBigUint64(start, true));
}

/** Loads the ZSTD codec. */
export async function loadZstd(): Promise<BodyCodec> {
  await init();
  return {
    compress: (bytes) => compress(bytes, level),
    decompress: (frame, length) => {
      const declared = contentSize(frame);
      if (declared !== null && declared !== length) throw new Error(`${declared} bytes declared in the frame`);
      return decompress(frame, { defaultHeapSize: length });
    },
  };
}
