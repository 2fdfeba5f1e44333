/** A sink that keeps what is written, for targets that are no paths. */
import type { ByteSink } from "legolas-flux";

export interface MemorySink extends ByteSink {
  /** All bytes, once the sink is closed; null before, and after an abort. */
  bytes(): Uint8Array | null;
}

export function memorySink(): MemorySink {
  const parts: Buffer[] = [];
  let closed = false;
  return {
    location: "memory",
    write: async (bytes) => {
      parts.push(Buffer.from(bytes));
    },
    close: async () => {
      closed = true;
    },
    abort: async () => {
      parts.length = 0;
    },
    bytes: () => (closed ? new Uint8Array(Buffer.concat(parts)) : null),
  };
}
