/** The files that this browser keeps for the viewer, each as it was. */
import { type ByteSink, type Progress, SourceError } from "legolas-flux";
import { type ModelStore, openModelStore, type StoredFile } from "legolas-flux/browser";
import { nameOf } from "../name-of.ts";
import type { FileSource, KeptFile } from "../protocol.ts";

let opened: Promise<ModelStore> | null = null;

/** @throws {SourceError} The browser keeps nothing for this page. */
function keptStore(): Promise<ModelStore> {
  opened ??= openModelStore("viewer").catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** The file that is kept under a name. */
export async function keptFile(name: string): Promise<StoredFile> {
  return (await keptStore()).file(name);
}

/** What the reading verbs take for a source. */
export async function readableOf(source: FileSource): Promise<File | string | StoredFile> {
  return typeof source === "object" && "kept" in source ? keptFile(source.kept) : source;
}

/** By name. */
export async function listKept(): Promise<KeptFile[]> {
  const files = await (await keptStore()).list();
  return files.map(({ name, size, modified }) => ({ name, size, modified: modified.getTime() }));
}

export async function removeKept(name: string): Promise<void> {
  await (await keptStore()).remove(name);
}

/**
 * Keeps a file byte for byte under its own name, in the place of the one of that name: the whole file or nothing.
 *
 * @throws {StorageQuotaError} There is not enough room.
 * @throws {SourceError} It cannot be read or kept.
 * @throws {InputError} No file that is kept can have its name.
 */
export async function keepFile(source: File | string, onProgress: (progress: Progress) => void): Promise<void> {
  const sink = await (await keptFile(nameOf(source))).openSink();
  try {
    const { stream, size } = await bytesOf(source);
    if (size !== null) sink.expect?.(size);
    await pour(stream, sink, (bytes) => onProgress({ bytes, totalBytes: Math.max(bytes, size ?? 0) }));
    await sink.close();
  } catch (error) {
    // What went wrong first is told, whatever goes wrong after it.
    await sink.abort().catch(() => {});
    throw error;
  }
}

async function pour(stream: Bytes["stream"], sink: ByteSink, onBytes: (bytes: number) => void): Promise<void> {
  const reader = stream.getReader();
  try {
    for (let bytes = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      await sink.write(value);
      bytes += value.length;
      onBytes(bytes);
    }
  } finally {
    // Where writing fails, the rest of an address would be fetched for nothing.
    await reader.cancel().catch(() => {});
  }
}

interface Bytes {
  readonly stream: ReadableStream<Uint8Array>;
  /** Null where a server does not tell. */
  readonly size: number | null;
}

async function bytesOf(source: File | string): Promise<Bytes> {
  if (typeof source !== "string") return { stream: source.stream(), size: source.size };
  const response = await fetch(source).catch((cause: unknown) => {
    throw new SourceError(source, "fetching", cause, "Check the connection, and open the address again");
  });
  if (!response.ok || !response.body) {
    throw new SourceError(source, "fetching", new Error(`the server answered ${response.status}`), "Open it again");
  }
  const length = response.headers.get("Content-Length");
  // Of a compressed body, the server tells the compressed length.
  const isKnown = length !== null && !response.headers.get("Content-Encoding");
  return { stream: response.body, size: isKnown ? Number(length) : null };
}
