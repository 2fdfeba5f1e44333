import fc from "fast-check";
import { FlatArray, fetchWeights, loadWeights, Weights, WeightsMismatchError } from "legolas-flux";
import { describe, expect, it, vi } from "vitest";

type Vec = FlatArray["vec"];

const constructors = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

type ArrayConstructor = (typeof constructors)[number];

function makeArray(Constructor: ArrayConstructor, numbers: Float32Array): Vec {
  if (Constructor === BigInt64Array) return BigInt64Array.from(numbers, BigInt);
  if (Constructor === BigUint64Array) return BigUint64Array.from(numbers, BigInt);
  return new (Constructor as Float32ArrayConstructor)(numbers);
}

/** What a generated tree is made of, so that the same tree can be made again with other numbers. */
type Shape =
  | { readonly kind: "array"; readonly type: number; readonly length: number }
  | { readonly kind: "flat" | "tensor"; readonly length: number }
  | { readonly kind: "plain"; readonly value: unknown }
  | {
      readonly kind: "object" | "list" | "map" | "set" | "hidden";
      readonly children: readonly (readonly [string, Shape])[];
    }
  /** The leaf or container made as the n-th before, or, as a cycle, one that is still being made. */
  | { readonly kind: "again"; readonly which: number };

const keys = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom("__proto__", "constructor", "length", "0", "10", "2", "vec"),
);
const lengths = fc.nat(4);

const { shape: branch } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.record({ kind: fc.constant("array" as const), type: fc.nat(constructors.length - 1), length: lengths }),
    fc.record({ kind: fc.constantFrom("flat" as const, "tensor" as const), length: lengths }),
    fc.record({ kind: fc.constant("again" as const), which: fc.nat(8) }),
    fc.record({
      kind: fc.constant("plain" as const),
      value: fc.constantFrom<unknown>(null, undefined, 1, "text", true, 5n, () => 1, [1, 2, 3], new Date(0)),
    }),
    fc.record({
      kind: fc.constantFrom("object" as const, "list" as const, "map" as const, "set" as const, "hidden" as const),
      children: fc.uniqueArray(fc.tuple(keys, tie("shape")), { maxLength: 5, selector: ([key]) => key }),
    }),
  ),
}));

/** A tree of several branches, which may refer to what stands before them. */
const shape: fc.Arbitrary<Shape> = fc
  .array(fc.tuple(fc.constant(""), branch), { minLength: 1, maxLength: 6 })
  .map((children) => ({ kind: "list", children }));

/** Makes trees; every leaf gets the next numbers, so that no two leaves look alike. */
class Maker {
  private readonly made: object[] = [];
  /** How often something made before was put into the tree again. */
  repeated = 0;
  private next: number;

  constructor(start: number) {
    this.next = start;
  }

  make(of: Shape): unknown {
    if (of.kind === "plain") return of.value;
    if (of.kind === "again") {
      this.repeated += Number(of.which < this.made.length);
      return this.made[of.which] ?? null;
    }
    if ("length" in of) return this.remember(this.leaf(of));
    return this.container(of.kind, of.children);
  }

  private remember<T extends object>(made: T): T {
    this.made.push(made);
    return made;
  }

  private numbers(length: number): Float32Array {
    return Float32Array.from({ length }, () => this.next++ % 100);
  }

  private leaf(of: Extract<Shape, { length: number }>): object {
    const numbers = this.numbers(of.length);
    if (of.kind === "flat") return new FlatArray(numbers, [1, of.length]);
    if (of.kind === "tensor") return { data: numbers, shape: [of.length, 1] };
    return makeArray(constructors["type" in of ? of.type : 0] as ArrayConstructor, numbers);
  }

  private container(kind: string, children: readonly (readonly [string, Shape])[]): object {
    if (kind === "list") {
      const list = this.remember<unknown[]>([]);
      for (const [, child] of children) list.push(this.make(child));
      return list;
    }
    if (kind === "map") {
      const map = this.remember(new Map<string, unknown>());
      for (const [key, child] of children) map.set(key, this.make(child));
      return map;
    }
    if (kind === "set") {
      const set = this.remember(new Set<unknown>());
      for (const [, child] of children) set.add(this.make(child));
      return set;
    }
    const object = this.remember<object>({});
    for (const [key, child] of children) {
      const value = this.make(child);
      const hidden = { get: () => value, enumerable: true, configurable: true };
      const shown = { value, enumerable: true, configurable: true, writable: true };
      Object.defineProperty(object, key, kind === "hidden" ? hidden : shown);
    }
    return object;
  }
}

interface Leaf {
  readonly path: string;
  readonly vec: Vec;
  readonly size: readonly number[];
}

/** The arrays of a tree by the letter of the rule: depth first, keys in order, each array once. */
function walk(value: unknown, path: string, seen: Set<unknown>, found: Leaf[]): Leaf[] {
  if (typeof value !== "object" || value === null || seen.has(value)) return found;
  seen.add(value);
  const leaf = leafOf(value);
  if (leaf) {
    if (leaf.vec === value || !seen.has(leaf.vec)) found.push({ path, ...leaf });
    seen.add(leaf.vec);
    return found;
  }
  for (const [key, child] of childrenOf(value)) walk(child, path === "" ? key : `${path}.${key}`, seen, found);
  return found;
}

function leafOf(value: object): { vec: Vec; size: readonly number[] } | null {
  if (value instanceof FlatArray) return value;
  if (ArrayBuffer.isView(value)) return { vec: value as Vec, size: [(value as Vec).length] };
  if ("data" in value && "shape" in value && ArrayBuffer.isView(value.data)) {
    return { vec: value.data as Vec, size: [...(value.shape as number[])].reverse() };
  }
  return null;
}

function childrenOf(value: object): [string, unknown][] {
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value].map((child, i) => [String(i), child]);
  return Object.keys(value)
    .map((key) => [key, Object.getOwnPropertyDescriptor(value, key)] as const)
    .filter(([, descriptor]) => descriptor?.get === undefined)
    .map(([key, descriptor]) => [key, descriptor?.value as unknown]);
}

vi.setConfig({ testTimeout: 60_000 });

describe("trees with shared arrays and cycles", () => {
  it("give their arrays depth first, each once at its first position, uncopied and named by their paths", () => {
    let shared = 0;
    let most = 0;
    fc.assert(
      fc.property(shape, (of) => {
        const maker = new Maker(1);
        const tree = maker.make(of);
        const expected = walk(tree, "", new Set(), []);
        const weights = fetchWeights(tree);
        expect(weights.length).toBe(expected.length);
        expect(weights.names).toEqual(expected.map(({ path }) => path));
        for (const [i, { vec, size }] of expected.entries()) {
          expect(weights.at(i)?.vec === vec).toBe(true);
          expect(weights.at(i)?.size).toEqual(size);
        }
        shared += maker.repeated;
        most = Math.max(most, expected.length);
      }),
      { numRuns: 1000 },
    );
    expect(shared).toBeGreaterThan(50);
    expect(most).toBeGreaterThan(5);
  });

  it("take the weights of another tree of the same form, and only those", () => {
    let loaded = 0;
    fc.assert(
      fc.property(shape, (of) => {
        const [from, into] = [new Maker(1).make(of), new Maker(50).make(of)];
        const before = fetchWeights(into).arrays.map(({ vec }) => vec);
        loadWeights(into, fetchWeights(from));
        const after = fetchWeights(into);
        expect(after.arrays.every(({ vec }, i) => vec === before[i])).toBe(true);
        for (const [i, { vec, size }] of fetchWeights(from).arrays.entries()) {
          expect([...(after.at(i)?.vec ?? [])]).toEqual([...vec]);
          expect(after.at(i)?.size).toEqual(size);
        }
        loaded += after.length;
      }),
      { numRuns: 500 },
    );
    expect(loaded).toBeGreaterThan(500);
  });

  it("stay untouched by weights that do not fit, whose every mismatch is listed", () => {
    let checked = 0;
    const withMistakes = fc.tuple(
      shape,
      fc.infiniteStream(fc.integer({ min: -1, max: 2 })),
      fc.integer({ min: -1, max: 1 }),
    );
    fc.assert(
      fc.property(withMistakes, ([of, changes, more]) => {
        const tree = new Maker(1).make(of);
        const own = fetchWeights(tree);
        const copies = own.arrays.map(({ vec }) => [...vec]);
        const arrays = own.arrays.map(({ length }) => {
          const longer = length + Math.max(0, changes.next().value ?? 0);
          return new FlatArray(new Float32Array(longer).fill(7), [longer]);
        });
        if (more > 0) arrays.push(new FlatArray(Float32Array.of(1), [1]));
        if (more < 0) arrays.pop();
        const count = Math.max(own.length, arrays.length);
        const sizeOf = (list: readonly FlatArray[], i: number): string =>
          String(list[i] && `(${list[i].size.join(", ")})`);
        const wrong = Array.from({ length: count }, (_, i) => i).filter(
          (i) => sizeOf(own.arrays, i) !== sizeOf(arrays, i),
        );
        fc.pre(wrong.length > 0);
        let error: unknown;
        try {
          loadWeights(tree, new Weights(arrays), { lossy: true });
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toBeInstanceOf(WeightsMismatchError);
        expect((error as WeightsMismatchError).mismatches.map(({ index }) => index)).toEqual(wrong);
        expect(fetchWeights(tree).arrays.map(({ vec }) => [...vec])).toEqual(copies);
        checked += 1;
      }),
      { numRuns: 300 },
    );
    expect(checked).toBe(300);
  });

  it("take their own weights in another order, though both share memory", () => {
    const tree = { first: Float32Array.of(1, 2), second: Float32Array.of(3, 4), third: Float32Array.of(5, 6) };
    const [first, second, third] = fetchWeights(tree).arrays as [FlatArray, FlatArray, FlatArray];
    loadWeights(tree, new Weights([second, third, first]));
    expect([tree.first, tree.second, tree.third].map((vec) => [...vec])).toEqual([
      [3, 4],
      [5, 6],
      [1, 2],
    ]);
  });

  it("may be deeper than the call stack", () => {
    let tree: object = { leaf: Float32Array.of(1) };
    for (let i = 0; i < 100_000; i++) tree = i % 2 ? [tree] : { next: tree };
    expect(fetchWeights({ tree, names: null }).arrays.map(({ size }) => size)).toEqual([[1]]);
  });
});
