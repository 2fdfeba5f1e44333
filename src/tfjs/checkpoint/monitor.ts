/** Which of two values of a metric is the better one. */
import { InputError } from "../../errors.ts";

/** Whether small or large values are good; `auto` goes by the metric's name. */
export type MonitorMode = "auto" | "min" | "max";
export type Direction = "min" | "max";

const small = /loss|err|mse|mae|mape|msle|entropy|kld|cosine|perplexity/i;
const large = /acc|auc|precision|recall|f1|fmeasure|iou|r2/i;

/** The direction of a mode. @throws {InputError} The metric's name does not tell. */
export function directionOf(monitor: string, mode: MonitorMode): Direction {
  if (mode !== "auto") return mode;
  // The metric stands behind the names of outputs and val_.
  for (const part of monitor.split("_").reverse()) {
    if (small.test(part)) return "min";
    if (large.test(part)) return "max";
  }
  throw new InputError({
    subject: `ModelCheckpoint: monitor "${monitor}"`,
    expected: "a name that says whether small or large values are good",
    found: 'mode "auto"',
    remedy: 'Pass mode: "min" or mode: "max"',
  });
}

/** Whether a value is strictly better than another; NaN never is, and any number is better than NaN or none. */
export function isBetter(value: number | null, than: number | null, direction: Direction): boolean {
  if (value === null || Number.isNaN(value)) return false;
  if (than === null || Number.isNaN(than)) return true;
  return direction === "min" ? value < than : value > than;
}

/** TensorFlow.js calls accuracy `acc` in its logs, whatever it was asked for as. */
const aliases: Readonly<Record<string, string>> = { accuracy: "acc", val_accuracy: "val_acc" };

/** The values of a metric in a history of logs, none where it is not in them. */
export function valuesIn(history: Readonly<Record<string, readonly number[]>>, monitor: string): readonly number[] {
  return history[monitor] ?? history[aliases[monitor] ?? ""] ?? [];
}

/** The logs, with `accuracy` beside `acc`; without what counts batches. */
export function metricsOf(logs: Readonly<Record<string, number>>): Record<string, number> {
  const { batch: _, size: __, ...rest } = logs;
  const metrics: Record<string, number> = rest;
  for (const [name, inLogs] of Object.entries(aliases)) {
    const value = metrics[inLogs];
    if (value !== undefined && !Object.hasOwn(metrics, name)) metrics[name] = value;
  }
  return metrics;
}
