/** Taking the numbers out of a tree. Source: LegolasFlux.jl, `fetch_weights`. */
import { findLeaves } from "./tree.ts";
import { Weights } from "./weights.ts";

/** How weights are taken out of a tree. */
export interface FetchOptions {
  /** The framework whose order and axes the tree follows, recorded with the weights. Default: none, which readers take as `"flux"`. */
  readonly layout?: string;
  /** Lets promotion to one element type change values. Default: false. */
  readonly lossy?: boolean;
}

/**
 * The arrays of a tree: depth first in `Object.keys` order, accessors skipped, values of Maps and Sets walked, each identical typed array
 * once at its first position. Arrays are typed arrays, FlatArrays and row-major `{ data, shape }` tensors; plain arrays of numbers are
 * configuration. Nothing is copied: writing into a fetched array changes the tree.
 *
 * @param tree - A plain object, array, Map, Set or instance of a class, nested at will; cycles are safe. An object with a method
 *   `Symbol.for("legolas-flux.children")` is walked as what that returns.
 * @param options - What is recorded with the weights.
 * @returns The arrays with their key paths as names, such as `layers.0.weight`. A tensor `{ data, shape }` has the size reverse(shape).
 * @throws {InputError} A tensor's shape does not fit its data, elements are of a type that weights do not have (Uint8ClampedArray), or there is a
 *   model or tensor of TensorFlow.js in the tree, which `legolas-flux/tfjs` takes.
 */
export function fetchWeights(tree: unknown, options: FetchOptions = {}): Weights {
  const leaves = findLeaves(tree);
  return new Weights(
    leaves.map(({ array }) => array),
    { ...options, names: leaves.map(({ path }) => path) },
  );
}
