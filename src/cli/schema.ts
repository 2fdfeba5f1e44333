/** `legolas-flux schema export`: a schema as JSON that needs no code. */
import type { Command } from "commander";
import { openModelRows } from "../index.ts";
import { describeColumns, describeSchema, type SchemaDescription } from "../legolas.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { isAddress } from "./expand-sources.ts";
import { loadSchema, pickVersion } from "./load-schema.ts";
import { type Output, printError, printJson } from "./output.ts";

interface ExportFlags {
  readonly name?: string;
}

const examples = `
Examples:
  $ legolas-flux schema export ./digits-row.js > digits.json
  $ legolas-flux schema export runs/best.digits.model.arrow > digits.json   # the columns that the file has
  $ legolas-flux validate --schema digits.json runs

Assignments, checks and refinements are code: they are left out, and named under "omitted".`;

export function addSchema(program: Command, output: Output, finish: (code: ExitCode) => void): void {
  program
    .command("schema")
    .summary("write a schema as JSON")
    .command("export")
    .summary("write a schema as JSON, from a module that declares it or a file that has it")
    .description(
      "Writes the description of a schema version as JSON on stdout, from a module that declares it or from an Arrow file.",
    )
    .argument("<module|file>", "a module (.js, .ts, …), a description (.json), or the path or address of an Arrow file")
    .option(
      "--name <name@version>",
      "which of the module's versions; what to call the schema of a file that records none",
    )
    .option("--json", "as ever: the output is JSON", false)
    .addHelpText("after", examples)
    .action(async (source: string, flags: ExportFlags) => {
      finish(await exportSchema(source, flags, output));
    });
}

async function exportSchema(source: string, { name }: ExportFlags, output: Output): Promise<ExitCode> {
  const description = await describe(source, name, output.signal);
  for (const { version, omitted } of description.versions) {
    if (omitted) printError(output, `${version}: code is left out: ${omitted.join(", ")}`, "note");
  }
  printJson(output, description);
  return exitCode.ok;
}

async function describe(source: string, name: string | undefined, signal: AbortSignal): Promise<SchemaDescription> {
  if (!isAddress(source) && /\.(?:[cm]?[jt]s|json)$/i.test(source)) {
    return describeSchema(pickVersion(await loadSchema(source), name, "--name"));
  }
  const table = await openModelRows(source, undefined, { validate: false, signal });
  try {
    return describeColumns(table.table.schema, name ?? table.table.identifier);
  } finally {
    await table.close();
  }
}
