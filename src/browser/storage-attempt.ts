/** What browsers throw when they keep or give bytes, as errors of this package. */
import { isLegolasError, SourceError, StorageQuotaError } from "../errors.ts";

/** How far a file has been saved. */
export interface Saved {
  /** Bytes of the whole file, as far as is known. */
  expected: number;
  written: number;
}

const remedies: Readonly<Record<string, string>> = {
  NotFoundError: "Check the name: store.list() gives those that are there",
  NoModificationAllowedError: "It is being written, here or in another tab: try again once that is done",
  SecurityError:
    "The browser lets this page keep nothing: serve it from an address of its own, and allow it to keep site data",
};

/** Runs what touches a browser's storage. @throws {SourceError} It failed. @throws {StorageQuotaError} For want of room. */
export async function attempt<T>(
  location: string,
  action: string,
  run: () => Promise<T>,
  saved: Saved = { expected: 0, written: 0 },
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (isLegolasError(cause)) throw cause;
    const name = cause instanceof Error ? cause.name : "";
    if (name === "QuotaExceededError") throw await quotaError(location, saved);
    throw new SourceError(location, action, describe(cause), remedies[name]);
  }
}

async function quotaError(location: string, { expected, written }: Saved): Promise<StorageQuotaError> {
  const { quota, usage = 0 } = await navigator.storage.estimate().catch((): StorageEstimate => ({}));
  const needed = Math.max(expected, written);
  // What was written of the file counts as used.
  const estimated = quota === undefined ? written : Math.max(0, quota - usage) + written;
  return new StorageQuotaError(location, needed, estimated < needed ? estimated : written);
}

/** Some failures come without a word. */
function describe(cause: unknown): unknown {
  return cause instanceof DOMException && cause.message === "" ? new DOMException(cause.name, cause.name) : cause;
}

/** The file is no more what it was when it was opened. */
export function replacedError(location: string): SourceError {
  const cause = new DOMException("it was replaced or removed while it was read", "NotReadableError");
  return new SourceError(location, "reading", cause, "Open it again");
}

/** There is no file of that name. */
export function absentError(location: string): DOMException {
  return new DOMException(`there is no "${location}"`, "NotFoundError");
}
