/** Weights from model.json and the files that it names. */
import { openPath, siblingPath } from "#paths";
import { decodeUtf8 } from "../../arrow/utf8.ts";
import { FormatError } from "../../errors.ts";
import { type ByteSource, isAddress } from "../../io/byte-source.ts";
import { joinSources } from "../../io/join-sources.ts";
import { openSource } from "../../io/open-source.ts";
import type { TransferOptions } from "../../io/transfer-options.ts";
import { formatValue } from "../../legolas/format-value.ts";
import { LazyWeights } from "../../weights/lazy-weights.ts";
import { dtypesIn, type Metadata, withoutMarks } from "../marks.ts";
import { isObject, type JsonObject, objectIn, parseJson } from "./checked-json.ts";
import { layerOrder } from "./layer-order.ts";
import { readManifest, type WeightGroup } from "./read-manifest.ts";
import { StoredWeight } from "./stored-weight.ts";
import type { Quantization } from "./weight-spec.ts";

/** A model of TensorFlow.js whose weights are read when asked for. */
export interface ModelJson {
  /**
   * In the order in which `legolas-flux/tfjs` walks the layers, where the file has their configuration, else in that of the manifest. Integers that
   * stand for other numbers are read as those; halves are float16.
   */
  readonly weights: LazyWeights;
  /** Whether the order is that of the layers. */
  readonly isInLayerOrder: boolean;
  /** For each weight that was quantized to integers how; its numbers are only near to those that were quantized. */
  readonly quantizations: ReadonlyMap<string, Quantization>;
  /** The contents of model.json. */
  readonly model: JsonObject;
  /** The texts of `userDefinedMetadata`. */
  readonly metadata: Metadata;
  close(): Promise<void>;
}

const maxBytes = 2 ** 28;

/**
 * Opens model.json and all files of weights, whose sizes are checked before anything is read.
 *
 * @param location - A path, file URL or address.
 * @throws {SourceError} A file cannot be opened.
 * @throws {FormatError} model.json is not well-formed, or the files are not as large as it says.
 * @throws {UnsupportedTypeError} A weight is text or complex.
 */
export async function openModelJson(location: string | URL, { signal }: TransferOptions = {}): Promise<ModelJson> {
  const json = await readModelJson(location, signal);
  const groups = readManifest(json.weightsManifest);
  const shards: ByteSource[] = [];
  const close = async (): Promise<void> => {
    for (const shard of shards) await shard.close?.();
  };
  try {
    for (const group of groups) shards.push(...(await openGroup(location, group, signal)));
    return { ...assemble(json, groups, joinSources(String(location), shards)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The contents of a model.json. @throws {SourceError | FormatError} It cannot be read, or is none. */
export async function readModelJson(location: string | URL, signal?: AbortSignal): Promise<JsonObject> {
  const source = await openSource(location, openPath, { signal });
  try {
    if (source.size > maxBytes) throw tooLarge(source.size);
    const bytes = source.size > 0 ? await source.readAt(0, source.size) : new Uint8Array(0);
    const text = decodeUtf8(bytes);
    if (text === null) throw new FormatError({ subject: "model.json", expected: "UTF-8", found: "other bytes" });
    return objectIn(parseJson(text, "model.json"), "model.json");
  } finally {
    await source.close?.();
  }
}

function tooLarge(size: number): FormatError {
  return new FormatError({ subject: "model.json", expected: `at most ${maxBytes} bytes`, found: `${size}` });
}

async function openGroup(
  location: string | URL,
  { paths, byteLength }: WeightGroup,
  signal: AbortSignal | undefined,
): Promise<ByteSource[]> {
  const opened: ByteSource[] = [];
  try {
    for (const path of paths) opened.push(await openSource(siblingOf(location, path), openPath, { signal }));
    const found = opened.reduce((sum, { size }) => sum + size, 0);
    if (found === byteLength) return opened;
    throw new FormatError({
      subject: `files of weights ${paths.map(formatValue).join(", ")}`,
      expected: `${byteLength} bytes in all, as the manifest has it`,
      found: `${found}`,
      remedy: "The files are of different versions or were cut off: fetch or save all of them again",
    });
  } catch (error) {
    for (const source of opened) await source.close?.();
    throw error;
  }
}

function siblingOf(location: string | URL, path: string): string | URL {
  if (!isAddress(location)) return siblingPath(location, path);
  return new URL(path.split("/").map(encodeURIComponent).join("/"), location);
}

function assemble(json: JsonObject, groups: readonly WeightGroup[], source: ByteSource): Omit<ModelJson, "close"> {
  const metadata = textsIn(json.userDefinedMetadata);
  const specs = groups.flatMap((group) => group.specs);
  let position = 0;
  const stored = specs.map((spec) => {
    const weight = new StoredWeight(spec, position);
    position += spec.byteLength;
    return weight;
  });
  const listed = specs.map(({ name }) => name);
  const order = layerOrder(listed, json.modelTopology);
  const indices = order ?? [...listed.keys()];
  const names = indices.map((index) => listed[index] as string);
  const arrays = indices.map((index) => stored[index] as StoredWeight);
  const types = arrays.map(({ type }) => type);
  const quantized = specs.flatMap(({ name, quantization }) =>
    quantization === null || quantization === "float16" ? [] : [[name, quantization] as const],
  );
  return {
    weights: new LazyWeights(source, arrays, {
      names,
      layout: "tfjs",
      dtypes: dtypesIn(metadata, names, types),
      checksums: null,
    }),
    isInLayerOrder: order !== null,
    quantizations: new Map(quantized),
    model: json,
    metadata: withoutMarks(metadata),
  };
}

/** Other values than texts belong to whoever put them there. */
function textsIn(metadata: unknown): Metadata {
  const entries = isObject(metadata) ? Object.entries(metadata) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
