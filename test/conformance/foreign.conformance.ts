/** What Python's libraries write and this package never does: other units, other widths, other orders; read value by value or refused by name. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FlatArray, loadCodecs, ModelV1, UnsupportedTypeError, Weights } from "legolas-flux";
import { decodeTable } from "legolas-flux/legolas";
import { afterAll, describe, expect, inject, it } from "vitest";
import { expectSame } from "./expect-outcome.ts";
import { type ForeignFile, fromJson } from "./outcome.ts";
import { run } from "./run-process.ts";

const python = inject("python");
const folder = mkdtempSync(join(tmpdir(), "legolas-flux-foreign-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function write(interpreter: string): Promise<readonly ForeignFile[]> {
  await run(interpreter, [fileURLToPath(new URL("python/write_foreign.py", import.meta.url)), folder]);
  return fromJson(readFileSync(join(folder, "foreign.json"), "utf8")) as ForeignFile[];
}

await loadCodecs();
const files = python === null ? [] : await write(python);
const bytesOf = ({ title }: ForeignFile): Uint8Array => readFileSync(join(folder, `${title}.arrow`));

function plainArray(array: FlatArray): object {
  const elements: readonly unknown[] = Array.from<unknown>(
    array.elementType === "float16" ? array.toFloat32() : array.vec,
  );
  const vec = array.elementType === "bool" ? elements.map((element) => element === 1) : elements;
  return { vec, size: [...array.size] };
}

/** Values of both sides in one form: safe integers as numbers, days and instants as milliseconds, durations without their unit. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value)) return Date.parse(value);
  if (typeof value !== "object" || value === null) return value ?? null;
  if (value instanceof Date) return value.getTime();
  if (value instanceof Weights) return { weights: value.arrays.map(plainArray).map(plain) };
  if (value instanceof Map) return [...value].map(([key, item]) => [plain(key), plain(item)]);
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if ("unit" in value && "value" in value) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}

function columnsOf(file: ForeignFile): Readonly<Record<string, unknown>> {
  const table = decodeTable(bytesOf(file), file.model ? { schemaVersion: ModelV1 } : { validate: false });
  return Object.fromEntries(table.columnNames.map((name) => [name, plain(table.column(name))]));
}

describe.runIf(python !== null)("files by Python", () => {
  it("are of every kind", () => {
    expect(new Set(files.map(({ feature }) => feature)).size).toBe(21);
    expect(files.length).toBeGreaterThan(80);
  });

  it.each(files)("$feature: $title", (file) => {
    if (file.refused !== null) {
      expect(() => columnsOf(file)).toThrow(UnsupportedTypeError);
      expect(() => columnsOf(file)).toThrow(file.refused);
      return;
    }
    const columns = columnsOf(file);
    expect(Object.keys(columns)).toEqual(Object.keys(file.columns));
    for (const [name, values] of Object.entries(file.columns)) expectSame(columns[name], plain(values), name);
  });

  it.each(files.filter(({ model }) => model))("$title: names, layout and types beside the weights", (file) => {
    const rows = decodeTable(bytesOf(file), { schemaVersion: ModelV1 }).records();
    for (const [i, { weights }] of rows.entries()) {
      const beside = (name: string): unknown => (weights ? (file.columns[name]?.[i] ?? null) : null);
      expect(weights?.names ?? null).toEqual(beside("weights_names"));
      expect(weights?.layout ?? null).toBe(beside("weights_layout"));
    }
    expect(rows.length).toBeGreaterThan(0);
  });
});
