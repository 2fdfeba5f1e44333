/** Putting the numbers back into a tree. Source: LegolasFlux.jl, `load_weights!`. */
import { LayoutError, MissingWeightsError, PartialLoadError } from "../errors.ts";
import { checkArrays, sameArchitecture } from "./check-arrays.ts";
import { copyElements } from "./element-type.ts";
import { formatSize } from "./flat-array.ts";
import { LazyWeights } from "./lazy-weights.ts";
import { findLeaves, type Leaf } from "./tree.ts";
import { arrayLabel, elementsAs, type Weights } from "./weights.ts";

/** How weights are put into a tree. */
export interface LoadOptions {
  /** The framework whose order and axes the tree follows; weights that name another one are refused. Default: any is taken. */
  readonly layout?: string;
  /** Lets values change where the tree's arrays have another element type, as float64 into float32. Default: such a change throws. */
  readonly lossy?: boolean;
}

/** How weights that are not read yet are put into a tree. */
export interface LazyLoadOptions extends LoadOptions {
  /**
   * Reads straight into the tree's arrays, without memory for a second copy. If reading fails half-way, the tree holds some new arrays and
   * some old ones. Default: everything is read first.
   */
  readonly inPlace?: boolean;
}

/**
 * Copies weights into the arrays of a tree, in place, by position; names only explain mismatches. Everything is checked before the first
 * array is touched.
 *
 * @param tree - As for {@link fetchWeights}, which finds its arrays in the same order.
 * @param weights - In memory: they are loaded at once. What a row holds may be null.
 * @param options - What may differ.
 * @throws {MissingWeightsError} The weights are null.
 * @throws {WeightsMismatchError} The number of arrays or a size differs; all mismatches are listed and the tree is unchanged.
 * @throws {LossyConversionError} A value would change; the tree is unchanged.
 * @throws {LayoutError} The weights name another layout than the options.
 */
export function loadWeights(tree: unknown, weights: Weights | null, options?: LoadOptions): void;
/**
 * Copies weights of an open file into the arrays of a tree: reads all of them first, or with `inPlace` straight into the tree.
 *
 * @param tree - As for {@link fetchWeights}, which finds its arrays in the same order.
 * @param weights - Unread; their number, sizes and layout are checked before anything is.
 * @param options - What may differ, and whether to read straight into the tree.
 * @throws {WeightsMismatchError} The number of arrays or a size differs; all mismatches are listed and the tree is unchanged.
 * @throws {LossyConversionError} A value would change; the tree is unchanged.
 * @throws {LayoutError} The weights name another layout than the options.
 * @throws {FormatError | SourceError} Reading failed; the tree is unchanged.
 * @throws {PartialLoadError} With `inPlace`, whatever failed once reading had begun: it lists the arrays that are new.
 */
export function loadWeights(tree: unknown, weights: LazyWeights, options?: LazyLoadOptions): Promise<void>;
export function loadWeights(
  tree: unknown,
  weights: Weights | LazyWeights | null,
  options: LazyLoadOptions = {},
): void | Promise<void> {
  if (weights === null) throw new MissingWeightsError("loadWeights");
  if (weights instanceof LazyWeights) return loadLazily(tree, weights, options);
  const leaves = checkedLeaves(tree, weights, weights.arrays, options);
  const converted = weights.arrays.map((array, i) => {
    const { path, array: own } = leaves[i] as Leaf;
    return { into: own.vec, from: elementsAs(array, own.elementType, options.lossy === true, arrayLabel(i, path)) };
  });
  // Weights may be the tree's own arrays, in another order: what is read from must not have been written to.
  const targets = new Set(converted.map(({ into }) => into.buffer));
  const detached = converted.map(({ into, from }) => {
    const aliases = targets.has(from.buffer) && from !== into;
    return { into, from: aliases ? from.slice() : from };
  });
  for (const { into, from } of detached) copyElements(into, from);
}

async function loadLazily(tree: unknown, weights: LazyWeights, options: LazyLoadOptions): Promise<void> {
  const infos = weights.list();
  const leaves = checkedLeaves(tree, weights, infos, options);
  if (!options.inPlace) return loadWeights(tree, await weights.readAll(), options);
  const targets = infos.map(({ elementType }, i) => {
    const { array } = leaves[i] as Leaf;
    return array.elementType === elementType ? array : null;
  });
  const loaded: number[] = [];
  try {
    await weights.readInto(targets, (i, array) => {
      const { path, array: own } = leaves[i] as Leaf;
      if (own !== array)
        copyElements(own.vec, elementsAs(array, own.elementType, options.lossy === true, arrayLabel(i, path)));
      loaded.push(i);
    });
  } catch (cause) {
    throw new PartialLoadError(
      loaded.sort((a, b) => a - b),
      infos.length,
      cause,
    );
  }
}

function checkedLeaves(
  tree: unknown,
  { layout, names }: Pick<Weights, "layout" | "names">,
  arrays: readonly { readonly size: readonly number[] }[],
  options: LoadOptions,
): Leaf[] {
  checkLayout(layout, options.layout ?? null);
  const leaves = findLeaves(tree);
  checkArrays(
    leaves.map(({ path, array }) => ({ name: path, size: array.size })),
    arrays.map(({ size }, i) => ({ name: names?.[i] ?? null, size })),
    (size) => `size ${formatSize(size)}`,
    sameArchitecture,
  );
  return leaves;
}

function checkLayout(found: string | null, expected: string | null): void {
  if (found === null || expected === null || found === expected) return;
  throw new LayoutError({
    subject: "loadWeights",
    expected: `weights in the layout of ${expected}`,
    found: `the layout of ${found}`,
    remedy:
      "This verb copies elements as they are: load them with the entry of their framework, or fetch them in this layout",
  });
}
