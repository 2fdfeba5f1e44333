import type { CaseResult } from "../run-case.ts";
import { formatVerdict, tableOf } from "./cells.ts";
import type { RunResult } from "./run-result.ts";

/** The page of results. */
export function formatPage({ machine, load, date, mib, rounds, cases }: RunResult): string {
  const { cpu, cores, memoryGiB, platform, node } = machine;
  return `${[
    "# Benchmarks",
    "Written by `npm run bench:large -- --docs`; do not edit. `npm run bench` measures all but the largest files.",
    "![Time to write and to read a model, as a ratio to plain reads and writes](benchmarks.svg)",
    `${cpu}, ${cores} cores, ${memoryGiB} GiB of memory, ${platform}, Node ${node}, ${date}. The large model has ${mib} MiB in 200 float32 arrays.`,
    `Load average ${load.map((value) => value.toFixed(1)).join(" at the beginning and ")} at the end${Math.max(...load) > cores ? `: the machine was busy with other work on its ${cores} cores, so short times and ratios vary` : ""}.`,
    `Operations run in turn (A B C A B C ...), ${rounds} rounds of the large model (3 of other libraries), more of what takes milliseconds, 1 of the largest files, after a warm-up round in which every result is compared with what was to be written or read. Times are medians; ratios are the median of each round's ratio, so what slows a whole round down cancels out. Files are in the page cache, so this measures what the code adds, not the disk. Extra memory is the peak resident memory of a process that does nothing else, beyond one that only allocates the model. The code measured is the built package.`,
    ...cases.map(formatSection),
  ].join("\n\n")}\n`;
}

function formatSection(result: CaseResult): string {
  const [headings = [], ...lines] = tableOf(result);
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = headings.map((_, i) => (i === 0 ? "---" : "---:"));
  return [
    `## ${result.title}`,
    "",
    result.explanation,
    "",
    ...[headings, rule, ...lines].map(row),
    ...(result.verdicts.length > 0 ? ["", ...result.verdicts.map((verdict) => `- ${formatVerdict(verdict)}`)] : []),
  ].join("\n");
}
