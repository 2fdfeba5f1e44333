import { InputError } from "../errors.ts";

/** File systems allow 255, of which the browser's own endings take some. */
const maxBytes = 200;
/** How Chromium names a file that is being written. */
const swapEnding = /\.crswap$/i;

/** Whether a name can be that of a store or of a file in it, in every browser alike. */
function isUsable(name: unknown): name is string {
  return (
    typeof name === "string" &&
    !/^\.{0,2}$|[/\\\p{Cc}\p{Cs}]/u.test(name) &&
    !swapEnding.test(name) &&
    new TextEncoder().encode(name).length <= maxBytes
  );
}

/** @throws {InputError} It cannot be the name of a store, or of a file in one. */
export function checkName(what: "store" | "file", name: string): void {
  if (isUsable(name)) return;
  throw new InputError({
    subject: `name of a ${what}`,
    expected: `a text of 1 to ${maxBytes} bytes without "/", "\\" and control characters that is neither "." nor ".." and ends in no ".crswap"`,
    found: typeof name === "string" ? JSON.stringify(name) : name === null ? "null" : typeof name,
    remedy:
      what === "file"
        ? "A store has no folders: open a store for each run, or write runs-3 for runs/3"
        : "Choose another name",
  });
}
