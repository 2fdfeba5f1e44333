import type { ByteSink } from "../io/byte-sink.ts";
import { chunksOf, drop, type FileRecord } from "./file-record.ts";
import { resultOf } from "./indexed-db.ts";
import { attempt, type Saved } from "./storage-attempt.ts";

const chunkBytes = 2 ** 20;
/** So many chunks go into one transaction, each of which waits for the disk. */
const chunksAtOnce = 8;

type Transact = (run: (transaction: IDBTransaction) => Promise<void>) => Promise<void>;

/** Writes chunks under an id, which becomes the file of a name when the sink is closed. */
export class ChunkSink implements ByteSink {
  private readonly saved: Saved = { expected: 0, written: 0 };
  /** Each is used again once it has been written. */
  private readonly buffers: Uint8Array<ArrayBuffer>[] = [];
  private buffered = 0;
  private chunksWritten = 0;

  constructor(
    readonly location: string,
    private readonly name: string,
    private readonly id: number,
    private readonly transact: Transact,
    private readonly release: () => Promise<void>,
  ) {}

  expect(totalBytes: number): void {
    this.saved.expected = totalBytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const [index, offset] = [Math.floor(this.buffered / chunkBytes), this.buffered % chunkBytes];
      this.buffers[index] ??= new Uint8Array(chunkBytes);
      const part = bytes.subarray(done, done + chunkBytes - offset);
      this.buffers[index].set(part, offset);
      this.buffered += part.length;
      done += part.length;
      if (this.buffered === chunksAtOnce * chunkBytes) await this.flush();
    }
  }

  async close(): Promise<void> {
    const { name, id } = this;
    const size = this.saved.written + this.buffered;
    await this.flush(async (transaction) => {
      const files = transaction.objectStore("files");
      const replaced = await resultOf<FileRecord | undefined>(files.get(name));
      const record: FileRecord = { id, size, chunkBytes, modified: new Date() };
      files.put(record, name);
      transaction.objectStore("unfinished").delete(id);
      if (replaced) transaction.objectStore("chunks").delete(chunksOf(replaced.id));
    });
    await this.release();
  }

  async abort(): Promise<void> {
    try {
      await this.attempt((transaction) => drop(transaction, this.id));
    } finally {
      await this.release();
    }
  }

  /** Writes what is buffered, and what comes with it in the same transaction. */
  private async flush(also: (transaction: IDBTransaction) => Promise<void> = async () => {}): Promise<void> {
    const { id, buffered, buffers, chunksWritten } = this;
    await this.attempt(async (transaction) => {
      transaction.objectStore("unfinished").put(Date.now(), id);
      const chunks = transaction.objectStore("chunks");
      for (let start = 0, i = 0; start < buffered; start += chunkBytes, i++) {
        const left = buffered - start;
        const chunk = buffers[i]?.buffer;
        // It is copied before put returns.
        chunks.put(left < chunkBytes ? chunk?.slice(0, left) : chunk, [id, chunksWritten + i]);
      }
      await also(transaction);
    });
    this.saved.written += buffered;
    this.chunksWritten += Math.ceil(buffered / chunkBytes);
    this.buffered = 0;
  }

  private attempt(run: (transaction: IDBTransaction) => Promise<void>): Promise<void> {
    return attempt(this.location, "saving", () => this.transact(run), this.saved);
  }
}
