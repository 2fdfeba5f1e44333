import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type uPlot from "uplot";
import { escapeText } from "../../../src/inspection/escape-text.ts";
import { formatStatistic } from "../../../src/inspection/format-number.ts";
import type { Run, Runs } from "../protocol.ts";
import { Chart, type ChartOptions } from "./chart.tsx";
import { rangeOf } from "./range-of.ts";

/** A metric over epochs or, where there are none, over any other column of numbers. */
export function RunsChart({ runs }: { runs: Runs }): JSX.Element | null {
  const numeric = useMemo(() => varyingColumns(runs), [runs]);
  const steps = numeric.filter((column) => /(?:^|\.)(?:epochs?|steps?|iterations?)$/i.test(column));
  const [x, setX] = useState(steps[0] ?? numeric[0] ?? "");
  const [y, setY] = useState(() => firstMetric(numeric, steps));
  const data = useMemo(() => pointsOf(runs.runs, x, y), [runs, x, y]);
  const options = useMemo(
    () => optionsFor(escapeText(x), escapeText(y), data[0].every(Number.isInteger)),
    [x, y, data],
  );
  if (numeric.length < 2 || y === "") return null;
  const [xs, ys] = data as [number[], number[]];
  const range = rangeOf(ys);
  const values = range ? `from ${formatStatistic(range.min)} to ${formatStatistic(range.max)}` : "none with both";
  const label = `Chart of ${escapeText(y)} over ${escapeText(x)}: ${xs.length} runs, ${values}`;
  return (
    <section class="runs-chart">
      <div class="bar">
        <ColumnChoice label="Show" value={y} columns={numeric} onChoose={setY} />
        <ColumnChoice label="over" value={x} columns={numeric} onChoose={setX} />
      </div>
      <Chart label={label} data={data} options={options} height={220} />
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly columns: readonly string[];
  readonly onChoose: (column: string) => void;
}

function ColumnChoice({ label, value, columns, onChoose }: ChoiceProps): JSX.Element {
  return (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {columns.map((column) => (
          <option key={column} value={column}>
            {escapeText(column)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Columns in which at least two runs have different numbers. */
function varyingColumns({ columns, runs }: Runs): string[] {
  return columns.filter((column) => {
    const numbers = runs.map(({ values }) => values[column]?.number ?? null).filter((number) => number !== null);
    return new Set(numbers).size > 1;
  });
}

function firstMetric(columns: readonly string[], steps: readonly string[]): string {
  const others = columns.filter((column) => !steps.includes(column));
  return others.find((column) => /acc|loss|error|score|auc|f1/i.test(column)) ?? others[0] ?? "";
}

/** Runs that have both numbers, by the first. */
function pointsOf(runs: readonly Run[], x: string, y: string): uPlot.AlignedData {
  const points = runs
    .map(({ values }) => [values[x]?.number ?? null, values[y]?.number ?? null] as const)
    .filter((point): point is [number, number] => point.every((number) => number !== null && Number.isFinite(number)))
    .sort(([a], [b]) => a - b);
  return [points.map(([number]) => number), points.map(([, number]) => number)];
}

/** A dash where nothing is pointed at. */
const value = (_: uPlot, number: number | null): string => (number === null ? "–" : formatStatistic(number));

/** 1, 2, 5, 10 and so on: there is no epoch 1.5. */
const wholeSteps = Array.from({ length: 15 }, (_, i) => 10 ** i).flatMap((power) => [power, 2 * power, 5 * power]);

const optionsFor =
  (x: string, y: string, isWhole: boolean): ChartOptions =>
  ({ text, grid, accent }, font) => ({
    legend: { show: true, live: true },
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false } },
    axes: [
      {
        ...{ stroke: text, font, grid: { show: false }, ticks: { stroke: grid, size: 4 }, size: 30 },
        ...(isWhole && { incrs: wholeSteps }),
      },
      { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false }, size: 60 },
    ],
    series: [
      { label: x, value },
      { label: y, value, stroke: accent, width: 1.5, points: { show: true, size: 6, fill: accent, stroke: accent } },
    ],
  });
