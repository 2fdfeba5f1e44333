/** Where commands write to, and what they may assume of it. */
import { escapeLines } from "../inspection/escape-text.ts";
import { toJson } from "../inspection/format-value.ts";

export interface Output {
  /** Writes to stdout; the text is escaped already. */
  out(text: string): void;
  /** Writes to stderr; the text is escaped already. */
  err(text: string): void;
  /** The columns of the terminal that stdout is, or null where it is none. */
  readonly width: number | null;
  readonly hasColours: boolean;
  /** Whether stderr is a terminal, on which progress is shown. */
  readonly showsProgress: boolean;
  /** Aborted when the process is interrupted. */
  readonly signal: AbortSignal;
}

/** One JSON value as the whole of stdout; what JSON has no form for is told by {@link toJson}. */
export function printJson(output: Output, value: unknown): void {
  output.out(`${escapeLines(JSON.stringify(toJson(value), null, 2))}\n`);
}

/** Lines for people. */
export function printLines(output: Output, lines: readonly string[]): void {
  output.out(`${lines.join("\n")}\n`);
}

/** What went wrong, or is worth knowing, on stderr. */
export function printError(output: Output, message: string, kind: "error" | "note" = "error"): void {
  output.err(`${kind}: ${escapeLines(message)}\n`);
}

type Paint = (text: string) => string;

/** Colours where stdout shows them; the text as it is elsewhere. */
export function paints({
  hasColours,
}: Output): Readonly<Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", Paint>> {
  const paint =
    (on: number, off: number): Paint =>
    (text) =>
      hasColours && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}
