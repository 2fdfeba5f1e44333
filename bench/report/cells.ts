/** Results as texts for tables. */
import type { CaseResult, Row, Verdict } from "../run-case.ts";

/** Milliseconds in three digits, as seconds where there are many. */
function formatTime(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 100) return `${ms.toFixed(0)} ms`;
  return `${ms.toPrecision(ms < 1 ? 2 : 3)} ms`;
}

function formatRatio(ratio: number): string {
  return ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2);
}

function formatSpeed(bytesPerSecond: number): string {
  return `${(bytesPerSecond / 2 ** 30).toFixed(2)} GiB/s`;
}

interface Column {
  readonly heading: string;
  readonly cell: (row: Row) => string;
}

/** The columns that a case has anything to say in. */
function columnsOf({ rows }: CaseResult): Column[] {
  const columns: Column[] = [
    { heading: "", cell: ({ name }) => name },
    { heading: "median", cell: ({ ms, error }) => (error ? `failed: ${error}` : formatTime(ms)) },
    { heading: "range", cell: ({ times }) => (times.length > 1 ? rangeOf(times) : "") },
    { heading: "ratio", cell: ({ ratio }) => (ratio === null ? "" : formatRatio(ratio)) },
    { heading: "speed", cell: ({ bytesPerSecond }) => (bytesPerSecond ? formatSpeed(bytesPerSecond) : "") },
    { heading: "extra memory", cell: ({ extraMiB }) => (extraMiB === null ? "" : `${extraMiB.toFixed(0)} MiB`) },
    ...[...new Set(rows.flatMap(({ facts }) => Object.keys(facts)))].map((heading) => ({
      heading,
      cell: ({ facts }: Row) => facts[heading] ?? "",
    })),
  ];
  return columns.filter(({ cell }) => rows.some((row) => cell(row) !== ""));
}

function rangeOf(times: readonly number[]): string {
  return `${formatTime(Math.min(...times))} - ${formatTime(Math.max(...times))}`;
}

/** A case as a table: headings, then a line for each operation. */
export function tableOf(result: CaseResult): string[][] {
  const columns = columnsOf(result);
  const headings = columns.map(({ heading }) => heading);
  return [headings, ...result.rows.map((row) => columns.map(({ cell }) => cell(row)))];
}

const measures: Readonly<Record<Verdict["measure"], (value: number, reference: string) => string>> = {
  ratio: (value, reference) => `${formatRatio(value)} x ${reference}`,
  extraMiB: (value) => `${value.toFixed(0)} MiB of extra memory`,
  ms: formatTime,
};

/** Where the raw side itself varied by more than this, a missed ratio may be noise. */
const noisy = 1.3;

/** A target and whether it was met. */
export function formatVerdict({
  operation,
  measure,
  atMost,
  found,
  isMet,
  ifMissed,
  spread,
  reference = "raw",
}: Verdict): string {
  const text = (value: number): string => measures[measure](value, reference);
  const noise = (spread ?? 1) > noisy ? `${reference} itself varied ${spread?.toFixed(1)} times between rounds` : null;
  const reasons = isMet ? [] : [ifMissed, noise].filter((reason) => reason);
  const after = reasons.length > 0 ? `: ${reasons.join("; ")}` : "";
  return `${isMet ? "met" : "MISSED"}: ${operation}: ${text(found)} (target: at most ${text(atMost)})${after}`;
}
