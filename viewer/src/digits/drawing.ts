/** What is on the pad. */
import { imageOfStrokes, type Point } from "./image-of-strokes.ts";
import type { Sample } from "./load-samples.ts";

/** Lines of a pen, or an image in their place. */
export type Drawing =
  | { readonly kind: "strokes"; readonly strokes: readonly (readonly Point[])[] }
  | { readonly kind: "sample"; readonly sample: Sample };

export const emptyDrawing: Drawing = { kind: "strokes", strokes: [] };

export function isEmpty(drawing: Drawing): boolean {
  return drawing.kind === "strokes" && drawing.strokes.length === 0;
}

/** The pen touches the pad: an image gives way to what is drawn. */
export function withStroke(drawing: Drawing, point: Point): Drawing {
  return { kind: "strokes", strokes: [...strokesOf(drawing), [point]] };
}

/** The pen goes on. */
export function withPoints(drawing: Drawing, points: readonly Point[]): Drawing {
  const strokes = strokesOf(drawing);
  return { kind: "strokes", strokes: [...strokes.slice(0, -1), [...(strokes.at(-1) ?? []), ...points]] };
}

export function withoutLastStroke(drawing: Drawing): Drawing {
  return { kind: "strokes", strokes: strokesOf(drawing).slice(0, -1) };
}

/** As the model takes it, row-major [28, 28]; null where nothing is drawn. Test images are as they should be already. */
export function imageOf(drawing: Drawing): Float32Array | null {
  return drawing.kind === "sample" ? drawing.sample.pixels : imageOfStrokes(drawing.strokes);
}

function strokesOf(drawing: Drawing): readonly (readonly Point[])[] {
  return drawing.kind === "strokes" ? drawing.strokes : [];
}
