/**
 * Paths in Node: reading ranges of a file, and writing one atomically.
 *
 * Idea: a new file is written beside its target under a temporary name that says which process owns it, made durable, then renamed
 * over the target, so that readers see the old file or the new one, never a part.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, readlink, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SourceError } from "../errors.ts";
import type { OpenForAppending } from "./appendable-file.ts";
import type { ByteSink, CreatePath, RemovePath } from "./byte-sink.ts";
import type { ListFolder, OpenPath, SiblingPath } from "./byte-source.ts";
import { openDescriptor } from "./descriptor-node.ts";

/** One read or write call takes at most this many bytes; Node fails, or aborts, beyond 2^31. */
const maxCallBytes = 2 ** 30;
const dayMs = 86_400_000;

function toPath(path: string | URL): string {
  try {
    return path instanceof URL || path.startsWith("file:") ? fileURLToPath(path) : path;
  } catch (cause) {
    throw new SourceError(String(path), "opening", cause, "Pass a path, or a file: URL without a host");
  }
}

export const openPath: OpenPath = async (given) => {
  const path = toPath(given);
  const file = await attempt(path, "opening", () => openDescriptor(path));
  if (!file.isFile) {
    file.close();
    throw new SourceError(path, "opening", new Error("it is not a file"), "Pass the path of one file");
  }
  return {
    location: path,
    size: file.size,
    readAt: (position, length) => attempt(path, "reading", () => readRange(file.read, position, length)),
    readInto: (position, target) => attempt(path, "reading", () => fill(file.read, position, target)),
    close: async () => file.close(),
  };
};

/** Reads so many bytes at a position of a file into a buffer from an offset on; the number of bytes read. */
type Read = (buffer: Uint8Array, offset: number, length: number, position: number) => Promise<number>;

async function readRange(read: Read, position: number, length: number): Promise<Uint8Array> {
  // Not zeroed, since it is filled at once or thrown away.
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  await fill(read, position, bytes);
  return bytes;
}

async function fill(read: Read, position: number, target: Uint8Array): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const bytesRead = await read(target, done, Math.min(target.length - done, maxCallBytes), position + done);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    done += bytesRead;
  }
}

/** The system's own failures, as errors that name the path. */
async function attempt<T>(path: string, action: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    throw new SourceError(path, action, cause, remedies[code]);
  }
}

const remedies: Readonly<Record<string, string>> = {
  ENOENT: "Check the path",
  EACCES: "Check the permissions of the file and its folder",
  EPERM: "Check the permissions of the file and its folder",
  EFBIG: "The file is larger than the process or the file system allows",
  ENOSPC: "The disk is full: free space and write again; the file that was there before is untouched",
  EROFS: "The file system is read-only: choose another folder",
  ENOTDIR: "A part of the path is a file, not a folder: check the path",
  EISDIR: "It is a folder: pass the path of a file in it",
};

export const listFolder: ListFolder = async (given) => {
  const folder = toPath(given);
  const entries = await attempt(folder, "listing", () => readdir(folder, { withFileTypes: true }));
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
};

export const siblingPath: SiblingPath = (given, name) => join(dirname(toPath(given)), name);

export const createPath: CreatePath = async (given) => {
  const path = await attempt(toPath(given), "writing", () => resolveTarget(toPath(given)));
  const existing = await stat(path).catch(() => null);
  if (existing && !existing.isFile()) {
    throw new SourceError(path, "writing", new Error("it is not a file"), "Pass the path of a file, or of none");
  }
  const folder = dirname(path);
  await attempt(path, "creating the folder of", () => mkdir(folder, { recursive: true }));
  await removeStale(folder, basename(path));
  const temporary = join(folder, temporaryName(basename(path)));
  const mode = existing ? existing.mode & 0o777 : null;
  const handle = await attempt(path, "writing", () => open(temporary, "wx", mode ?? 0o666));
  return atomicSink(path, temporary, handle, mode);
};

export const removePath: RemovePath = async (given) => {
  const path = toPath(given);
  await attempt(path, "removing", () => rm(path, { force: true }));
};

export const openForAppending: OpenForAppending = async (given) => {
  const path = toPath(given);
  const handle = await attempt(path, "opening", () => open(path, "r+"));
  const { size } = await handle.stat();
  const read: Read = async (...range) => (await handle.read(...range)).bytesRead;
  const writing = <T>(run: () => Promise<T>): Promise<T> => attempt(path, "writing", run);
  return {
    location: path,
    size,
    readAt: (position, length) => attempt(path, "reading", () => readRange(read, position, length)),
    writeAt: (position, bytes) => writing(() => writeFully(handle, bytes, position)),
    truncate: (length) => writing(() => handle.truncate(length)),
    sync: () => writing(() => handle.sync()),
    close: () => handle.close(),
  };
};

const maxLinks = 40;

/** Where a symbolic link leads, even to nothing yet, so that the link stays and what it points to is replaced. */
async function resolveTarget(path: string, links = 0): Promise<string> {
  const target = await readlink(path).catch(() => null);
  if (target === null) return path;
  if (links === maxLinks) throw new Error("its symbolic links go in a circle");
  return resolveTarget(resolve(dirname(path), target), links + 1);
}

function atomicSink(path: string, temporary: string, handle: FileHandle, mode: number | null): ByteSink {
  const writing = <T>(run: () => Promise<T>): Promise<T> => attempt(path, "writing", run);
  return {
    location: path,
    write: (bytes) => writing(() => writeFully(handle, bytes)),
    close: () =>
      writing(async () => {
        // The process may hold back bits of new files, but not those of the file that is replaced.
        if (mode !== null) await handle.chmod(mode);
        await handle.sync();
        await handle.close();
        await rename(temporary, path);
        await syncFolder(dirname(path));
      }),
    abort: async () => {
      await handle.close().catch(() => {});
      await rm(temporary, { force: true });
    },
  };
}

async function writeFully(handle: FileHandle, bytes: Uint8Array, position?: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(
      bytes,
      done,
      Math.min(bytes.length - done, maxCallBytes),
      position === undefined ? null : position + done,
    );
    done += bytesWritten;
  }
}

/** Makes a rename durable; some systems cannot open folders, and lose at most the rename in a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

const host = hostname().replace(/[^A-Za-z0-9]/g, "");

function temporaryName(name: string): string {
  return `.${name}.${host}-${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
}

/** Removes what earlier saves of the same file left behind: temporaries of dead processes of this host, or older than a day. */
async function removeStale(folder: string, name: string): Promise<void> {
  const entries = await readdir(folder).catch(() => []);
  const pattern = /\.([A-Za-z0-9]*)-(\d+)-[0-9a-f]{8}\.tmp$/;
  for (const entry of entries.filter((candidate) => candidate.startsWith(`.${name}.`))) {
    const [suffix, owner, pid] = pattern.exec(entry) ?? [];
    if (suffix === undefined || entry !== `.${name}${suffix}`) continue;
    const path = join(folder, entry);
    if ((owner === host && !isAlive(Number(pid))) || (await isOld(path)))
      await rm(path, { force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function isOld(path: string): Promise<boolean> {
  const modified = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  return Date.now() - modified > dayMs;
}
