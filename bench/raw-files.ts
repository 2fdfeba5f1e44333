/** The least that writing and reading the same bytes can cost: plain calls of the system, one for each array unless said otherwise. */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { ByteSink, ByteSource } from "legolas-flux";
import { bytesOf } from "./model.ts";

/** One call takes at most this many bytes. */
const maxCallBytes = 2 ** 30;

function writeAll(file: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done, Math.min(bytes.length - done, maxCallBytes));
}

/** Fills memory from a position of a file. @throws {Error} The file ends before. */
export function readFully(file: number, position: number, target: Uint8Array): void {
  for (let done = 0; done < target.length; ) {
    const read = readSync(file, target, done, Math.min(target.length - done, maxCallBytes), position + done);
    if (read === 0) throw new Error("the file is too short");
    done += read;
  }
}

/** Writes parts to a path without making them durable. */
export function writePlain(path: string, parts: Iterable<Uint8Array>): void {
  const file = openSync(path, "w");
  for (const part of parts) writeAll(file, part);
  closeSync(file);
}

/** Writes parts as an atomic save does: to a temporary, fsync, rename, fsync of the folder. */
export function writeDurably(path: string, parts: Iterable<Uint8Array>): void {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, "w");
  for (const part of parts) writeAll(file, part);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
  makeDurable(dirname(path));
}

/** Waits until a file or folder is on the disk. */
export function makeDurable(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
}

/** The arrays of a file of nothing else, each in new memory. */
export function readNew(path: string, count: number, length: number): Float32Array[] {
  const targets = Array.from({ length: count }, () => new Float32Array(length));
  readExisting(path, targets);
  return targets;
}

/** Fills arrays from a file of nothing else, one after the other. */
export function readExisting(path: string, targets: readonly Float32Array[]): void {
  const file = openSync(path, "r");
  let position = 0;
  for (const target of targets) {
    readFully(file, position, bytesOf(target));
    position += target.byteLength;
  }
  closeSync(file);
}

/** A sink that hands every piece to the system and makes nothing durable. */
export function plainSink(path: string): ByteSink {
  const file = openSync(path, "w");
  return {
    location: path,
    write: async (bytes) => writeAll(file, bytes),
    close: async () => closeSync(file),
    abort: async () => {
      closeSync(file);
      rmSync(path, { force: true });
    },
  };
}

/** A source around a file that counts what is read of it. */
export function countingSource(path: string): ByteSource & { readonly reads: number; readonly bytesRead: number } {
  const file = openSync(path, "r");
  const read = (position: number, target: Uint8Array): void => {
    source.reads += 1;
    source.bytesRead += target.length;
    readFully(file, position, target);
  };
  const source = {
    location: path,
    size: fstatSync(file).size,
    reads: 0,
    bytesRead: 0,
    readAt: async (position: number, length: number) => {
      const bytes = new Uint8Array(length);
      read(position, bytes);
      return bytes;
    },
    readInto: async (position: number, target: Uint8Array) => read(position, target),
    close: async () => closeSync(file),
  };
  return source;
}
