/**
 * Files in IndexedDB: a record for each file, which names the chunks that hold its bytes.
 *
 * Idea: chunks are written under an id of their own; the record that makes them a file is written with the last of them, in one transaction.
 */
import type { ByteSink } from "../io/byte-sink.ts";
import type { ByteSource } from "../io/byte-source.ts";
import { ChunkSink } from "./chunk-sink.ts";
import { openChunkSource } from "./chunk-source.ts";
import { chunksOf, drop, type FileRecord } from "./file-record.ts";
import { openDatabase, resultOf, transact } from "./indexed-db.ts";
import { absentError, attempt } from "./storage-attempt.ts";
import type { FileFacts, StoredFiles } from "./stored-files.ts";
import { holdLock, runIfUnheld } from "./web-locks.ts";

const root = "legolas-flux";
const dayMs = 86_400_000;

const databaseOf = (store: string): string => `${root}/${store}`;

/** Whether there is a store of that name in IndexedDB. Browsers that cannot say have always been able to write to OPFS. */
export async function hasIndexedDbFiles(store: string): Promise<boolean> {
  if (typeof indexedDB === "undefined" || !indexedDB.databases) return false;
  const databases = await indexedDB.databases().catch(() => []);
  return databases.some(({ name }) => name === databaseOf(store));
}

/** The files of a store. @throws {SourceError} The page may not have any. */
export async function openIndexedDbFiles(store: string): Promise<StoredFiles> {
  const files = new IndexedDbFiles(store);
  await attempt(store, "opening the store", () => files.connect());
  return files;
}

class IndexedDbFiles implements StoredFiles {
  readonly kind = "indexeddb";
  private connection: Promise<IDBDatabase> | null = null;

  constructor(private readonly store: string) {}

  /** The database, opened again where the browser or another tab closed it. */
  connect(): Promise<IDBDatabase> {
    this.connection ??= this.open();
    return this.connection;
  }

  async list(): Promise<FileFacts[]> {
    return attempt(this.store, "listing the store", async () => {
      const [names, records] = await this.transact("readonly", (transaction) => {
        const files = transaction.objectStore("files");
        return Promise.all([resultOf(files.getAllKeys()), resultOf<FileRecord[]>(files.getAll())]);
      });
      return records.map(({ size, modified }, i) => ({ name: String(names[i]), size, modified }));
    });
  }

  openSource(name: string): Promise<ByteSource> {
    const location = `${this.store}/${name}`;
    return attempt(location, "opening", async () => {
      const record = await this.transact("readonly", (transaction) =>
        resultOf<FileRecord | undefined>(transaction.objectStore("files").get(name)),
      );
      if (!record) throw absentError(location);
      return openChunkSource(location, record, (run) => this.transact("readonly", run));
    });
  }

  openSink(name: string): Promise<ByteSink> {
    const location = `${this.store}/${name}`;
    return attempt(location, "saving", async () => {
      await this.removeLeftovers();
      const id = await this.transact("readwrite", (transaction) =>
        resultOf(transaction.objectStore("unfinished").add(Date.now())),
      );
      // The key generator gives numbers.
      const release = await holdLock(this.lockOf(id as number));
      return new ChunkSink(location, name, id as number, (run) => this.transact("readwrite", run), release);
    });
  }

  async remove(name: string): Promise<void> {
    await attempt(`${this.store}/${name}`, "removing", () =>
      this.transact("readwrite", async (transaction) => {
        const files = transaction.objectStore("files");
        const record = await resultOf<FileRecord | undefined>(files.get(name));
        if (!record) return;
        files.delete(name);
        transaction.objectStore("chunks").delete(chunksOf(record.id));
      }),
    );
  }

  private async open(): Promise<IDBDatabase> {
    const forget = (): void => {
      this.connection = null;
    };
    try {
      if (typeof indexedDB === "undefined") throw new Error("there is no IndexedDB here");
      const database = await openDatabase(databaseOf(this.store), (fresh) => {
        fresh.createObjectStore("files");
        fresh.createObjectStore("chunks");
        fresh.createObjectStore("unfinished", { autoIncrement: true });
      });
      database.onclose = forget;
      database.onversionchange = () => {
        // Somebody deletes the database, and would wait for this connection.
        database.close();
        forget();
      };
      return database;
    } catch (error) {
      forget();
      throw error;
    }
  }

  private async transact<T>(
    mode: "readonly" | "readwrite",
    run: (transaction: IDBTransaction) => Promise<T>,
  ): Promise<T> {
    return transact(await this.connect(), mode, run);
  }

  private lockOf(id: number): string {
    return `${databaseOf(this.store)}/${id}`;
  }

  /** Removes the chunks of saves that ended with their tab. */
  private async removeLeftovers(): Promise<void> {
    const [ids, times] = await this.transact("readonly", (transaction) => {
      const unfinished = transaction.objectStore("unfinished");
      return Promise.all([resultOf(unfinished.getAllKeys()), resultOf<number[]>(unfinished.getAll())]);
    });
    for (const [i, id] of (ids as number[]).entries()) {
      const isOld = Date.now() - (times[i] ?? 0) > dayMs;
      await runIfUnheld(this.lockOf(id), isOld, () =>
        this.transact("readwrite", (transaction) => drop(transaction, id)),
      );
    }
  }
}
