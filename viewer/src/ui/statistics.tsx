import type { JSX } from "preact";
import type { ArrayStatistics } from "../../../src/inspection/array-statistics.ts";
import { formatCount, formatStatistic } from "../../../src/inspection/format-number.ts";

interface Props {
  readonly statistics: ArrayStatistics;
  /** How many were looked at. */
  readonly elements: number;
}

/** Of the finite elements; what is not finite is counted, and stands out. */
export function Statistics({ statistics, elements }: Props): JSX.Element {
  const { mean, std, min, max, zeros, nan, inf } = statistics;
  const share = elements > 0 && zeros > 0 ? ` (${((100 * zeros) / elements).toPrecision(3)} %)` : "";
  return (
    <dl class="statistics">
      {Object.entries({ mean, std, min, max }).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{formatStatistic(value) || "–"}</dd>
        </div>
      ))}
      <div>
        <dt>zeros</dt>
        <dd>
          {formatCount(zeros)}
          <span class="faint">{share}</span>
        </dd>
      </div>
      <div class={nan > 0 ? "bad" : ""}>
        <dt>NaN</dt>
        <dd>{formatCount(nan)}</dd>
      </div>
      <div class={inf > 0 ? "bad" : ""}>
        <dt>Inf</dt>
        <dd>{formatCount(inf)}</dd>
      </div>
    </dl>
  );
}
