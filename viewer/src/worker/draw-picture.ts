/** Arrays as grids of numbers: a matrix as a heat map, a convolution as a gallery of its kernels. */
import { numbersIn } from "../../../src/inspection/numbers-in.ts";
import type { KernelOrder, Picture, PictureKind } from "../protocol.ts";
import { countRead, type ReadArray } from "./read-pieces.ts";

const maxCells = 384;
/** A sampled array has too few elements for more rows. */
const maxSampledRows = 128;
const maxTilesAcross = 24;
const maxTiles = 600;
/** Kernels larger than that are cut. */
const maxTile = 64;

/** The kinds of pictures an array can be shown as, the likeliest first. */
export function pictureKinds(array: ReadArray): PictureKind[] {
  const { shape, layout, elements } = array;
  if (elements < 2) return [];
  const isWhole = countRead(array) === elements;
  if (shape.length !== 4 || !isWhole || !shape.some((length) => length > 1)) return ["matrix"];
  const isLast =
    layout === "tfjs" || (layout === "unknown" && areSmall(shape.slice(0, 2)) && !areSmall(shape.slice(2)));
  return isLast ? ["channels last", "channels first", "matrix"] : ["channels first", "channels last", "matrix"];
}

function areSmall(lengths: readonly number[]): boolean {
  return lengths.every((length) => length <= 11);
}

export function drawPicture(array: ReadArray, kind: PictureKind): Picture {
  return kind === "matrix" ? drawMatrix(array) : drawKernels(array, kind);
}

const count = (n: number): string => n.toLocaleString("en-US");

function drawMatrix(array: ReadArray): Picture {
  const { shape, elements, plan, parts } = array;
  const columns = shape.at(-1) ?? 1;
  const rows = elements / columns;
  const isWhole = countRead(array) === elements;
  const width = Math.min(columns, maxCells);
  const height = Math.min(rows, isWhole ? maxCells : maxSampledRows);
  const cells = new Float32Array(width * height);
  const counts = new Uint32Array(width * height);
  for (const [i, { from }] of plan.entries()) {
    const numbers = parts[i] ? numbersIn(parts[i]) : new Float32Array();
    let row = Math.floor(from / columns);
    let column = from % columns;
    for (let k = 0; k < numbers.length; k++) {
      const cell = Math.floor((row * height) / rows) * width + Math.floor((column * width) / columns);
      cells[cell] = (cells[cell] as number) + Number(numbers[k]);
      counts[cell] = (counts[cell] as number) + 1;
      column += 1;
      if (column === columns) {
        column = 0;
        row += 1;
      }
    }
  }
  turnToMeans(cells, counts);
  return {
    kind: "matrix",
    width,
    height,
    cells,
    full: fullColour(cells),
    caption: matrixCaption(shape, width, height),
  };
}

function turnToMeans(sums: Float32Array, counts: Uint32Array): void {
  for (let cell = 0; cell < sums.length; cell++) {
    const mean = (sums[cell] as number) / (counts[cell] as number);
    sums[cell] = counts[cell] === 0 ? Number.NaN : Number.isFinite(mean) ? mean : Number.POSITIVE_INFINITY;
  }
}

function matrixCaption(shape: readonly number[], width: number, height: number): string {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((total, length) => total * length, 1);
  const [down, across] = [rows / height, columns / width];
  const axes =
    shape.length < 2
      ? `${count(columns)} elements from left to right`
      : `${count(rows)} rows down (${shape.length === 2 ? "axis 0" : `axes 0 to ${shape.length - 2} together`}), ${count(columns)} columns across (axis ${shape.length - 1})`;
  const joins = down > 1 || across > 1;
  return joins ? `${axes}; a cell is the mean of about ${count(Math.ceil(down))} × ${count(Math.ceil(across))}` : axes;
}

/** Row-major strides of output channels, input channels, and the two axes of space, with their lengths. */
function kernelAxes(shape: readonly number[], order: KernelOrder): { length: number; stride: number }[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((total, length) => total * length, 1));
  const axes = order === "channels first" ? [0, 1, 2, 3] : [3, 2, 0, 1];
  return axes.map((axis) => ({ length: shape[axis] ?? 1, stride: strides[axis] ?? 1 }));
}

/** A group of tiles for each output channel, with a tile for each input channel; a cell between tiles, two between groups. */
function drawKernels({ shape, parts }: ReadArray, kind: KernelOrder): Picture {
  const [out, input, down, across] = kernelAxes(shape, kind) as [Axis, Axis, Axis, Axis];
  const at = elementReader(parts.map(numbersIn));
  const tiles = Math.min(input.length, maxTilesAcross);
  const [tileHeight, tileWidth] = [Math.min(down.length, maxTile), Math.min(across.length, maxTile)];
  const shown = Math.min(out.length, Math.max(maxTilesAcross, Math.floor(maxTiles / tiles)));
  const [groupWidth, groupHeight] = [tiles * (tileWidth + 1) + 1, tileHeight + 2];
  // As many groups side by side as make the picture about half as high as it is wide.
  const perLine = Math.max(1, Math.min(shown, Math.round(Math.sqrt((2 * shown * groupHeight) / groupWidth))));
  const width = perLine * groupWidth - 2;
  const height = Math.ceil(shown / perLine) * groupHeight - 2;
  const cells = new Float32Array(width * height).fill(Number.NaN);
  const drawTile = (from: number, corner: number): void => {
    for (let y = 0; y < tileHeight; y++) {
      for (let x = 0; x < tileWidth; x++) {
        const value = at(from + y * down.stride + x * across.stride);
        cells[corner + y * width + x] = Number.isFinite(value) ? value : Number.POSITIVE_INFINITY;
      }
    }
  };
  for (let o = 0; o < shown; o++) {
    const corner = Math.floor(o / perLine) * groupHeight * width + (o % perLine) * groupWidth;
    for (let i = 0; i < tiles; i++) drawTile(o * out.stride + i * input.stride, corner + i * (tileWidth + 1));
  }
  const caption = kernelCaption({ kind, out, input, down, across, shown, tiles });
  return { kind, width, height, cells, full: fullColour(cells), caption };
}

interface Axis {
  readonly length: number;
  readonly stride: number;
}

interface Kernels {
  readonly kind: KernelOrder;
  readonly out: Axis;
  readonly input: Axis;
  readonly down: Axis;
  readonly across: Axis;
  readonly shown: number;
  readonly tiles: number;
}

function kernelCaption({ kind, out, input, down, across, shown, tiles }: Kernels): string {
  const order = kind === "channels first" ? "[output, input, height, width]" : "[height, width, input, output]";
  const part = (shownOf: number, all: number, noun: string): string =>
    shownOf < all ? `the first ${shownOf} of ${count(all)} ${noun} channels` : `${count(all)} ${noun} channels`;
  const [outputs, inputs] = [part(shown, out.length, "output"), part(tiles, input.length, "input")];
  const cut = Math.max(down.length, across.length) > maxTile ? `, of which the first ${maxTile} each` : "";
  const group = input.length === 1 ? "a kernel" : "a group of kernels";
  return `axes ${order}: ${group} of ${down.length} × ${across.length}${cut} for each of ${outputs}${input.length === 1 ? "" : `, in it one for each of ${inputs}`}`;
}

function elementReader(parts: readonly ArrayLike<number | bigint>[]): (index: number) => number {
  const [first] = parts;
  const step = first?.length ?? 1;
  return (index) => Number(parts[Math.floor(index / step)]?.[index % step] ?? Number.NaN);
}

/** The 99.5th percentile of the |cells|, so that few outliers do not leave all others pale. */
export function fullColour(cells: Float32Array): number {
  const sizes = cells.filter(Number.isFinite).map(Math.abs).sort();
  const full = sizes[Math.floor((sizes.length - 1) * 0.995)] ?? 0;
  return full > 0 ? full : (sizes.at(-1) ?? 0) || 1;
}
