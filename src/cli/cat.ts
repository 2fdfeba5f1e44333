/** `legolas-flux cat`: rows of several files as one table. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { SourceError, writeModelRows } from "../index.ts";
import { escapeText } from "../inspection/escape-text.ts";
import { formatOf } from "../inspection/format-number.ts";
import { changesOf, commonMetadata, commonProvider, commonSchemaVersion, rowVersion } from "./cat/common-schema.ts";
import { checkFaithful, checkFree, factsOf, rowsOf, type WriteFlags } from "./cat/write-rows.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { expandSources } from "./expand-sources.ts";
import { type Output, printError, printJson, printLines } from "./output.ts";
import { Progress } from "./progress.ts";

interface CatFlags extends WriteFlags {
  readonly output: string;
  readonly stream: boolean;
  readonly json: boolean;
}

const examples = `
Examples:
  $ legolas-flux cat runs/epoch-*.digits.model.arrow -o run.digits.model.arrow
  $ legolas-flux cat runs -o run.digits.model.arrow --stream --checksum   # a stream can be appended to in place

Rows are read and written one at a time. The files must record the same schema; it need not be declared anywhere.`;

/** Options of the commands that write files. */
export function addWriteOptions(command: Command): Command {
  return command
    .addOption(new Option("--compression <codec>", "compress").choices(["lz4", "zstd"]))
    .option("--checksum", "store a digest of each array", false)
    .option("--retype", "write columns of types that cannot be kept as the nearest type", false)
    .option("--force", "replace files that exist", false);
}

export function addCat(program: Command, output: Output, finish: (code: ExitCode) => void): void {
  const command = program
    .command("cat")
    .summary("join the rows of several files into one table")
    .description("Writes the rows of several files, in their order, as one table of many rows.")
    .argument("<file...>", "paths, globs, directories, http(s) addresses")
    .requiredOption("-o, --output <file>", "the file to write")
    .option("--stream", "write an Arrow stream instead of a file", false)
    .option("--name <name@version>", "what to call the schema, where the files record several or none");
  addWriteOptions(command)
    .option("--json", "one JSON value: what was written", false)
    .addHelpText("after", examples)
    .action(async (files: string[], flags: CatFlags) => {
      finish(await cat(files, flags, output));
    });
}

async function cat(files: readonly string[], flags: CatFlags, output: Output): Promise<ExitCode> {
  const { signal } = output;
  const { sources, without } = await expandSources(files);
  for (const argument of without) printError(output, `${argument}: there is no .arrow file`);
  if (without.length > 0) return exitCode.no;
  if (sources.some((source) => resolve(source) === resolve(flags.output))) {
    throw new SourceError(flags.output, "writing", new Error("it is one of the files to join"), "Choose another path");
  }
  await checkFree(flags.output, flags.force);
  const facts: Awaited<ReturnType<typeof factsOf>>[] = [];
  for (const source of sources) facts.push(await factsOf(source, signal));
  const schemaVersion = commonSchemaVersion(facts, flags.name ?? null);
  const columns = rowVersion(facts);
  checkFaithful(await changesOf(facts, schemaVersion, columns, signal), flags.retype);
  const rows = facts.reduce((sum, { numRows }) => sum + numRows, 0);
  const progress = new Progress(output);
  let done = 0;
  async function* all(): AsyncGenerator<object, void> {
    for (const source of sources) {
      for await (const row of rowsOf(source, columns, signal)) {
        progress.show(() => `row ${done + 1} of ${rows}`);
        yield row;
        done += 1;
      }
    }
  }
  const { compression, checksum, stream } = flags;
  const provider = commonProvider(facts);
  const options = {
    format: stream ? "stream" : "file",
    checksum,
    metadata: commonMetadata(facts),
    signal,
    ...(compression && { compression }),
    ...(provider && { provider }),
  } as const;
  await writeModelRows(flags.output, all(), schemaVersion, options).finally(() => progress.end());
  if (flags.json)
    printJson(output, { output: flags.output, rows, files: sources.length, schema: schemaVersion.identifier });
  else
    printLines(output, [
      `${escapeText(flags.output)}: ${formatOf(rows, "row")} of ${formatOf(sources.length, "file")}`,
    ]);
  return exitCode.ok;
}
