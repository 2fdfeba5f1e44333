/** A file that is changed in place. */
import type { ByteSource } from "./byte-source.ts";

/** Bytes that can be read, and written at any position. */
export interface AppendableFile extends ByteSource {
  writeAt(position: number, bytes: Uint8Array): Promise<void>;
  /** Cuts the file off after so many bytes. */
  truncate(length: number): Promise<void>;
  /** Returns once everything written is durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** How a path is opened for appending; Node has one way, browsers none. */
export type OpenForAppending = (path: string | URL) => Promise<AppendableFile>;
