/** Parts of the viewer that need no browser. */

import { FlatArray } from "legolas-flux";
import { describe, expect, it } from "vitest";
import { statisticsOf } from "../../src/inspection/array-statistics.ts";
import { treeLines } from "../../src/inspection/array-tree.ts";
import type { ArrayReport } from "../../src/inspection/weights-report.ts";
import { rangeOf } from "../../viewer/src/ui/range-of.ts";
import { sorted } from "../../viewer/src/ui/sort-order.ts";
import { drawPicture, pictureKinds } from "../../viewer/src/worker/draw-picture.ts";
import { pixelsOf } from "../../viewer/src/worker/paint-picture.ts";
import { planPieces, wholeBytes } from "../../viewer/src/worker/plan-pieces.ts";
import type { ReadArray } from "../../viewer/src/worker/read-pieces.ts";

describe("the pieces of an array", () => {
  it.each([1, 2, 4, 8])("cover it once where it has at most 32 MiB, elements of %i bytes", (bytes) => {
    for (const length of [0, 1, 1000, 2 ** 21 + 1, wholeBytes / bytes]) {
      let next = 0;
      for (const { from, to } of planPieces(length, bytes)) {
        expect(from).toBe(next);
        expect(to).toBeGreaterThan(from);
        next = to;
      }
      expect(next).toBe(length);
    }
  });

  it.each([1, 2, 4, 8])(
    "of a larger one are 16 MiB from its first element to its last, apart from each other, elements of %i bytes",
    (bytes) => {
      for (const length of [wholeBytes / bytes + 1, 2 ** 28 + 3, 2 ** 33]) {
        const plan = planPieces(length, bytes);
        expect([plan[0]?.from, plan.at(-1)?.to]).toEqual([0, length]);
        expect(plan.reduce((sum, { from, to }) => sum + to - from, 0) * bytes).toBe(2 ** 24);
        for (const [i, { from }] of plan.entries()) expect(from).toBeGreaterThanOrEqual(plan[i - 1]?.to ?? 0);
      }
    },
  );
});

function whole(shape: readonly number[], layout: string | null = "tfjs"): ReadArray {
  const elements = shape.reduce((total, axis) => total * axis, 1);
  const array = new FlatArray(
    Float32Array.from({ length: elements }, (_, i) => i - 3),
    [elements],
  );
  return { shape, layout, elements, plan: [{ from: 0, to: elements }], parts: [array] };
}

describe("pictures", () => {
  it("of a small matrix have a cell for each element, rows down", () => {
    const { width, height, cells } = drawPicture(whole([2, 3]), "matrix");
    expect([width, height, ...cells]).toEqual([3, 2, -3, -2, -1, 0, 1, 2]);
  });

  it("of a large matrix have cells that are means", () => {
    const { width, height, cells, caption } = drawPicture(whole([768, 768]), "matrix");
    expect([width, height]).toEqual([384, 384]);
    expect(cells[0]).toBe((0 + 1 + 768 + 769) / 4 - 3);
    expect(caption).toMatch(/a cell is the mean of about 2 × 2/);
  });

  it("of a convolution have the same kernels whichever axes the channels are on", () => {
    const last = whole([2, 2, 1, 3]);
    const { width, height, cells } = drawPicture(last, "channels last");
    // Element [y, x, 0, o] is 3 * (2 * y + x) + o - 3.
    expect([...cells.subarray(0, 2), ...cells.subarray(width, width + 2)]).toEqual([-3, 0, 3, 6]);
    expect(cells.filter((value) => !Number.isNaN(value))).toHaveLength(12);
    expect(width * height).toBe(cells.length);
    const first = drawPicture(whole([3, 1, 2, 2], "torch"), "channels first");
    expect([...first.cells.subarray(0, 2), ...first.cells.subarray(first.width, first.width + 2)]).toEqual([
      -3, -2, -1, 0,
    ]);
  });

  it("take the layout's word for the axes, and small first axes where it says nothing", () => {
    expect(pictureKinds(whole([3, 3, 20, 40]))[0]).toBe("channels last");
    expect(pictureKinds(whole([40, 20, 3, 3], null))[0]).toBe("channels first");
    expect(pictureKinds(whole([40, 20, 3, 3], "unknown"))[0]).toBe("channels first");
    expect(pictureKinds(whole([3, 3, 20, 40], "unknown"))[0]).toBe("channels last");
    expect(pictureKinds(whole([5, 5]))).toEqual(["matrix"]);
    expect(pictureKinds(whole([1]))).toEqual([]);
  });

  it.each(["light", "dark"] as const)(
    "leave cells without an element transparent, others not, on a %s page",
    (appearance) => {
      const cells = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -1, 1, 5);
      const pixels = pixelsOf({ kind: "matrix", width: 5, height: 1, cells, full: 1, caption: "" }, appearance);
      expect([0, 1, 2, 3, 4].map((i) => pixels[4 * i + 3])).toEqual([0, 255, 255, 255, 255]);
      expect(pixels.subarray(12, 16)).toEqual(pixels.subarray(16, 20));
      expect(pixels.subarray(4, 8)).not.toEqual(pixels.subarray(12, 16));
    },
  );
});

it("statistics of an array in pieces are those of the whole", () => {
  const values = Float64Array.from({ length: 1001 }, (_, i) => (i % 13 === 0 ? Number.NaN : Math.sin(i) * 1e6));
  const pieces = [0, 1, 400, 400, 1001]
    .map((from, i, all) => values.slice(from, all[i + 1] ?? from))
    .filter(({ length }) => length > 0);
  const whole = statisticsOf([new FlatArray(values, [1001])], 64);
  expect(
    statisticsOf(
      pieces.map((piece) => new FlatArray(piece, [piece.length])),
      64,
    ),
  ).toEqual(whole);
  expect(whole.nan).toBe(77);
});

it("rows are sorted with missing values last, either way, and stay in their order otherwise", () => {
  const keys = [2, null, "b", Number.POSITIVE_INFINITY, 10, "a10", "a9", null, Number.NaN];
  const order = (isDescending: boolean) =>
    sorted([...keys.keys()], (i) => keys[i] ?? null, isDescending).map((i) => keys[i]);
  expect(order(false)).toEqual([Number.NaN, 2, 10, Number.POSITIVE_INFINITY, "a9", "a10", "b", null, null]);
  expect(order(true).slice(0, 4)).toEqual([Number.POSITIVE_INFINITY, 10, 2, Number.NaN]);
  expect(order(true).slice(-2)).toEqual([null, null]);
});

const report = (name: string, index: number): ArrayReport => ({
  index,
  name,
  type: "float32",
  storedType: "float32",
  size: [1],
  shape: [1],
  bytes: 4,
  offset: 0,
});

it("the tree gives no line to groups of one array, or with one group in them", () => {
  const names = [
    "model.layers.0.q.weight",
    "model.layers.0.k.weight",
    "model.layers.1.q.weight",
    "model.layers.1.q.bias",
    "head.weight",
  ];
  const lines = treeLines(names.map(report), Number.POSITIVE_INFINITY).map(
    ({ depth, label }) => `${"  ".repeat(depth)}${label}`,
  );
  expect(lines).toEqual([
    "model.layers",
    "  0",
    "    q.weight",
    "    k.weight",
    "  1.q",
    "    weight",
    "    bias",
    "head.weight",
  ]);
});

it("the tree of many arrays, or of names of thousands of parts, takes no longer than their names are long", () => {
  const many = Array.from({ length: 150_000 }, (_, i) => `g.${i}`);
  expect(treeLines(many.map(report), Number.POSITIVE_INFINITY)).toHaveLength(150_001);
  const chain = Array.from({ length: 2000 }, (_, i) => `${"a.".repeat(i)}b`);
  const lines = treeLines(chain.map(report), Number.POSITIVE_INFINITY);
  expect(lines.filter(({ array }) => array)).toHaveLength(chain.length);
  expect(Math.max(...lines.map(({ depth }) => depth))).toBe(32);
  expect(lines.at(-1)?.label).toBe(chain.at(-1)?.slice("a.".length * 32));
});

it("the range of numbers is told however many there are", () => {
  expect(rangeOf([])).toBe(null);
  expect(rangeOf([2, -1, 3])).toEqual({ min: -1, max: 3 });
  expect(rangeOf(Array.from({ length: 500_000 }, (_, i) => i))).toEqual({ min: 0, max: 499_999 });
});
