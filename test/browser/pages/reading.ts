/** Reading model rows in a page. */
import {
  decodeModelRow,
  isLegolasError,
  loadCodecs,
  type ModelRowHandle,
  ModelV1,
  openModelRow,
  readModelRow,
  type Source,
} from "legolas-flux";

export interface Summary {
  readonly architectureVersion: number | null;
  readonly names: readonly string[] | null;
  /** The elements of each, as numbers. */
  readonly arrays: readonly Float64Array[];
}

function summarize({ architecture_version, weights }: ModelV1): Summary {
  return {
    architectureVersion: architecture_version,
    names: weights?.names ?? null,
    arrays: weights?.arrays.map(({ vec }) => Float64Array.from(vec, Number)) ?? [],
  };
}

export async function read(address: string): Promise<Summary> {
  return summarize(await readModelRow(address, ModelV1));
}

/** Reads bytes as a Blob, and as the ArrayBuffer that they are. */
export async function readInMemory(bytes: Uint8Array<ArrayBuffer>): Promise<Summary[]> {
  const sources: Source[] = [new Blob([bytes]), new File([bytes], "a.model.arrow"), bytes, bytes.slice().buffer];
  return Promise.all(sources.map(async (source) => summarize(await readModelRow(source, ModelV1))));
}

/** Reads the file that was chosen in the page. */
export async function readChosenFile(): Promise<Summary> {
  const file = document.querySelector("input")?.files?.[0];
  if (!file) throw new Error("no file was chosen");
  return summarize(await readModelRow(file, ModelV1));
}

export async function decodeAfterLoadingCodecs(bytes: Uint8Array): Promise<Summary> {
  await loadCodecs();
  return summarize(decodeModelRow(bytes, ModelV1));
}

let handle: ModelRowHandle<ModelV1> | null = null;

/** Opens a row and gives the number of its arrays and the names of some. */
export async function open(address: string): Promise<{ length: number; names: readonly string[] }> {
  handle = await openModelRow(address, ModelV1);
  return { length: handle.weights?.length ?? 0, names: handle.weights?.names?.slice(0, 2) ?? [] };
}

/** One array of the row that was opened. */
export async function readArray(index: number): Promise<Float64Array> {
  const array = await handle?.weights?.read(index);
  return Float64Array.from(array?.vec ?? [], Number);
}

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly isOurs: boolean;
}

async function failureOf(run: Promise<unknown>): Promise<Failure | null> {
  return run.then(
    () => null,
    (error: unknown) => {
      const { name, message } = error as Error;
      return { name, message, isOurs: isLegolasError(error) };
    },
  );
}

export const failToRead = (source: string): Promise<Failure | null> => failureOf(readModelRow(source, ModelV1));
export const failToReadArray = (index: number): Promise<Failure | null> => failureOf(readArray(index));
