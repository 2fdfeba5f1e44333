/** `legolas-flux validate`: whether files are whole and comply with their schema. */
import type { Command } from "commander";
import { ModelV1 } from "../index.ts";
import { escapeText } from "../inspection/escape-text.ts";
import { formatOf } from "../inspection/format-number.ts";
import { eachSource, type Failure, jsonOf } from "./each-source.ts";
import { type ExitCode, exitCode, gravest } from "./exit-code.ts";
import { loadSchema, pickVersion } from "./load-schema.ts";
import { type Output, paints, printJson, printLines } from "./output.ts";
import { Progress } from "./progress.ts";
import { type ValidateReport, validateReport } from "./validate/validate-report.ts";

interface ValidateFlags {
  readonly schema?: string;
  readonly as?: string;
  readonly quiet: boolean;
  readonly json: boolean;
}

const examples = `
Examples:
  $ legolas-flux validate runs/*.arrow
  $ legolas-flux validate --schema ./digits-row.js runs
  $ legolas-flux schema export best.digits.model.arrow > digits.json
  $ legolas-flux validate --schema digits.json other.digits.model.arrow

Checks, and tells every problem at once: the structure of file and columns, the columns against the schema, each row's
values, assignments and checks, and arrays against the digests stored with them (values are read for that only).`;

export function addValidate(program: Command, output: Output, finish: (code: ExitCode) => void): void {
  program
    .command("validate")
    .summary("check that files are whole and comply with their schema")
    .description("Checks files against their schema, their own structure and the digests stored in them.")
    .argument("<file...>", "paths, globs, directories, http(s) addresses")
    .option("--schema <file>", "declarations: a module that exports schema versions, or JSON of `schema export`")
    .option("--as <name@version>", "check every file as this schema version, whatever it says it is")
    .option("-q, --quiet", "tell only of files with problems", false)
    .option("--json", "one JSON value: an object for a single path or address, else an array", false)
    .addHelpText("after", examples)
    .action(async (files: string[], flags: ValidateFlags) => {
      finish(await validate(files, flags, output));
    });
}

async function validate(files: readonly string[], flags: ValidateFlags, output: Output): Promise<ExitCode> {
  const { schema, as, quiet, json } = flags;
  const versions = schema === undefined ? [ModelV1] : await loadSchema(schema);
  const readAs = as === undefined ? null : pickVersion(versions, as, "--as");
  const progress = new Progress(output);
  const { results, code } = await eachSource(files, output, async (source) => {
    const onProgress = (text: string): void => progress.show(() => text);
    const options = { as: readAs, hasDeclarations: schema !== undefined, signal: output.signal, onProgress };
    const report = await validateReport(source, options).finally(() => progress.end());
    if (!json && !(quiet && report.ok)) printLines(output, reportLines(report, output));
    return report;
  });
  if (json) printJson(output, jsonOf(files, results));
  const isRefused = results.some((result: ValidateReport | Failure) => "ok" in result && !result.ok);
  return gravest([code, isRefused ? exitCode.no : exitCode.ok]);
}

function reportLines(
  { source, ok, checkedAs, rows, checksums, problems, notes }: ValidateReport,
  output: Output,
): string[] {
  const { green, red, dim } = paints(output);
  const digests = checksums > 0 ? formatOf(checksums, "checksum") : "no checksums";
  const summary = rows === null ? "" : `${checkedAs}, ${formatOf(rows, "row")}, ${digests}`;
  return [
    `${ok ? green("ok  ") : red("FAIL")} ${escapeText(source)}${summary && `  ${dim(escapeText(summary))}`}`,
    ...problems.map(({ row, message }) => {
      const place = row === null || rows === 1 ? "" : `row ${row}: `;
      return `     ${escapeText(place + message.replaceAll("\n", " "))}`;
    }),
    ...notes.map((note) => dim(`     note: ${escapeText(note)}`)),
  ];
}
