import type { JSX } from "preact";
import type { PictureKind } from "../protocol.ts";

const labels: Readonly<Record<PictureKind, string>> = {
  matrix: "as a matrix",
  "channels first": "[output, input, height, width]",
  "channels last": "[height, width, input, output]",
};

interface Props {
  readonly kinds: readonly PictureKind[];
  readonly kind: PictureKind;
  readonly onKind: (kind: PictureKind) => void;
}

/** Which of an array's pictures is shown, if there are several. */
export function KindChoice({ kinds, kind, onKind }: Props): JSX.Element | null {
  if (kinds.length < 2) return null;
  return (
    <label class="kind">
      Axes{" "}
      <select value={kind} onChange={(event) => onKind(event.currentTarget.value as PictureKind)}>
        {kinds.map((each) => (
          <option key={each} value={each}>
            {labels[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
