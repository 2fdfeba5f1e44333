/** The files that `legolas-flux view` shows, and no others. */
import { constants } from "node:fs";
import { type FileHandle, open, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { SourceError } from "../../index.ts";

/** What is served: one file, or the files of a folder. */
export interface ServedFiles {
  readonly kind: "file" | "folder";
  /** Their names, sorted; of a folder, as it is now. */
  list(): Promise<string[]>;
  /** Opens a file by its name; null where there is none, or it is none that is served. */
  open(name: string): Promise<FileHandle | null>;
}

const shown = /\.(?:arrow|safetensors)$/i;

/** @throws {SourceError} There is no such file or folder. */
export async function servedFiles(path: string): Promise<ServedFiles> {
  try {
    const real = await realpath(path);
    const isFolder = (await stat(real)).isDirectory();
    return isFolder ? folderOf(real) : fileOf(path, real);
  } catch (cause) {
    throw new SourceError(path, "opening", cause);
  }
}

/** The path was named by whoever started the server, so what it links to is meant. */
function fileOf(path: string, real: string): ServedFiles {
  const own = basename(path);
  return {
    kind: "file",
    list: async () => [own],
    open: async (name) => (name === own ? openInside(dirname(real), real) : null),
  };
}

function folderOf(folder: string): ServedFiles {
  return {
    kind: "folder",
    list: async () => {
      const names = (await readdir(folder)).filter((name) => shown.test(name));
      const places = await Promise.all(names.map((name) => placeInside(folder, join(folder, name))));
      return names.filter((_, i) => places[i] !== null).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    },
    open: async (name) => {
      // A name, not a path: whatever leads elsewhere has a separator, or is a link.
      if (!shown.test(name) || basename(name) !== name || /[/\\\0]/.test(name)) return null;
      return openInside(folder, join(folder, name));
    },
  };
}

/** Opens a regular file whose real place is inside a folder; null for all else. */
async function openInside(folder: string, path: string): Promise<FileHandle | null> {
  const real = await placeInside(folder, path);
  // The last part of a real path is no link; if it has become one since, opening fails.
  return real === null ? null : open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(() => null);
}

/** The real path of a regular file inside a folder; null for all else. */
async function placeInside(folder: string, path: string): Promise<string | null> {
  const real = await realpath(path).catch(() => null);
  if (!real?.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return null;
  return (await stat(real).catch(() => null))?.isFile() ? real : null;
}
