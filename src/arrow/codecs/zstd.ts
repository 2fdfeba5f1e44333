/**
 * ZSTD frames, as Arrow's buffers hold them, through the reference implementation compiled to WebAssembly.
 *
 * Idea: the module is part of the code, so it loads wherever the code does: nothing to serve, nothing to tell a bundler. It decompresses
 * into memory of the length that is expected, whatever a frame declares.
 * Source: https://facebook.github.io/zstd/zstd_manual.html (simple API)
 */
import type { BodyCodec } from "./body-compression.ts";

const level = 3;
const pageBytes = 65_536;
/** The most that the module can address. */
const maxBytes = 2 ** 31;

/** What the module exports under the names that its build gave it; addresses and sizes are in bytes. */
interface Zstd {
  readonly memory: WebAssembly.Memory;
  isError(code: number): number;
  compressBound(length: number): number;
  compress(target: number, capacity: number, source: number, length: number, level: number): number;
  decompress(target: number, capacity: number, source: number, length: number): number;
  /** 0 where there is no memory left. */
  malloc(length: number): number;
  free(address: number): void;
}

/** Loads the ZSTD codec. @throws WebAssembly is not allowed here. */
export async function loadZstd(): Promise<BodyCodec> {
  const { zstdBinary } = await import("./zstd-binary.ts");
  const zstd = await instantiate(await gunzip(zstdBinary)).catch((cause: unknown) => {
    const advice = "a page with a Content-Security-Policy needs 'wasm-unsafe-eval' in its script-src";
    throw new Error(`WebAssembly cannot be used; ${advice} (${cause})`, { cause });
  });
  return {
    compress: (bytes) =>
      transform(zstd, bytes, zstd.compressBound(bytes.length), (target, capacity, source) =>
        zstd.compress(target, capacity, source, bytes.length, level),
      ),
    decompress: (frame, length) => {
      const bytes = transform(zstd, frame, length, (target, capacity, source) =>
        zstd.decompress(target, capacity, source, frame.length),
      );
      if (bytes.length !== length) throw new Error(`${bytes.length} bytes in the frame`);
      return bytes;
    },
  };
}

async function gunzip(base64: string): Promise<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

async function instantiate(wasm: ArrayBuffer): Promise<Zstd> {
  const refuse = (): never => {
    throw new Error("the zstd library gave up");
  };
  const imports = {
    a: refuse,
    b: () => {},
    c: refuse,
    d: () => 0,
    e: (length: number) => Number(grow(memory, length)),
  };
  const { instance } = await WebAssembly.instantiate(wasm, { a: imports });
  const exported = instance.exports as Readonly<Record<string, CallableFunction>>;
  const memory = instance.exports.f as WebAssembly.Memory;
  exported.g?.();
  const { h: isError, i: compressBound, m: compress, r: decompress, s: malloc, t: free } = exported;
  return { memory, isError, compressBound, compress, decompress, malloc, free } as unknown as Zstd;
}

/** Grows memory to a length, or by a fifth if that is more, so that many small steps do not each move all of it. */
function grow(memory: WebAssembly.Memory, given: number): boolean {
  // The module counts in 32 bits without a sign.
  const wanted = given >>> 0;
  const present = memory.buffer.byteLength;
  return [Math.max(wanted, present * 1.2), wanted].some((length) => {
    try {
      memory.grow(Math.ceil((length - present) / pageBytes));
      return true;
    } catch {
      return false;
    }
  });
}

/** What a function of the library makes of bytes, at most `capacity` bytes, copied out. @throws {RangeError} There is too little memory. */
function transform(
  { memory, isError, malloc, free }: Zstd,
  bytes: Uint8Array,
  capacity: number,
  run: (target: number, capacity: number, source: number) => number,
): Uint8Array {
  if (bytes.length + capacity > maxBytes)
    throw new RangeError("WebAssembly addresses 2 GiB, frame and content together");
  const source = malloc(bytes.length);
  const target = malloc(capacity);
  try {
    if (source === 0 || target === 0) throw new RangeError("too little memory");
    new Uint8Array(memory.buffer).set(bytes, source);
    const length = run(target, capacity, source);
    if (isError(length)) throw new Error(`zstd error ${-length}`);
    return new Uint8Array(memory.buffer).slice(target, target + length);
  } finally {
    free(source);
    free(target);
  }
}
