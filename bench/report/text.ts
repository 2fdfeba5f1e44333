import type { CaseResult } from "../run-case.ts";
import { formatVerdict, tableOf } from "./cells.ts";

/** A case for the terminal. */
export function formatCase(result: CaseResult): string {
  const table = tableOf(result);
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const lines = table.map((line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
  );
  const verdicts = result.verdicts.map((verdict) => `  ${formatVerdict(verdict)}`);
  return [`${result.title} [${result.id}]`, ...lines, ...verdicts, ""].join("\n");
}
