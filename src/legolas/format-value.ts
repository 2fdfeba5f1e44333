/** Values as short text for messages. */

const maxLength = 60;

/** A value as a person reads it in a message: its kind where it is large, its content where it is short. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return "missing (null)";
  if (typeof value === "string") return shorten(JSON.stringify(value));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `a function${value.name ? ` ${value.name}` : ""}`;
  if (value instanceof Date) return `the date ${Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name} of ${value.byteLength} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return describeObject(value);
  return String(value);
}

function describeObject(value: object): string {
  const kind = value.constructor?.name ?? "Object";
  const keys = Object.keys(value);
  return shorten(kind === "Object" ? `an object with ${keys.length > 0 ? keys.join(", ") : "no keys"}` : `a ${kind}`);
}

function shorten(text: string): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
