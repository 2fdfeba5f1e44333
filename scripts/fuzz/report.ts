/** The table that a run ends with, in Markdown. */
import type { Verdict } from "./examine.ts";
import type { Agreement } from "./examine-lazily.ts";
import type { Counts } from "./fuzzer.ts";

export interface Summary {
  readonly seed: number;
  readonly subjects: number;
  readonly mutants: number;
  readonly failed: number;
  readonly slowestMs: number;
  readonly growthPerByte: number;
  readonly readPerByte: number;
  readonly seconds: number;
}

type Columns = readonly (readonly [Verdict | Agreement, string])[];

const verdicts: Columns = [
  ["refused", "refused"],
  ["none", "read the same"],
  ["values", "other values"],
  ["texts", "other names or texts"],
  ["structure", "other structure"],
  ["failed", "failed"],
];

const agreements: Columns = [
  ["both refused", "both refused"],
  ["same values", "same values"],
  ["only by rows", "only by rows"],
  ["failed", "failed"],
];

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |`;
}

type Row = Partial<Record<Verdict | Agreement, number>>;

function table(counts: Counts, verb: string, columns: Columns): string {
  const total: Row = {};
  const rows = Object.keys(counts)
    .sort()
    .map((mutator) => {
      const row = counts[mutator]?.[verb] ?? {};
      for (const [verdict] of columns) total[verdict] = (total[verdict] ?? 0) + (row[verdict] ?? 0);
      return cells(mutator, row, columns);
    });
  const heads = [`\`${verb}\``, "mutants", ...columns.map(([, name]) => name)];
  const rule = heads.map((_, i) => (i === 0 ? "---" : "--:"));
  return [line(heads), line(rule), ...rows, cells("**all**", total, columns)].join("\n");
}

function cells(name: string, row: Row, columns: Columns): string {
  const numbers = columns.map(([verdict]) => row[verdict] ?? 0);
  return line([name, numbers.reduce((sum, number) => sum + number, 0), ...numbers]);
}

export function report(counts: Counts, summary: Summary): string {
  const { seed, subjects, mutants, failed, slowestMs, growthPerByte, readPerByte, seconds } = summary;
  return [
    table(counts, "decodeTable", verdicts),
    table(counts, "decodeModelRow", verdicts),
    table(counts, "openModelRow", agreements),
    table(counts, "openModelRows", agreements),
    `seed ${seed}: ${mutants} mutants of ${subjects} files in ${seconds.toFixed(0)} s (${Math.round(mutants / seconds)} a second), ` +
      `slowest ${slowestMs.toFixed(0)} ms, most memory ${growthPerByte.toFixed(0)} bytes a byte, ` +
      `most read by ranges ${readPerByte.toFixed(1)} bytes a byte, ${failed} failures`,
  ].join("\n\n");
}
