import fc from "fast-check";
import { type ElementType, type FlatArray, Weights } from "legolas-flux";
import { describe, expect, it } from "vitest";
import { arbitraryArray, elementTypes } from "../helpers/arbitrary-weights.ts";

/** Julia 1.10: `promote_type(row, column)` for every two of its number types that weights may have. */
const juliaTable = `
         bool    int8    int16   int32   int64   uint8   uint16  uint32  uint64  float16 float32 float64
bool     bool    int8    int16   int32   int64   uint8   uint16  uint32  uint64  float16 float32 float64
int8     int8    int8    int16   int32   int64   uint8   uint16  uint32  uint64  float16 float32 float64
int16    int16   int16   int16   int32   int64   int16   uint16  uint32  uint64  float16 float32 float64
int32    int32   int32   int32   int32   int64   int32   int32   uint32  uint64  float16 float32 float64
int64    int64   int64   int64   int64   int64   int64   int64   int64   uint64  float16 float32 float64
uint8    uint8   uint8   int16   int32   int64   uint8   uint16  uint32  uint64  float16 float32 float64
uint16   uint16  uint16  uint16  int32   int64   uint16  uint16  uint32  uint64  float16 float32 float64
uint32   uint32  uint32  uint32  uint32  int64   uint32  uint32  uint32  uint64  float16 float32 float64
uint64   uint64  uint64  uint64  uint64  uint64  uint64  uint64  uint64  uint64  float16 float32 float64
float16  float16 float16 float16 float16 float16 float16 float16 float16 float16 float16 float32 float64
float32  float32 float32 float32 float32 float32 float32 float32 float32 float32 float32 float32 float64
float64  float64 float64 float64 float64 float64 float64 float64 float64 float64 float64 float64 float64`;

const [header = [], ...lines] = juliaTable
  .trim()
  .split("\n")
  .map((line) => line.trim().split(/ +/) as ElementType[]);
const pairs = lines.flatMap(([row, ...cells]) =>
  cells.map((expected, i) => [row as ElementType, header[i] as ElementType, expected] as const),
);

const samples = new Map<ElementType, FlatArray>(
  elementTypes.map((type) => [type, fc.sample(arbitraryArray(type, true), { numRuns: 1, seed: 1 })[0] as FlatArray]),
);

/** The common type of arrays of these types. */
function promoted(...types: ElementType[]): ElementType {
  return new Weights(types.map((type) => samples.get(type) as FlatArray)).elementType;
}

const types = fc.constantFrom(...elementTypes);

describe("the element type of weights", () => {
  it("is Julia's promote_type for every two types", () => {
    expect(pairs).toHaveLength(144);
    const differing = pairs.filter(([a, b, expected]) => promoted(a, b) !== expected);
    expect(differing).toEqual([]);
  });

  it("of two types does not depend on their order", () => {
    expect(pairs.filter(([a, b]) => promoted(a, b) !== promoted(b, a))).toEqual([]);
  });

  it("of three types does not depend on their grouping", () => {
    const triples = elementTypes.flatMap((a) =>
      elementTypes.flatMap((b) => elementTypes.map((c) => [a, b, c] as const)),
    );
    expect(triples).toHaveLength(1728);
    const differing = triples.filter(([a, b, c]) => promoted(promoted(a, b), c) !== promoted(a, promoted(b, c)));
    expect(differing).toEqual([]);
  });

  it("of one type is that type, and of no arrays float32", () => {
    expect(elementTypes.map((type) => promoted(type))).toEqual(elementTypes);
    expect(promoted()).toBe("float32");
  });

  it("of any list is the fold of the table, in any order", () => {
    const table = new Map(pairs.map(([a, b, expected]) => [`${a} ${b}`, expected]));
    const shuffled = fc
      .array(types, { minLength: 1, maxLength: 8 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const folded = list.reduce((a, b) => table.get(`${a} ${b}`) as ElementType);
        expect(promoted(...list)).toBe(folded);
        expect(promoted(...other)).toBe(folded);
        expect(promoted(...list, folded)).toBe(folded);
      }),
      { numRuns: 300 },
    );
  });
});
