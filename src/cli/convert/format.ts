/** Which format a path is of. */
import { open, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { SourceError } from "../../index.ts";
import { UsageError } from "../exit-code.ts";
import { isAddress } from "../expand-sources.ts";

export type Format = "arrow" | "safetensors" | "npz" | "tfjs";

export const formatNames: Readonly<Record<Format, string>> = {
  arrow: "model row (Arrow)",
  safetensors: "safetensors",
  npz: "npz (numpy)",
  tfjs: "model.json (TensorFlow.js)",
};

export interface Location {
  readonly format: Format;
  /** The file to open or to write; in a directory, the one that names the others. */
  readonly path: string;
}

const known = "paths end in .arrow, .safetensors, .safetensors.index.json, .npz, or are a model.json or its directory";

/**
 * What is to be read: by its content where it is a file here, by its name behind an address.
 *
 * @throws {UsageError} It is none of the formats.
 * @throws {SourceError} It cannot be read.
 */
export async function findInput(given: string): Promise<Location> {
  if (isAddress(given)) return { format: nameFormat(new URL(given).pathname) ?? refuse(given), path: given };
  const stats = await reading(given, () => stat(given));
  if (stats.isDirectory()) return findInDirectory(given);
  const format = contentFormat(await reading(given, () => firstBytes(given))) ?? nameFormat(given);
  return { format: format ?? refuse(given), path: given };
}

/** Where to write: by its name. @throws {UsageError} It is none of the formats. */
export async function findOutput(given: string): Promise<Location> {
  const isDirectory = await stat(given).then(
    (stats) => stats.isDirectory(),
    () => given.endsWith("/"),
  );
  if (isDirectory) return { format: "tfjs", path: join(given, "model.json") };
  const format = nameFormat(given);
  if (given.endsWith(".safetensors.index.json")) {
    throw new UsageError(`${given}: models in shards are read, not written; end the path in .safetensors`);
  }
  return { format: format ?? refuse(given), path: given };
}

async function findInDirectory(directory: string): Promise<Location> {
  const names = await reading(directory, () => readdir(directory));
  if (names.includes("model.json")) return { format: "tfjs", path: join(directory, "model.json") };
  const [index, ...others] = names.filter((name) => name.endsWith(".safetensors.index.json"));
  if (index !== undefined && others.length === 0) return { format: "safetensors", path: join(directory, index) };
  throw new UsageError(`${directory}: there is no model.json and no *.safetensors.index.json in it; name one file`);
}

function nameFormat(path: string): Format | null {
  const name = basename(path).toLowerCase();
  if (name.endsWith(".arrow")) return "arrow";
  if (name.endsWith(".safetensors") || name.endsWith(".safetensors.index.json")) return "safetensors";
  if (name.endsWith(".npz")) return "npz";
  return name.endsWith(".json") ? "tfjs" : null;
}

/** Null where the bytes do not tell; an Arrow stream begins with a marker, an index and a model.json are both JSON. */
function contentFormat(bytes: Buffer): Format | null {
  if (bytes.subarray(0, 6).equals(Buffer.from("ARROW1"))) return "arrow";
  if (bytes.subarray(0, 4).equals(Buffer.from([0xff, 0xff, 0xff, 0xff]))) return "arrow";
  const zip = bytes.toString("latin1", 0, 4);
  if (zip === "PK\x03\x04" || zip === "PK\x05\x06") return "npz";
  return bytes[8] === 0x7b && bytes.readUIntLE(0, 6) < 100_000_000 && bytes.readUInt16LE(6) === 0
    ? "safetensors"
    : null;
}

async function firstBytes(path: string): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const bytes = Buffer.alloc(9);
    await handle.read(bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    await handle.close();
  }
}

async function reading<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw new SourceError(path, "opening", cause, "Check the path");
  }
}

function refuse(path: string): never {
  throw new UsageError(`${path}: its format is not known; ${known}`);
}
