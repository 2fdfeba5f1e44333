/** Weights as numpy's archives. */
import { addAbortSignal, Readable } from "node:stream";
import { ZipFile } from "yazl";
import { createPath } from "#paths";
import { InputError } from "../../errors.ts";
import { openSink, type Piece, type Target, writeAll } from "../../io/byte-sink.ts";
import type { ProgressOptions } from "../../io/transfer-options.ts";
import { formatValue } from "../../legolas/format-value.ts";
import { bytesPerElement } from "../../weights/element-type.ts";
import { checkBools } from "../../weights/encode-weights.ts";
import { product } from "../../weights/flat-array.ts";
import type { LazyWeights } from "../../weights/lazy-weights.ts";
import { bytesOfElements } from "../../weights/stored-array.ts";
import type { Weights } from "../../weights/weights.ts";
import { type ArrayOutline, outlineOf, readArray } from "../each-array.ts";
import { layoutKey, type Metadata, withDtypes } from "../marks.ts";
import { encodeComment } from "./archive-comment.ts";
import { encodeHeader } from "./npy-header.ts";

export interface ToNpzOptions extends ProgressOptions {
  /** Texts that are kept beside the arrays, in the archive's comment. */
  readonly metadata?: Metadata;
}

/**
 * Writes weights as `np.savez` does: one array after the other, not compressed, in C order, each with its own type. A path is replaced as a whole or
 * not at all. The same weights and metadata give the same bytes.
 *
 * @param target - A path or file URL, or a ByteSink.
 * @throws {InputError} Names are missing, taken twice, or none that a member of an archive can have.
 * @throws {LossyConversionError} A value would change where an array had another type before promotion.
 * @throws {SourceError} The target cannot be written; what was there before stays.
 */
export async function toNpz(weights: Weights | LazyWeights, target: Target, options: ToNpzOptions = {}): Promise<void> {
  const outlines = outlineOf(weights, "npz");
  for (const outline of outlines) checkName(outline);
  const comment = encodeComment(marked(weights, outlines, options.metadata ?? {}));
  options.signal?.throwIfAborted();
  const sink = await openSink(target, createPath);
  await writeAll(sink, archiveOf(weights, outlines, comment), options);
}

function marked(weights: Weights | LazyWeights, outlines: readonly ArrayOutline[], metadata: Metadata): Metadata {
  const names = outlines.map(({ name }) => name);
  const stored = outlines.map(({ type }) => type);
  // Without a mark weights follow Flux, which an archive has to say.
  return { ...withDtypes(metadata, names, weights.dtypes, stored), [layoutKey]: weights.layout ?? "flux" };
}

/** Those that libraries would change or refuse. */
function checkName({ name, label }: ArrayOutline): void {
  const isPlain =
    name !== "" && name.isWellFormed() && !/[\\\0]|^\/|^[a-zA-Z]:/.test(name) && !name.split("/").includes("..");
  if (isPlain && Buffer.byteLength(name) < 65_000) return;
  throw new InputError({
    subject: `npz: ${label}`,
    expected: "a name that a member of an archive can have: relative, without backslashes",
    found: formatValue(name),
    remedy: "Give it another name: new Weights(weights, { names })",
  });
}

/** The first day that archives know, in local time, as they count it. */
const firstDay = new Date(1980, 0, 1);

async function* archiveOf(
  weights: Weights | LazyWeights,
  outlines: readonly ArrayOutline[],
  comment: Uint8Array,
): AsyncGenerator<Piece[]> {
  const zip = new ZipFile();
  const failure = new AbortController();
  const fail = (error: unknown): void => failure.abort(error);
  zip.on("error", fail);
  for (const outline of outlines) {
    const header = encodeHeader(outline.type, outline.size.toReversed());
    const size = header.length + product(outline.size) * bytesPerElement(outline.type);
    const options = { compress: false, size, mtime: firstDay, forceDosTimestamp: true, mode: 0o100644 };
    // Called when the members before are written, so that one array at a time is held.
    zip.addReadStreamLazy(`${outline.name}.npy`, options, (give) => {
      give(null, Readable.from(memberOf(weights, outline, header), { objectMode: false }).on("error", fail));
    });
  }
  // The library takes bytes too, which its types do not say.
  zip.end({ comment: Buffer.from(comment) as unknown as string, forceZip64Format: false });
  const output = addAbortSignal(failure.signal, zip.outputStream as Readable);
  try {
    for await (const chunk of output as AsyncIterable<Buffer>) {
      yield [{ byteLength: chunk.length, toBytes: () => chunk }];
    }
  } catch (error) {
    throw failure.signal.aborted ? failure.signal.reason : error;
  }
}

async function* memberOf(
  weights: Weights | LazyWeights,
  outline: ArrayOutline,
  header: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const { vec, elementType } = await readArray(weights, outline);
  if (elementType === "bool") checkBools(vec);
  yield header;
  if (vec.length > 0) yield bytesOfElements(vec);
}
