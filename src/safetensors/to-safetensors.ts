/** Weights as safetensors files. */
import { createPath } from "#paths";
import type { TypedArray } from "../arrow/array-data.ts";
import { InputError, LossyConversionError, MissingWeightsError } from "../errors.ts";
import { openSink, type Piece, type Target, writeAll } from "../io/byte-sink.ts";
import { concatBytes } from "../io/concat-bytes.ts";
import type { ProgressOptions } from "../io/transfer-options.ts";
import { formatValue } from "../legolas/format-value.ts";
import { checkBools } from "../weights/encode-weights.ts";
import type { FlatArray } from "../weights/flat-array.ts";
import { LazyWeights } from "../weights/lazy-weights.ts";
import { bytesOfElements } from "../weights/stored-array.ts";
import { elementsAs, isWeights, type Weights } from "../weights/weights.ts";
import { narrowToBfloat16 } from "./bfloat16.ts";
import { type FilePlan, type PlannedTensor, planFile, type WeightsOutline } from "./plan-file.ts";

/** What is written beside the weights, and how exactly. */
export interface EncodeSafetensorsOptions {
  /** The texts of `__metadata__`. What says the layout of the weights is added or replaced. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Lets values change where `weights.dtypes` have another type than the arrays. Default: such a change throws. */
  readonly lossy?: boolean;
}

/** How safetensors files are written. */
export interface ToSafetensorsOptions extends EncodeSafetensorsOptions, ProgressOptions {}

/**
 * Writes weights as one safetensors file: arrays in memory from where they are, without a copy, and lazy ones a few at a time. A path is replaced
 * as a whole or not at all.
 *
 * Each array is written with the type that `weights.dtypes` has for it, its size reversed as the shape, under its name. Layouts are recorded,
 * not converted.
 *
 * @param weights - With names, in memory or of an open file. What a row holds may be null.
 * @param target - A path or file URL (in Node), a ByteSink, or what opens one.
 * @param options - Metadata, progress, and what stops it.
 * @throws {InputError} The weights have no names, or not one for each; or the metadata are not all text.
 * @throws {LossyConversionError} A value would change, as a float32 that bfloat16 does not have.
 * @throws {MissingWeightsError} The weights are null.
 * @throws {SourceError} The target cannot be written, or lazy weights not be read; what was there before stays.
 */
export async function toSafetensors(
  weights: Weights | LazyWeights | null,
  target: Target,
  options: ToSafetensorsOptions = {},
): Promise<void> {
  const { metadata = {}, lossy = false, signal, onProgress } = options;
  const given = checkedWeights(weights, "toSafetensors");
  const plan = planFile(outlineOf(given), metadata);
  signal?.throwIfAborted();
  const sink = await openSink(target, createPath);
  const groups = given instanceof LazyWeights ? readGroups(given, plan, lossy) : [allPieces(given, plan, lossy)];
  await writeAll(sink, groups, {
    signal,
    ...(onProgress && { onProgress: ({ bytes }) => onProgress({ bytes, totalBytes: plan.totalBytes }) }),
  });
}

/**
 * Weights as the bytes of a safetensors file, in new memory. The same weights and metadata give the same bytes.
 *
 * @param weights - With names, in memory. What a row holds may be null.
 * @param options - Metadata, and whether values may change.
 * @throws {InputError | LossyConversionError | MissingWeightsError} As {@link toSafetensors}.
 */
export function encodeSafetensors(weights: Weights | null, options: EncodeSafetensorsOptions = {}): Uint8Array {
  const { metadata = {}, lossy = false } = options;
  const given = checkedWeights(weights, "encodeSafetensors");
  if (given instanceof LazyWeights)
    throw notWeights("encodeSafetensors", given, "Read them first: await weights.readAll()");
  const plan = planFile(outlineOf(given), metadata);
  return concatBytes(allPieces(given, plan, lossy).map(({ toBytes }) => toBytes()));
}

function checkedWeights(weights: Weights | LazyWeights | null, verb: string): Weights | LazyWeights {
  if (weights === null) throw new MissingWeightsError(verb);
  if (weights instanceof LazyWeights || isWeights(weights)) return weights;
  throw notWeights(verb, weights, "Fetch them from a model: fetchWeights(model)");
}

function notWeights(verb: string, found: unknown, remedy: string): InputError {
  return new InputError({ subject: verb, expected: "Weights", found: formatValue(found), remedy });
}

function outlineOf(weights: Weights | LazyWeights): WeightsOutline {
  const { names, layout, dtypes } = weights;
  const sizes = weights instanceof LazyWeights ? weights.sizes : weights.arrays.map(({ size }) => size);
  return { names, layout, dtypes, sizes };
}

const pieceOf = (bytes: Uint8Array): Piece => ({ byteLength: bytes.length, toBytes: () => bytes });

function allPieces(weights: Weights, { head, tensors }: FilePlan, lossy: boolean): Piece[] {
  const pieces = tensors.map((tensor): Piece => {
    const array = weights.arrays[tensor.index] as FlatArray;
    return { byteLength: tensor.byteLength, toBytes: () => encodeElements(array, tensor, lossy || weights.lossy) };
  });
  return [pieceOf(head), ...pieces];
}

const groupBytes = 2 ** 20;

/** Arrays are read and written in groups, so that small ones do not cost a read each, and large ones are held one by one. */
async function* readGroups(weights: LazyWeights, { head, tensors }: FilePlan, lossy: boolean): AsyncGenerator<Piece[]> {
  yield [pieceOf(head)];
  let group: PlannedTensor[] = [];
  let bytes = 0;
  const flush = async (): Promise<Piece[]> => {
    const planned = group;
    [group, bytes] = [[], 0];
    const arrays = await weights.readMany(planned.map(({ index }) => index));
    return planned.map((tensor, i) => pieceOf(encodeElements(arrays[i] as FlatArray, tensor, lossy)));
  };
  for (const tensor of tensors) {
    if (group.length > 0 && bytes + tensor.byteLength > groupBytes) yield await flush();
    group.push(tensor);
    bytes += tensor.byteLength;
  }
  if (group.length > 0) yield await flush();
}

/** The stored bytes of an array: its own memory where the types are the same. */
function encodeElements(array: FlatArray, { type, held, label }: PlannedTensor, lossy: boolean): Uint8Array {
  const vec = elementsAs(array, held, lossy, label);
  if (type === "bool") checkBools(vec);
  return bytesOfElements(type === "bfloat16" ? toBfloat16(vec as Float32Array, lossy, label) : vec);
}

function toBfloat16(vec: Float32Array, lossy: boolean, label: string): TypedArray {
  const { bits, changed } = narrowToBfloat16(vec);
  if (changed === null || lossy) return bits;
  throw new LossyConversionError({
    subject: label,
    expected: "float32 values that bfloat16 can hold, the type that weights.dtypes has for it",
    found: `${vec[changed]} at element ${changed}`,
    remedy:
      "Write it as float32: new Weights(weights, { names: weights.names, layout: weights.layout }); or pass { lossy: true }",
  });
}
