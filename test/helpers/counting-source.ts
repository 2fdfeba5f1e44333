import type { ByteSource } from "legolas-flux";

/** A source of bytes that keeps the ranges that were read, and whether it was closed. */
export interface CountingSource extends ByteSource {
  readonly reads: { readonly position: number; readonly length: number }[];
  closed: boolean;
}

/** Bytes as a source that refuses ranges outside them. */
export function countingSource(bytes: Uint8Array): CountingSource {
  return {
    location: "counted bytes",
    size: bytes.length,
    reads: [],
    closed: false,
    async readAt(position, length) {
      if (position < 0 || length < 1 || position + length > bytes.length) {
        throw new Error(`read of ${length} bytes at ${position} of ${bytes.length}`);
      }
      this.reads.push({ position, length });
      return bytes.slice(position, position + length);
    },
    async close() {
      this.closed = true;
    },
  };
}
