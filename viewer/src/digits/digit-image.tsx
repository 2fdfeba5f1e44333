import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { imageSide } from "../../../examples/digits/digit-images.ts";
import { useAppearance } from "../ui/use-appearance.ts";
import { paintImage } from "./paint-image.ts";

interface Props {
  /** Row-major [28, 28]; null where there is none. */
  readonly pixels: Float32Array | null;
  /** In words; none where something beside it says so. */
  readonly label?: string;
}

/** An image, pixel by pixel. */
export function DigitImage({ pixels, label }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const appearance = useAppearance();
  // The colour of ink follows the appearance.
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    if (pixels) paintImage(context, pixels, getComputedStyle(context.canvas).color);
    else context.clearRect(0, 0, imageSide, imageSide);
  }, [pixels, appearance]);
  const words = label === undefined ? { "aria-hidden": true } : { role: "img" as const, "aria-label": label };
  return <canvas ref={canvas} class="digit-image" width={imageSide} height={imageSide} {...words} />;
}
