/** Tables in columns of spaces. */
import { clip, widthOf } from "../inspection/escape-text.ts";

export interface TableColumn {
  readonly header: string;
  /** Numbers are aligned at their right. */
  readonly isNumber?: boolean;
  /** Cells are shortened to this many columns where the terminal is too narrow. Default: never. */
  readonly least?: number;
}

const gap = "  ";

/**
 * Lines of a table; cells are escaped already.
 *
 * @param width - Columns of the terminal; null for as many as it takes.
 */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number | null,
  paintHeader: (text: string) => string = (text) => text,
): string[] {
  const hasHeader = columns.some(({ header }) => header !== "");
  const natural = columns.map(({ header }, i) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[i] ?? "")), widthOf(header)),
  );
  const widths = fitted(columns, natural, width);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => align(clip(cell, widths[i] as number), widths[i] as number, columns[i]?.isNumber === true))
      .join(gap)
      .trimEnd();
  const header = hasHeader ? [paintHeader(line(columns.map((column) => column.header)))] : [];
  return [...header, ...rows.map(line)];
}

/** Widths that fit: the widest column that may be shortened gives way first. */
function fitted(columns: readonly TableColumn[], natural: readonly number[], width: number | null): number[] {
  const widths = [...natural];
  if (width === null) return widths;
  let excess = widths.reduce((sum, each) => sum + each, gap.length * (widths.length - 1)) - width;
  while (excess > 0) {
    const shrinkable = columns.flatMap(({ least }, i) =>
      least !== undefined && (widths[i] as number) > least ? [i] : [],
    );
    const widest = shrinkable.reduce(
      (a, b) => ((widths[b] as number) > (widths[a] as number) ? b : a),
      shrinkable[0] ?? -1,
    );
    if (widest < 0) break;
    widths[widest] = (widths[widest] as number) - 1;
    excess -= 1;
  }
  return widths;
}

function align(cell: string, width: number, isNumber: boolean): string {
  const padding = " ".repeat(Math.max(0, width - widthOf(cell)));
  return isNumber ? padding + cell : cell + padding;
}
