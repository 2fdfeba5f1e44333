/** Parts of JSON that have to be of some kind. */
import { FormatError } from "../../errors.ts";
import { formatValue } from "../../legolas/format-value.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {FormatError} It is none. */
export function objectIn(value: unknown, subject: string): JsonObject {
  return isObject(value) ? value : refuse(value, subject, "an object");
}

/** @throws {FormatError} It is none. */
export function listIn(value: unknown, subject: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(value, subject, "a list");
}

/** @throws {FormatError} It is none, or not one that UTF-8 can hold. */
export function textIn(value: unknown, subject: string): string {
  return typeof value === "string" && value.isWellFormed() ? value : refuse(value, subject, "text");
}

/** @throws {FormatError} It is none. */
export function parseJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const remedy = "The file is damaged or was cut off: fetch or write it again";
    const facts = { subject, expected: "JSON", found: cause instanceof Error ? cause.message : "none", remedy };
    throw new FormatError(facts, { cause });
  }
}

function refuse(value: unknown, subject: string, expected: string): never {
  const remedy = "The file is damaged, or is no model.json of TensorFlow.js";
  throw new FormatError({ subject, expected, found: formatValue(value), remedy });
}
