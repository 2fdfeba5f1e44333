/** `legolas-flux split`: a table of many rows as one file for each. */
import { basename, join } from "node:path";
import type { Command } from "commander";
import { openModelRows, writeModelRow } from "../index.ts";
import { escapeText } from "../inspection/escape-text.ts";
import { formatCell } from "../inspection/format-value.ts";
import { valueAt } from "../value-at.ts";
import { changesOf, commonMetadata, commonSchemaVersion, rowVersion } from "./cat/common-schema.ts";
import { checkFaithful, checkFree, factsOf, rowsOf, type WriteFlags } from "./cat/write-rows.ts";
import { addWriteOptions } from "./cat.ts";
import { type ExitCode, exitCode, UsageError } from "./exit-code.ts";
import { isAddress } from "./expand-sources.ts";
import { type Output, printJson, printLines } from "./output.ts";
import { Progress } from "./progress.ts";

interface SplitFlags extends WriteFlags {
  readonly output: string;
  readonly template: string;
  readonly json: boolean;
}

const examples = `
Examples:
  $ legolas-flux split run.digits.model.arrow -o runs
  $ legolas-flux split run.digits.model.arrow -o runs --template 'epoch-{epoch}'   # runs/epoch-3.digits.model.arrow

In the template {row} is the row from 1, {stem} the name of the file, and any other name a column of the row, with dots for
what is inside it. The schema's name and .arrow are put behind it.`;

export function addSplit(program: Command, output: Output, finish: (code: ExitCode) => void): void {
  const command = program
    .command("split")
    .summary("write each row of a table as a file of its own")
    .description("Writes each row of a table of many rows as a file of its own.")
    .argument("<file>", "path or http(s) address")
    .requiredOption("-o, --output <folder>", "the folder to write to")
    .option("--template <text>", "how files are called", "{stem}.row-{row}")
    .option("--name <name@version>", "what to call the schema, where the file records none");
  addWriteOptions(command)
    .option("--json", "one JSON value: the paths that were written", false)
    .addHelpText("after", examples)
    .action(async (file: string, flags: SplitFlags) => {
      finish(await split(file, flags, output));
    });
}

async function split(file: string, flags: SplitFlags, output: Output): Promise<ExitCode> {
  const { signal } = output;
  const facts = await factsOf(file, signal);
  const schemaVersion = commonSchemaVersion([facts], flags.name ?? null);
  const columns = rowVersion([facts]);
  checkFaithful(await changesOf([facts], schemaVersion, columns, signal), flags.retype);
  const paths = await pathsOf(file, schemaVersion.name, flags, signal);
  for (const path of paths) await checkFree(path, flags.force);
  const progress = new Progress(output);
  const { compression, checksum } = flags;
  const { provider } = facts.table;
  const metadata = commonMetadata([facts]);
  const options = { checksum, metadata, signal, ...(compression && { compression }), ...(provider && { provider }) };
  let i = 0;
  for await (const row of rowsOf(file, columns, signal)) {
    progress.show(() => `row ${i + 1} of ${paths.length}`);
    await writeModelRow(paths[i] as string, row, schemaVersion, options).catch((error: unknown) => {
      progress.end();
      throw error;
    });
    i += 1;
  }
  progress.end();
  if (flags.json) printJson(output, paths);
  else if (paths.length > 0) printLines(output, paths.map(escapeText));
  return exitCode.ok;
}

/** Where the rows go. @throws {UsageError} Two would go to one path, or the template names no column. */
async function pathsOf(file: string, schemaName: string, flags: SplitFlags, signal: AbortSignal): Promise<string[]> {
  const suffix = `.${schemaName}.arrow`;
  const last = isAddress(file) ? (new URL(file).pathname.split("/").pop() ?? "") : basename(file);
  const stem = last.endsWith(suffix) ? last.slice(0, -suffix.length) : last.replace(/\.arrow$/, "");
  const table = await openModelRows<object>(file, undefined, { validate: false, signal });
  const paths: string[] = [];
  try {
    const digits = String(table.numRows).length;
    for (let i = 0; i < table.numRows; i++) {
      const row = { ...(await table.row(i)).row, row: String(i + 1).padStart(digits, "0"), stem };
      const name = flags.template.replace(/\{([^{}]+)\}/g, (_, column: string) => nameOf(row, column));
      paths.push(join(flags.output, name.replace(/^\.+/, "_") + suffix));
    }
  } finally {
    await table.close();
  }
  checkDistinct(paths, flags.template);
  return paths;
}

/** @throws {UsageError} Two are one path, or would be on systems that take letters of either case, however composed, for one. */
function checkDistinct(paths: readonly string[], template: string): void {
  const known = new Map<string, string>();
  for (const path of paths) {
    const folded = path.normalize("NFC").toLowerCase();
    const other = known.get(folded);
    if (other === path) throw new UsageError(`--template ${template}: two rows would go to ${path}; put {row} in it`);
    if (other !== undefined) {
      throw new UsageError(
        `--template ${template}: two rows would go to ${other} and ${path}, one file where case does not count; put {row} in it`,
      );
    }
    known.set(folded, path);
  }
}

/** A value as a part of a file's name: whatever else it holds, it leads to no other folder. */
function nameOf(row: Readonly<Record<string, unknown>>, column: string): string {
  const [top = column] = column.split(".");
  if (!Object.hasOwn(row, column) && !Object.hasOwn(row, top)) {
    throw new UsageError(`--template: there is no column "${column}"; there are ${Object.keys(row).join(", ")}`);
  }
  return formatCell(valueAt(row, column))
    .replace(/[^\p{L}\p{N}._-]/gu, "_")
    .slice(0, 100);
}
