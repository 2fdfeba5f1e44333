/** Width and height of an image, in pixels. */
export const imageSide = 28;
export const imagePixels = imageSide * imageSide;
export const digitCount = 10;

/** Handwritten digits and what they are. */
export interface Digits {
  readonly count: number;
  /** Row-major [count, 784]; 0 is paper, 1 is ink. */
  readonly images: Float32Array;
  /** [count], each 0 to 9; floats because the sparse loss takes no integers. */
  readonly labels: Float32Array;
}

/** The pixels of one image, as a view. */
export function imageAt({ images }: Digits, index: number): Float32Array {
  return images.subarray(index * imagePixels, (index + 1) * imagePixels);
}
