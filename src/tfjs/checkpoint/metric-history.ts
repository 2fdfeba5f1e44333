/** The value of each metric in every epoch: the first epoch first, NaN where it is not known. */
export class MetricHistory {
  private readonly metrics: Map<string, number[]>;

  constructor(before: Readonly<Record<string, readonly number[]>> = {}) {
    this.metrics = new Map(Object.entries(before).map(([name, values]) => [name, [...values]]));
  }

  /** Forgets epochs from this one on, counted from 0: they are trained again. */
  startAt(epoch: number): void {
    for (const values of this.metrics.values()) values.length = Math.min(values.length, epoch);
  }

  /** Adds the metrics of an epoch, counted from 0. */
  record(epoch: number, metrics: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(metrics)) {
      const values = this.metrics.get(name) ?? [];
      while (values.length < epoch) values.push(Number.NaN);
      values[epoch] = value;
      this.metrics.set(name, values);
    }
  }

  /** A copy. */
  toObject(): Record<string, readonly number[]> {
    return Object.fromEntries([...this.metrics].map(([name, values]) => [name, [...values]]));
  }
}
