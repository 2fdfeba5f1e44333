/**
 * Values of columns as texts, exactly.
 *
 * Idea: JSON, in which what JSON cannot say stands in an object of one key that begins with `$`; text stays as it is where its type says that it
 * is text.
 */
import { FormatError, InputError } from "../../index.ts";

/** Types whose values are texts, and are kept without quotes. */
const plainTypes = /^(?:string|symbol|uuid|date)\??$/;

/**
 * @param type - The text of the column's type.
 * @throws {InputError} No text can hold it, as for weights inside a column.
 */
export function encodeValue(value: unknown, type: string, column: string): string {
  if (plainTypes.test(type) && typeof value === "string") return value;
  return JSON.stringify(toTagged(value, column));
}

/** @throws {FormatError} The text is no value of such a type. */
export function decodeValue(text: string, type: string, column: string): unknown {
  if (plainTypes.test(type)) return text;
  try {
    return fromTagged(JSON.parse(text));
  } catch (cause) {
    const facts = {
      subject: `"${column}"`,
      expected: `a value of type ${type}, as JSON`,
      found: JSON.stringify(text.slice(0, 60)),
    };
    throw new FormatError(facts, { cause });
  }
}

function toTagged(value: unknown, column: string): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return numberToTagged(value);
  if (typeof value === "bigint") return { $bigint: String(value) };
  return objectToTagged(value as object, column);
}

function numberToTagged(value: number): unknown {
  if (Object.is(value, -0)) return { $number: "-0" };
  return Number.isFinite(value) ? value : { $number: String(value) };
}

function objectToTagged(value: object, column: string): unknown {
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map((item) => toTagged(item, column));
  if (value instanceof Map) return { $map: [...value].map((entry) => entry.map((part) => toTagged(part, column))) };
  if (isPlain(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, toTagged(item, column)] as const);
    const object = Object.fromEntries(entries);
    return entries.length === 1 && entries[0]?.[0].startsWith("$") ? { $object: object } : object;
  }
  throw new InputError({
    subject: `column "${column}"`,
    expected: "a value that a text can hold",
    found: `a ${value.constructor.name}`,
    remedy: `Leave it out with --drop ${column}`,
  });
}

/** An object or a record; what has a class of its own would lose it. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const untag: Readonly<Record<string, (content: never) => unknown>> = {
  $number: (content: string) => Number(content),
  $bigint: (content: string) => BigInt(content),
  $date: (content: string) => new Date(content),
  $bytes: (content: string) => new Uint8Array(Buffer.from(content, "base64")),
  $map: (content: unknown[][]) => new Map(content.map((entry) => entry.map(fromTagged) as [unknown, unknown])),
  $object: (content: object) => plainObject(content),
};

function fromTagged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromTagged);
  if (typeof value !== "object" || value === null) return value;
  const [[tag, content] = [], ...more] = Object.entries(value);
  const read = tag !== undefined && more.length === 0 && Object.hasOwn(untag, tag) ? untag[tag] : undefined;
  return read ? read(content as never) : plainObject(value);
}

function plainObject(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromTagged(item)]));
}
