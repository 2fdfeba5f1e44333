import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useAppearance } from "../ui/use-appearance.ts";
import { type Drawing, isEmpty, withPoints, withStroke } from "./drawing.ts";
import type { Point } from "./image-of-strokes.ts";
import { paintImage } from "./paint-image.ts";

interface Props {
  readonly drawing: Drawing;
  readonly onDraw: (change: (drawing: Drawing) => Drawing) => void;
  readonly onPen: (isDown: boolean) => void;
}

/** Of the pad's width. */
const penWidth = 0.075;

/** What one draws on with mouse, finger or pen; points are from 0 to 1. */
export function Pad({ drawing, onDraw, onPen }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pen = useRef<number | null>(null);
  const appearance = useAppearance();
  // The colour of ink follows the appearance.
  useEffect(() => (canvas.current ? repaintWithSize(canvas.current, drawing) : undefined), [drawing, appearance]);
  const start = (event: PointerEvent): void => {
    if (event.button !== 0 || pen.current !== null) return;
    event.preventDefault();
    canvas.current?.setPointerCapture(event.pointerId);
    pen.current = event.pointerId;
    const [point] = pointsOf(event);
    onPen(true);
    if (point) onDraw((before) => withStroke(before, point));
  };
  const move = (event: PointerEvent): void => {
    if (event.pointerId !== pen.current) return;
    const points = pointsOf(event);
    onDraw((before) => withPoints(before, points));
  };
  const end = (event: PointerEvent): void => {
    if (event.pointerId !== pen.current) return;
    pen.current = null;
    onPen(false);
  };
  return (
    <div class="pad">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Pad, ${describe(drawing)}`}
        onPointerDown={start}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
      />
      {isEmpty(drawing) && <p class="faint">Draw a digit here</p>}
    </div>
  );
}

function describe(drawing: Drawing): string {
  if (drawing.kind === "sample") return `with a test image of ${drawing.sample.label} on it`;
  return isEmpty(drawing)
    ? "empty: draw on it with mouse, finger or pen, or choose a test image"
    : "with a drawing on it";
}

/** Where the pen has been since the last event. */
function pointsOf(event: PointerEvent): Point[] {
  const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const events = event.type === "pointermove" ? event.getCoalescedEvents() : [];
  return (events.length > 0 ? events : [event]).map(({ clientX, clientY }) => ({
    x: (clientX - left) / width,
    y: (clientY - top) / height,
  }));
}

/** Paints now, and again whenever the size changes. */
function repaintWithSize(canvas: HTMLCanvasElement, drawing: Drawing): () => void {
  const observer = new ResizeObserver(() => paint(canvas, drawing));
  observer.observe(canvas);
  paint(canvas, drawing);
  return () => observer.disconnect();
}

function paint(canvas: HTMLCanvasElement, drawing: Drawing): void {
  const side = Math.round(canvas.clientWidth * devicePixelRatio);
  if (canvas.width !== side || canvas.height !== side) [canvas.width, canvas.height] = [side, side];
  const context = canvas.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, side, side);
  const ink = getComputedStyle(canvas).color;
  if (drawing.kind === "sample") {
    paintImage(context, drawing.sample.pixels, ink);
    return;
  }
  context.strokeStyle = ink;
  context.lineWidth = penWidth * side;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const [first, ...rest] of drawing.strokes) {
    if (!first) continue;
    context.beginPath();
    context.moveTo(first.x * side, first.y * side);
    for (const { x, y } of rest.length > 0 ? rest : [first]) context.lineTo(x * side, y * side);
    context.stroke();
  }
}
