/** Statistics of an array's elements. */
import type { FlatArray } from "../../index.ts";

/** Of the finite elements, where not said otherwise; null where there are none. */
export interface ArrayStatistics {
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Of the elements as they are, divided by their number. */
  readonly std: number | null;
  readonly zeros: number;
  readonly nan: number;
  /** Of either sign. */
  readonly inf: number;
  /** How many finite elements fall into each of equal parts from min to max. */
  readonly histogram: readonly number[];
}

const bins = 16;

export function statisticsOf(array: FlatArray): ArrayStatistics {
  const elements = numbersIn(array);
  let count = 0;
  let mean = 0;
  let squares = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let zeros = 0;
  let nan = 0;
  for (let i = 0; i < elements.length; i++) {
    const x = Number(elements[i]);
    if (Number.isFinite(x)) {
      count += 1;
      // Welford's way, which does not lose digits where the mean is far from zero.
      const delta = x - mean;
      mean += delta / count;
      squares += delta * (x - mean);
      if (x < min) min = x;
      if (x > max) max = x;
      if (x === 0) zeros += 1;
    } else if (Number.isNaN(x)) nan += 1;
  }
  const inf = elements.length - count - nan;
  if (count === 0) return { min: null, max: null, mean: null, std: null, zeros, nan, inf, histogram: [] };
  const histogram = histogramOf(elements, min, max);
  return { min, max, mean, std: Math.sqrt(squares / count), zeros, nan, inf, histogram };
}

type Elements = Exclude<FlatArray["vec"], never>;

function numbersIn(array: FlatArray): Elements {
  return array.elementType === "float16" ? array.toFloat32() : array.vec;
}

function histogramOf(elements: Elements, min: number, max: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  // Halves first: the span of all float64 values is not a float64.
  const span = max / 2 - min / 2;
  for (let i = 0; i < elements.length; i++) {
    const x = Number(elements[i]);
    if (!Number.isFinite(x)) continue;
    const bin = span === 0 ? 0 : Math.min(bins - 1, Math.floor(((x / 2 - min / 2) / span) * bins));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}

const bars = "▁▂▃▄▅▆▇█";

/** Counts as one bar each; a space where there is none. */
export function drawHistogram(counts: readonly number[]): string {
  const most = Math.max(...counts, 1);
  return counts.map((count) => (count === 0 ? " " : bars[Math.ceil((count / most) * bars.length) - 1])).join("");
}
