/** Everything that is shown of an array. */
import { statisticsOf } from "../../../src/inspection/array-statistics.ts";
import type { ArrayPlace, ArrayView, PairView, Picture, PictureKind } from "../protocol.ts";
import { drawPicture, fullColour, pictureKinds } from "./draw-picture.ts";
import { weightsAt } from "./open-files.ts";
import { type ArrayOf, countRead, type ReadArray, readPair, readPieces } from "./read-pieces.ts";

const bins = 64;

export async function viewArray(place: ArrayPlace, kind: PictureKind | null, signal: AbortSignal): Promise<ArrayView> {
  const start = performance.now();
  const array = await readPieces(arrayAt(place), signal);
  return viewOf(place, array, kind, start);
}

const arrayAt = (place: ArrayPlace): ArrayOf => ({ weights: weightsAt(place), index: place.index });

function viewOf(place: ArrayPlace, array: ReadArray, kind: PictureKind | null, start: number): ArrayView {
  const kinds = pictureKinds(array);
  const chosen = kinds.find((each) => each === kind) ?? kinds[0];
  return {
    place,
    statistics: statisticsOf(array.parts, bins),
    elements: array.elements,
    read: countRead(array),
    pieces: array.plan.length,
    picture: chosen ? drawPicture(array, chosen) : null,
    kinds,
    milliseconds: performance.now() - start,
  };
}

/** Both arrays of a pair and, where they have one shape, the picture of their difference. */
export async function viewPair(
  a: ArrayPlace,
  b: ArrayPlace,
  kind: PictureKind | null,
  signal: AbortSignal,
): Promise<PairView> {
  const start = performance.now();
  const [left, right] = await readPair(arrayAt(a), arrayAt(b), signal);
  const [viewA, viewB] = [viewOf(a, left, kind, start), viewOf(b, right, kind, start)];
  const full = Math.max(viewA.picture?.full ?? 0, viewB.picture?.full ?? 0);
  return { a: withFull(viewA, full), b: withFull(viewB, full), difference: subtract(viewB.picture, viewA.picture) };
}

/** Two pictures side by side have one scale. */
function withFull(view: ArrayView, full: number): ArrayView {
  return view.picture ? { ...view, picture: { ...view.picture, full } } : view;
}

function subtract(b: Picture | null, a: Picture | null): Picture | null {
  if (!a || !b || a.width !== b.width || a.height !== b.height || a.caption !== b.caption) return null;
  const cells = b.cells.map((value, i) => {
    const difference = value - (a.cells[i] as number);
    return Number.isNaN(value) || Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
  });
  return { ...b, cells, full: fullColour(cells) };
}
