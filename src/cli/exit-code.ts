/** What the process says to its caller; stands in the help of the program. */
export const exitCode = {
  ok: 0,
  /** The answer is no: violations, differences, no file found. */
  no: 1,
  /** The command was called wrongly. */
  usage: 2,
  /** A file could not be read or written. */
  failed: 3,
  /** Stopped by Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** The code for several answers: the gravest. */
export function gravest(codes: readonly ExitCode[]): ExitCode {
  // The codes are in the order of their gravity.
  return Math.max(exitCode.ok, ...codes) as ExitCode;
}

/** The command was called wrongly. */
export class UsageError extends Error {}
