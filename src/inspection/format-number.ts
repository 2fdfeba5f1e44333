/** Numbers for people. */

/** `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `3 arrays`, `1 array`. */
export function formatOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const units = ["kB", "MB", "GB", "TB"] as const;

/** `512 bytes`, `1.23 MB`: powers of 1000. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return formatOf(bytes, "byte");
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toPrecision(3)} ${units[power - 1]}`.replace(/^(\d)\.?e\+3/, "$1000");
}

/** A number as it was meant: of those decimals that a float32 cannot tell apart, the shortest. */
export function formatValueOf(value: number): string {
  const exact = String(value);
  if (exact.length < 10 || Math.fround(value) !== value) return exact;
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return String(shorter);
  }
  return exact;
}

/** Four significant digits, for statistics. */
export function formatStatistic(value: number | null): string {
  if (value === null) return "";
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(2).replace("e+", "e");
}
