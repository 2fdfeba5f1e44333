/** Opening whatever can be read. */
import { InputError, SourceError } from "../errors.ts";
import { openAddress } from "./address-source.ts";
import { type ByteSource, isAddress, type OpenPath, readInto, type Source, type SourceOpener } from "./byte-source.ts";
import { reportReads } from "./report-reads.ts";
import type { ProgressOptions } from "./transfer-options.ts";

function isSourceOpener(value: unknown): value is SourceOpener {
  return typeof value === "object" && value !== null && "openSource" in value && typeof value.openSource === "function";
}

function isByteSource(value: unknown): value is ByteSource {
  return typeof value === "object" && value !== null && "readAt" in value && typeof value.readAt === "function";
}

/**
 * Opens any source for reading. What it gives is for the caller to close; a source that is open already stays so.
 *
 * @throws {SourceError} It cannot be opened.
 * @throws {InputError} It is none.
 */
export async function openSource(
  source: Source,
  openPath: OpenPath,
  options: ProgressOptions = {},
): Promise<ByteSource> {
  // What comes from an address is told as it arrives.
  if ((typeof source === "string" || source instanceof URL) && isAddress(source)) {
    return openAddress(String(source), options);
  }
  const opened = await openQuietly(source, openPath, options.signal);
  return options.onProgress ? reportReads(opened, options.onProgress) : opened;
}

/** Somebody else's source, who closes it. */
function borrow(source: ByteSource): ByteSource {
  return {
    location: source.location,
    size: source.size,
    readAt: (position, length) => source.readAt(position, length),
    readInto: (position, target) => readInto(source, position, target),
  };
}

async function openQuietly(source: Source, openPath: OpenPath, signal: AbortSignal | undefined): Promise<ByteSource> {
  if (source instanceof Uint8Array) return fromBytes(source);
  if (source instanceof ArrayBuffer) return fromBytes(new Uint8Array(source));
  if (source instanceof Blob) return fromBlob(source);
  if (typeof source === "string" || source instanceof URL) return openPath(source);
  if (isByteSource(source)) return borrow(source);
  if (isSourceOpener(source)) return source.openSource(signal);
  throw new InputError({
    subject: "source",
    expected: "a path, URL, Uint8Array, ArrayBuffer, Blob, ByteSource or file of a store",
    found: source === null ? "null" : typeof source,
  });
}

function fromBytes(bytes: Uint8Array): ByteSource {
  return {
    location: "bytes in memory",
    size: bytes.length,
    readAt: async (position, length) => bytes.subarray(position, position + length),
  };
}

function fromBlob(blob: Blob): ByteSource {
  const name = "name" in blob && typeof blob.name === "string" ? blob.name : "blob";
  return {
    location: name,
    size: blob.size,
    readAt: async (position, length) => {
      try {
        return new Uint8Array(await blob.slice(position, position + length).arrayBuffer());
      } catch (cause) {
        throw new SourceError(name, "reading", cause, "The file may have changed since it was chosen: choose it again");
      }
    },
  };
}
