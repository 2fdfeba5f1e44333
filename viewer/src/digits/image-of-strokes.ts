/**
 * Strokes as an image like those of MNIST: the ink fits a box of 20 x 20 pixels, its proportions kept, and its centre of mass is the centre of the
 * 28 x 28 pixels; the edges of strokes are grey. Source: http://yann.lecun.com/exdb/mnist/
 *
 * Idea: strokes are lines, not pixels, so the pen is as thick as in MNIST however large somebody draws.
 */
import { imagePixels, imageSide } from "../../../examples/digits/digit-images.ts";

/** Of any unit, from the top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const boxSide = 20;
/** Where the centre of mass is in the images of MNIST, in pixels from the first. */
const centre = imageSide / 2;
/** In pixels: that of an average writer of MNIST. */
const penWidth = 2.6;
/** What is smaller, in units of the points, is a dot, and is not made to fill the box. */
const dotSize = 0.08;

/** Row-major [28, 28], 0 is paper and 1 is ink; null where there is no stroke. */
export function imageOfStrokes(strokes: readonly (readonly Point[])[]): Float32Array | null {
  const points = strokes.flat();
  if (points.length === 0) return null;
  const [left, right] = rangeOf(points.map(({ x }) => x));
  const [top, bottom] = rangeOf(points.map(({ y }) => y));
  const scale = (boxSide - penWidth) / Math.max(right - left, bottom - top, dotSize);
  const placed = (dx: number, dy: number): Point[][] =>
    strokes.map((stroke) => stroke.map(({ x, y }) => ({ x: (x - left) * scale + dx, y: (y - top) * scale + dy })));
  const inside = (size: number): number => (imageSide - 1 - size * scale) / 2;
  const [dx, dy] = [inside(right - left), inside(bottom - top)];
  const mass = centreOfMass(draw(placed(dx, dy)));
  return draw(placed(dx + centre - mass.x, dy + centre - mass.y));
}

function rangeOf(values: readonly number[]): [least: number, greatest: number] {
  return values.reduce(
    ([least, greatest], value) => [Math.min(least, value), Math.max(greatest, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

function draw(strokes: readonly (readonly Point[])[]): Float32Array {
  const pixels = new Float32Array(imagePixels);
  for (const stroke of strokes) {
    for (const [i, to] of stroke.entries()) drawLine(pixels, stroke[Math.max(0, i - 1)] ?? to, to);
  }
  return pixels;
}

/** A line with round ends: a pixel is the darker the more of it the pen covers. */
function drawLine(pixels: Float32Array, from: Point, to: Point): void {
  const reach = penWidth / 2 + 0.5;
  const within = (a: number, b: number): [first: number, last: number] => [
    Math.max(0, Math.ceil(Math.min(a, b) - reach)),
    Math.min(imageSide - 1, Math.floor(Math.max(a, b) + reach)),
  ];
  const [left, right] = within(from.x, to.x);
  const [top, bottom] = within(from.y, to.y);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const ink = Math.min(1, reach - distanceTo(from, to, x, y));
      const index = y * imageSide + x;
      pixels[index] = Math.max(pixels[index] ?? 0, ink);
    }
  }
}

function distanceTo(from: Point, to: Point, x: number, y: number): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - from.x) * dx + (y - from.y) * dy) / length));
  return Math.hypot(from.x + along * dx - x, from.y + along * dy - y);
}

function centreOfMass(pixels: Float32Array): Point {
  let [mass, x, y] = [0, 0, 0];
  for (const [i, ink] of pixels.entries()) {
    mass += ink;
    x += ink * (i % imageSide);
    y += ink * Math.floor(i / imageSide);
  }
  return { x: x / mass, y: y / mass };
}
