/**
 * What a safetensors file will hold, decided before anything is written.
 *
 * Idea: tensors are listed in the order of the weights, so that it survives; their data stand in the order of falling element width, so that
 * every element is aligned, as PyTorch's reader needs.
 */
import { encodeUtf8 } from "../arrow/utf8.ts";
import { InputError } from "../errors.ts";
import { concatBytes } from "../io/concat-bytes.ts";
import { formatValue } from "../legolas/format-value.ts";
import type { ElementType } from "../weights/element-type.ts";
import { product } from "../weights/flat-array.ts";
import { arrayLabel } from "../weights/weights.ts";
import { withLayout } from "./layout-mark.ts";
import { lengthBytes, maxHeaderBytes, metadataKey } from "./read-header.ts";
import { dtypeOf, heldType, isStoredType, type StoredType, storedBytes } from "./stored-type.ts";

/** What is known of weights, read or not. */
export interface WeightsOutline {
  readonly names: readonly string[] | null;
  readonly layout: string | null;
  readonly dtypes: readonly string[];
  readonly sizes: readonly (readonly number[])[];
}

/** A tensor to be written. */
export interface PlannedTensor {
  /** Of its array in the weights. */
  readonly index: number;
  readonly label: string;
  readonly type: StoredType;
  /** The type from whose elements the stored ones are made. */
  readonly held: ElementType;
  readonly byteLength: number;
}

export interface FilePlan {
  /** The first bytes of the file: length, header and padding. */
  readonly head: Uint8Array;
  /** In the order of the data. */
  readonly tensors: readonly PlannedTensor[];
  readonly totalBytes: number;
}

/** @throws {InputError} Names, types or metadata are none that a file can have. */
export function planFile(outline: WeightsOutline, metadata: Readonly<Record<string, string>>): FilePlan {
  const names = checkedNames(outline);
  const tensors = names.map((name, index) => planTensor(name, index, outline));
  const ordered = tensors.toSorted((a, b) => storedBytes(b.type) - storedBytes(a.type));
  const starts = new Map<number, number>();
  let end = 0;
  for (const { index, byteLength } of ordered) {
    starts.set(index, end);
    end += byteLength;
  }
  const entries = tensors.map(({ index, type, byteLength }) => {
    const start = starts.get(index) as number;
    const shape = (outline.sizes[index] as readonly number[]).toReversed();
    const info = { dtype: dtypeOf(type), shape, data_offsets: [start, start + byteLength] };
    // Not one object: JavaScript would put names like "0" first.
    return `${JSON.stringify(names[index])}:${JSON.stringify(info)}`;
  });
  const head = encodeHead([...encodeMetadata(metadata, outline.layout), ...entries]);
  return { head, tensors: ordered, totalBytes: head.length + end };
}

function checkedNames({ names, sizes }: WeightsOutline): readonly string[] {
  if (names === null && sizes.length > 0) {
    throw new InputError({
      subject: "toSafetensors",
      expected: "weights with names, which are all that safetensors files know tensors by",
      found: `${sizes.length} arrays without`,
      remedy: 'Name them: new Weights(weights, { names: ["layer.weight", ...], layout: weights.layout })',
    });
  }
  const seen = new Set<string>();
  for (const [index, name] of (names ?? []).entries()) {
    const isTaken = seen.has(name);
    if (!isTaken && name !== metadataKey && name.isWellFormed()) seen.add(name);
    else {
      throw new InputError({
        subject: `toSafetensors: array ${index}`,
        expected: isTaken ? "a name that no array before has" : "a name that a header can hold",
        found: formatValue(name),
        remedy: "Give each array a name of its own: new Weights(weights, { names })",
      });
    }
  }
  return names ?? [];
}

function planTensor(name: string, index: number, { dtypes, sizes }: WeightsOutline): PlannedTensor {
  const dtype = dtypes[index] as string;
  const label = arrayLabel(index, name);
  if (!isStoredType(dtype)) {
    throw new InputError({
      subject: `toSafetensors: ${label}`,
      expected: "a type before promotion that safetensors files can have here",
      found: formatValue(dtype),
      remedy: "Leave it out to write the arrays as they are: new Weights(weights, { names: weights.names })",
    });
  }
  const byteLength = storedBytes(dtype) * product(sizes[index] as readonly number[]);
  return { index, label, type: dtype, held: heldType(dtype), byteLength };
}

/** The entry of the header, if there is anything to say. */
function encodeMetadata(metadata: Readonly<Record<string, string>>, layout: string | null): string[] {
  // Without a mark weights follow Flux, which a safetensors file has to say.
  const entries = Object.entries(withLayout(metadata, layout ?? "flux"));
  for (const [key, value] of entries) {
    if (typeof value === "string" && value.isWellFormed() && key.isWellFormed()) continue;
    throw new InputError({
      subject: `toSafetensors: metadata ${formatValue(key)}`,
      expected: "well-formed text, which is all that safetensors files can hold there",
      found: formatValue(value),
      remedy: "Pass String(value), or JSON.stringify(value)",
    });
  }
  return entries.length > 0 ? [`"${metadataKey}":${JSON.stringify(Object.fromEntries(entries))}`] : [];
}

function encodeHead(entries: readonly string[]): Uint8Array {
  const json = encodeUtf8(`{${entries.join(",")}}`);
  const length = Math.ceil(json.length / lengthBytes) * lengthBytes;
  if (length > maxHeaderBytes) {
    throw new InputError({
      subject: "toSafetensors: header",
      expected: `names, shapes and metadata of at most ${maxHeaderBytes} bytes`,
      found: `${length}`,
      remedy: "Write several files, or less metadata",
    });
  }
  const prefix = new Uint8Array(lengthBytes);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(length), true);
  return concatBytes([prefix, json, new Uint8Array(length - json.length).fill(0x20)]);
}
