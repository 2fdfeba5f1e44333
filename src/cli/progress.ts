/** Progress of long work, on a line of stderr that is wiped in the end. */
import { escapeText } from "../inspection/escape-text.ts";
import type { Output } from "./output.ts";

const waitMs = 500;
const betweenMs = 100;

export class Progress {
  private readonly start = performance.now();
  private shown = 0;

  constructor(private readonly output: Output) {}

  /** Shows what is being done, unless stderr is no terminal or the work has only begun. */
  show(text: () => string): void {
    const now = performance.now();
    if (!this.output.showsProgress || now - this.start < waitMs || now - this.shown < betweenMs) return;
    this.shown = now;
    this.output.err(`\r\u001b[K${escapeText(text())}`);
  }

  end(): void {
    if (this.shown > 0) this.output.err("\r\u001b[K");
    this.shown = 0;
  }
}
