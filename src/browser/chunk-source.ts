import type { ByteSource } from "../io/byte-source.ts";
import { keepLast } from "../io/keep-last.ts";
import type { FileRecord } from "./file-record.ts";
import { resultOf } from "./indexed-db.ts";
import { attempt, replacedError } from "./storage-attempt.ts";

/** So many chunks are in memory beside what is read. */
const chunksAtOnce = 8;

type Transact = <T>(run: (transaction: IDBTransaction) => Promise<T>) => Promise<T>;

/** The bytes of a file, of which chunks are read as needed. */
export function openChunkSource(
  location: string,
  { id, size, chunkBytes }: FileRecord,
  transact: Transact,
): ByteSource {
  /** The chunks from one index up to and with another. */
  const load = (first: number, last: number): Promise<ArrayBuffer[]> =>
    attempt(location, "reading", async () => {
      const chunks = await transact((transaction) =>
        resultOf<ArrayBuffer[]>(transaction.objectStore("chunks").getAll(IDBKeyRange.bound([id, first], [id, last]))),
      );
      const end = Math.min(size, (last + 1) * chunkBytes);
      const found = chunks.reduce((sum, { byteLength }) => sum + byteLength, first * chunkBytes);
      if (found !== end) throw replacedError(location);
      return chunks;
    });
  // Metadata is read in many small parts, which stand together.
  const loadOne = keepLast(async (index) => (await load(index, index))[0] ?? new ArrayBuffer(0));

  const readInto = async (position: number, target: Uint8Array): Promise<void> => {
    const end = position + target.length;
    for (let done = position; done < end; ) {
      const first = Math.floor(done / chunkBytes);
      const last = Math.min(first + chunksAtOnce, Math.ceil(end / chunkBytes)) - 1;
      const chunks = first === last ? [await loadOne(first)] : await load(first, last);
      for (const chunk of chunks) {
        const part = new Uint8Array(chunk).subarray(done % chunkBytes).subarray(0, end - done);
        target.set(part, done - position);
        done += part.length;
      }
    }
  };
  return {
    location,
    size,
    readInto,
    readAt: async (position, length) => {
      const bytes = new Uint8Array(length);
      await readInto(position, bytes);
      return bytes;
    },
  };
}
