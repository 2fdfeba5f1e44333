/** Arrays as a tree by their names. */
import { escapeText } from "./escape-text.ts";
import { type ArrayReport, pathOf } from "./weights-report.ts";

/** A line of the tree: an array, or a group that arrays stand in. */
export interface TreeLine {
  readonly depth: number;
  /** Escaped. */
  readonly label: string;
  /** Null for a group. */
  readonly array: ArrayReport | null;
  /** Of the group; the array itself for an array. */
  readonly arrays: readonly ArrayReport[];
}

/**
 * Lines in the order of the arrays; neighbours that share the beginning of their names stand in one group. A group of one array, or with
 * one group in it, has no line of its own.
 *
 * @param maxDepth - Groups this deep are folded.
 */
export function treeLines(arrays: readonly ArrayReport[], maxDepth: number, depth = 0, from = 0): TreeLine[] {
  const lines: TreeLine[] = [];
  for (let i = 0; i < arrays.length; ) {
    const array = arrays[i] as ArrayReport;
    const path = partsOf(array);
    const group = path.length > from + 1 ? neighbours(arrays, i, from) : [];
    if (group.length < 2) {
      lines.push({ depth, label: labelOf(array, path.slice(from)), array, arrays: [array] });
      i += 1;
      continue;
    }
    const to = endOfShared(group, from);
    lines.push({ depth, label: labelOf(array, path.slice(from, to)), array: null, arrays: group });
    if (depth + 1 < maxDepth) lines.push(...treeLines(group, maxDepth, depth + 1, to));
    i += group.length;
  }
  return lines;
}

function partsOf({ name }: ArrayReport): string[] {
  return name === null ? [""] : pathOf(name);
}

function labelOf({ name }: ArrayReport, parts: readonly string[]): string {
  return escapeText(parts.join(name?.includes("/") ? "/" : "."));
}

/** The arrays from one on that have its part of the name at a depth, and more parts after it. */
function neighbours(arrays: readonly ArrayReport[], start: number, at: number): ArrayReport[] {
  const label = partsOf(arrays[start] as ArrayReport)[at];
  let end = start + 1;
  for (; end < arrays.length; end++) {
    const path = partsOf(arrays[end] as ArrayReport);
    if (path[at] !== label || path.length <= at + 1) break;
  }
  return arrays.slice(start, end);
}

/** Where the parts end that all names of a group share, each with a part left for itself. */
function endOfShared(group: readonly ArrayReport[], from: number): number {
  const paths = group.map(partsOf);
  let to = from + 1;
  while (paths.every((path) => path.length > to + 1 && path[to] === paths[0]?.[to])) to += 1;
  return to;
}
