/** Runs a command on each of several files; one that fails does not stop the others. */
import { isLegolasError } from "../index.ts";
import { type ExitCode, exitCode, gravest } from "./exit-code.ts";
import { expandSources, isAddress } from "./expand-sources.ts";
import { type Output, printError } from "./output.ts";

export interface Failure {
  readonly source: string;
  readonly error: { readonly name: string; readonly message: string };
}

export interface Results<T> {
  /** In the order of the files. */
  readonly results: readonly (T | Failure)[];
  readonly code: ExitCode;
}

export async function eachSource<T>(
  files: readonly string[],
  output: Output,
  run: (source: string) => Promise<T>,
): Promise<Results<T>> {
  const { sources, without } = await expandSources(files);
  for (const argument of without)
    printError(output, `${argument}: there is no file to read. Name .arrow files, or a folder of them`);
  const codes: ExitCode[] = without.map(() => exitCode.no);
  const results: (T | Failure)[] = [];
  for (const source of sources) {
    try {
      results.push(await run(source));
    } catch (error) {
      output.signal.throwIfAborted();
      const failure = failureOf(source, error);
      printError(
        output,
        failure.error.message.includes(source) ? failure.error.message : `${source}: ${failure.error.message}`,
      );
      results.push(failure);
      codes.push(exitCode.failed);
    }
  }
  return { results, code: gravest(codes) };
}

/** What is reported of an error of this package. Others are mistakes of ours and go on. */
export function failureOf(source: string, error: unknown): Failure {
  if (!isLegolasError(error)) throw error;
  return { source, error: { name: error.name, message: error.message } };
}

/** One result for one path or address; a list for anything that may stand for several. */
export function jsonOf<T>(files: readonly string[], results: readonly T[]): T | readonly T[] | null {
  const [only = ""] = files;
  const isOne =
    files.length === 1 && results.length <= 1 && (isAddress(only) || (results[0] as Partial<Failure>)?.source === only);
  return isOne ? (results[0] ?? null) : results;
}
