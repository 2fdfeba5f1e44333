/**
 * The header of a safetensors file, read and checked.
 *
 * Idea: after this, every tensor is known to have bytes of its own in the file, and every byte a tensor; nothing is read or allocated that
 * the file's own length does not allow. Source: https://github.com/huggingface/safetensors#format.
 */
import { decodeUtf8 } from "../arrow/utf8.ts";
import { FormatError, UnsupportedTypeError } from "../errors.ts";
import { type ReadPlan, readRange } from "../io/read-plan.ts";
import { formatValue } from "../legolas/format-value.ts";
import { JsonReader } from "./json-reader.ts";
import { dtypeNames, type StoredType, storedBytes, storedTypeOf } from "./stored-type.ts";

/** Bytes of the number before the header. */
export const lengthBytes = 8;
/** Longer headers are refused, as safetensors does. */
export const maxHeaderBytes = 100_000_000;

/** The key of the header that is no tensor. */
export const metadataKey = "__metadata__";

/** A tensor of a file. */
export interface TensorInfo {
  readonly name: string;
  readonly type: StoredType;
  /** Row-major. */
  readonly shape: readonly number[];
  /** Position of the first element, in bytes from the start of the source. */
  readonly position: number;
  readonly byteLength: number;
}

/** The texts of `__metadata__`; no prototype, so any name is only a name. */
export type SafetensorsMetadata = Readonly<Record<string, string>>;

export interface Header {
  /** In the order of the header. */
  readonly tensors: readonly TensorInfo[];
  readonly metadata: SafetensorsMetadata;
}

/** Reads the header of a file of so many bytes. @throws {FormatError | UnsupportedTypeError} The file is not well-formed, or holds what cannot be held. */
export function* readHeader(size: number): ReadPlan<Header> {
  if (size < lengthBytes) {
    throw truncated("8 bytes that give the length of the header", `${size} bytes`, size);
  }
  const prefix = yield* readRange(0, lengthBytes);
  const length = headerLength(prefix, size);
  const bytes = length === 0 ? new Uint8Array(0) : yield* readRange(lengthBytes, length);
  const text = decodeUtf8(bytes);
  if (text === null) throw headerError("UTF-8", "other bytes", lengthBytes);
  return parseHeader(text, lengthBytes + length, size);
}

function headerLength(prefix: Uint8Array, size: number): number {
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > maxHeaderBytes) {
    throw new FormatError({
      subject: "safetensors header",
      expected: `a length of at most ${maxHeaderBytes} bytes`,
      found: `${length}${guessOf(prefix)}`,
      remedy: "Check the path or address",
      byteOffset: 0,
    });
  }
  if (Number(length) > size - lengthBytes) {
    throw truncated(`a header of ${length} bytes`, `${size - lengthBytes}`, size);
  }
  return Number(length);
}

/** What else the file may be; text and the signatures of other formats give absurd lengths. */
function guessOf(prefix: Uint8Array): string {
  const printable = String.fromCharCode(...prefix);
  const guesses: readonly (readonly [RegExp, string])[] = [
    [/^ARROW1/, "an Arrow file, for readModelRow"],
    [/^PK/, "a ZIP archive, such as PyTorch's own, which only Python can read"],
    [/^\s*[{[]/, "JSON; an index of shards is read by its path or address, since the shards stand beside it"],
    [/^\s*</, "an HTML or XML page"],
    [/^version /, "a pointer of Git LFS in the place of the file"],
    [/^GGUF/, "a GGUF file"],
    [/^.HDF/, "an HDF5 file"],
  ];
  const guess = guesses.find(([pattern]) => pattern.test(printable))?.[1];
  return guess ? ` (it looks like ${guess})` : "";
}

function parseHeader(text: string, dataStart: number, size: number): Header {
  const reader = new JsonReader(text, lengthBytes);
  const entries: Entry[] = [];
  let metadata: SafetensorsMetadata = Object.create(null) as SafetensorsMetadata;
  reader.object("safetensors header", (name) => {
    if (name === metadataKey) metadata = readMetadata(reader);
    else entries.push(readEntry(reader, name));
  });
  reader.end("safetensors header");
  checkRanges(entries, size - dataStart, dataStart, reader);
  return {
    metadata: Object.freeze(metadata),
    tensors: entries.map(({ name, type, shape, from, to }) => ({
      name,
      type,
      shape,
      position: dataStart + from,
      byteLength: to - from,
    })),
  };
}

function readMetadata(reader: JsonReader): SafetensorsMetadata {
  const metadata = Object.create(null) as Record<string, string>;
  reader.object(metadataKey, (key) => {
    metadata[key] = reader.string(`${metadataKey}: ${formatValue(key)}`, "text in quotes, as for all metadata");
  });
  return metadata;
}

interface Entry {
  readonly name: string;
  readonly type: StoredType;
  readonly shape: readonly number[];
  /** Bytes from the start of the data, half-open. */
  readonly from: number;
  readonly to: number;
  /** Where the entry stands in the header. */
  readonly at: number;
}

function readEntry(reader: JsonReader, name: string): Entry {
  const subject = subjectOf(name);
  const at = reader.position();
  const draft: { dtype?: string; shape?: readonly number[]; data_offsets?: readonly number[] } = {};
  reader.object(subject, (key) => {
    if (key === "dtype") draft.dtype = reader.string(`${subject}: dtype`);
    else if (key === "shape") draft.shape = reader.wholeNumbers(`${subject}: shape`);
    else if (key === "data_offsets") draft.data_offsets = reader.wholeNumbers(`${subject}: data_offsets`);
    else reader.fail(subject, "dtype, shape and data_offsets only", formatValue(key), at);
  });
  const { dtype, shape, data_offsets: offsets } = draft;
  if (dtype === undefined || shape === undefined || offsets === undefined) {
    return reader.fail(subject, "dtype, shape and data_offsets", Object.keys(draft).join(", ") || "none of them", at);
  }
  const type = storedTypeOf(dtype);
  if (type === "unsupported") throw unsupported(subject, dtype);
  if (type === null) return reader.fail(`${subject}: dtype`, dtypeNames.join(", "), formatValue(dtype), at);
  const [from, to, ...more] = offsets;
  if (from === undefined || to === undefined || more.length > 0 || from > to) {
    return reader.fail(`${subject}: data_offsets`, "where it begins and ends", formatList(offsets), at);
  }
  const byteLength = shape.reduce((bytes, dimension) => {
    if (Number.isSafeInteger(bytes * dimension)) return bytes * dimension;
    return reader.fail(`${subject}: shape`, "less than 2^53 bytes", `${formatList(shape)} of ${dtype}`, at);
  }, storedBytes(type));
  if (to - from !== byteLength) {
    const expected = `${byteLength} bytes for ${formatList(shape)} of ${dtype}`;
    return reader.fail(`${subject}: data_offsets`, expected, `${to - from}`, at);
  }
  return { name, type, shape: Object.freeze(shape), from, to, at };
}

const shownNumbers = 8;

function formatList(numbers: readonly number[]): string {
  const rest = numbers.length > shownNumbers ? ", …" : "";
  return `[${numbers.slice(0, shownNumbers).join(", ")}${rest}]`;
}

/** The data must be covered from its start to its end, every byte once. */
function checkRanges(entries: readonly Entry[], dataBytes: number, dataStart: number, reader: JsonReader): void {
  let end = 0;
  let last: string | null = null;
  for (const { name, from, to, at } of entries.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) {
      const kind = from > end ? "a gap" : "an overlap";
      const neighbour = last === null ? "the start of the data" : `the end of ${subjectOf(last)}`;
      reader.fail(`${subjectOf(name)}: data_offsets`, `to begin at ${end}, ${neighbour}`, `${kind}: ${from}`, at);
    }
    if (to > dataBytes) {
      throw truncated(`${to} bytes of data, to the end of ${subjectOf(name)}`, `${dataBytes}`, dataStart + dataBytes);
    }
    [end, last] = [to, name];
  }
  if (end < dataBytes) {
    throw headerError(`${end} bytes of data, as the header has it`, `${dataBytes}`, dataStart + end);
  }
}

export function subjectOf(name: string): string {
  return `tensor ${formatValue(name)}`;
}

function headerError(expected: string, found: string, byteOffset: number): FormatError {
  const remedy = "The file is damaged, or is something else: check where it comes from";
  return new FormatError({ subject: "safetensors file", expected, found, remedy, byteOffset });
}

function truncated(expected: string, found: string, byteOffset: number): FormatError {
  const remedy = "The file was cut off, perhaps by an interrupted copy or download: fetch or write it again";
  return new FormatError({ subject: "safetensors file", expected, found, remedy, byteOffset });
}

function unsupported(subject: string, dtype: string): UnsupportedTypeError {
  const isComplex = dtype === "C64";
  return new UnsupportedTypeError(
    subject,
    dtype,
    isComplex
      ? "Store the real and the imaginary parts as two tensors"
      : "Convert it in Python, together with its scales, to bfloat16, float16 or float32",
  );
}
