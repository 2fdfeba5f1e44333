/**
 * Where bytes are read from.
 *
 * Idea: the smallest interface that lets a reader take only the parts it wants; anything that can give a range of bytes qualifies.
 */
import { InputError } from "../errors.ts";

/** Bytes that can be read in parts. */
export interface ByteSource {
  /** Path, address or another name for messages. */
  readonly location: string;
  /** In bytes. */
  readonly size: number;
  /**
   * The bytes from `position` up to, not including, `position + length`, all of which exist; possibly a view of memory.
   *
   * @param position - In bytes from the start.
   * @param length - In bytes.
   */
  readAt(position: number, length: number): Promise<Uint8Array>;
  /**
   * Fills an array with bytes, without memory in between.
   *
   * @param position - Of the first byte, from the start.
   * @param target - As long as the bytes that are wanted, all of which exist.
   */
  readInto?(position: number, target: Uint8Array): Promise<void>;
  /** Releases what the source holds. */
  close?(): Promise<void>;
}

/** What is opened anew for each reading verb, such as a file of a browser's store. */
export interface SourceOpener {
  /**
   * A source for one transfer, which closes it.
   *
   * @param signal - Of the transfer, for sources that take time to open.
   * @throws {SourceError} It cannot be opened.
   */
  openSource(signal?: AbortSignal): Promise<ByteSource>;
}

/** What the reading verbs take: a path or file URL (in Node), an address, bytes, a Blob, a {@link ByteSource} or what opens one. */
export type Source = string | URL | Uint8Array | ArrayBuffer | Blob | ByteSource | SourceOpener;

/** How paths are opened; Node has one, browsers another. */
export type OpenPath = (path: string | URL) => Promise<ByteSource>;

/** The path of another file in the same folder. */
export type SiblingPath = (path: string | URL, name: string) => string;

/** The paths of the files in a folder, sorted. */
export type ListFolder = (folder: string | URL) => Promise<string[]>;

export function isAddress(value: string | URL): boolean {
  return /^https?:\/\//i.test(String(value));
}

/** Fills `target` with the bytes from `position` on, by the source's own way where it has one. */
export async function readInto(source: ByteSource, position: number, target: Uint8Array): Promise<void> {
  if (source.readInto) await source.readInto(position, target);
  else target.set(await source.readAt(position, target.length));
}

/** The bytes that the synchronous verbs take. @throws {InputError} for anything else. */
export function viewBytes(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  throw new InputError({
    subject: "bytes",
    expected: "a Uint8Array or ArrayBuffer",
    found: bytes === null ? "null" : typeof bytes,
    remedy: "To read a path, URL or Blob, use the asynchronous readModelRow, readTable or fromSafetensors",
  });
}
