/** Which array of weights belongs to which array of a model. */
import { type WeightsMismatch, WeightsMismatchError } from "../../errors.ts";
import { checkArrays } from "../../weights/check-arrays.ts";
import { formatSize } from "../../weights/flat-array.ts";
import { withoutCounters } from "./layer-names.ts";
import type { ModelArray } from "./model-arrays.ts";

/** What is known of weights before their elements are read. */
export interface GivenArrays {
  readonly layout: string;
  readonly names: readonly string[] | null;
  readonly sizes: readonly (readonly number[])[];
}

/** For each array of the model the index of the one in the weights, or null where there is none. */
export type Match = readonly (number | null)[];

const reversed = (shape: readonly number[]): number[] => shape.toReversed();

/** How a layout's own users write the lengths of an array. */
export function formatLengths(layout: string): (size: readonly (number | null)[]) => string {
  return layout === "flux" ? (size) => `size ${formatSize(size)}` : (size) => `shape [${size.toReversed().join(", ")}]`;
}

/** Whether an array of this size can be loaded. */
export function fits({ shape, content }: ModelArray, size: readonly number[]): boolean {
  const key = reversed(size as number[]).join();
  return shape.join() === key || (content.kind === "held" && content.alsoShape?.join() === key);
}

/** By position. @throws {WeightsMismatchError} The number or a size differs; all are listed. */
export function matchByPosition(arrays: readonly ModelArray[], given: GivenArrays, remedy: () => string): Match {
  const { sizes, names, layout } = given;
  if (arrays.length === sizes.length && arrays.every((array, i) => fits(array, sizes[i] ?? []))) {
    return arrays.map((_, i) => i);
  }
  checkArrays(
    arrays.map((array, i) => {
      const size = sizes[i];
      return { name: array.name, size: size && fits(array, size) ? size : reversed(array.shape) };
    }),
    sizes.map((size, i) => ({ name: names?.[i] ?? null, size })),
    formatLengths(layout),
    remedy(),
  );
  return [];
}

/** By name, in any order. */
export function matchByName(arrays: readonly ModelArray[], names: readonly string[]): Match {
  const places = new Map(countedNames(names).map((name, i) => [name, i]));
  return countedNames(arrays.map(({ name }) => name)).map((name) => places.get(name) ?? null);
}

/** Names without the numbers that depend on the process; of equal ones each with its count. */
function countedNames(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const plain = withoutCounters(name);
    const count = counts.get(plain) ?? 0;
    counts.set(plain, count + 1);
    return `${plain}#${count}`;
  });
}

/**
 * Every array must have its match, and no other may be there. Constants may be missing: PyTorch leaves out what a module does not have, such as
 * the bias of `nn.LayerNorm(bias=False)`.
 *
 * @throws {WeightsMismatchError}
 */
export function checkNamedMatch(
  arrays: readonly ModelArray[],
  match: Match,
  given: GivenArrays,
  remedy: () => string,
): void {
  const format = formatLengths(given.layout);
  const missing = arrays.flatMap((array, i): WeightsMismatch[] => {
    const size = sizeAt(given, match[i]);
    if (size && fits(array, size)) return [];
    if (!size && array.content.kind === "constant") return [];
    const expected = format(reversed(array.shape));
    return [{ index: match[i] ?? i, name: array.name, expected, found: size ? format(size) : null }];
  });
  const used = new Set(match);
  const extra = given.sizes.flatMap((size, index): WeightsMismatch[] =>
    used.has(index) ? [] : [{ index, name: given.names?.[index] ?? null, expected: null, found: format(size) }],
  );
  const mismatches = [...missing, ...extra];
  if (mismatches.length === 0) return;
  throw new WeightsMismatchError(`${mismatches.length} arrays do not fit the model by name`, mismatches, remedy());
}

/** The size of an array of the weights. */
export function sizeAt({ sizes }: GivenArrays, index: number | null | undefined): readonly number[] | undefined {
  return index === null || index === undefined ? undefined : sizes[index];
}

/** Names must agree in order. @throws {WeightsMismatchError} */
export function checkNames(arrays: readonly ModelArray[], names: readonly string[]): void {
  const expected = arrays.map(({ name }) => withoutCounters(name));
  const found = names.map(withoutCounters);
  const mismatches = arrays.flatMap(({ name }, index): WeightsMismatch[] =>
    expected[index] === found[index] ? [] : [{ index, name: null, expected: name, found: names[index] ?? null }],
  );
  if (mismatches.length === 0) return;
  const isReordered = expected.toSorted().join() === found.toSorted().join();
  throw new WeightsMismatchError(
    isReordered
      ? "the weights have the names of the model in another order"
      : `${mismatches.length} of ${names.length} arrays have other names than the model's`,
    mismatches,
    isReordered
      ? "Add the layers in the order in which they were saved"
      : "If the order is right and only the names changed, load with { names: false }",
  );
}
