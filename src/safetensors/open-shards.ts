/**
 * Models in several files, with an index that says which tensor is in which.
 *
 * Source: https://huggingface.co/docs/transformers/big_models, `model.safetensors.index.json`: `weight_map` from names of tensors to names
 * of files beside the index, and `metadata.total_size` in bytes.
 */
import { openPath, siblingPath } from "#paths";
import { decodeUtf8 } from "../arrow/utf8.ts";
import { FormatError } from "../errors.ts";
import { forEachAtOnce } from "../for-each-at-once.ts";
import { isAddress } from "../io/byte-source.ts";
import { joinSources } from "../io/join-sources.ts";
import { openSource } from "../io/open-source.ts";
import { formatValue } from "../legolas/format-value.ts";
import { JsonReader } from "./json-reader.ts";
import type { TensorFiles } from "./open-tensor-files.ts";
import { maxHeaderBytes, type SafetensorsMetadata, subjectOf, type TensorInfo } from "./read-header.ts";

const shardsAtOnce = 8;

/** Whether a path or address is that of an index. */
export function isIndexLocation(location: string | URL): boolean {
  const text = String(location);
  const path = isAddress(location) ? text.replace(/[?#].*$/s, "") : text;
  return path.toLowerCase().endsWith(".json");
}

interface Index {
  /** For each tensor, in order, the name of its file. */
  readonly fileOf: ReadonlyMap<string, string>;
  readonly totalSize: number | null;
}

type OpenFile = (source: string | URL) => Promise<TensorFiles>;

/** Opens all shards of an index as one source. @throws {FormatError} Index and shards do not say the same. */
export async function openShards(
  location: string | URL,
  openFile: OpenFile,
  signal: AbortSignal | undefined,
): Promise<TensorFiles> {
  const index = await readIndex(location, signal);
  const names = [...new Set(index.fileOf.values())];
  const opened = new Map<string, TensorFiles>();
  const close = async (): Promise<void> => {
    for (const shard of opened.values()) await shard.close();
  };
  try {
    const failures: unknown[] = [];
    await forEachAtOnce(names, shardsAtOnce, async (name) => {
      // Every opening under way has to end before all are closed.
      if (failures.length > 0) return;
      await openFile(siblingOf(location, name)).then(
        (shard) => opened.set(name, shard),
        (error: unknown) => failures.push(error),
      );
    });
    if (failures.length > 0) throw failures[0];
    const shards = names.map((name): Shard => ({ name, files: opened.get(name) as TensorFiles }));
    return { ...join(String(location), index, shards), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function siblingOf(location: string | URL, name: string): string | URL {
  return isAddress(location) ? new URL(encodeURIComponent(name), location) : siblingPath(location, name);
}

async function readIndex(location: string | URL, signal: AbortSignal | undefined): Promise<Index> {
  const source = await openSource(location, openPath, { signal });
  try {
    if (source.size > maxHeaderBytes) {
      throw indexError("index of shards", `at most ${maxHeaderBytes} bytes`, `${source.size}`);
    }
    const bytes = source.size > 0 ? await source.readAt(0, source.size) : new Uint8Array(0);
    const text = decodeUtf8(bytes);
    if (text === null) throw indexError("index of shards", "UTF-8", "other bytes");
    return parseIndex(text);
  } finally {
    await source.close?.();
  }
}

function parseIndex(text: string): Index {
  const reader = new JsonReader(text, 0);
  const fileOf = new Map<string, string>();
  let totalSize: number | null = null;
  let hasMap = false;
  reader.object("index of shards", (key) => {
    if (key === "weight_map") {
      hasMap = true;
      reader.object("weight_map", (name) => {
        const at = reader.position();
        const file = reader.string(`weight_map: ${formatValue(name)}`);
        if (!isFileName(file)) {
          reader.fail(`weight_map: ${formatValue(name)}`, "the name of a file beside the index", formatValue(file), at);
        }
        fileOf.set(name, file);
      });
    } else if (key === "metadata") totalSize = readTotalSize(reader);
    else reader.value(`index of shards: ${formatValue(key)}`);
  });
  reader.end("index of shards");
  if (!hasMap) throw indexError("index of shards", '"weight_map"', "none");
  return { fileOf, totalSize };
}

/** Nothing else: an index from a stranger must not lead to other files than those that came with it. */
function isFileName(name: string): boolean {
  return /^[^/\\:\0]+\.safetensors$/.test(name);
}

function readTotalSize(reader: JsonReader): number | null {
  const at = reader.position();
  const metadata = reader.value("index of shards: metadata");
  const total = metadata instanceof Map ? (metadata.get("total_size") as unknown) : undefined;
  if (total === undefined || total === null) return null;
  if (typeof total !== "number") return reader.fail("index of shards: total_size", "a number", formatValue(total), at);
  return total;
}

interface Shard {
  readonly name: string;
  readonly files: TensorFiles;
}

function join(location: string, { fileOf, totalSize }: Index, shards: readonly Shard[]): Omit<TensorFiles, "close"> {
  const found = new Map<string, TensorInfo>();
  const metadata = Object.create(null) as Record<string, string>;
  let start = 0;
  for (const { name: file, files } of shards) {
    for (const tensor of files.tensors) {
      checkPlace(tensor.name, file, fileOf.get(tensor.name));
      found.set(tensor.name, { ...tensor, position: start + tensor.position });
    }
    mergeMetadata(metadata, files.metadata, file);
    start += files.source.size;
  }
  const tensors = [...fileOf].map(([name, file]) => found.get(name) ?? missing(name, file));
  const total = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (totalSize !== null && totalSize !== total) {
    throw indexError("index of shards: total_size", `${total} bytes, the size of all tensors`, `${totalSize}`);
  }
  const source = joinSources(
    location,
    shards.map(({ files }) => files.source),
  );
  return { source, tensors, metadata: Object.freeze(metadata) };
}

function checkPlace(name: string, file: string, expected: string | undefined): void {
  if (expected === file) return;
  throw indexError(
    `${subjectOf(name)} in ${formatValue(file)}`,
    expected === undefined
      ? "only tensors that the index lists"
      : `it in ${formatValue(expected)}, as the index has it`,
    "it there",
  );
}

function missing(name: string, file: string): never {
  throw indexError(subjectOf(name), `it in ${formatValue(file)}, as the index has it`, "no such tensor there");
}

function mergeMetadata(metadata: Record<string, string>, more: SafetensorsMetadata, file: string): void {
  for (const [key, value] of Object.entries(more)) {
    const known = metadata[key] ?? value;
    metadata[key] = known;
    if (known === value) continue;
    const subject = `__metadata__: ${formatValue(key)} in ${formatValue(file)}`;
    throw indexError(subject, `${formatValue(known)}, as in the shards before`, formatValue(value));
  }
}

function indexError(subject: string, expected: string, found: string): FormatError {
  const remedy =
    "The index and its shards may be of different versions: fetch all of them again; or read the shards one by one";
  return new FormatError({ subject, expected, found, remedy });
}
