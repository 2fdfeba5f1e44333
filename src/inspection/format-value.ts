/** Values of columns, as text and as JSON. */
import { LazyWeights } from "../index.ts";
import { escapeText } from "./escape-text.ts";
import { formatOf, formatValueOf } from "./format-number.ts";

/** A value on one line, escaped: strings as they are, missing values as `missing`. */
export function formatCell(value: unknown): string {
  return typeof value === "string" ? escapeText(value) : formatNested(value);
}

/** The same with strings in quotes, as they stand inside other values. */
export function formatNested(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (typeof value === "string") return escapeText(JSON.stringify(value));
  if (typeof value === "number") return formatValueOf(value);
  if (typeof value === "object") return formatObject(value);
  return String(value);
}

/** Longer lists are cut: they are told in full by --json. */
const shownItems = 8;

function formatObject(value: object): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "no date" : value.toISOString();
  if (value instanceof Uint8Array)
    return `${formatOf(value.length, "byte")} ${hex(value.subarray(0, shownItems))}`.trim();
  if (value instanceof LazyWeights) return formatOf(value.length, "array");
  if (isDuration(value)) return formatDuration(value);
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${formatNested(key)}: ${formatNested(item)}`);
    return `{${cut(entries, "entries").join(", ")}}`;
  }
  if (Array.isArray(value))
    return `[${cut(value.slice(0, shownItems).map(formatNested), "items", value.length).join(", ")}]`;
  const entries = Object.entries(value).map(([key, item]) => `${escapeText(key)}: ${formatNested(item)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function cut(items: readonly string[], noun: string, count = items.length): string[] {
  const shown = items.slice(0, shownItems);
  return count > shownItems ? [...shown, `… ${count} ${noun}`] : [...shown];
}

interface Duration {
  readonly value: bigint;
  readonly unit: string;
}

function isDuration(value: object): value is Duration {
  return "unit" in value && "value" in value && typeof value.value === "bigint" && Object.keys(value).length === 2;
}

function formatDuration({ value, unit }: Duration): string {
  return `${value} ${unit}${value === 1n ? "" : "s"}`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A value as plain JSON: what JSON has no form for becomes text, large 64-bit integers too; bytes are `{ "hex": … }`. */
export function toJson(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return typeof value === "object" ? objectToJson(value) : value;
}

function objectToJson(value: object): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return { hex: hex(value) };
  if (value instanceof LazyWeights) return undefined;
  if (value instanceof Map) return [...value].map((entry) => entry.map(toJson));
  if (Array.isArray(value)) return value.map(toJson);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}
