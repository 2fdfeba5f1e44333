/** Paths, globs, directories and addresses as a list of files. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";

export interface Sources {
  /** Paths and addresses, in the order of the arguments; those of a directory or glob are sorted. */
  readonly sources: readonly string[];
  /** Directories and globs in which there is none. */
  readonly without: readonly string[];
}

export function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/**
 * Directories stand for the `.arrow` files in them, globs that the shell left for what they match. A path that exists is never taken for a
 * glob; one that does not is kept, for whoever opens it to complain.
 */
export async function expandSources(args: readonly string[]): Promise<Sources> {
  const expanded = await Promise.all(args.map(expand));
  return {
    sources: expanded.flat(),
    without: args.filter((_, i) => expanded[i]?.length === 0),
  };
}

async function expand(argument: string): Promise<string[]> {
  if (isAddress(argument)) return [argument];
  const stats = await stat(argument).catch(() => null);
  if (stats?.isDirectory()) {
    const names = (await readdir(argument)).filter((name) => name.endsWith(".arrow")).sort();
    return names.map((name) => join(argument, name));
  }
  if (stats || !isDynamicPattern(argument)) return [argument];
  return (await glob(argument, { onlyFiles: true, expandDirectories: false })).sort();
}
