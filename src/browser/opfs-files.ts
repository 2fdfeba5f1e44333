/**
 * Files in the browser's own file system (OPFS).
 *
 * Source: https://fs.spec.whatwg.org/; the swap file is Chromium's (`.crswap`).
 */

import { forEachAtOnce } from "../for-each-at-once.ts";
import type { ByteSink } from "../io/byte-sink.ts";
import type { ByteSource } from "../io/byte-source.ts";
import { absentError, attempt, replacedError, type Saved } from "./storage-attempt.ts";
import type { FileFacts, StoredFiles } from "./stored-files.ts";
import { holdLock, runIfUnheld } from "./web-locks.ts";

const root = "legolas-flux";
/** Of larger writes that exceed the quota, Chromium says no more than that they were aborted. */
const pieceBytes = 2 ** 19;
const filesAtOnce = 32;

/** Whether the browser can write files from where this runs; Safari cannot before 26. */
export function canWriteOpfs(): boolean {
  return typeof FileSystemFileHandle !== "undefined" && "createWritable" in FileSystemFileHandle.prototype;
}

/** The files of a store. @throws {SourceError} The page may not have any. */
export async function openOpfsFiles(store: string): Promise<StoredFiles> {
  const folder = await attempt(store, "opening the store", async () => {
    if (!canWriteOpfs()) throw new Error("this browser cannot write files of its own file system from here");
    const top = await navigator.storage.getDirectory();
    return (await top.getDirectoryHandle(root, { create: true })).getDirectoryHandle(store, { create: true });
  });
  return new OpfsFiles(store, folder);
}

class OpfsFiles implements StoredFiles {
  readonly kind = "opfs";

  constructor(
    private readonly store: string,
    private readonly folder: FileSystemDirectoryHandle,
  ) {}

  list(): Promise<FileFacts[]> {
    return attempt(this.store, "listing the store", async () => {
      const handles: FileSystemFileHandle[] = [];
      for await (const handle of this.folder.values()) {
        if (handle.kind === "file" && !handle.name.endsWith(".crswap")) handles.push(handle as FileSystemFileHandle);
      }
      const files: FileFacts[] = [];
      await forEachAtOnce(handles, filesAtOnce, async (handle) => {
        const file = await ifFound(handle.getFile());
        if (file?.size) files.push({ name: file.name, size: file.size, modified: new Date(file.lastModified) });
      });
      return files.sort((a, b) => (a.name < b.name ? -1 : 1));
    });
  }

  openSource(name: string): Promise<ByteSource> {
    const location = this.locate(name);
    return attempt(location, "opening", async () => {
      const handle = await ifFound(this.folder.getFileHandle(name));
      const file = handle && (await ifFound(handle.getFile()));
      // An empty one was never completed.
      if (!handle || !file?.size) throw absentError(location);
      return { location, size: file.size, readAt: (...range) => readUnchanged(location, handle, file, ...range) };
    });
  }

  openSink(name: string): Promise<ByteSink> {
    const location = this.locate(name);
    return attempt(location, "saving", async () => {
      await this.removeLeftovers(name);
      const release = await holdLock(this.lockOf(name));
      try {
        const handle = await this.folder.getFileHandle(name, { create: true });
        const finish = async (): Promise<void> => {
          await release();
          // What cannot be removed now is removed by the next save.
          await this.removeLeftovers(name).catch(() => {});
        };
        return new OpfsSink(location, await handle.createWritable(), finish);
      } catch (error) {
        await release();
        throw error;
      }
    });
  }

  async remove(name: string): Promise<void> {
    await attempt(this.locate(name), "removing", () => ifFound(this.folder.removeEntry(name)));
  }

  private locate(name: string): string {
    return `${this.store}/${name}`;
  }

  private lockOf(name: string): string {
    return `${root}/opfs/${this.locate(name)}`;
  }

  /** Removes what saves of this name left behind that nobody is at work on: the empty file, and Chromium's swap files. */
  private async removeLeftovers(name: string): Promise<void> {
    await runIfUnheld(this.lockOf(name), false, async () => {
      await this.removeIf(`${name}.crswap`, () => true);
      await this.removeIf(name, ({ size }) => size === 0);
    });
    // The second and later of several at work on one name; or those of files that are named so.
    for (let i = 1, isThere = true; isThere; i++) {
      isThere = false;
      const other = `${name}.${i}`;
      const remove = async (): Promise<void> => {
        isThere = await this.removeIf(`${other}.crswap`, () => true);
      };
      await runIfUnheld(this.lockOf(name), false, () => runIfUnheld(this.lockOf(other), false, remove));
    }
  }

  private async removeIf(name: string, condition: (file: File) => boolean): Promise<boolean> {
    const handle = await ifFound(this.folder.getFileHandle(name));
    const file = handle && (await ifFound(handle.getFile()));
    if (!file || !condition(file)) return false;
    await ifFound(this.folder.removeEntry(name));
    return true;
  }
}

class OpfsSink implements ByteSink {
  private readonly saved: Saved = { expected: 0, written: 0 };

  constructor(
    readonly location: string,
    private readonly stream: FileSystemWritableFileStream,
    private readonly finish: () => Promise<void>,
  ) {}

  expect(totalBytes: number): void {
    this.saved.expected = totalBytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const piece = unshared(bytes.subarray(start, start + pieceBytes));
      await this.attempt(() => this.stream.write(piece));
      this.saved.written += piece.length;
    }
  }

  async close(): Promise<void> {
    await this.attempt(() => this.stream.close());
    await this.finish();
  }

  async abort(): Promise<void> {
    // A stream that failed has given up by itself.
    await this.stream.abort().catch(() => {});
    await this.finish();
  }

  private attempt(run: () => Promise<void>): Promise<void> {
    return attempt(this.location, "saving", run, this.saved);
  }
}

/** Streams refuse memory that is shared with workers. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

/** Reads a range of the file as it was opened; the browser itself notices only some of the changes. */
async function readUnchanged(
  location: string,
  handle: FileSystemFileHandle,
  file: File,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = await file
    .slice(position, position + length)
    .arrayBuffer()
    .catch(() => null);
  const now = await handle.getFile().catch(() => null);
  const isSame = now?.lastModified === file.lastModified && now.size === file.size;
  if (!isSame || bytes?.byteLength !== length) throw replacedError(location);
  return new Uint8Array(bytes);
}

async function ifFound<T>(found: Promise<T>): Promise<T | null> {
  return found.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "NotFoundError") return null;
    throw error;
  });
}
