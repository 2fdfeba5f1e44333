/**
 * Texts in the comment of an archive, where numpy neither shows nor minds them: an array of their own would be one more to whoever reads the
 * archive in Python.
 */
import { decodeUtf8, encodeUtf8 } from "../../arrow/utf8.ts";
import { FormatError, InputError } from "../../errors.ts";
import type { Metadata } from "../marks.ts";

const opening = '{"legolas-flux":';
/** The length is stored in 16 bits. */
const maxBytes = 65_535;

/** @throws {InputError} They are too long. */
export function encodeComment(metadata: Metadata): Uint8Array {
  // JSON escapes control characters, so the signature that ends an archive cannot stand in it.
  const bytes = encodeUtf8(JSON.stringify({ "legolas-flux": metadata }));
  if (bytes.length <= maxBytes) return bytes;
  throw new InputError({
    subject: "what is recorded beside the arrays",
    expected: `at most ${maxBytes} bytes, the longest comment that an archive can have`,
    found: `${bytes.length}`,
    remedy: "Leave columns out, or write safetensors",
  });
}

/** The texts, or none where the comment is another program's. @throws {FormatError} It was damaged. */
export function readComment(comment: Uint8Array): Metadata {
  const text = decodeUtf8(comment);
  if (!text?.startsWith(opening)) return {};
  try {
    const metadata = (JSON.parse(text) as { "legolas-flux": unknown })["legolas-flux"];
    if (isTexts(metadata)) return metadata;
  } catch {
    // Refused below.
  }
  throw new FormatError({
    subject: "comment of the archive",
    expected: "an object of texts, as legolas-flux writes it",
    found: "something else",
    remedy: "The file was damaged or edited: write it again",
  });
}

function isTexts(value: unknown): value is Metadata {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string")
  );
}
