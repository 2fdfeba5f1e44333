import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { formatStatistic } from "../../../src/inspection/format-number.ts";
import type { Picture } from "../protocol.ts";
import { worker } from "../worker-client.ts";
import { useAppearance } from "./use-appearance.ts";

interface Props {
  readonly picture: Picture;
  /** Before the caption. */
  readonly label: string;
}

/** A picture, painted by the worker, with its scale and what its axes are. */
export function PictureCanvas({ picture, label }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const appearance = useAppearance();
  const [pointed, setPointed] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const paint = async (): Promise<void> => {
      const bitmap = await worker.paint(picture, appearance);
      if (isCurrent) canvas.current?.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
    };
    void paint();
    return () => {
      isCurrent = false;
    };
  }, [picture, appearance]);
  const point = (event: PointerEvent): void => setPointed(cellAt(picture, event));
  const full = formatStatistic(picture.full);
  const caption = label === "" ? picture.caption : `${label}: ${picture.caption}`;
  return (
    <figure>
      <canvas
        ref={canvas}
        role="img"
        aria-label={caption}
        width={picture.width}
        height={picture.height}
        style={displaySize(picture)}
        onPointerMove={point}
        onPointerLeave={() => setPointed(null)}
      />
      <div class="scale">
        <span>−{full}</span>
        <span class="ramp" aria-hidden="true" />
        <span>{full}</span>
        {picture.cells.includes(Number.POSITIVE_INFINITY) && (
          <span class="not-finite">
            <span class="swatch" aria-hidden="true" /> NaN or Inf
          </span>
        )}
        <span class="pointed">{pointed ?? ""}</span>
      </div>
      <figcaption class="faint">{caption}</figcaption>
    </figure>
  );
}

const [maxWidth, maxHeight] = [640, 420];

/** Square cells where that gives a picture that can be seen. */
function displaySize({ width, height }: Picture): { width: string; aspectRatio: string } {
  const scale = Math.min(24, maxWidth / width, maxHeight / height);
  const shown = [Math.max(64, width * scale), Math.max(28, height * scale)] as const;
  return { width: `${Math.round(shown[0])}px`, aspectRatio: `${shown[0]} / ${shown[1]}` };
}

function cellAt({ width, height, cells }: Picture, event: PointerEvent): string | null {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const x = Math.floor(((event.clientX - box.left) / box.width) * width);
  const y = Math.floor(((event.clientY - box.top) / box.height) * height);
  const value = x >= 0 && x < width && y >= 0 && y < height ? cells[y * width + x] : undefined;
  if (value === undefined || Number.isNaN(value)) return null;
  return Number.isFinite(value) ? formatStatistic(value) : "NaN or Inf";
}
