/** How a file stands in IndexedDB. */

/** A file, under its name in the object store `files`. */
export interface FileRecord {
  readonly id: number;
  readonly size: number;
  /** Of each chunk but the last. */
  readonly chunkBytes: number;
  readonly modified: Date;
}

/** The keys of all chunks of a file; the chunk at an index has the key `[id, index]`. */
export function chunksOf(id: number): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}

/** Removes what was saved under an id that became no file. */
export async function drop(transaction: IDBTransaction, id: number): Promise<void> {
  transaction.objectStore("chunks").delete(chunksOf(id));
  transaction.objectStore("unfinished").delete(id);
}
