/**
 * Arrays that are read while they are written, so that rows larger than memory can be.
 *
 * Idea: everything but the elements is known, which is all that a row's encoding asks for; where the elements are written, they are read.
 */
import { InputError } from "../errors.ts";
import type { ElementType } from "./element-type.ts";
import { FlatArray, product } from "./flat-array.ts";

type Read = () => Promise<FlatArray>;

const reads = new WeakMap<FlatArray, Read>();

/** An array without elements in memory; asking for them throws. It is for `writeModelRow` without compression and checksum. */
export function deferArray(size: readonly number[], elementType: ElementType, read: Read): FlatArray {
  const array = Object.create(FlatArray.prototype, {
    size: { value: size, enumerable: true },
    elementType: { value: elementType, enumerable: true },
    length: { value: product(size) },
    vec: {
      get: () => {
        throw new InputError({
          subject: "FlatArray",
          expected: "elements in memory",
          found: "ones that are read while they are written",
          remedy: "Write the row without compression and checksum, or read the weights first",
        });
      },
    },
  }) as FlatArray;
  reads.set(array, read);
  return Object.freeze(array);
}

/** How the elements of an array are read; undefined where they are in memory. */
export function deferredRead(array: FlatArray): Read | undefined {
  return reads.get(array);
}
