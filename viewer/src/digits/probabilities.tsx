import type { JSX } from "preact";
import { indexOfMax } from "../../../examples/digits/draw-digit.ts";

/** Ten digits, each with a bar as long as it is likely; empty where nothing was told yet. */
export function Probabilities({ values }: { values: Float32Array | null }): JSX.Element {
  const likeliest = values ? indexOfMax(values) : null;
  return (
    <table class="probabilities">
      <caption class="unseen">How likely each digit is</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">digit</th>
          <th scope="col">probability</th>
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: 10 }, (_, digit) => (
          <tr key={String(digit)} class={digit === likeliest ? "likeliest" : ""}>
            <th scope="row">{digit}</th>
            <td>
              <span class="probability">
                <span class="track" aria-hidden="true">
                  <span class="share" style={{ width: `${100 * (values?.[digit] || 0)}%` }} />
                </span>
                <span class="percent">{values ? formatPercent(values[digit] ?? 0) : "–"}</span>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function formatPercent(share: number): string {
  return Number.isNaN(share) ? "NaN" : `${(100 * share).toFixed(1)} %`;
}
