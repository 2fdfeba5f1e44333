import type { FileSource } from "./protocol.ts";

/** The name of a file, or the last part of an address. */
export function nameOf(source: FileSource): string {
  if (typeof source !== "string") return "kept" in source ? source.kept : source.name;
  const { pathname, host } = new URL(source);
  const last = pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last) || host;
  } catch {
    return last;
  }
}
