/** Several sources as one, their bytes one after the other. */
import { type ByteSource, readInto } from "./byte-source.ts";

/** Reads may span several sources. Closing is left to whoever opened them. */
export function joinSources(location: string, sources: readonly ByteSource[]): ByteSource {
  let size = 0;
  const parts = sources.map((source) => {
    const start = size;
    size += source.size;
    return { source, start, end: size };
  });
  const readParts = async (position: number, target: Uint8Array): Promise<void> => {
    const end = position + target.length;
    for (const part of parts.filter((each) => each.start < end && each.end > position)) {
      const [from, to] = [Math.max(part.start, position), Math.min(part.end, end)];
      await readInto(part.source, from - part.start, target.subarray(from - position, to - position));
    }
  };
  return {
    location,
    size,
    readInto: readParts,
    readAt: async (position, length) => {
      const only = parts.find((each) => each.start <= position && position + length <= each.end);
      if (only) return only.source.readAt(position - only.start, length);
      const bytes = new Uint8Array(length);
      await readParts(position, bytes);
      return bytes;
    },
  };
}
