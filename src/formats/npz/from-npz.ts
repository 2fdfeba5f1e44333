/** Weights from numpy's archives. */
import { openPath } from "#paths";
import { FormatError } from "../../errors.ts";
import type { Source } from "../../io/byte-source.ts";
import { openSource } from "../../io/open-source.ts";
import type { ProgressOptions } from "../../io/transfer-options.ts";
import { formatValue } from "../../legolas/format-value.ts";
import type { FlatArray } from "../../weights/flat-array.ts";
import { Weights } from "../../weights/weights.ts";
import { dtypesIn, layoutKey, type Metadata, unknownLayout, withoutMarks } from "../marks.ts";
import { readComment } from "./archive-comment.ts";
import { readNpyArray } from "./npy-array.ts";
import { openZip, type ZipMember } from "./zip-archive.ts";

/** The contents of an archive. */
export interface Npz {
  /**
   * In the order of the archive, named as its members without `.npy`. Sizes are numpy's shapes reversed, as the elements are row-major.
   */
  readonly weights: Weights;
  /** The texts that were written with them; empty where another program wrote the archive. */
  readonly metadata: Metadata;
}

/**
 * Reads an archive of numpy's `savez` or `savez_compressed`, one array after the other.
 *
 * @param source - A path or file URL, an http(s) address, bytes, a Blob or a ByteSource.
 * @returns Weights in new memory. Their layout is what the archive says, or `"unknown"`, which no loader takes, where it says nothing.
 * @throws {SourceError} The source cannot be read.
 * @throws {FormatError} It is not well-formed.
 * @throws {UnsupportedTypeError} An array's elements are none that weights can have: complex numbers, texts, objects, structures.
 */
export async function fromNpz(source: Source, options: ProgressOptions = {}): Promise<Npz> {
  const opened = await openSource(source, openPath, options);
  try {
    const { members, comment } = await openZip(opened);
    const names = members.map(nameOf);
    const again = names.find((name, i) => names.indexOf(name) < i);
    if (again !== undefined) throw notNpz(`array ${formatValue(again)}`, "each name once", "it again");
    const arrays: FlatArray[] = [];
    for (const [i, { size, read }] of members.entries()) {
      options.signal?.throwIfAborted();
      arrays.push(await read((reader) => readNpyArray(reader, size, `array ${formatValue(names[i])}`)));
    }
    const metadata = readComment(comment);
    const stored = arrays.map(({ elementType }) => elementType);
    const layout = metadata[layoutKey] ?? unknownLayout;
    const weights = new Weights(arrays, { names, layout, dtypes: dtypesIn(metadata, names, stored) });
    return { weights, metadata: withoutMarks(metadata) };
  } finally {
    await opened.close?.();
  }
}

function nameOf({ name }: ZipMember): string {
  if (name.endsWith(".npy")) return name.slice(0, -".npy".length);
  throw notNpz(`member ${formatValue(name)}`, "arrays, whose names end in .npy", "another file");
}

function notNpz(subject: string, expected: string, found: string): FormatError {
  return new FormatError({ subject, expected, found, remedy: "Write the archive with np.savez" });
}
