/** The table that a run ends with, in Markdown. */
import type { Verdict } from "./examine.ts";
import type { Counts } from "./fuzzer.ts";

export interface Summary {
  readonly seed: number;
  readonly subjects: number;
  readonly mutants: number;
  readonly failed: number;
  readonly slowestMs: number;
  readonly growthPerByte: number;
  readonly seconds: number;
}

const verdicts: readonly (readonly [Verdict, string])[] = [
  ["refused", "refused"],
  ["none", "read the same"],
  ["values", "other values"],
  ["texts", "other names or texts"],
  ["structure", "other structure"],
  ["failed", "failed"],
];

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |`;
}

function table(counts: Counts, verb: string): string {
  const total: Partial<Record<Verdict, number>> = {};
  const rows = Object.keys(counts)
    .sort()
    .map((mutator) => {
      const row = counts[mutator]?.[verb] ?? {};
      for (const [verdict] of verdicts) total[verdict] = (total[verdict] ?? 0) + (row[verdict] ?? 0);
      return cells(mutator, row);
    });
  const heads = [verb, "mutants", ...verdicts.map(([, name]) => name)];
  return [line(heads), line(heads.map((_, i) => (i === 0 ? "---" : "--:"))), ...rows, cells("**all**", total)].join(
    "\n",
  );
}

function cells(name: string, row: Partial<Record<Verdict, number>>): string {
  const numbers = verdicts.map(([verdict]) => row[verdict] ?? 0);
  return line([name, numbers.reduce((sum, number) => sum + number, 0), ...numbers]);
}

export function report(counts: Counts, summary: Summary): string {
  const { seed, subjects, mutants, failed, slowestMs, growthPerByte, seconds } = summary;
  return [
    table(counts, "decodeTable"),
    table(counts, "decodeModelRow"),
    `seed ${seed}: ${mutants} mutants of ${subjects} files in ${seconds.toFixed(0)} s (${Math.round(mutants / seconds)} a second), ` +
      `slowest ${slowestMs.toFixed(0)} ms, most memory ${growthPerByte.toFixed(0)} bytes a byte, ${failed} failures`,
  ].join("\n\n");
}
