/** Models that a browser keeps from visit to visit. */
import { InputError, SourceError } from "../errors.ts";
import type { SinkOpener } from "../io/byte-sink.ts";
import type { SourceOpener } from "../io/byte-source.ts";
import type { ProgressOptions } from "../io/transfer-options.ts";
import type { AnySchemaVersion, SchemaVersionFor } from "../legolas/schema-version.ts";
import type { WriteOptions } from "../legolas/table-io.ts";
import type { ModelV1 } from "../weights/model.ts";
import { writeModelRow } from "../weights/model-row.ts";
import { type ModelRowHandle, openModelRow } from "../weights/open-model-rows.ts";
import { checkName } from "./check-name.ts";
import { hasIndexedDbFiles, openIndexedDbFiles } from "./indexed-db-files.ts";
import { canWriteOpfs, openOpfsFiles } from "./opfs-files.ts";
import type { FileFacts, StoredFiles, StoreKind } from "./stored-files.ts";

/** A file of a store: a source and a target for every verb. It need not exist yet. */
export interface StoredFile extends SourceOpener, SinkOpener {
  /** In the store. */
  readonly name: string;
}

/** A file that is there. */
export interface ListedFile extends FileFacts, StoredFile {}

/** A flat list of files with one model each, or with several, from {@link openModelStore}. */
export class ModelStore {
  /** Of the store. */
  readonly name: string;

  /** @internal */
  constructor(
    name: string,
    private readonly files: StoredFiles,
  ) {
    this.name = name;
  }

  /** Where the files are. */
  get kind(): StoreKind {
    return this.files.kind;
  }

  /**
   * The file of a name, which need not exist, for `readModelRow`, `writeModelRow` and any other verb.
   *
   * @param name - 1 to 200 bytes of UTF-8 without `/`, `\` and control characters; not `.` or `..`, and not ending in `.crswap`.
   * @throws {InputError} There can be no such name.
   */
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
   * @param name - As for {@link ModelStore.file}.
   * @param row - As for {@link writeModelRow}.
   * @param schemaVersion - As for {@link writeModelRow}.
   * @param options - As for {@link writeModelRow}.
   * @throws {InputError} There can be no such name.
   * @throws {StorageQuotaError} There is not enough room.
   * @throws {SourceError | RecordError | LossyConversionError} As {@link writeModelRow}.
   */
  async save(name: string, row: object, schemaVersion?: AnySchemaVersion, options?: WriteOptions): Promise<void> {
    await writeModelRow(this.file(name), row, schemaVersion, options);
  }

  /**
   * Opens a model row, as `openModelRow(store.file(name), ...)`: weights are read when asked for.
   *
   * @param name - As for {@link ModelStore.file}.
   * @param schemaVersion - As for {@link openModelRow}.
   * @param options - Progress, and what stops the transfer.
   * @returns A handle, to be closed by the caller.
   * @throws {InputError} There can be no such name.
   * @throws {RowCountError | FormatError | UnknownSchemaError | ViolationError} As {@link openModelRow}.
   * @throws {SourceError} There is no such file (`code` is `NotFoundError`), or it cannot be read.
   */
  async open<R extends object = ModelV1>(
    name: string,
    schemaVersion?: SchemaVersionFor<R>,
    options?: ProgressOptions,
  ): Promise<ModelRowHandle<R>> {
    return openModelRow(this.file(name), schemaVersion, options);
  }

  /** The files by name, none of them read; `listModelRows(store)` gives their columns too. @throws {SourceError} The store cannot be read. */
  async list(): Promise<ListedFile[]> {
    return (await this.files.list()).map((facts) => ({ ...facts, ...this.file(facts.name) }));
  }

  /**
   * Removes a file; nothing happens where there is none.
   *
   * @param name - As for {@link ModelStore.file}.
   * @throws {InputError} There can be no such name.
   * @throws {SourceError} It is being written, or cannot be removed.
   */
  async remove(name: string): Promise<void> {
    checkName("file", name);
    await this.files.remove(name);
  }
}

/** How a store is opened. */
export interface StoreOptions {
  /** Where to keep the files. Default: where the store is already, else `"opfs"` where the browser can write there, else `"indexeddb"`. */
  readonly kind?: StoreKind;
}

/**
 * Opens the store of a name, made where there is none. Stores of one name and different kinds are different ones.
 *
 * @param name - As for {@link ModelStore.file}.
 * @param options - Where to keep the files.
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
    // Private windows may have the one and not the other. After a failure that may pass, files in OPFS would seem to be gone.
    if (error instanceof SourceError && error.code === "SecurityError") return openIndexedDbFiles(name);
    throw error;
  });
}
