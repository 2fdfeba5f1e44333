import type { JSX } from "preact";
import { escapeLines } from "../../../src/inspection/escape-text.ts";
import type { Failure } from "../protocol.ts";

interface Props {
  readonly subject: string;
  readonly failure: Failure;
  readonly onClose?: () => void;
}

/** What went wrong, with the message's own remedy. */
export function ErrorCard({ subject, failure, onClose }: Props): JSX.Element {
  return (
    <section class="card error" role="alert">
      <h2>{escapeLines(subject)}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it may be long, and without it, keys cannot scroll it in every browser */}
      <p class="message" tabIndex={0}>
        {escapeLines(failure.message)}
      </p>
      <p class="faint">{failure.name}</p>
      {onClose && (
        <button type="button" onClick={onClose}>
          Dismiss
        </button>
      )}
    </section>
  );
}
