/** Which elements of an array are read. */

export interface Piece {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** Arrays of at most so many bytes are read whole. */
export const wholeBytes = 32 * 2 ** 20;
const pieceBytes = 4 * 2 ** 20;
const sampleBytes = 2 ** 17;
const samples = 128;

/** Pieces of the whole array, or of a large one samples spread evenly from its first element to its last. */
export function planPieces(length: number, bytesPerElement: number): Piece[] {
  if (length * bytesPerElement <= wholeBytes) {
    const step = pieceBytes / bytesPerElement;
    return Array.from({ length: Math.ceil(length / step) }, (_, i) => ({
      from: i * step,
      to: Math.min(length, (i + 1) * step),
    }));
  }
  const step = sampleBytes / bytesPerElement;
  return Array.from({ length: samples }, (_, i) => {
    const from = Math.round((i * (length - step)) / (samples - 1));
    return { from, to: from + step };
  });
}
