/** The files of a source: one, or the shards that an index names. */
import { openPath } from "#paths";
import type { ByteSource, Source } from "../io/byte-source.ts";
import { openSource } from "../io/open-source.ts";
import { runOnSource } from "../io/read-plan.ts";
import { reportReads } from "../io/report-reads.ts";
import type { ProgressOptions } from "../io/transfer-options.ts";
import { isIndexLocation, openShards } from "./open-shards.ts";
import { type Header, readHeader } from "./read-header.ts";

/** Opened for reading, the header read. */
export interface TensorFiles extends Header {
  /** What the tensors' positions count in. */
  readonly source: ByteSource;
  close(): Promise<void>;
}

/** Opens a file, or all shards of an index. @throws {SourceError | FormatError | UnsupportedTypeError} */
export async function openTensorFiles(source: Source, options: ProgressOptions = {}): Promise<TensorFiles> {
  const isLocation = typeof source === "string" || source instanceof URL;
  if (!(isLocation && isIndexLocation(source))) return openFile(source, options);
  const { signal, onProgress } = options;
  const shards = await openShards(source, (shard) => openFile(shard, { signal }), signal);
  return onProgress ? { ...shards, source: reportReads(shards.source, onProgress) } : shards;
}

async function openFile(source: Source, options: ProgressOptions): Promise<TensorFiles> {
  const opened = await openSource(source, openPath, options);
  const close = async (): Promise<void> => {
    await opened.close?.();
  };
  try {
    return { source: opened, ...(await runOnSource(opened, readHeader(opened.size), options.signal)), close };
  } catch (error) {
    await close();
    throw error;
  }
}
