/** The arrays of weights, one at a time, in the types that they had. */
import { InputError } from "../errors.ts";
import { formatValue } from "../legolas/format-value.ts";
import { heldType, isStoredType } from "../safetensors/stored-type.ts";
import type { ElementType } from "../weights/element-type.ts";
import { FlatArray } from "../weights/flat-array.ts";
import { LazyWeights } from "../weights/lazy-weights.ts";
import { arrayLabel, elementsAs, type Weights } from "../weights/weights.ts";

/** What is known of an array before it is read. */
export interface ArrayOutline {
  readonly index: number;
  readonly name: string;
  readonly label: string;
  readonly size: readonly number[];
  /** The type that it is written with. */
  readonly type: ElementType;
}

/**
 * What a file of weights will hold.
 *
 * @throws {InputError} Arrays have no names, not one for each, or types before promotion that are not known.
 */
export function outlineOf(weights: Weights | LazyWeights, format: string): readonly ArrayOutline[] {
  const { names, dtypes } = weights;
  const sizes = weights instanceof LazyWeights ? weights.sizes : weights.arrays.map(({ size }) => size);
  const seen = new Set<string>();
  return sizes.map((size, index) => {
    const name = names?.[index];
    const label = arrayLabel(index, name);
    const dtype = dtypes[index] as string;
    if (name === undefined || seen.has(name)) {
      throw new InputError({
        subject: `${format}: ${label}`,
        expected: "a name of its own",
        found: name === undefined ? "none" : "one that an array before has",
        remedy: "Name the arrays: new Weights(weights, { names })",
      });
    }
    seen.add(name);
    if (isStoredType(dtype)) return { index, name, label, size, type: heldType(dtype) };
    throw new InputError({
      subject: `${format}: ${label}`,
      expected: "a type before promotion that is known here",
      found: formatValue(dtype),
      remedy: "Leave it out to write the arrays as they are: new Weights(weights, { names: weights.names })",
    });
  });
}

/** An array in the type of its outline. @throws {LossyConversionError} A value would change. */
export async function readArray(
  weights: Weights | LazyWeights,
  { index, type, label }: ArrayOutline,
): Promise<FlatArray> {
  const array = weights instanceof LazyWeights ? await weights.read(index) : (weights.arrays[index] as FlatArray);
  const isLossy = weights instanceof LazyWeights ? false : weights.lossy;
  return new FlatArray(elementsAs(array, type, isLossy, label), array.size, type);
}
