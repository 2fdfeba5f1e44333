/** What a page has made, into the downloads of the person before it. */
import { openPath } from "#paths";
import { InputError } from "../errors.ts";
import { type ByteSink, type Piece, type SinkOpener, writeAll } from "../io/byte-sink.ts";
import type { Source } from "../io/byte-source.ts";
import { openSource } from "../io/open-source.ts";
import type { ProgressOptions } from "../io/transfer-options.ts";
import { unshared } from "./opfs-files.ts";

const pieceBytes = 2 ** 23;
/** Browsers fetch the object's URL some time after the click, and do not say when. */
const fetchMs = 60_000;

/**
 * A target that becomes a download once it is complete: `writeModelRow(downloadTarget("iris.model.arrow"), row)`.
 *
 * @param filename - What the browser suggests or takes as the name.
 * @returns A target for one or more files; writing to it where there is no document, as in a worker, throws an InputError.
 */
export function downloadTarget(filename: string): SinkOpener {
  return {
    openSink: async () => {
      if (typeof document !== "undefined") return new DownloadSink(filename);
      throw new InputError({
        subject: `download "${filename}"`,
        expected: "a page",
        found: "a place without document, such as a worker",
        remedy: "Hand the bytes to the page, and download them there",
      });
    },
  };
}

/**
 * Downloads what is in a store, in memory or at an address, as it is: `downloadFile(store.file("best"), "best.model.arrow")`.
 *
 * @param source - A file of a store, an http(s) address, bytes, a Blob or a ByteSource.
 * @param filename - What the browser suggests or takes as the name.
 * @param options - Progress, and what stops it.
 * @throws {SourceError} It cannot be read.
 * @throws {InputError} There is no document, as in a worker.
 */
export async function downloadFile(source: Source, filename: string, options: ProgressOptions = {}): Promise<void> {
  const opened = await openSource(source, openPath, { signal: options.signal });
  try {
    const { size } = opened;
    async function* pieces(): AsyncGenerator<readonly Piece[]> {
      for (let position = 0; position < size; position += pieceBytes) {
        const bytes = await opened.readAt(position, Math.min(pieceBytes, size - position));
        yield [{ byteLength: bytes.length, toBytes: () => bytes }];
      }
    }
    const { onProgress } = options;
    await writeAll(await downloadTarget(filename).openSink(), pieces(), {
      ...options,
      ...(onProgress && { onProgress: ({ bytes }) => onProgress({ bytes, totalBytes: size }) }),
    });
  } finally {
    await opened.close?.();
  }
}

/** Collects a Blob, which the browser may keep on disk. */
class DownloadSink implements ByteSink {
  private parts: Blob[] = [];

  constructor(readonly location: string) {}

  async write(bytes: Uint8Array): Promise<void> {
    this.parts.push(new Blob([unshared(bytes)]));
  }

  async close(): Promise<void> {
    const url = URL.createObjectURL(new Blob(this.parts, { type: "application/octet-stream" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = this.location;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), fetchMs);
  }

  async abort(): Promise<void> {
    this.parts = [];
  }
}
