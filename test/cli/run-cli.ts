/** The command line in this process. */
import { run } from "../../src/cli/run.ts";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Terminal {
  /** Columns; null for a pipe. */
  readonly width?: number | null;
  readonly hasColours?: boolean;
  readonly signal?: AbortSignal;
}

export async function runCliIn(terminal: Terminal, ...args: string[]): Promise<Outcome> {
  const written = { out: "", err: "" };
  const code = await run(
    args,
    {
      out: (text) => {
        written.out += text;
      },
      err: (text) => {
        written.err += text;
      },
      width: null,
      hasColours: false,
      showsProgress: false,
      signal: new AbortController().signal,
      ...terminal,
    },
    "1.2.3",
  );
  return { code, ...written };
}

/** Runs a command line whose output goes to a pipe. */
export function runCli(...args: string[]): Promise<Outcome> {
  return runCliIn({}, ...args);
}
