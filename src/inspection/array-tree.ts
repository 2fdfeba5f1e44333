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

/** Arrays so deep stand in no further groups: names of a thousand parts would make as many groups of each array. */
const deepest = 32;

/**
 * Lines in the order of the arrays; neighbours that share the beginning of their names stand in one group. A group of one array, or with
 * one group in it, has no line of its own.
 *
 * @param maxDepth - Groups this deep are folded.
 */
export function treeLines(arrays: readonly ArrayReport[], maxDepth: number): TreeLine[] {
  const tree: Tree = { arrays, paths: arrays.map(partsOf), maxDepth, lines: [] };
  addLines(tree, { start: 0, end: arrays.length, depth: 0, from: 0 });
  return tree.lines;
}

interface Tree {
  readonly arrays: readonly ArrayReport[];
  /** Of each array, the parts of its name. */
  readonly paths: readonly (readonly string[])[];
  readonly maxDepth: number;
  readonly lines: TreeLine[];
}

/** Neighbours whose names begin with the same parts. */
interface Branch {
  readonly start: number;
  /** Not included. */
  readonly end: number;
  readonly depth: number;
  /** How many parts the names share. */
  readonly from: number;
}

function addLines(tree: Tree, { start, end, depth, from }: Branch): void {
  const { arrays, paths, maxDepth, lines } = tree;
  for (let i = start; i < end; ) {
    const array = arrays[i] as ArrayReport;
    const path = paths[i] as readonly string[];
    const next = depth < deepest ? endOfGroup(paths, i, end, from) : i + 1;
    if (next - i < 2) {
      lines.push({ depth, label: labelOf(array, path.slice(from)), array, arrays: [array] });
      i += 1;
      continue;
    }
    const to = endOfShared(paths, i, next, from);
    lines.push({ depth, label: labelOf(array, path.slice(from, to)), array: null, arrays: arrays.slice(i, next) });
    if (depth + 1 < maxDepth) addLines(tree, { start: i, end: next, depth: depth + 1, from: to });
    i = next;
  }
}

function partsOf({ name }: ArrayReport): string[] {
  return name === null ? [""] : pathOf(name);
}

function labelOf({ name }: ArrayReport, parts: readonly string[]): string {
  return escapeText(parts.join(name?.includes("/") ? "/" : "."));
}

/** Where the arrays end that have the first one's part of the name at a place, and more parts after it. */
function endOfGroup(paths: Tree["paths"], start: number, end: number, at: number): number {
  const label = paths[start]?.[at];
  let next = start;
  while (next < end && hasMore(paths[next], at) && paths[next]?.[at] === label) next += 1;
  return next;
}

/** Where the parts end that all names of a group share, each with a part left for itself. */
function endOfShared(paths: Tree["paths"], start: number, end: number, from: number): number {
  for (let to = from + 1; ; to++) {
    const label = paths[start]?.[to];
    for (let i = start; i < end; i++) if (!hasMore(paths[i], to) || paths[i]?.[to] !== label) return to;
  }
}

function hasMore(path: readonly string[] | undefined, at: number): boolean {
  return path !== undefined && path.length > at + 1;
}
