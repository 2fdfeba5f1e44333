/** `legolas-flux inspect`: what stands in a file. */
import type { Command } from "commander";
import { formatBytes } from "../inspection/format-number.ts";
import { eachSource, jsonOf } from "./each-source.ts";
import type { ExitCode } from "./exit-code.ts";
import { inspectReport } from "./inspect/inspect-report.ts";
import { inspectText } from "./inspect/inspect-text.ts";
import { countOption } from "./options.ts";
import { type Output, printJson, printLines } from "./output.ts";
import { Progress } from "./progress.ts";

interface InspectFlags {
  readonly row?: number;
  readonly limit: number;
  readonly depth: number;
  readonly stats: boolean;
  readonly digest: boolean;
  readonly json: boolean;
}

const examples = `
Examples:
  $ legolas-flux inspect my_model.model.arrow
  $ legolas-flux inspect --stats runs/best.digits.model.arrow
  $ legolas-flux inspect https://example.com/my_model.model.arrow   # reads metadata only, by range
  $ legolas-flux inspect --json my_model.model.arrow | jq '.rows[0].weights.weights.parameters'`;

export function addInspect(program: Command, output: Output, finish: (code: ExitCode) => void): void {
  program
    .command("inspect")
    .summary("show what stands in a file: schema, columns, parameters, arrays")
    .description(
      "Shows schema, columns, parameters and the tree of arrays of a table of models, whatever its schema. Reads metadata only, but for --stats and --digest.",
    )
    .argument("<file...>", "paths, globs, directories, http(s) addresses")
    .option("--row <n>", "show this row of a table of many, from 0", countOption)
    .option("--limit <n>", "summarize at most so many rows of a table of many", countOption, 20)
    .option("--depth <n>", "fold groups of arrays below this depth", countOption, Number.POSITIVE_INFINITY)
    .option("--stats", "read all values: min, max, mean, std, zeros, NaN, Inf, histogram", false)
    .option("--digest", "read all values: the CRC-32 of each array", false)
    .option("--json", "one JSON value: an object for a single path or address, else an array", false)
    .addHelpText("after", examples)
    .action(async (files: string[], flags: InspectFlags) => {
      finish(await inspect(files, flags, output));
    });
}

async function inspect(files: readonly string[], flags: InspectFlags, output: Output): Promise<ExitCode> {
  const { row = null, limit, depth, stats, digest, json } = flags;
  const progress = new Progress(output);
  const { results, code } = await eachSource(files, output, async (source) => {
    let read = 0;
    const onRead = (bytes: number): void => {
      output.signal.throwIfAborted();
      read += bytes;
      if (stats || digest) progress.show(() => `${source}: ${formatBytes(read)} read`);
    };
    const rowLimit = json ? Number.POSITIVE_INFINITY : limit;
    const report = await inspectReport(source, {
      row,
      limit: rowLimit,
      stats,
      digest,
      onRead,
      signal: output.signal,
    }).finally(() => progress.end());
    if (!json) printLines(output, [...inspectText(report, depth, output), ""]);
    return report;
  });
  if (json) printJson(output, jsonOf(files, results));
  return code;
}
