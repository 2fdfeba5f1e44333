/** Statistics of an array's elements. */
import type { FlatArray } from "../index.ts";
import { numbersIn } from "./numbers-in.ts";

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

/**
 * @param parts - The array, or the pieces of it that were read.
 * @param bins - Of the histogram.
 */
export function statisticsOf(parts: readonly FlatArray[], bins = 16): ArrayStatistics {
  const pieces = parts.map(numbersIn);
  const moments = new Moments();
  for (const elements of pieces) {
    for (let i = 0; i < elements.length; i++) moments.add(Number(elements[i]));
  }
  const { count, min, max, mean, squares, zeros, nan } = moments;
  const inf = pieces.reduce((sum, { length }) => sum + length, 0) - count - nan;
  if (count === 0) return { min: null, max: null, mean: null, std: null, zeros, nan, inf, histogram: [] };
  const histogram = new Array<number>(bins).fill(0);
  for (const elements of pieces) countInto(histogram, elements, min, max);
  return { min, max, mean, std: Math.sqrt(squares / count), zeros, nan, inf, histogram };
}

class Moments {
  /** Of the finite numbers. */
  count = 0;
  mean = 0;
  squares = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  zeros = 0;
  nan = 0;

  add(x: number): void {
    if (!Number.isFinite(x)) {
      if (Number.isNaN(x)) this.nan += 1;
      return;
    }
    this.count += 1;
    // Welford's way, which does not lose digits where the mean is far from zero.
    const delta = x - this.mean;
    this.mean += delta / this.count;
    this.squares += delta * (x - this.mean);
    if (x < this.min) this.min = x;
    if (x > this.max) this.max = x;
    if (x === 0) this.zeros += 1;
  }
}

function countInto(counts: number[], elements: FlatArray["vec"], min: number, max: number): void {
  const bins = counts.length;
  // Halves first: the span of all float64 values is not a float64.
  const span = max / 2 - min / 2;
  for (let i = 0; i < elements.length; i++) {
    const x = Number(elements[i]);
    if (!Number.isFinite(x)) continue;
    const bin = span === 0 ? 0 : Math.min(bins - 1, Math.floor(((x / 2 - min / 2) / span) * bins));
    counts[bin] = (counts[bin] as number) + 1;
  }
}

const bars = "▁▂▃▄▅▆▇█";

/** Counts as one bar each; a space where there is none. */
export function drawHistogram(counts: readonly number[]): string {
  const most = Math.max(...counts, 1);
  return counts.map((count) => (count === 0 ? " " : bars[Math.ceil((count / most) * bars.length) - 1])).join("");
}
