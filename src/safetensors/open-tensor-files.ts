/** The files of a source: one, or the shards that an index names. */
import { openPath } from "#paths";
import { type ByteSource, openSource, type Source } from "../io/byte-source.ts";
import { runOnSource } from "../io/read-plan.ts";
import { isIndexLocation, openShards } from "./open-shards.ts";
import { type Header, readHeader } from "./read-header.ts";

/** Opened for reading, the header read. */
export interface TensorFiles extends Header {
  /** What the tensors' positions count in. */
  readonly source: ByteSource;
  close(): Promise<void>;
}

/** Opens a file, or all shards of an index. @throws {SourceError | FormatError | UnsupportedTypeError} */
export async function openTensorFiles(source: Source, signal?: AbortSignal): Promise<TensorFiles> {
  const isLocation = typeof source === "string" || source instanceof URL;
  return isLocation && isIndexLocation(source) ? openShards(source, openFile, signal) : openFile(source, signal);
}

async function openFile(source: Source, signal: AbortSignal | undefined): Promise<TensorFiles> {
  const opened = await openSource(source, openPath, signal);
  const close = async (): Promise<void> => {
    if (opened !== source) await opened.close?.();
  };
  try {
    return { source: opened, ...(await runOnSource(opened, readHeader(opened.size), signal)), close };
  } catch (error) {
    await close();
    throw error;
  }
}
