/** A report on a file, for people. */

import { drawHistogram } from "../../inspection/array-statistics.ts";
import { type TreeLine, treeLines } from "../../inspection/array-tree.ts";
import { isCompanion } from "../../inspection/companion-columns.ts";
import { escapeText } from "../../inspection/escape-text.ts";
import { formatBytes, formatCount, formatOf, formatStatistic } from "../../inspection/format-number.ts";
import { formatCell, formatNested } from "../../inspection/format-value.ts";
import type { ArrayReport, Tally, WeightsReport } from "../../inspection/weights-report.ts";
import { type Output, paints } from "../output.ts";
import { type TableColumn, tableLines } from "../table-text.ts";
import type { InspectReport, RowReport } from "./inspect-report.ts";

export function inspectText(report: InspectReport, maxDepth: number, output: Output): string[] {
  const { bold } = paints(output);
  const isDetailed =
    report.rows.some(({ weights }) => Object.values(weights).some((each) => each?.list)) || report.rowCount === 1;
  return [
    bold(escapeText(report.source)),
    ...summaryLines(report, output),
    "",
    ...(isDetailed || report.rows.length === 1 ? detailLines(report, maxDepth, output) : rowsLines(report, output)),
  ];
}

function heading(text: string, output: Output, note = ""): string {
  const { bold, dim } = paints(output);
  return note === "" ? bold(text) : `${bold(text)}  ${dim(note)}`;
}

/** Lines of a table, indented. */
function indented(columns: readonly TableColumn[], rows: readonly string[][], output: Output): string[] {
  const width = output.width === null ? null : output.width - 2;
  return tableLines(columns, rows, width, paints(output).dim).map((line) => `  ${line}`);
}

function summaryLines(report: InspectReport, output: Output): string[] {
  const { schema, provider, compression, format } = report;
  const rows = [
    [
      "bytes",
      report.bytes < 1000 ? formatCount(report.bytes) : `${formatCount(report.bytes)} (${formatBytes(report.bytes)})`,
    ],
    ["format", `Arrow ${format}, ${compression === null ? "not compressed" : `compressed with ${compression}`}`],
    ["rows", formatCount(report.rowCount)],
    ["schema", schema ? escapeText([schema.version, ...schema.ancestors].join(" > ")) : "none recorded"],
    ["provider", provider ? escapeText(`${provider.name} ${provider.version}`) : "none recorded"],
    ...Object.entries(report.metadata).map(([key, value]) => [
      "metadata",
      `${escapeText(key)}: ${formatNested(value)}`,
    ]),
  ];
  return indented([{ header: "" }, { header: "", least: 20 }], rows, output);
}

function detailLines(report: InspectReport, maxDepth: number, output: Output): string[] {
  const [row] = report.rows;
  if (!row) return [...columnLines(report, undefined, output)];
  return [
    ...columnLines(report, row, output),
    ...Object.entries(row.weights).flatMap(([column, weights]) => [
      "",
      ...(weights
        ? weightsLines(column, weights, maxDepth, output)
        : [heading(`Parameters in "${escapeText(column)}"`, output, "missing")]),
    ]),
  ];
}

function columnLines(report: InspectReport, row: RowReport | undefined, output: Output): string[] {
  const ofWeights = new Set(report.columns.filter(({ type }) => /^weights/.test(type)).map(({ name }) => name));
  const rows = report.columns
    .filter(({ name }) => !isCompanion(name, ofWeights))
    .map(({ name, type, isRead }) => [
      escapeText(name),
      escapeText(type),
      ...(row ? [valueText(name, isRead, row)] : []),
    ]);
  const number = row && report.rowCount > 1 ? `of row ${row.index}` : "";
  return [
    heading("Columns", output, number),
    ...indented(
      [{ header: "name", least: 12 }, { header: "type", least: 16 }, ...(row ? [{ header: "value", least: 24 }] : [])],
      rows,
      output,
    ),
  ];
}

function valueText(name: string, isRead: boolean, row: RowReport): string {
  if (!isRead) return "(not read)";
  const weights = row.weights[name];
  if (weights) return formatOf(weights.arrays, "array");
  return formatNested(row.values[name]);
}

function weightsLines(column: string, weights: WeightsReport, maxDepth: number, output: Output): string[] {
  const title = column === "weights" ? "Parameters" : `Parameters in "${escapeText(column)}"`;
  const layout = weights.layout === null ? "flux (not marked)" : escapeText(weights.layout);
  const facts = [
    ["in total", `${formatCount(weights.parameters)} in ${formatOf(weights.arrays, "array")}`],
    ["in memory", formatBytes(weights.memoryBytes)],
    ["layout", layout],
    ["checksums", weights.checksums ? "stored" : "none"],
    ...tallyRows("by type", weights.byType),
    ...tallyRows("by group", weights.byGroup),
  ];
  return [
    heading(title, output),
    ...indented([{ header: "" }, { header: "", least: 24 }], facts, output),
    ...(weights.list && weights.list.length > 0 ? ["", ...arrayLines(weights.list, maxDepth, output)] : []),
  ];
}

const shownGroups = 12;

function tallyRows(label: string, tallies: Readonly<Record<string, Tally>>): string[][] {
  const entries = Object.entries(tallies);
  const more = entries.length > shownGroups ? [["", `… ${formatOf(entries.length - shownGroups, "more group")}`]] : [];
  const rows = entries
    .slice(0, shownGroups)
    .map(([key, { arrays, parameters }], i) => [
      i === 0 ? label : "",
      `${escapeText(key) || '""'}: ${formatCount(parameters)} in ${formatOf(arrays, "array")}`,
    ]);
  return [...rows, ...more];
}

function arrayLines(list: readonly ArrayReport[], maxDepth: number, output: Output): string[] {
  const lines = treeLines(list, maxDepth);
  const hasNames = list.some(({ name }) => name !== null);
  const hasDigests = list.some(({ digest }) => digest !== undefined);
  const columns: TableColumn[] = [
    { header: "index", isNumber: true },
    ...(hasNames ? [{ header: "name", least: 16 }] : []),
    { header: "type" },
    { header: "size", least: 12 },
    { header: "bytes", isNumber: true },
    { header: "offset", isNumber: true },
    ...(hasDigests ? [{ header: "digest" }] : []),
  ];
  const rows = lines.map((line) => arrayRow(line, hasNames, hasDigests));
  const note = "sizes in column-major order, as on disk: row-major shapes are the reverse";
  const statistics = list.some((array) => array.statistics) ? ["", ...statisticsLines(list, hasNames, output)] : [];
  return [heading("Arrays", output, note), ...indented(columns, rows, output), ...statistics];
}

function arrayRow({ depth, label, array, arrays }: TreeLine, hasNames: boolean, hasDigests: boolean): string[] {
  const bytes = formatCount(arrays.reduce((sum, each) => sum + each.bytes, 0));
  const name = `${"  ".repeat(depth)}${label || '""'}`;
  if (!array) {
    const [first, last] = [arrays[0]?.index, arrays.at(-1)?.index];
    const indices = first === last ? `${first}` : `${first}-${last}`;
    const cells = [indices, name, "", formatOf(arrays.length, "array"), bytes, ""];
    return hasDigests ? [...cells, ""] : cells;
  }
  const { index, type, storedType, size, offset, digest } = array;
  return [
    formatCount(index),
    ...(hasNames ? [name] : []),
    type === storedType ? type : `${escapeText(type)} (as ${storedType})`,
    `(${size.join(", ")})`,
    bytes,
    offset === null ? "compressed" : formatCount(offset),
    ...(hasDigests ? [digest ?? ""] : []),
  ];
}

function statisticsLines(list: readonly ArrayReport[], hasNames: boolean, output: Output): string[] {
  const hasOdd = list.some(({ statistics }) => statistics && statistics.nan + statistics.inf > 0);
  const columns: TableColumn[] = [
    { header: "index", isNumber: true },
    ...(hasNames ? [{ header: "name", least: 8 }] : []),
    ...["min", "max", "mean", "std", "zeros", ...(hasOdd ? ["NaN", "Inf"] : [])].map((header) => ({
      header,
      isNumber: true,
    })),
    { header: "histogram" },
  ];
  const rows = list.flatMap(({ index, name, statistics }) => {
    if (!statistics) return [];
    const { min, max, mean, std, zeros, nan, inf, histogram } = statistics;
    return [
      [
        formatCount(index),
        ...(hasNames ? [escapeText(name ?? "")] : []),
        ...[min, max, mean, std].map(formatStatistic),
        formatCount(zeros),
        ...(hasOdd ? [formatCount(nan), formatCount(inf)] : []),
        drawHistogram(histogram),
      ],
    ];
  });
  return [
    heading("Values", output, hasOdd ? "of the finite elements" : "no NaN, no Inf"),
    ...indented(columns, rows, output),
  ];
}

function rowsLines(report: InspectReport, output: Output): string[] {
  const { rows, rowCount } = report;
  const names = report.columns.filter(
    ({ name, isRead }) => isRead && rows.some(({ values }) => Object.hasOwn(values, name)),
  );
  const hasWeights = rows.some(({ weights }) => Object.keys(weights).length > 0);
  const columns: TableColumn[] = [
    { header: "row", isNumber: true },
    ...names.map(({ name, type }) => ({ header: escapeText(name), least: 8, isNumber: /^(u?int|float)/.test(type) })),
    ...(hasWeights
      ? [
          { header: "arrays", isNumber: true },
          { header: "parameters", isNumber: true },
        ]
      : []),
  ];
  const lines = rows.map(({ index, values, weights }) => [
    formatCount(index),
    ...names.map(({ name }) => formatCell(values[name])),
    ...(hasWeights ? tallyCells(Object.values(weights)) : []),
  ]);
  const more =
    rowCount > rows.length ? [`  … ${formatOf(rowCount - rows.length, "more row")}: --limit N, or --json`] : [];
  if (rowCount === 0) return columnLines(report, undefined, output);
  return [
    ...columnLines(report, undefined, output),
    "",
    heading("Rows", output),
    ...indented(columns, lines, output),
    ...more,
    "",
    "  --row N shows the arrays of a row.",
  ];
}

function tallyCells(weights: readonly (WeightsReport | null)[]): string[] {
  const present = weights.filter((each) => each !== null);
  if (present.length === 0) return ["missing", ""];
  const sum = (of: (tally: Tally) => number): string =>
    formatCount(present.reduce((total, each) => total + of(each), 0));
  return [sum(({ arrays }) => arrays), sum(({ parameters }) => parameters)];
}
