/** From strokes to an image like those of MNIST, and what the model of the page for drawing says of it. */
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { readModelRow } from "legolas-flux";
import { loadWeights } from "legolas-flux/tfjs";
import { describe, expect, it } from "vitest";
import { imagePixels } from "../../examples/digits/digit-images.ts";
import { DigitsRowV1 } from "../../examples/digits/digits-row.ts";
import { indexOfMax } from "../../examples/digits/draw-digit.ts";
import { makeModel } from "../../examples/digits/make-model.ts";
import { predict } from "../../examples/digits/predict.ts";
import { imageOfStrokes, type Point } from "../../viewer/src/digits/image-of-strokes.ts";
import { digitStrokes, type Stroke } from "../helpers/digit-strokes.ts";
import { seededRandom } from "../helpers/seeded-random.ts";

const pointsOf = (strokes: readonly Stroke[]): Point[][] => strokes.map((stroke) => stroke.map(([x, y]) => ({ x, y })));

function imageOf(strokes: readonly (readonly Point[])[]): Float32Array {
  const image = imageOfStrokes(strokes);
  if (!image) throw new Error("nothing was drawn");
  return image;
}

/** First and last row and column with ink, and the centre of mass. */
function extentOf(image: Float32Array) {
  const inked = [...image.entries()].filter(([, ink]) => ink > 0.02);
  const [columns, rows] = [inked.map(([i]) => i % 28), inked.map(([i]) => Math.floor(i / 28))];
  const mass = image.reduce((sum, ink) => sum + ink);
  const centre = (of: (i: number) => number) => image.reduce((sum, ink, i) => sum + ink * of(i), 0) / mass;
  return {
    width: Math.max(...columns) - Math.min(...columns) + 1,
    height: Math.max(...rows) - Math.min(...rows) + 1,
    x: centre((i) => i % 28),
    y: centre((i) => Math.floor(i / 28)),
  };
}

describe("the image of a drawing", () => {
  it.each(digitStrokes.map((ways, digit) => [digit, ways] as const))(
    "of %i fits 20 pixels, has its centre of mass where MNIST has it, and grey edges",
    (_, ways) => {
      for (const strokes of ways) {
        const image = imageOf(pointsOf(strokes));
        expect(image).toHaveLength(imagePixels);
        const { width, height, x, y } = extentOf(image);
        // An edge that falls between pixels has ink in both.
        expect(Math.max(width, height)).toBeGreaterThanOrEqual(19);
        expect(Math.max(width, height)).toBeLessThanOrEqual(22);
        expect(x).toBeCloseTo(14, 0.5);
        expect(y).toBeCloseTo(14, 0.5);
        expect(Math.max(...image)).toBe(1);
        expect(image.some((ink) => ink > 0.2 && ink < 0.8)).toBe(true);
      }
    },
  );

  it("is the same wherever and however large something is drawn", () => {
    const strokes = pointsOf(digitStrokes[5]?.[0] ?? []);
    const small = strokes.map((stroke) => stroke.map(({ x, y }) => ({ x: 0.7 + 0.25 * x, y: 0.25 * y })));
    const [image, again] = [imageOf(strokes), imageOf(small)];
    for (const [i, ink] of image.entries()) expect(again[i]).toBeCloseTo(ink, 4);
  });

  it("of a point is a dot in the middle, and of nothing there is none", () => {
    const dot = imageOf([[{ x: 0.1, y: 0.9 }]]);
    expect(extentOf(dot)).toMatchObject({ width: 3, height: 3 });
    expect(dot[14 * 28 + 14]).toBe(1);
    expect(imageOfStrokes([])).toBeNull();
  });
});

/** A drawing as another hand would make it: turned, slanted, stretched, with a wave in its lines. */
function varied(strokes: readonly Stroke[], random: (below: number) => number): Point[][] {
  const between = (most: number): number => (random(2001) / 1000 - 1) * most;
  const [angle, slant, across, down] = [between(0.32), between(0.32), 1 + between(0.32), 1 + between(0.32)];
  const [cos, sin, phase] = [Math.cos(angle), Math.sin(angle), between(6)];
  return pointsOf(strokes).map((stroke) =>
    stroke.map((point) => {
      const y = (point.y - 0.5) * down;
      const x = (point.x - 0.5) * across + slant * y;
      const [turnedX, turnedY] = [x * cos - y * sin, x * sin + y * cos];
      return { x: turnedX + 0.02 * Math.sin(9 * turnedY + phase), y: turnedY + 0.02 * Math.sin(9 * turnedX - phase) };
    }),
  );
}

it("the model in the package knows its test images, and 98 % of digits as many hands would draw them", async () => {
  const path = fileURLToPath(new URL("../../viewer/public/demo.digits.model.arrow", import.meta.url));
  const row = await readModelRow(path, DigitsRowV1);
  expect(row.accuracy).toBeGreaterThan(0.985);
  expect(row.commit_sha).toMatch(/^[0-9a-f]{40}$/);
  await tf.setBackend("cpu");
  const model = makeModel(row.config);
  await loadWeights(model, row.weights);
  const random = seededRandom(7);
  const drawings = digitStrokes.flatMap((ways, digit) =>
    ways.flatMap((strokes) => Array.from({ length: 20 }, () => ({ digit, image: imageOf(varied(strokes, random)) }))),
  );
  const images = new Float32Array(drawings.length * imagePixels);
  for (const [i, { image }] of drawings.entries()) images.set(image, i * imagePixels);
  const told = predict(model, { count: drawings.length, images, labels: new Float32Array(0) });
  const right = drawings.filter(({ digit }, i) => indexOfMax(told.subarray(10 * i, 10 * i + 10)) === digit);
  expect(right.length / drawings.length).toBeGreaterThan(0.98);
});
