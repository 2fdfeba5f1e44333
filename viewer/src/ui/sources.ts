/** Where files come from: a choice, a drop, an address, the server of `legolas-flux view`. */
import type { FileSource } from "../protocol.ts";

const extensions = /\.(?:arrow|safetensors)$/i;

/** What the server of `legolas-flux view` serves. */
interface Served {
  readonly kind: "file" | "folder";
  readonly files: readonly string[];
}

export interface Sources {
  readonly sources: readonly FileSource[];
  /** Whether they were asked for as a folder, which is a table of runs even with a single file in it. */
  readonly isFolder: boolean;
}

/** What the page's own address asks for; null where it asks for nothing. @throws {Error} It cannot be had. */
export async function sourcesOfLocation({ href, search }: Location): Promise<Sources | null> {
  const query = new URLSearchParams(search);
  const addresses = query.getAll("url");
  if (addresses.length > 0) return { sources: addresses.map(checkedAddress), isFolder: addresses.length > 1 };
  if (!query.has("served")) return null;
  const response = await fetch(new URL("served.json", href));
  if (!response.ok) throw new Error(`The server answered ${response.status} ${response.statusText}`);
  const { kind, files } = (await response.json()) as Served;
  const sources = files.map((name) => new URL(`files/${encodeURIComponent(name)}`, href).href);
  return { sources, isFolder: kind === "folder" };
}

/** @throws {Error} It is none of http or https. */
export function checkedAddress(text: string): string {
  const address = URL.parse(text.trim());
  if (address && /^https?:$/.test(address.protocol)) return address.href;
  throw new Error(`"${text}" is not an address that begins with https:// or http://`);
}

/** Files that were dropped, those in dropped folders too. */
export async function sourcesOfDrop(data: DataTransfer): Promise<Sources> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  const single = [...data.files];
  const folders = entries.filter((entry): entry is FileSystemDirectoryEntry => entry?.isDirectory === true);
  if (folders.length === 0) return { sources: single, isFolder: single.length > 1 };
  const inside = await Promise.all(folders.map(filesIn));
  const files = single.filter(({ name }) => extensions.test(name));
  return { sources: [...files, ...inside.flat()], isFolder: true };
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  // A reader gives a part of the entries at a time, and none when all are read.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    entries.push(...some);
  }
  const files = entries.filter((entry): entry is FileSystemFileEntry => entry.isFile && extensions.test(entry.name));
  files.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  return Promise.all(files.map((entry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject))));
}
