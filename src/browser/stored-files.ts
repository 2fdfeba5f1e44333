import type { ByteSink } from "../io/byte-sink.ts";
import type { ByteSource } from "../io/byte-source.ts";

/** Where a browser keeps files: `"opfs"`, its own file system, or `"indexeddb"`. */
export type StoreKind = "opfs" | "indexeddb";

/** A file as it was last completely written. */
export interface FileFacts {
  /** In the store. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** When it was written. */
  readonly modified: Date;
}

/** The files of one store. Names have been checked; what fails is a SourceError. */
export interface StoredFiles {
  readonly kind: StoreKind;
  /** By name. */
  list(): Promise<FileFacts[]>;
  openSource(name: string): Promise<ByteSource>;
  /** The file appears, or replaces the one of that name, when the sink is closed. */
  openSink(name: string): Promise<ByteSink>;
  /** Nothing happens where there is no such file. */
  remove(name: string): Promise<void>;
}
