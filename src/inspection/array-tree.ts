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
 * Lines in the order of the arrays; neighbours that share the beginning of their names stand in one group.
 *
 * @param maxDepth - Groups this deep are folded.
 */
export function treeLines(arrays: readonly ArrayReport[], maxDepth: number, depth = 0): TreeLine[] {
  const lines: TreeLine[] = [];
  for (let i = 0; i < arrays.length; ) {
    const array = arrays[i] as ArrayReport;
    const path = array.name === null ? [""] : pathOf(array.name);
    const label = path[depth] ?? "";
    const group = path.length > depth + 1 ? neighbours(arrays, i, depth, label) : [];
    if (group.length === 0) {
      lines.push({ depth, label: escapeText(path.slice(depth).join("/")), array, arrays: [array] });
      i += 1;
      continue;
    }
    lines.push({ depth, label: escapeText(label), array: null, arrays: group });
    if (depth + 1 < maxDepth) lines.push(...treeLines(group, maxDepth, depth + 1));
    i += group.length;
  }
  return lines;
}

function neighbours(arrays: readonly ArrayReport[], from: number, depth: number, label: string): ArrayReport[] {
  let to = from;
  while (to < arrays.length) {
    const name = arrays[to]?.name ?? null;
    const path = name === null ? [] : pathOf(name);
    if (path[depth] !== label || path.length <= depth + 1) break;
    to += 1;
  }
  return arrays.slice(from, to);
}
