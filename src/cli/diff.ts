/** `legolas-flux diff`: what differs between two checkpoints. */
import { type Command, InvalidArgumentError } from "commander";
import { escapeText } from "../inspection/escape-text.ts";
import { formatCount, formatOf, formatStatistic } from "../inspection/format-number.ts";
import { formatNested } from "../inspection/format-value.ts";
import {
  type ColumnDifference,
  type DiffReport,
  diffReport,
  isSameColumn,
  isSamePair,
  type PairDifference,
  type WeightsDifference,
} from "./diff/diff-report.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { amountOption, countOption } from "./options.ts";
import { type Output, paints, printJson, printLines } from "./output.ts";
import { Progress } from "./progress.ts";
import { type TableColumn, tableLines } from "./table-text.ts";

type Rows = readonly [number | null, number | null];

interface DiffFlags {
  readonly row: Rows;
  readonly tolerance: number;
  readonly json: boolean;
}

const examples = `
Examples:
  $ legolas-flux diff runs/epoch-01.digits.model.arrow runs/epoch-02.digits.model.arrow
  $ legolas-flux diff --tolerance 1e-6 mine.model.arrow theirs.model.arrow && echo same
  $ legolas-flux diff --row 0:9 run.model.arrow run.model.arrow   # two rows of one table

Arrays are matched by name where both sides have a name for each, else by position. Exit code 0: no difference, 1: some.`;

export function addDiff(program: Command, output: Output, finish: (code: ExitCode) => void): void {
  program
    .command("diff")
    .summary("compare two files: columns, arrays, values")
    .description("Compares two model rows: schema, columns, and arrays value by value.")
    .argument("<a>", "path or http(s) address")
    .argument("<b>", "path or http(s) address")
    .option("--row <n[:m]>", "rows of tables of many, from 0: the same of both, or one for each", rowsOption, [
      null,
      null,
    ])
    .option("--tolerance <x>", "arrays whose elements differ by at most this are the same", amountOption, 0)
    .option("--json", "one JSON value", false)
    .addHelpText("after", examples)
    .action(async (a: string, b: string, flags: DiffFlags) => {
      finish(await diff(a, b, flags, output));
    });
}

function rowsOption(text: string): Rows {
  const [a = "", b = a, ...more] = text.split(":");
  if (more.length > 0) throw new InvalidArgumentError("Give N, or N:M.");
  return [countOption(a), countOption(b)];
}

async function diff(a: string, b: string, { row, tolerance, json }: DiffFlags, output: Output): Promise<ExitCode> {
  const progress = new Progress(output);
  const onProgress = (text: string): void => progress.show(() => text);
  const options = { rows: row, tolerance, signal: output.signal, onProgress };
  const report = await diffReport(a, b, options).finally(() => progress.end());
  if (json) printJson(output, report);
  else printLines(output, diffLines(report, output));
  return report.isSame ? exitCode.ok : exitCode.no;
}

function diffLines(report: DiffReport, output: Output): string[] {
  const { bold, green } = paints(output);
  const { schemas, columns, weights, tolerance } = report;
  const schemaLines = schemas.a === schemas.b ? [] : [`schema: ${sideText(schemas.a)} → ${sideText(schemas.b)}`, ""];
  const within = tolerance > 0 ? ` within ${tolerance}` : "";
  const verdict = report.isSame ? green(`No differences${within}.`) : `They differ${within}.`;
  return [
    `${bold("a")} ${escapeText(report.a)}`,
    `${bold("b")} ${escapeText(report.b)}`,
    "",
    ...schemaLines,
    ...columnLines(columns, output),
    ...weights.flatMap((each) => weightsLines(each, output)),
    verdict,
  ];
}

function sideText(identifier: string | null): string {
  return identifier === null ? "none" : escapeText(identifier);
}

function table(columns: readonly TableColumn[], rows: readonly string[][], output: Output): string[] {
  if (rows.length === 0) return [];
  const width = output.width === null ? null : output.width - 2;
  return tableLines(columns, rows, width, paints(output).dim).map((line) => `  ${line}`);
}

function columnLines(columns: readonly ColumnDifference[], output: Output): string[] {
  const different = columns.filter((column) => !isSameColumn(column));
  const uncompared = columns.filter(({ status }) => status === "not compared").map(({ name }) => escapeText(name));
  const rows = different.map(({ name, status, a, b }) => [status, escapeText(name), ...cells(status, a, b)]);
  const same = columns.length - different.length - uncompared.length;
  return [
    paints(output).bold("Columns"),
    ...table(
      [{ header: "" }, { header: "name", least: 10 }, { header: "a", least: 16 }, { header: "b", least: 16 }],
      rows,
      output,
    ),
    ...(same > 0 ? [`  ${formatOf(same, "column")} the same`] : []),
    ...(uncompared.length > 0 ? [`  not compared, as their types are not read: ${uncompared.join(", ")}`] : []),
    "",
  ];
}

function cells(status: ColumnDifference["status"], ...sides: ColumnDifference["a"][]): string[] {
  return sides.map((side) => {
    if (!side) return "";
    return status === "retyped" ? `${escapeText(side.type)}: ${formatNested(side.value)}` : formatNested(side.value);
  });
}

const columnsOfPairs: readonly TableColumn[] = [
  { header: "" },
  { header: "index", isNumber: true },
  { header: "name", least: 12 },
  { header: "a to b", least: 16 },
  { header: "max |a-b|", isNumber: true },
  { header: "mean |a-b|", isNumber: true },
  { header: "elements", isNumber: true },
];

function weightsLines({ column, matchedBy, layouts, arrays }: WeightsDifference, output: Output): string[] {
  const { bold, dim } = paints(output);
  const title = column === "weights" ? "Arrays" : `Arrays in "${escapeText(column)}"`;
  const layoutLines =
    (layouts.a ?? "flux") === (layouts.b ?? "flux")
      ? []
      : [
          `  layout: ${sideText(layouts.a ?? "flux")} → ${sideText(layouts.b ?? "flux")}: their sizes and values have other orders`,
        ];
  const count = (status: PairDifference["status"]): number => arrays.filter((pair) => pair.status === status).length;
  const identical = count("identical");
  const within = count("within tolerance");
  const rows = arrays.filter((pair) => !isSamePair(pair)).map(pairRow);
  return [
    `${bold(title)}  ${dim(`matched by ${matchedBy}`)}`,
    ...layoutLines,
    ...table(columnsOfPairs, rows, output),
    ...(identical > 0 ? [`  ${formatOf(identical, "array")} identical`] : []),
    ...(within > 0 ? [`  ${formatOf(within, "array")} the same within the tolerance, ${farthest(arrays)}`] : []),
    "",
  ];
}

function farthest(arrays: readonly PairDifference[]): string {
  const differences = arrays
    .filter(({ status }) => status === "within tolerance")
    .map(({ difference }) => difference?.max ?? 0);
  return `at most ${formatStatistic(Math.max(...differences))} apart`;
}

function pairRow({ status, a, b, difference }: PairDifference): string[] {
  const side = a ?? b;
  const describe = (each: typeof side): string => (each ? `${escapeText(each.type)} (${each.size.join(", ")})` : "");
  const [from, to] = [describe(a), describe(b)];
  const place = a && b && a.index !== b.index ? `${a.index}→${b.index}` : `${side?.index}`;
  const nan = difference && difference.nan > 0 ? `, NaN ${formatCount(difference.nan)}` : "";
  return [
    status,
    place,
    escapeText(side?.name ?? ""),
    from === to || from === "" || to === "" ? from || to : `${from} → ${to}`,
    difference ? formatStatistic(difference.max) : "",
    difference ? formatStatistic(difference.mean) : "",
    difference ? `${formatCount(difference.differing)}${nan}` : "",
  ];
}
