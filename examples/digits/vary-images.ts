import { type Digits, imagePixels, imageSide } from "./digit-images.ts";
import { seededRandom } from "./seeded-random.ts";

const centre = (imageSide - 1) / 2;
/** At most so much in either direction. */
const most = { radians: 0.26, slant: 0.2, stretch: 0.14, shift: 1.5 };

/** Each image turned, slanted, stretched and shifted a little, otherwise for each seed: as other hands would have written it. */
export function varyImages({ count, images, labels }: Digits, seed: number): Digits {
  const random = seededRandom(seed);
  const between = (limit: number): number => (2 * random() - 1) * limit;
  const varied = new Float32Array(images.length);
  for (let i = 0; i < count; i++) {
    const [cos, sin] = [Math.cos, Math.sin].map((of) => of(between(most.radians))) as [number, number];
    const slant = between(most.slant);
    const [across, down] = [1 + between(most.stretch), 1 + between(most.stretch)];
    // From a pixel of the new image to its place in the old one.
    const back = {
      xx: cos / across,
      xy: (sin + slant * cos) / across,
      yx: -sin / down,
      yy: (cos - slant * sin) / down,
      x: between(most.shift),
      y: between(most.shift),
    };
    const part = [i * imagePixels, (i + 1) * imagePixels] as const;
    resample(images.subarray(...part), varied.subarray(...part), back);
  }
  return { count, images: varied, labels };
}

interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
  readonly x: number;
  readonly y: number;
}

function resample(from: Float32Array, to: Float32Array, { xx, xy, yx, yy, x, y }: Affine): void {
  for (let row = 0; row < imageSide; row++) {
    for (let column = 0; column < imageSide; column++) {
      const [dx, dy] = [column - centre - x, row - centre - y];
      to[row * imageSide + column] = pixelAt(from, xx * dx + xy * dy + centre, yx * dx + yy * dy + centre);
    }
  }
}

/** Between pixels, what the four around it give in proportion; paper outside. */
function pixelAt(pixels: Float32Array, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, below] = [x - left, y - top];
  const at = (column: number, row: number): number =>
    column < 0 || column >= imageSide || row < 0 || row >= imageSide ? 0 : (pixels[row * imageSide + column] ?? 0);
  return (
    (1 - below) * ((1 - right) * at(left, top) + right * at(left + 1, top)) +
    below * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1))
  );
}
