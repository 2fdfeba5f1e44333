/** `legolas-flux ls`: checkpoints as a table. */
import { relative } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { LazyWeights, type ListedRow, listModelRows } from "../index.ts";
import { escapeText, widthOf } from "../inspection/escape-text.ts";
import { formatOf } from "../inspection/format-number.ts";
import { formatCell } from "../inspection/format-value.ts";
import { valueAt } from "../value-at.ts";
import { failureOf } from "./each-source.ts";
import { type ExitCode, exitCode, gravest, UsageError } from "./exit-code.ts";
import { expandSources } from "./expand-sources.ts";
import { parseSortKeys, type SortKey, sortRows } from "./ls/sort-rows.ts";
import { type Condition, parseCondition } from "./ls/where-expression.ts";
import { countOption } from "./options.ts";
import { type Output, paints, printError, printJson, printLines } from "./output.ts";
import { Progress } from "./progress.ts";
import { type TableColumn, tableLines } from "./table-text.ts";

interface LsFlags {
  readonly columns?: readonly string[];
  readonly sort?: readonly SortKey[];
  readonly where?: Condition;
  readonly limit?: number;
  readonly json: boolean;
}

const examples = `
Examples:
  $ legolas-flux ls runs
  $ legolas-flux ls runs --sort -accuracy --where 'epoch > 3 && config.seed == 5' --limit 10
  $ legolas-flux ls 'runs/**/*.arrow' --columns path,epoch,accuracy
  $ legolas-flux ls runs --sort -accuracy --limit 1 --json | jq -r '.[0].path'

Conditions: a column, or a dotted path into one, compared by == != < <= > >= or ~ (matches a pattern with * and ?) with a
number, "string", true, false or missing; joined by && || ! ( ). A name that looks like something else stands between
backticks. Beside the columns there are path, index (of the row), schema and bytes (of the file).`;

export function addLs(program: Command, output: Output, finish: (code: ExitCode) => void): void {
  program
    .command("ls")
    .summary("list checkpoints by their columns, sorted and filtered")
    .description("Lists the model rows of files as a table of their columns. Reads metadata only.")
    .argument("[file...]", "directories, paths, globs, http(s) addresses", ["."])
    .option("--columns <names>", "show these, separated by commas; dots lead into a column", namesOption)
    .option("--sort <columns>", "by these, separated by commas; with - before one, descending", parseSortKeys)
    .option("--where <condition>", "only rows for which it holds", conditionOption)
    .option("-n, --limit <n>", "show at most so many rows", countOption)
    .option("--json", "one JSON value: an array of rows", false)
    .addHelpText("after", examples)
    .action(async (files: string[], flags: LsFlags) => {
      finish(await ls(files, flags, output));
    });
}

function namesOption(text: string): string[] {
  return text.split(",").filter((name) => name !== "");
}

function conditionOption(text: string): Condition {
  try {
    return parseCondition(text);
  } catch (error) {
    throw error instanceof UsageError ? new InvalidArgumentError(error.message) : error;
  }
}

/** A row with what is known of its file beside its own columns, which go first. */
type Row = Readonly<Record<string, unknown>>;

interface Item {
  readonly listed: ListedRow<object>;
  readonly row: Row;
}

async function ls(files: readonly string[], flags: LsFlags, output: Output): Promise<ExitCode> {
  const { sources, without } = await expandSources(files);
  for (const argument of without) printError(output, `${argument}: there is no .arrow file`);
  const { items, failures } = await list(sources, output);
  const chosen = choose(items, flags);
  if (flags.json) printJson(output, chosen.map(toReport));
  else if (chosen.length > 0) printLines(output, tableOf(chosen, flags, files, output));
  if (flags.where && chosen.length === 0 && items.length > 0) {
    printError(output, `none of ${formatOf(items.length, "row")} is as --where wants it`, "note");
  }
  const codes: ExitCode[] = [
    without.length > 0 ? exitCode.no : exitCode.ok,
    failures > 0 ? exitCode.failed : exitCode.ok,
  ];
  return gravest(codes);
}

async function list(sources: readonly string[], output: Output): Promise<{ items: Item[]; failures: number }> {
  const progress = new Progress(output);
  let rows = 0;
  const errors: string[] = [];
  const listed = await listModelRows<object>(sources, {
    validate: false,
    signal: output.signal,
    where: () => {
      rows += 1;
      progress.show(() => `${formatOf(rows, "row")} of ${formatOf(sources.length, "file")}`);
      return true;
    },
    onError: (path, error) => {
      const { message } = failureOf(path, error).error;
      errors.push(message.includes(path) ? message : `${path}: ${message}`);
    },
  }).finally(() => progress.end());
  for (const message of errors) printError(output, message);
  return { items: listed.map((each) => ({ listed: each, row: rowOf(each) })), failures: errors.length };
}

function rowOf({ path, index, table, row }: ListedRow<object>): Row {
  const values = Object.entries(row).filter(([, value]) => !(value instanceof LazyWeights));
  const schema = table.identifier?.split(">")[0]?.trim() ?? null;
  return { path, index, schema, bytes: table.byteLength, ...Object.fromEntries(values) };
}

function toReport({ listed, row }: Item): unknown {
  const { path, index, table } = listed;
  const own = Object.keys(listed.row).filter((name) => !(valueIn(listed.row, name) instanceof LazyWeights));
  const columns = Object.fromEntries(own.map((name) => [name, row[name]]));
  return { path, index, schema: table.identifier, bytes: table.byteLength, columns };
}

function valueIn(row: object, name: string): unknown {
  return (row as Row)[name];
}

function choose(items: readonly Item[], { where, sort = [], columns = [], limit }: LsFlags): Item[] {
  const checks = { "--where": where?.columns ?? [], "--sort": sort.map(({ column }) => column), "--columns": columns };
  for (const [option, names] of Object.entries(checks)) checkNames(items, option, names);
  const kept = where ? items.filter(({ row }) => where.holds(row)) : items;
  return sortRows(kept, sort, ({ row }) => row).slice(0, limit);
}

/** @throws {UsageError} No row has a column of that name, so it is misspelt. */
function checkNames(items: readonly Item[], option: string, names: readonly string[]): void {
  if (items.length === 0) return;
  for (const name of names) {
    const [top = name] = name.split(".");
    if (items.some(({ row }) => Object.hasOwn(row, name) || Object.hasOwn(row, top))) continue;
    const known = new Set(items.flatMap(({ row }) => Object.keys(row)));
    throw new UsageError(`${option}: no row has a column "${name}"; there are ${[...known].join(", ")}`);
  }
}

function tableOf(items: readonly Item[], flags: LsFlags, files: readonly string[], output: Output): string[] {
  const names = flags.columns ?? defaultColumns(items);
  const [folder = ""] = files;
  const isFolder =
    files.length === 1 && items.every(({ listed }) => listed.path !== folder && !/^https?:/i.test(listed.path));
  const base = isFolder && !/[*?[{]/.test(folder) ? folder : null;
  const cells = items.map(({ row }) =>
    names.map((name) => {
      const value = valueAt(row, name);
      return formatCell(name === "path" && base !== null && typeof value === "string" ? relative(base, value) : value);
    }),
  );
  const columns = names.map((name, i): TableColumn => {
    const isNumber = items.some(({ row }) => isNumeric(valueAt(row, name)));
    const longest = cells.reduce((most, row) => Math.max(most, widthOf(row[i] ?? "")), 0);
    // A path cut short is of little use: other columns give way to it.
    const least = name === "path" ? 40 : 12;
    return { header: escapeText(name), isNumber, ...(isNumber || longest < least ? {} : { least }) };
  });
  const fitting = fittingColumns(columns, cells, output.width);
  const left = names.slice(fitting).map(escapeText).join(", ");
  const lines = tableLines(
    columns.slice(0, fitting),
    cells.map((row) => row.slice(0, fitting)),
    output.width,
    paints(output).dim,
  );
  return left === "" ? lines : [...lines, "", `not shown: ${left} (--columns chooses)`];
}

/** How many columns stand side by side in a terminal. */
function fittingColumns(columns: readonly TableColumn[], cells: readonly string[][], width: number | null): number {
  if (width === null) return columns.length;
  let total = -2;
  const beyond = columns.findIndex(({ header, least }, i) => {
    const widest = cells.reduce((most, row) => Math.max(most, widthOf(row[i] ?? "")), widthOf(header));
    total += 2 + Math.max(least === undefined ? widest : Math.min(widest, least), 0);
    return total > width;
  });
  return beyond < 0 ? columns.length : Math.max(beyond, 1);
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

/** The path, and every column with a simple value in some row; of records, the simple values inside. */
function defaultColumns(items: readonly Item[]): string[] {
  const names = new Set(items.flatMap(({ listed }) => Object.entries(listed.row).flatMap(simpleNames)));
  const hasRows = items.some(({ listed }) => listed.index > 0);
  const hasSchemas = new Set(items.map(({ listed }) => listed.table.identifier)).size > 1;
  const own = [...names].filter((name) => !["path", "index", "schema"].includes(name));
  return ["path", ...(hasRows ? ["index"] : []), ...(hasSchemas ? ["schema"] : []), ...own];
}

function simpleNames([name, value]: [string, unknown]): string[] {
  if (isSimple(value)) return [name];
  const inner = isPlainObject(value) ? Object.entries(value) : [];
  return inner.filter(([, each]) => isSimple(each)).map(([key]) => `${name}.${key}`);
}

function isSimple(value: unknown): boolean {
  return ["number", "bigint", "string", "boolean"].includes(typeof value) || value instanceof Date;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
