import { readTable } from "legolas-flux/legolas";
import { SampleRowV1 } from "./sample-row.ts";

/** A test image. */
export interface Sample {
  readonly label: number;
  /** Row-major [28, 28], from 0, paper, to 1, ink. */
  readonly pixels: Float32Array;
}

/** The test images beside the page, ten of ten digits after ten others. @throws {LegolasError} They cannot be read. */
export async function loadSamples(): Promise<Sample[]> {
  const address = new URL("samples.digits.image.arrow", location.href);
  const table = await readTable(address, { schemaVersion: SampleRowV1 });
  return Array.from(table, ({ label, pixels }) => ({
    label,
    pixels: Float32Array.from(pixels, (pixel) => pixel / 255),
  }));
}
