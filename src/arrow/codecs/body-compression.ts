/**
 * Compressed buffers of Arrow record batches: an int64 uncompressed length (-1: stored as it is), then an LZ4 frame or a ZSTD frame.
 *
 * Idea: codecs load on demand, once for the process; afterwards (de)compression is synchronous.
 * Source: https://github.com/apache/arrow/blob/main/format/Message.fbs (BodyCompression).
 */
import { CodecNotLoadedError, FormatError, InputError, isLegolasError, SourceError } from "../../errors.ts";
import type { Codec } from "../message-codec.ts";

/** One compression, loaded. */
export interface BodyCodec {
  /** Returns exactly `length` bytes or throws: a RangeError where memory does not suffice. */
  decompress(frame: Uint8Array, length: number): Uint8Array;
  /** @throws {RangeError} Memory does not suffice. */
  compress(bytes: Uint8Array): Uint8Array;
}

/** The most that one compressed byte can stand for: by the block format of LZ4; and a ZSTD RLE block, 4 bytes for 128 KiB. */
const maxExpansion: Readonly<Record<Codec, number>> = { lz4: 255, zstd: 32_768 };
const lengthBytes = 8;

const loaded = new Map<Codec, BodyCodec>();

const loaders: Readonly<Record<Codec, () => Promise<BodyCodec>>> = {
  lz4: async () => (await import("./lz4-frame.ts")).lz4,
  zstd: async () => (await import("./zstd.ts")).loadZstd(),
};

/**
 * Loads the LZ4 and ZSTD codecs, once for the process, so that the synchronous verbs can read and write compressed bytes. Asynchronous verbs load
 * what they need themselves.
 *
 * @throws {SourceError} The page does not allow WebAssembly, which ZSTD needs.
 */
export async function loadCodecs(): Promise<void> {
  await Promise.all([loadCodec("lz4"), loadCodec("zstd")]);
}

/** Loads one codec, once for the process. */
export async function loadCodec(codec: Codec): Promise<void> {
  if (loaded.has(codec)) return;
  checkCodec(codec);
  const load = loaders[codec]().catch((cause: unknown) => {
    throw new SourceError(`${codec} codec`, "loading", cause);
  });
  loaded.set(codec, await load);
}

function checkCodec(codec: unknown): void {
  if (codec === "lz4" || codec === "zstd") return;
  throw new InputError({ subject: "compression", expected: '"lz4" or "zstd"', found: JSON.stringify(codec) ?? "none" });
}

function loadedCodec(codec: Codec): BodyCodec {
  const found = loaded.get(codec);
  if (found) return found;
  checkCodec(codec);
  throw new CodecNotLoadedError(codec);
}

/** The content of a compressed buffer that stands at `position` bytes of its file. */
export function decompressBuffer(codec: Codec, buffer: Uint8Array, position: number): Uint8Array {
  if (buffer.length < lengthBytes) throw damagedFrame(codec, position, `${buffer.length} bytes`);
  const declared = new DataView(buffer.buffer, buffer.byteOffset).getBigInt64(0, true);
  const frame = buffer.subarray(lengthBytes);
  if (declared === -1n) return frame;
  const length = Number(declared);
  if (length < 0 || length > frame.length * maxExpansion[codec]) {
    throw damagedFrame(codec, position, `${declared} bytes declared for a frame of ${frame.length}`);
  }
  if (length === 0) return new Uint8Array(0);
  try {
    const bytes = loadedCodec(codec).decompress(frame, length);
    if (bytes.length !== length)
      throw damagedFrame(codec, position, `${bytes.length} bytes where ${length} are declared`);
    return bytes;
  } catch (cause) {
    if (isLegolasError(cause)) throw cause;
    if (cause instanceof RangeError) throw memoryError(codec, length, cause);
    throw damagedFrame(codec, position, "a corrupt frame", cause);
  }
}

/** A buffer compressed, with its length before it; empty buffers stay empty. */
export function compressBuffer(codec: Codec, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  const frame = compress(codec, bytes);
  const smaller = frame.length < bytes.length;
  const content = smaller ? frame : bytes;
  const buffer = new Uint8Array(lengthBytes + content.length);
  new DataView(buffer.buffer).setBigInt64(0, smaller ? BigInt(bytes.length) : -1n, true);
  buffer.set(content, lengthBytes);
  return buffer;
}

function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  const { compress: run } = loadedCodec(codec);
  try {
    return run(bytes);
  } catch (cause) {
    throw memoryError(codec, bytes.length, cause);
  }
}

function memoryError(codec: Codec, length: number, cause: unknown): InputError {
  return new InputError(
    {
      subject: `${codec} buffer of ${length} bytes`,
      expected: "free memory for it",
      found: String(cause),
      remedy: "Write such arrays uncompressed",
    },
    { cause },
  );
}

function damagedFrame(codec: Codec, position: number, found: string, cause?: unknown): FormatError {
  return new FormatError(
    {
      subject: `${codec} buffer`,
      expected: "a compressed frame of its declared length",
      found,
      remedy: "The file is damaged: fetch or write it again",
      byteOffset: position,
    },
    { cause },
  );
}
