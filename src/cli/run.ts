/** The program: its commands, and what their outcome is to the caller. */
import { Command, CommanderError } from "commander";
import { isLegolasError } from "../index.ts";
import { escapeLines } from "../inspection/escape-text.ts";
import { addCat } from "./cat.ts";
import { addConvert } from "./convert.ts";
import { addDiff } from "./diff.ts";
import { type ExitCode, exitCode, UsageError } from "./exit-code.ts";
import { addInspect } from "./inspect.ts";
import { addLs } from "./ls.ts";
import { type Output, printError } from "./output.ts";
import { addSchema } from "./schema.ts";
import { addSplit } from "./split.ts";
import { addValidate } from "./validate.ts";
import { addView } from "./view.ts";

const after = `
Exit codes:
  0  all is well
  1  the answer is no: violations, differences, no file found
  2  the command was called wrongly
  3  a file could not be read or written

Results go to stdout, progress and errors to stderr. Colours show on a terminal only, and never with NO_COLOR set.
Files are named by paths, globs, directories (the .arrow files in them) and, where they are only read, http(s) addresses.

Examples:
  $ legolas-flux inspect my_model.model.arrow`;

/**
 * Runs a command line.
 *
 * @param args - Without the program's own name.
 * @param version - Of the package.
 */
export async function run(args: readonly string[], output: Output, version: string): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  const program = createProgram(output, version, (finished) => {
    code = finished;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return explain(error, output);
  }
}

function createProgram(output: Output, version: string, finish: (code: ExitCode) => void): Command {
  const program = new Command("legolas-flux")
    .description("Looks at, checks, compares and converts files of neural networks' weights.")
    .version(version)
    .helpCommand(true)
    .showHelpAfterError("(--help shows how it is called)")
    .configureOutput({
      writeOut: (text) => output.out(text),
      writeErr: (text) => output.err(escapeLines(text)),
      getOutHelpWidth: () => output.width ?? 100,
      getErrHelpWidth: () => output.width ?? 100,
      getOutHasColors: () => output.hasColours,
      getErrHasColors: () => output.hasColours,
    })
    .exitOverride()
    .addHelpText("after", after);
  for (const add of [addInspect, addLs, addDiff, addValidate, addCat, addSplit, addConvert, addSchema, addView])
    add(program, output, finish);
  return program;
}

function explain(error: unknown, output: Output): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (output.signal.aborted) {
    printError(output, "interrupted");
    return exitCode.interrupted;
  }
  if (error instanceof UsageError) {
    printError(output, error.message);
    return exitCode.usage;
  }
  if (!isLegolasError(error)) throw error;
  printError(output, error.message);
  return exitCode.failed;
}
