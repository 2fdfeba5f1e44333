/** Models that a browser keeps from visit to visit. */
import { InputError, SourceError } from "../errors.ts";
import type { SinkOpener } from "../io/byte-sink.ts";
import type { SourceOpener } from "../io/byte-source.ts";
import type { ProgressOptions } from "../io/transfer-options.ts";
import type { AnySchemaVersion } from "../legolas/schema-version.ts";
import type { WriteOptions } from "../legolas/table-io.ts";
import type { ModelV1 } from "../weights/model.ts";
import { writeModelRow } from "../weights/model-row.ts";
import { type ModelRowHandle, openModelRow } from "../weights/open-model-rows.ts";
import { checkName } from "./check-name.ts";
import { hasIndexedDbFiles, openIndexedDbFiles } from "./indexed-db-files.ts";
import { canWriteOpfs, openOpfsFiles } from "./opfs-files.ts";
import type { FileFacts, StoredFiles, StoreKind } from "./stored-files.ts";

type Reads<R extends object> = AnySchemaVersion & ((input: never) => R);

/** A file of a store: a source and a target for every verb. It need not exist yet. */
export interface StoredFile extends SourceOpener, SinkOpener {
  readonly name: string;
}

/** A file that is there. */
export interface ListedFile extends FileFacts, StoredFile {}

/** A flat list of files with one model each, or with several. */
export class ModelStore {
  constructor(
    readonly name: string,
    private readonly files: StoredFiles,
  ) {}

  /** Where the files are. */
  get kind(): StoreKind {
    return this.files.kind;
  }

  /** The file of a name, for `readModelRow`, `writeModelRow` and any other verb. @throws {InputError} There can be no such name. */
  file(name: string): StoredFile {
    checkName("file", name);
    return {
      name,
      openSource: () => this.files.openSource(name),
      openSink: () => this.files.openSink(name),
    };
  }

  /**
   * Writes a model row, as `writeModelRow(store.file(name), ...)`: the whole file is replaced once it is complete, or stays as it was.
   *
   * @throws {StorageQuotaError} There is not enough room.
   * @throws {SourceError | RecordError} As `writeModelRow`.
   */
  async save(name: string, row: object, schemaVersion?: AnySchemaVersion, options?: WriteOptions): Promise<void> {
    await writeModelRow(this.file(name), row, schemaVersion, options);
  }

  /**
   * Opens a model row, as `openModelRow(store.file(name), ...)`: weights are read when asked for.
   *
   * @throws {SourceError} There is no such file (`code` is `NotFoundError`), or it cannot be read.
   */
  async open<R extends object = ModelV1>(
    name: string,
    schemaVersion?: Reads<R>,
    options?: ProgressOptions,
  ): Promise<ModelRowHandle<R>> {
    return openModelRow(this.file(name), schemaVersion, options);
  }

  /** The files by name, none of them read; `listModelRows(store)` gives their columns too. */
  async list(): Promise<ListedFile[]> {
    return (await this.files.list()).map((facts) => ({ ...facts, ...this.file(facts.name) }));
  }

  /** Removes a file; nothing happens where there is none. @throws {SourceError} It is being written. */
  async remove(name: string): Promise<void> {
    checkName("file", name);
    await this.files.remove(name);
  }
}

export interface StoreOptions {
  /** Where to keep the files. Default: where the store is already, else `"opfs"` where the browser can write there, else `"indexeddb"`. */
  readonly kind?: StoreKind;
}

/**
 * Opens the store of a name, made where there is none. Stores of one name and different kinds are different ones.
 *
 * @throws {InputError} There can be no such name or kind.
 * @throws {SourceError} The browser keeps nothing for this page.
 */
export async function openModelStore(name: string, { kind }: StoreOptions = {}): Promise<ModelStore> {
  checkName("store", name);
  return new ModelStore(name, await openFiles(name, kind));
}

async function openFiles(name: string, kind: StoreKind | undefined): Promise<StoredFiles> {
  if (kind === "opfs") return openOpfsFiles(name);
  if (kind === "indexeddb") return openIndexedDbFiles(name);
  if (kind !== undefined) {
    throw new InputError({
      subject: "kind of a store",
      expected: '"opfs" or "indexeddb"',
      found: JSON.stringify(kind),
    });
  }
  if (!canWriteOpfs() || (await hasIndexedDbFiles(name))) return openIndexedDbFiles(name);
  return openOpfsFiles(name).catch((error: unknown) => {
    // Private windows may have the one and not the other.
    if (error instanceof SourceError) return openIndexedDbFiles(name);
    throw error;
  });
}
