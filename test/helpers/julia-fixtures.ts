/** The files that Julia wrote, and what their manifest says is in them. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One array of weights; integers beyond 2^53, NaN and infinities are strings. */
export interface JuliaArray {
  readonly eltype: string;
  readonly size: readonly number[];
  readonly values: readonly (number | string | boolean)[];
}

export interface JuliaRow {
  /** Every field but `weights`, in the notation that `fromJulia` reads. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Null where missing, absent where the schema has none. */
  readonly weights?: readonly JuliaArray[] | null;
}

export interface JuliaFixture {
  readonly file: string;
  /** The identifier that the table's metadata records. */
  readonly schema: string;
  readonly bytes: number;
  readonly sha256: string;
  /** As the call in Julia had them; empty for none. */
  readonly write_options: string;
  readonly julia_read_back: string;
  readonly rows: readonly JuliaRow[];
}

const folder = new URL("../golden/julia/", import.meta.url);

interface Manifest {
  /** With a null file: what Julia refused to write. */
  readonly fixtures: readonly (JuliaFixture | { readonly file: null })[];
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8"));
}

export const juliaFixtures: readonly JuliaFixture[] = (readJson("manifest.json") as Manifest).fixtures.filter(
  (fixture) => fixture.file !== null,
);

/** An input image and what the network in `digits_runnable.arrow` makes of it. */
export const digitsReference = readJson("digits_reference.json") as {
  readonly input: readonly number[];
  readonly logits: readonly number[];
  readonly output: readonly number[];
};

export function listJuliaFiles(): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".arrow"));
}

export function juliaFixture(file: string): JuliaFixture {
  const found = juliaFixtures.find((fixture) => fixture.file === file);
  if (!found) throw new Error(`manifest.json has no entry for ${file}`);
  return found;
}

export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, folder));
}

/** A file's bytes at the start of memory of their own. */
export function bytesOf(file: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(pathOf(file)));
}
