import { type ByteSource, readInto } from "./byte-source.ts";
import type { ProgressOptions } from "./transfer-options.ts";

type OnProgress = NonNullable<ProgressOptions["onProgress"]>;

/** Counts bytes that are read of a source, some perhaps twice, up to its size where that is known. */
export function countReads(size: number | null, onProgress: OnProgress): (count: number) => void {
  let read = 0;
  return (count) => {
    read += count;
    const bytes = Math.min(read, size ?? read);
    onProgress({ bytes, totalBytes: size ?? bytes });
  };
}

/** The same source, which reports what is read of it. */
export function reportReads(source: ByteSource, onProgress: OnProgress): ByteSource {
  const count = countReads(source.size, onProgress);
  return {
    location: source.location,
    size: source.size,
    readAt: async (position, length) => {
      const bytes = await source.readAt(position, length);
      count(length);
      return bytes;
    },
    readInto: async (position, target) => {
      await readInto(source, position, target);
      count(target.length);
    },
    close: async () => source.close?.(),
  };
}
