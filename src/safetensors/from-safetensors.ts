/** Weights from safetensors files. */
import { type Source, viewBytes } from "../io/byte-source.ts";
import { runOnBytes } from "../io/read-plan.ts";
import type { ProgressOptions } from "../io/transfer-options.ts";
import { LazyWeights } from "../weights/lazy-weights.ts";
import { Weights } from "../weights/weights.ts";
import type { WeightsParts } from "../weights/weights-companions.ts";
import { layoutOf } from "./layout-mark.ts";
import { openTensorFiles } from "./open-tensor-files.ts";
import { type Header, readHeader, type SafetensorsMetadata } from "./read-header.ts";
import { StoredTensor } from "./stored-tensor.ts";

/** How safetensors files are read. */
export interface FromSafetensorsOptions extends ProgressOptions {
  /**
   * The framework whose order and axes the tensors follow; null leaves the weights without a mark, which means `"flux"`. Default: what the
   * file says (`format: "pt"` is `"torch"`), and `"unknown"`, which no loader takes, where it says nothing.
   */
  readonly layout?: string | null;
}

/** The contents of a safetensors file. */
export interface Safetensors {
  /**
   * In the order of the header, of the index for shards. Sizes are the shapes reversed, as the elements are row-major; bfloat16 is widened to
   * float32, and `dtypes` says so.
   */
  readonly weights: Weights;
  /** The texts of `__metadata__`; empty where there are none. Of shards, those of all files. */
  readonly metadata: SafetensorsMetadata;
}

/** A safetensors file whose tensors are read when asked for. */
export interface SafetensorsHandle {
  /** As {@link Safetensors.weights}, unread. Of shards, positions count through all files, one after the other. */
  readonly weights: LazyWeights;
  /** The texts of `__metadata__`; empty where there are none. Of shards, those of all files. */
  readonly metadata: SafetensorsMetadata;
  /** Closes the files; the weights cannot be read afterwards. */
  close(): Promise<void>;
}

/**
 * Reads a safetensors file, or all shards of a model by its `model.safetensors.index.json`.
 *
 * @param source - A path or file URL (in Node), an http(s) address, bytes, a Blob, a ByteSource, or what opens one; of an index a path, file URL or
 *   address.
 * @param options - The layout, progress, and what stops the transfer.
 * @returns Weights in new memory, and metadata.
 * @throws {SourceError} The source cannot be read.
 * @throws {FormatError} It is not well-formed, or index and shards differ.
 * @throws {UnsupportedTypeError} A tensor's elements are of a type that cannot be held (F8, F6, F4, C64).
 */
export async function fromSafetensors(source: Source, options: FromSafetensorsOptions = {}): Promise<Safetensors> {
  const { weights, metadata, close } = await openSafetensors(source, options);
  try {
    return { weights: await weights.readAll(), metadata };
  } finally {
    await close();
  }
}

/**
 * Opens what {@link fromSafetensors} reads: headers only, however large the tensors are.
 *
 * @param source - As for {@link fromSafetensors}.
 * @param options - As for {@link fromSafetensors}.
 * @returns A handle, to be closed by the caller.
 * @throws {SourceError | FormatError | UnsupportedTypeError} As {@link fromSafetensors}.
 */
export async function openSafetensors(
  source: Source,
  options: FromSafetensorsOptions = {},
): Promise<SafetensorsHandle> {
  const files = await openTensorFiles(source, options);
  const tensors = files.tensors.map((info) => new StoredTensor(info));
  const weights = new LazyWeights(files.source, tensors, partsOf(files, options));
  return { weights, metadata: files.metadata, close: files.close };
}

/**
 * The tensors in the bytes of one safetensors file: views of the bytes where those are aligned and of a type that needs no widening.
 *
 * @param bytes - Of the whole file.
 * @param options - The layout.
 * @throws {FormatError | UnsupportedTypeError} As {@link fromSafetensors}.
 */
export function decodeSafetensors(
  bytes: Uint8Array | ArrayBuffer,
  options: Pick<FromSafetensorsOptions, "layout"> = {},
): Safetensors {
  const view = viewBytes(bytes);
  const header = runOnBytes(view, readHeader(view.length));
  const arrays = header.tensors.map((info) => new StoredTensor(info).within(view));
  return { weights: new Weights(arrays, partsOf(header, options)), metadata: header.metadata };
}

function partsOf({ tensors, metadata }: Header, { layout }: FromSafetensorsOptions): WeightsParts {
  return {
    names: Object.freeze(tensors.map(({ name }) => name)),
    layout: layout === undefined ? layoutOf(metadata) : layout,
    dtypes: Object.freeze(tensors.map(({ type }) => type)),
    checksums: null,
  };
}
