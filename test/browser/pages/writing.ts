/** Writing model rows in a page; the rows are made in Node too, for comparison. */
import {
  type ByteSink,
  encodeModelRow,
  fetchWeights,
  isLegolasError,
  loadCodecs,
  ModelV1,
  readModelRow,
  readModelRows,
  writeModelRow,
  writeModelRows,
} from "legolas-flux";

type Compression = "lz4" | "zstd" | undefined;

/** A row whose first array is larger than what is buffered, and the others smaller. */
export function makeRow(version: number): ModelV1 {
  const tree = {
    large: new Float32Array(300_000).map((_, i) => (i % 100) + version),
    small: { data: Float32Array.from([1, 2, 3, 4, 5, 6]), shape: [2, 3] },
    bias: new Float32Array(5).fill(0.1),
  };
  return ModelV1({ weights: fetchWeights(tree), architecture_version: version });
}

const optionsOf = (compression: Compression): object => ({ checksum: true, ...(compression && { compression }) });

class BlobSink implements ByteSink {
  readonly location = "a Blob";
  blob = new Blob();
  isClosed = false;
  private parts: Blob[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    // A Blob copies, and what was written may change.
    this.parts.push(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  }

  async close(): Promise<void> {
    this.blob = new Blob(this.parts);
    this.isClosed = true;
  }

  async abort(): Promise<void> {
    this.parts = [];
  }
}

/** The bytes of a row, written through a sink and encoded at once. */
export async function writeToBlob(compression: Compression): Promise<{ written: Uint8Array; encoded: Uint8Array }> {
  const sink = new BlobSink();
  await writeModelRow(sink, makeRow(1), ModelV1, optionsOf(compression));
  await loadCodecs();
  const written = new Uint8Array(await sink.blob.arrayBuffer());
  return { written, encoded: encodeModelRow(makeRow(1), ModelV1, optionsOf(compression)) };
}

/** Writes rows to a file of the browser's own file system and gives the versions that are read back. */
export async function writeToOwnFile(count: number): Promise<(number | null)[]> {
  const folder = await navigator.storage.getDirectory();
  const file = await folder.getFileHandle("run.model.arrow", { create: true });
  const stream = await file.createWritable();
  const sink: ByteSink = {
    location: file.name,
    write: (bytes) => stream.write(bytes as Uint8Array<ArrayBuffer>),
    close: () => stream.close(),
    abort: () => stream.abort(),
  };
  await writeModelRows(
    sink,
    Array.from({ length: count }, (_, i) => makeRow(i)),
  );
  const versions: (number | null)[] = [];
  for await (const row of readModelRows(await file.getFile(), ModelV1)) versions.push(row.architecture_version);
  return versions;
}

/** Aborts half-way: what the sink has then, and the reason that comes out. */
export async function abortWriting(): Promise<{ isClosed: boolean; size: number; message: string }> {
  const sink = new BlobSink();
  const controller = new AbortController();
  const onProgress = (): void => controller.abort(new Error("enough"));
  const writing = writeModelRow(sink, makeRow(1), ModelV1, { signal: controller.signal, onProgress });
  const message = await writing.then(
    () => "it was written",
    (error: Error) => error.message,
  );
  return { isClosed: sink.isClosed, size: sink.blob.size, message };
}

/** What is said where a path or an address is written to, or a relative address is read. */
export async function refusals(): Promise<string[]> {
  const attempts = [
    () => writeModelRow("model.arrow", makeRow(1)),
    () => writeModelRow("https://example.com/model.arrow", makeRow(1)),
    () => readModelRow("models/model.arrow"),
  ];
  return Promise.all(
    attempts.map((attempt) =>
      attempt().then(
        () => "nothing was refused",
        (error: unknown) => (isLegolasError(error) ? error.message : `not ours: ${error}`),
      ),
    ),
  );
}
