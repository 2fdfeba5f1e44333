import { schema, t } from "legolas-flux/legolas";

/** An image of MNIST, and what it shows. */
export const SampleRowV1 = schema("digits.image").version(1, {
  /** Row-major [28, 28]: 0 is paper, 255 is ink. */
  fields: { label: t.uint8, pixels: t.bytes },
});
