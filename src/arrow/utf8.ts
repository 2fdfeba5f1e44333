/** UTF-8, strictly: no text is changed on the way to bytes and back. */
import { InputError } from "../errors.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes of a text. @throws {InputError} It holds half a surrogate pair, which UTF-8 does not have. */
export function encodeUtf8(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  throw new InputError({
    subject: "text",
    expected: "a well-formed string",
    found: JSON.stringify(text),
    remedy: "Half a surrogate pair cannot be stored; toWellFormed() replaces it",
  });
}

/** The text of bytes; null where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
