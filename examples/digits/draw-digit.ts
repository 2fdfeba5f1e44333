import { imageSide } from "./digit-images.ts";

const inkThreshold = 0.35;
const barWidth = 24;

/** An image as 14 lines of half blocks, two pixels a character. */
export function drawDigit(pixels: Float32Array): string[] {
  const isInk = (row: number, column: number): boolean => (pixels[row * imageSide + column] ?? 0) >= inkThreshold;
  return Array.from({ length: imageSide / 2 }, (_, line) =>
    Array.from({ length: imageSide }, (_, column) => {
      const upper = isInk(2 * line, column);
      const lower = isInk(2 * line + 1, column);
      if (upper) return lower ? "█" : "▀";
      return lower ? "▄" : " ";
    }).join(""),
  );
}

/** The probability of each digit as a line with a bar; the likeliest is marked. */
export function drawProbabilities(probabilities: ArrayLike<number>): string[] {
  const likeliest = indexOfMax(probabilities);
  return Array.from(probabilities, (probability, digit) => {
    const bar = "█".repeat(Math.round(probability * barWidth)).padEnd(barWidth);
    return `${digit} ${bar} ${(100 * probability).toFixed(1).padStart(5)} %${digit === likeliest ? "  <- predicted" : ""}`;
  });
}

/** A picture with text to its right, from the third line on. */
export function sideBySide(picture: readonly string[], text: readonly string[]): string {
  return picture.map((line, i) => `  ${line}  ${text[i - 2] ?? ""}`.trimEnd()).join("\n");
}

/** The position of the greatest value. */
export function indexOfMax(values: ArrayLike<number>): number {
  return Array.from(values).reduce((best, value, i, all) => (value > (all[best] ?? 0) ? i : best), 0);
}
