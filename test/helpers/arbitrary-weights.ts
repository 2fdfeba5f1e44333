/** Random arrays and weights. */
import fc from "fast-check";
import { type ElementType, FlatArray, Weights } from "legolas-flux";

type Vec = FlatArray["vec"];

interface ElementKind {
  readonly bytes: number;
  readonly view: (memory: ArrayBuffer) => Vec;
}

const kinds: Readonly<Record<ElementType, ElementKind>> = {
  bool: { bytes: 1, view: (memory) => new Uint8Array(memory).map((byte) => byte & 1) },
  int8: { bytes: 1, view: (memory) => new Int8Array(memory) },
  int16: { bytes: 2, view: (memory) => new Int16Array(memory) },
  int32: { bytes: 4, view: (memory) => new Int32Array(memory) },
  int64: { bytes: 8, view: (memory) => new BigInt64Array(memory) },
  uint8: { bytes: 1, view: (memory) => new Uint8Array(memory) },
  uint16: { bytes: 2, view: (memory) => new Uint16Array(memory) },
  uint32: { bytes: 4, view: (memory) => new Uint32Array(memory) },
  uint64: { bytes: 8, view: (memory) => new BigUint64Array(memory) },
  float16: { bytes: 2, view: (memory) => new Uint16Array(memory) },
  float32: { bytes: 4, view: (memory) => new Float32Array(memory) },
  float64: { bytes: 8, view: (memory) => new Float64Array(memory) },
};

/** Every element type, in the order of Julia's promotion within each family. */
export const elementTypes = Object.keys(kinds) as readonly ElementType[];

const product = (size: readonly number[]): number => size.reduce((total, dimension) => total * dimension, 1);

/** A size of up to four dimensions; `hasElements` keeps every dimension above 0. */
function arbitrarySize(hasElements: boolean): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: hasElements ? 1 : 0, max: 4 }), { maxLength: 4 });
}

/** An array of any bits; NaN payloads, subnormal numbers and negative zeros included. */
export function arbitraryArray(type: ElementType, hasElements = false): fc.Arbitrary<FlatArray> {
  const { bytes, view } = kinds[type];
  return arbitrarySize(hasElements).chain((size) => {
    const length = bytes * product(size);
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((memory) => new FlatArray(view(new Uint8Array(memory).buffer), size, type));
  });
}

/** Arrays of the given types, the first of them with elements. */
function arbitraryArrays(types: fc.Arbitrary<ElementType>): fc.Arbitrary<FlatArray[]> {
  return fc
    .tuple(
      types.chain((type) => arbitraryArray(type, true)),
      fc.array(
        types.chain((type) => arbitraryArray(type)),
        { maxLength: 4 },
      ),
    )
    .map(([first, rest]) => [first, ...rest]);
}

/** Any text that UTF-8 can hold. */
export const arbitraryText = fc.string({ unit: "binary", maxLength: 8 });

function withCompanions(arrays: FlatArray[]): fc.Arbitrary<Weights> {
  const { length } = arrays;
  const list = fc.array(arbitraryText, { minLength: length, maxLength: length });
  const dtypes = fc.array(fc.constantFrom("bfloat16", "float32", "int8"), { minLength: length, maxLength: length });
  return fc
    .record({
      names: fc.option(list),
      layout: fc.option(fc.constantFrom("flux", "tfjs", "torch", "")),
      dtypes: fc.option(dtypes),
    })
    .map((options) => new Weights(arrays, options));
}

/** Weights of one element type, with any companions. */
export const arbitraryWeights: fc.Arbitrary<Weights> = fc
  .constantFrom(...elementTypes)
  .chain((type) => arbitraryArrays(fc.constant(type)))
  .chain(withCompanions);

/** Weights of several element types, with any companions. */
export const arbitraryMixedWeights: fc.Arbitrary<Weights> = arbitraryArrays(fc.constantFrom(...elementTypes)).chain(
  withCompanions,
);

/** Float32 weights that nothing else is known of. */
export const arbitraryPlainWeights: fc.Arbitrary<Weights> = arbitraryArrays(fc.constant("float32")).map(
  (arrays) => new Weights(arrays),
);

/** The bytes of an array's elements. */
export function bytesOfArray({ vec }: FlatArray): Buffer {
  return Buffer.from(vec.buffer, vec.byteOffset, vec.byteLength);
}
