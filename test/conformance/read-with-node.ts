/**
 * Reads every file of a folder with one library for Node, and writes each again with it: the counterpart of python/read_with.py, in a process
 * of its own because polars panics.
 *
 *   node --import tsx test/conformance/read-with-node.ts <library> <folder>
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC as tableFromFlechette, tableToIPC as tableToFlechette } from "@uwdata/flechette";
import { tableFromIPC, tableToIPC } from "apache-arrow";
import { type Columns, readWith } from "../helpers/read-with.ts";
import { type ManifestEntry, type Outcome, toJson } from "./outcome.ts";

interface Reading {
  readonly columns: Columns;
  /** The table, written again by the library. */
  copy(): Uint8Array;
}

type Reader = (bytes: Uint8Array, entry: ManifestEntry) => Reading;

function readWithApacheArrow(bytes: Uint8Array, { format }: ManifestEntry): Reading {
  return { columns: readWith["apache-arrow"](bytes), copy: () => tableToIPC(tableFromIPC(bytes), format) };
}

function readWithFlechette(bytes: Uint8Array, { format }: ManifestEntry): Reading {
  return {
    columns: readWith.flechette(bytes),
    copy: () => tableToFlechette(tableFromFlechette(bytes, { useBigInt: true, useMap: true }), { format }) ?? missing(),
  };
}

function missing(): never {
  throw new Error("flechette gave no bytes");
}

async function loadArrowRs(): Promise<Reader> {
  const { Table } = await import("parquet-wasm");
  return (bytes) => {
    const again = Table.fromIPCStream(bytes).intoIPCStream();
    return { columns: readWith["apache-arrow"](again), copy: () => again };
  };
}

/** Bytes in which no field has an extension name: its key, of the same length, means nothing. */
function withoutExtensionNames(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  const key = "ARROW:extension:name";
  for (let at = copy.indexOf(key); at >= 0; at = copy.indexOf(key, at)) copy.write("ARROW:extension:none", at);
  return copy;
}

async function loadPolars(): Promise<Reader> {
  const { default: polars } = await import("nodejs-polars");
  return (bytes, { format, compression }) => {
    const read = format === "file" ? polars.readIPC : polars.readIPCStream;
    const frame = read(withoutExtensionNames(bytes));
    return {
      columns: readWith["apache-arrow"](frame.writeIPC({ compression: "uncompressed" })),
      copy: () => {
        const options = { compression: compression ?? "uncompressed" } as const;
        return format === "file" ? frame.writeIPC(options) : frame.writeIPCStream(options);
      },
    };
  };
}

const loaders: Readonly<Record<string, () => Promise<Reader>>> = {
  "apache-arrow": async () => readWithApacheArrow,
  flechette: async () => readWithFlechette,
  "arrow-rs": loadArrowRs,
  "nodejs-polars": loadPolars,
};

function attempt<T extends object>(run: () => T): T | { readonly error: string } {
  try {
    return run();
  } catch (error) {
    return { error: String(error) };
  }
}

function readFile(reader: Reader, library: string, folder: string, entry: ManifestEntry): Outcome {
  const bytes = new Uint8Array(readFileSync(join(folder, entry.name)));
  return attempt(() => {
    const { columns, copy } = reader(bytes, entry);
    const written = attempt(() => {
      writeFileSync(join(folder, library, entry.name), copy());
      return {};
    });
    return { columns, copy: written };
  });
}

const [library = "", folder = ""] = process.argv.slice(2);
const load = loaders[library];
if (!load) throw new Error(`no reader "${library}"; there are ${Object.keys(loaders).join(", ")}`);
const reader = await load();
const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as ManifestEntry[];
mkdirSync(join(folder, library));
const outcomes = manifest
  .filter(({ readers }) => readers.includes(library))
  .map((entry) => [entry.name, readFile(reader, library, folder, entry)] as const);
writeFileSync(join(folder, `${library}.json`), toJson(Object.fromEntries(outcomes)));
