/**
 * Compares reading and writing with raw system calls and with other libraries.
 *
 *   npm run bench -- [--mib 1024] [--rounds 5] [--folder DIR] [--only write,read] [--json FILE] [--docs]
 *   npm run bench:large -- ...       also files of 5 GiB and an array of more than 2^31 bytes
 */
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, platform, release, tmpdir, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cases, findCase } from "./cases.ts";
import type { Case, Settings } from "./measure.ts";
import { formatChart } from "./report/chart.ts";
import { formatPage } from "./report/markdown.ts";
import type { RunResult } from "./report/run-result.ts";
import { formatCase } from "./report/text.ts";
import { type CaseResult, runCase } from "./run-case.ts";

const { values: options } = parseArgs({
  options: {
    mib: { type: "string", default: "1024" },
    rounds: { type: "string", default: "5" },
    folder: { type: "string", default: tmpdir() },
    only: { type: "string" },
    large: { type: "boolean", default: false },
    json: { type: "string" },
    docs: { type: "boolean", default: false },
  },
});

const settings: Settings = {
  folder: options.folder,
  mib: positive("mib", options.mib),
  rounds: positive("rounds", options.rounds),
  large: options.large,
};

const loadAtStart = fiveMinuteLoad();
await mkdir(settings.folder, { recursive: true });
const results: CaseResult[] = [];
for (const chosen of chooseCases()) {
  const result = await runCase(chosen, settings);
  console.log(formatCase(result));
  results.push(result);
}
const result = describeRun(results);
if (options.json) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
if (options.docs) {
  await writeFile(inDocs("benchmarks.md"), formatPage(result));
  await writeFile(inDocs("benchmarks.svg"), formatChart(result));
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`--${name}: expected a number above 0, found "${text}"`);
}

function chooseCases(): readonly Case[] {
  if (options.only) return options.only.split(",").map(findCase);
  return cases.filter(({ large }) => !large || settings.large);
}

function describeRun(found: readonly CaseResult[]): RunResult {
  return {
    machine: {
      cpu: cpus()[0]?.model.trim() ?? "unknown CPU",
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      platform: `${platform()} ${release()}`,
      node: process.version.slice(1),
    },
    load: [loadAtStart, fiveMinuteLoad()],
    date: new Date().toISOString().slice(0, 10),
    mib: settings.mib,
    rounds: settings.rounds,
    cases: found,
  };
}

function fiveMinuteLoad(): number {
  return loadavg()[1] ?? 0;
}

function inDocs(name: string): string {
  return fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
}
