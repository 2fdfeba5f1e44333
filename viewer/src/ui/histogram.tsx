import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import type { ArrayStatistics } from "../../../src/inspection/array-statistics.ts";
import { formatCount, formatStatistic } from "../../../src/inspection/format-number.ts";
import { Chart, type ChartOptions } from "./chart.tsx";

const bars = uPlot.paths.bars?.({ size: [1, 200], gap: 1 });

const options: ChartOptions = ({ text, grid, accent, fill }, font) => ({
  legend: { show: false },
  cursor: { show: false },
  scales: { x: { time: false, range: (_, min, max) => [min, max] }, y: { range: (_, __, max) => [0, max * 1.05] } },
  axes: [
    { stroke: text, font, grid: { show: false }, ticks: { stroke: grid, size: 4 }, size: 28 },
    { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false }, size: 56 },
  ],
  series: [{}, { stroke: accent, fill, width: 1, ...(bars && { paths: bars }), points: { show: false } }],
});

/** How often the finite elements have which values. */
export function Histogram({ statistics }: { statistics: ArrayStatistics }): JSX.Element | null {
  const { histogram, min, max } = statistics;
  const data = useMemo((): uPlot.AlignedData => {
    const [from, width] = [min ?? 0, ((max ?? 0) - (min ?? 0)) / Math.max(1, histogram.length)];
    // Empty bins at either end, so that the first and the last bar are whole.
    const centres = histogram.map((_, i) => from + (i + 0.5) * width);
    return [
      [from - width / 2, ...centres, from + (histogram.length + 0.5) * width],
      [null, ...histogram, null],
    ];
  }, [histogram, min, max]);
  if (min === null || max === null || min === max || !Number.isFinite(max - min)) return null;
  const peak = histogram.indexOf(Math.max(...histogram));
  const value = min + ((peak + 0.5) * (max - min)) / histogram.length;
  const label = `Histogram of the values from ${formatStatistic(min)} to ${formatStatistic(max)}; the fullest of ${histogram.length} bins, near ${formatStatistic(value)}, holds ${formatCount(histogram[peak] ?? 0)}`;
  return (
    <section>
      <h3>Histogram</h3>
      <Chart label={label} data={data} options={options} height={150} />
    </section>
  );
}
