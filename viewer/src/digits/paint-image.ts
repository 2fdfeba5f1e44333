import { imageSide } from "../../../examples/digits/digit-images.ts";

/** Paints a row-major [28, 28] image over a whole canvas, smoothly where the canvas has more pixels. */
export function paintImage(context: CanvasRenderingContext2D, pixels: Float32Array, ink: string): void {
  const image = new ImageData(imageSide, imageSide);
  for (const [i, pixel] of pixels.entries()) image.data[4 * i + 3] = 255 * pixel;
  const small = new OffscreenCanvas(imageSide, imageSide);
  const copy = small.getContext("2d");
  if (!copy) return;
  copy.putImageData(image, 0, 0);
  // What is opaque takes the colour of ink.
  copy.globalCompositeOperation = "source-in";
  copy.fillStyle = ink;
  copy.fillRect(0, 0, imageSide, imageSide);
  const { width, height } = context.canvas;
  context.clearRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, width, height);
}
