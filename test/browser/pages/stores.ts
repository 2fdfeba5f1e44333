/** Models that a page keeps. */
import {
  FlatArray,
  isLegolasError,
  listModelRows,
  ModelV1,
  readModelRows,
  Weights,
  writeModelRows,
} from "legolas-flux";
import {
  downloadFile,
  downloadTarget,
  type ModelStore,
  openModelRow,
  openModelStore,
  readModelRow,
  type StorageQuotaError,
  type StoreKind,
  writeModelRow,
} from "legolas-flux/browser";
import { schema, t } from "legolas-flux/legolas";

const RunV1 = schema("stores-test.run").version(1, {
  extends: ModelV1,
  fields: { accuracy: t.optional(t.float64) },
});

const openRuns = (kind: StoreKind): Promise<ModelStore> => openModelStore("runs", { kind });

/** A row whose numbers all are its version, in arrays below and above what is buffered and what a chunk holds. */
export function makeRow(version: number, elements = 700_000): ModelV1 {
  const arrays = [elements, 3, 50_000].map((count) => new FlatArray(new Float32Array(count).fill(version), [count]));
  return ModelV1({ weights: new Weights(arrays, { names: ["a", "b", "c"] }), architecture_version: version });
}

/** The version that a row says it has, if all its numbers agree. */
function versionOf({ weights, architecture_version }: ModelV1): number | string {
  const isWhole = weights?.arrays.every(({ vec }) => vec.every((value) => value === architecture_version));
  return isWhole ? (architecture_version ?? "null") : "a mixture";
}

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
  readonly needed: number;
  readonly available: number;
}

async function failureOf(run: () => Promise<unknown>): Promise<Failure | string> {
  return run().then(
    (value) => `nothing failed: ${value}`,
    (error: unknown) => {
      if (!isLegolasError(error)) return `not ours: ${error}`;
      const { name, message } = error;
      const {
        code = null,
        neededBytes: needed = 0,
        availableBytes: available = 0,
      } = error as Partial<StorageQuotaError>;
      return { name, message, code, needed, available };
    },
  );
}

export async function save(kind: StoreKind, name: string, version: number, elements?: number): Promise<void> {
  await (await openRuns(kind)).save(name, makeRow(version, elements));
}

export async function saveNumbered(kind: StoreKind, count: number): Promise<void> {
  const store = await openRuns(kind);
  for (let i = 0; i < count; i++) {
    const accuracy = ((i * 7) % count) / count;
    await store.save(`run-${i}`, RunV1({ weights: makeRow(i, 10).weights, accuracy, architecture_version: i }));
  }
}

/** The version read through each of the verbs, which have to agree. */
export async function read(kind: StoreKind, name: string): Promise<number | string> {
  const store = await openRuns(kind);
  const version = versionOf(await readModelRow(store.file(name), ModelV1));
  const handle = await store.open(name);
  const again = await openModelRow(store.file(name), ModelV1);
  const [one, two] = await Promise.all([handle.weights?.read(2), again.weights?.readAll()]);
  await handle.close();
  await again.close();
  const isSame = one?.vec[0] === version && two?.at(2)?.vec[49_999] === version;
  return isSame && handle.row.architecture_version === version ? version : "the verbs differ";
}

export async function readFailure(kind: StoreKind, name: string): Promise<Failure | string> {
  return failureOf(async () => readModelRow((await openRuns(kind)).file(name)));
}

export async function saveFailure(kind: StoreKind, name: string): Promise<Failure | string> {
  return failureOf(async () => (await openRuns(kind)).save(name, makeRow(9)));
}

/** Tries to save bytes that cannot be compressed, as Chromium does in IndexedDB. */
export async function saveNoise(kind: StoreKind, name: string, length: number): Promise<Failure | string> {
  const noise = new Uint8Array(length);
  for (let i = 0; i < length; i += 65_536) crypto.getRandomValues(noise.subarray(i, i + 65_536));
  const weights = new Weights([new FlatArray(noise, [length])]);
  return failureOf(async () => (await openRuns(kind)).save(name, ModelV1({ weights })));
}

export async function removeFailure(kind: StoreKind, name: string): Promise<Failure | string> {
  return failureOf(async () => (await openRuns(kind)).remove(name));
}

export async function openFailure(name: string, kind?: StoreKind): Promise<Failure | string> {
  return failureOf(() => openModelStore(name, kind && { kind }));
}

export interface Listed {
  readonly name: string;
  readonly size: number;
  readonly modified: number;
}

export async function list(kind: StoreKind): Promise<Listed[]> {
  const files = await (await openRuns(kind)).list();
  return files.map(({ name, size, modified }) => ({ name, size, modified: modified.getTime() }));
}

/** Paths and columns, best first, and the version of the first as it is read from what was listed. */
export async function listColumns(
  kind: StoreKind,
): Promise<{ names: string[]; accuracies: unknown[]; first: unknown }> {
  const store = await openRuns(kind);
  const rows = await listModelRows(store, {
    schemaVersion: RunV1,
    sort: "-accuracy",
    where: ({ accuracy }) => accuracy !== 0,
  });
  const [file] = await store.list();
  return {
    names: rows.map(({ path }) => path),
    accuracies: rows.map(({ row }) => row.accuracy),
    first: file && (await readModelRow(file)).architecture_version,
  };
}

export async function remove(kind: StoreKind, name: string): Promise<void> {
  await (await openRuns(kind)).remove(name);
}

/** Saves rows one by one and gives them back so. */
export async function saveMany(kind: StoreKind, count: number): Promise<(number | string)[]> {
  const file = (await openRuns(kind)).file("all");
  await writeModelRows(
    file,
    Array.from({ length: count }, (_, i) => makeRow(i)),
  );
  const versions: (number | string)[] = [];
  for await (const row of readModelRows(file)) versions.push(versionOf(row));
  return versions;
}

/** Stops at the first progress beyond so many bytes. */
export async function abortSaving(kind: StoreKind, name: string, bytes: number): Promise<string> {
  const controller = new AbortController();
  const store = await openRuns(kind);
  return store
    .save(name, makeRow(9, 8_000_000), undefined, {
      signal: controller.signal,
      onProgress: (progress) => progress.bytes > bytes && controller.abort(new Error("enough")),
    })
    .then(
      () => "it was saved",
      ({ message }: Error) => message,
    );
}

/** Writes until the page ends; settles once so many rows of 2.8 MB are written. */
export async function saveWithoutEnd(kind: StoreKind, name: string, rows: number): Promise<void> {
  const store = await openRuns(kind);
  await new Promise<void>((resolve, reject) => {
    async function* endless(): AsyncGenerator<object> {
      for (let i = 0; ; i++) {
        if (i === rows) {
          resolve();
          await new Promise(() => {});
        }
        yield makeRow(i);
      }
    }
    writeModelRows(store.file(name), endless()).catch(reject);
  });
}

/** Saves again and again for a while. */
export async function saveOften(kind: StoreKind, name: string, version: number, times: number): Promise<void> {
  const store = await openRuns(kind);
  for (let i = 0; i < times; i++) await store.save(name, makeRow(version));
}

/** Reads again and again: the versions found, and what was said instead. */
export async function readOften(kind: StoreKind, name: string, times: number): Promise<(number | string)[]> {
  const store = await openRuns(kind);
  const found = new Set<number | string>();
  for (let i = 0; i < times; i++) {
    found.add(
      await readModelRow(store.file(name)).then(versionOf, (error: Error) =>
        /was replaced or removed while it was read/.test(error.message) ? "replaced" : error.message,
      ),
    );
  }
  return [...found];
}

/** Opens, lets the file be replaced at once, and reads on. */
export async function readReplaced(kind: StoreKind): Promise<Failure | string> {
  const store = await openRuns(kind);
  await store.save("best", makeRow(1));
  const handle = await store.open("best");
  await store.save("best", makeRow(2));
  return failureOf(async () => (await handle.weights?.read(0))?.vec[0]);
}

/** Bytes that the browser says this site keeps. */
export const usage = async (): Promise<number> => (await navigator.storage.estimate()).usage ?? 0;

/** What the store holds beside complete files, of which users see nothing. */
export async function leftovers(kind: StoreKind): Promise<string[]> {
  if (kind === "opfs") {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("legolas-flux");
    const names: string[] = [];
    for await (const file of (await root.getDirectoryHandle("runs")).values()) {
      const isEmpty = file.kind === "file" && (await (file as FileSystemFileHandle).getFile()).size === 0;
      if (isEmpty || file.name.endsWith(".crswap")) names.push(file.name);
    }
    return names;
  }
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open("legolas-flux/runs");
    request.onsuccess = () => resolve(request.result);
  });
  const read = (name: string, verb: "getAll" | "getAllKeys"): Promise<unknown[]> =>
    new Promise((resolve) => {
      const objects = database.transaction(name).objectStore(name);
      const request = objects[verb]() as IDBRequest<unknown[]>;
      request.onsuccess = () => resolve(request.result);
    });
  const ids = ((await read("files", "getAll")) as { id: number }[]).map(({ id }) => id);
  const chunks = ((await read("chunks", "getAllKeys")) as number[][]).map(([id]) => id as number);
  const unfinished = await read("unfinished", "getAllKeys");
  database.close();
  return [...new Set(chunks.filter((id) => !ids.includes(id))), ...unfinished].map(String);
}

/** Saves a model of arrays of 8 MB that share their memory, reads it array by array and gives the sum of their last elements. */
export async function saveLarge(kind: StoreKind, count: number): Promise<{ size: number; sum: number }> {
  const store = await openRuns(kind);
  const vec = new Float32Array(2_000_000).map((_, i) => i + 1);
  const weights = new Weights(Array.from({ length: count }, () => new FlatArray(vec, [vec.length])));
  await store.save("large", ModelV1({ weights }));
  const handle = await store.open("large");
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Number((await handle.weights?.read(i))?.vec.at(-1));
  const [file] = await store.list();
  return { size: file?.size ?? 0, sum };
}

/** Which kind is taken where nothing is asked for; before, writing to OPFS may be taken from the browser. */
export async function defaultKind(withoutOpfs = false): Promise<StoreKind> {
  if (withoutOpfs) Reflect.deleteProperty(FileSystemFileHandle.prototype, "createWritable");
  const store = await openModelStore("default");
  await store.save("x", makeRow(1, 10));
  return store.kind;
}

/** Which kind is taken where OPFS cannot be opened for a reason. */
export async function kindAfter(reason: string): Promise<StoreKind | Failure | string> {
  navigator.storage.getDirectory = () => Promise.reject(new DOMException("no", reason));
  let kind: StoreKind | null = null;
  const failure = await failureOf(async () => {
    kind = (await openModelStore(`after ${reason}`)).kind;
  });
  return kind ?? failure;
}

/** How OPFS is refused where it cannot be written to. */
export async function refusedOpfs(): Promise<Failure | string> {
  Reflect.deleteProperty(FileSystemFileHandle.prototype, "createWritable");
  return openFailure("runs", "opfs");
}

export async function download(filename: string): Promise<void> {
  await writeModelRow(downloadTarget(filename), makeRow(4));
}

export async function downloadStored(kind: StoreKind, name: string, filename: string): Promise<number[]> {
  const steps: number[] = [];
  const onProgress = ({ bytes, totalBytes }: { bytes: number; totalBytes: number }): void =>
    void steps.push(bytes / totalBytes);
  await downloadFile((await openRuns(kind)).file(name), filename, { onProgress });
  return steps;
}
