/** Pictures as pixels: blue below zero, red above, the page's own ground at zero. */
import type { Appearance, Picture } from "../protocol.ts";

type Colour = readonly [red: number, green: number, blue: number];

interface Palette {
  /** From the strongest to zero. */
  readonly below: readonly Colour[];
  readonly above: readonly Colour[];
  readonly notFinite: Colour;
}

/** ColorBrewer's RdBu, and the same hues rising from a dark ground. */
const palettes: Readonly<Record<Appearance, Palette>> = {
  light: {
    below: [
      [5, 48, 97],
      [33, 102, 172],
      [67, 147, 195],
      [146, 197, 222],
      [209, 229, 240],
      [250, 249, 247],
    ],
    above: [
      [103, 0, 31],
      [178, 24, 43],
      [214, 96, 77],
      [244, 165, 130],
      [253, 219, 199],
      [250, 249, 247],
    ],
    notFinite: [200, 0, 200],
  },
  dark: {
    below: [
      [190, 226, 250],
      [111, 177, 224],
      [58, 127, 184],
      [36, 82, 130],
      [27, 50, 76],
      [24, 26, 30],
    ],
    above: [
      [255, 214, 190],
      [246, 150, 113],
      [212, 89, 65],
      [148, 48, 44],
      [82, 33, 34],
      [24, 26, 30],
    ],
    notFinite: [240, 90, 240],
  },
};

/** The pixels of a picture, four bytes for each cell; cells without an element are transparent. */
export function pixelsOf({ cells, full }: Picture, appearance: Appearance): Uint8ClampedArray<ArrayBuffer> {
  const palette = palettes[appearance];
  const pixels = new Uint8ClampedArray(cells.length * 4);
  for (let i = 0; i < cells.length; i++) {
    const value = cells[i] as number;
    if (Number.isNaN(value)) continue;
    const colour = Number.isFinite(value) ? colourOf(value / full, palette) : palette.notFinite;
    pixels.set(colour, i * 4);
    pixels[i * 4 + 3] = 255;
  }
  return pixels;
}

function colourOf(value: number, { below, above }: Palette): Colour {
  const stops = value < 0 ? below : above;
  const at = (1 - Math.min(1, Math.abs(value))) * (stops.length - 1);
  const [from, to] = [stops[Math.floor(at)] as Colour, stops[Math.ceil(at)] as Colour];
  const part = at - Math.floor(at);
  return [0, 1, 2].map((i) => (from[i] as number) * (1 - part) + (to[i] as number) * part) as unknown as Colour;
}
