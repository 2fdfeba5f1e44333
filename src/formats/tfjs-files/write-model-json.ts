/** Weights as model.json and files of weights, as TensorFlow.js loads them. */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createPath, removePath } from "#paths";
import { encodeUtf8 } from "../../arrow/utf8.ts";
import { InputError, isLegolasError, LayoutError } from "../../errors.ts";
import { type Piece, writeAll } from "../../io/byte-sink.ts";
import type { ProgressOptions } from "../../io/transfer-options.ts";
import { bytesPerElement } from "../../weights/element-type.ts";
import { checkBools } from "../../weights/encode-weights.ts";
import { product } from "../../weights/flat-array.ts";
import type { LazyWeights } from "../../weights/lazy-weights.ts";
import { bytesOfElements } from "../../weights/stored-array.ts";
import type { Weights } from "../../weights/weights.ts";
import { type ArrayOutline, outlineOf, readArray } from "../each-array.ts";
import { type Metadata, withDtypes } from "../marks.ts";
import { isObject, type JsonObject } from "./checked-json.ts";
import { readModelJson } from "./open-model-json.ts";
import { readManifest } from "./read-manifest.ts";

export interface WriteModelJsonOptions extends ProgressOptions {
  /** Texts that are kept in `userDefinedMetadata`. */
  readonly metadata?: Metadata;
  /** The contents of a model.json whose model the weights are of. Its weights are replaced. */
  readonly model?: JsonObject | null;
  /** Bytes of a file of weights. Default: 4 MiB, as TensorFlow.js has it. */
  readonly shardBytes?: number;
}

/**
 * Writes model.json and its files of weights. Where there is a model.json already, the new files stand beside the old ones until the new
 * model.json has replaced the old one; then the old ones are removed.
 *
 * Without a model the file has weights only: `tf.loadLayersModel` needs one with `modelTopology`, while any model takes
 * `tf.io.decodeWeights` of what an IO handler loads.
 *
 * @param path - Of model.json.
 * @throws {LayoutError} The weights follow another framework's layout.
 * @throws {InputError} They are of a type that TensorFlow.js does not have, have no names, or are not those of the model.
 * @throws {LossyConversionError} A value would change where an array had another type before promotion.
 * @throws {SourceError} A file cannot be written; what was there before stays.
 */
export async function writeModelJson(
  weights: Weights | LazyWeights,
  path: string,
  options: WriteModelJsonOptions = {},
): Promise<void> {
  const { metadata = {}, model = null, shardBytes = 2 ** 22, signal, onProgress } = options;
  if (weights.layout !== "tfjs") throw wrongLayout(weights.layout);
  const outlines = outlineOf(weights, "model.json");
  const specs = outlines.map(specOf);
  checkAgainst(model, specs);
  const names = outlines.map(({ name }) => name);
  const marked = withDtypes(
    metadata,
    names,
    weights.dtypes,
    outlines.map(({ type }) => type),
  );
  const shards = planShards(outlines, shardBytes);
  const before = await oldShards(path);
  const group = await freeGroup(dirname(path));
  const nameOf = (shard: number): string => `${group}-shard${shard + 1}of${shards.length}.bin`;
  const written: string[] = [];
  try {
    let bytes = 0;
    const totalBytes = outlines.reduce((sum, outline) => sum + byteLengthOf(outline), 0);
    const reader = new ShardReader(weights, outlines);
    for (const [i, length] of shards.entries()) {
      const shard = join(dirname(path), nameOf(i));
      await writeAll(await createPath(shard), reader.next(length), {
        signal,
        onProgress: (progress) => onProgress?.({ bytes: bytes + progress.bytes, totalBytes }),
      });
      written.push(shard);
      bytes += length;
    }
    const weightsManifest = [{ paths: shards.map((_, i) => nameOf(i)), weights: specs }];
    const json = encodeUtf8(JSON.stringify({ ...contentsOf(model, marked), weightsManifest }));
    const piece: Piece = { byteLength: json.length, toBytes: () => json };
    await writeAll(await createPath(path), [[piece]], signal ? { signal } : {});
  } catch (error) {
    for (const shard of written) await removePath(shard).catch(() => {});
    throw error;
  }
  for (const name of before) await removePath(join(dirname(path), name));
}

interface WrittenSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: "float16"; readonly original_dtype: "float32" };
}

/** @throws {InputError} TensorFlow.js has no such type. */
function specOf({ name, size, type, label }: ArrayOutline): WrittenSpec {
  const shape = size.toReversed();
  if (type === "float32" || type === "int32" || type === "bool") return { name, shape, dtype: type };
  if (type === "float16") {
    return { name, shape, dtype: "float32", quantization: { dtype: "float16", original_dtype: "float32" } };
  }
  throw new InputError({
    subject: `model.json: ${label}`,
    expected: "float32, float16, int32 or bool, all that TensorFlow.js has",
    found: type,
    remedy: "Convert the array where it was made, or write safetensors or npz",
  });
}

function byteLengthOf({ size, type }: ArrayOutline): number {
  return product(size) * bytesPerElement(type);
}

function wrongLayout(layout: string | null): LayoutError {
  return new LayoutError({
    subject: "model.json",
    expected: 'weights of the layout "tfjs"',
    found: layout === null ? 'no mark, which means "flux"' : `"${layout}"`,
    remedy: "Convert them to the layout of TensorFlow.js, for which the model is needed",
  });
}

/** The weights must be those of the model, as far as its own manifest says them. @throws {InputError | FormatError} */
function checkAgainst(model: JsonObject | null, specs: readonly WrittenSpec[]): void {
  if (model?.weightsManifest === undefined) return;
  const shapes = (list: readonly { readonly name: string; readonly shape: readonly number[] }[]): string[] =>
    list.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).sort();
  const expected = shapes(readManifest(model.weightsManifest).flatMap((group) => group.specs));
  const found = shapes(specs);
  const difference = expected.findIndex((text, i) => text !== found[i]);
  if (difference < 0 && expected.length === found.length) return;
  const at = difference < 0 ? expected.length : difference;
  throw new InputError({
    subject: "weights for this model",
    expected: `${expected.length} arrays of its names and shapes: ${expected[at] ?? "no more"}`,
    found: `${found.length} arrays: ${found[at] ?? "no more"}`,
    remedy: "Take the model.json of the model that the weights were saved from",
  });
}

function contentsOf(model: JsonObject | null, metadata: Metadata): JsonObject {
  const { weightsManifest: _, userDefinedMetadata: own, ...rest } = model ?? {};
  const known = isObject(own) ? own : {};
  const userDefinedMetadata = { ...known, ...metadata };
  return {
    format: "layers-model",
    generatedBy: "legolas-flux",
    convertedBy: null,
    modelTopology: null,
    ...rest,
    ...(Object.keys(userDefinedMetadata).length > 0 && { userDefinedMetadata }),
  };
}

/** The lengths of files in bytes; no files for no bytes. */
function planShards(outlines: readonly ArrayOutline[], shardBytes: number): number[] {
  const total = outlines.reduce((sum, outline) => sum + byteLengthOf(outline), 0);
  const count = Math.ceil(total / shardBytes);
  return Array.from({ length: count }, (_, i) => Math.min(shardBytes, total - i * shardBytes));
}

/** The files of the model.json that is replaced, if it is one. */
async function oldShards(path: string): Promise<readonly string[]> {
  try {
    return readManifest((await readModelJson(path)).weightsManifest).flatMap(({ paths }) => paths);
  } catch (error) {
    if (isLegolasError(error)) return [];
    throw error;
  }
}

/** `group1`, or the next of which the folder has no file. */
async function freeGroup(folder: string): Promise<string> {
  const entries = await readdir(folder).catch(() => []);
  for (let number = 1; ; number++) {
    const group = `group${number}`;
    if (!entries.some((entry) => entry.startsWith(`${group}-shard`))) return group;
  }
}

/** The bytes of all arrays, one after the other, in parts of any length; one array at a time is held. */
class ShardReader {
  private index = 0;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly weights: Weights | LazyWeights,
    private readonly outlines: readonly ArrayOutline[],
  ) {}

  /** The next bytes, so many. */
  async *next(length: number): AsyncGenerator<Piece[]> {
    let left = length;
    while (left > 0) {
      while (this.rest.length === 0) {
        const { vec, elementType } = await readArray(this.weights, this.outlines[this.index++] as ArrayOutline);
        if (elementType === "bool") checkBools(vec);
        this.rest = bytesOfElements(vec);
      }
      const part = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(part.length);
      left -= part.length;
      yield [{ byteLength: part.length, toBytes: () => part }];
    }
  }
}
