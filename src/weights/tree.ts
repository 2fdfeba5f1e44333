/**
 * The arrays of a tree of plain objects, arrays, maps and class instances.
 *
 * Idea: depth first in the order of the keys, each array once, at its first position: a shared array is stored once, and a cycle ends.
 * Source: LegolasFlux.jl, `fetch_weights`, which walks a model in the order of its fields.
 */
import type { TypedArray } from "../arrow/array-data.ts";
import { InputError, isLegolasError } from "../errors.ts";
import { formatValue } from "../legolas/format-value.ts";
import { type ElementType, isElementType } from "./element-type.ts";
import { FlatArray, isFlatArray } from "./flat-array.ts";

/** A class chooses its children with a method of this key that returns an object or array. */
const childrenKey: unique symbol = Symbol.for("legolas-flux.children") as never;

/** An array of a tree and where it stands. */
export interface Leaf {
  /** Key path, such as `layers.0.weight`; empty where the tree itself is an array. */
  readonly path: string;
  /** A view of the tree's own memory. */
  readonly array: FlatArray;
}

interface Node {
  readonly path: string;
  readonly value: unknown;
}

/** Every array of a tree, in order. @throws {InputError} A tensor's shape does not fit its data, or the tree is a framework's model. */
export function findLeaves(tree: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  const seen = new Set<object>();
  const pending: Node[] = [{ path: "", value: tree }];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { path, value } = node;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    const array = leafOf(value, path);
    if (array === null) for (const child of childrenOf(value, path).reverse()) pending.push(child);
    else if (array.vec === value || !seen.has(array.vec)) {
      seen.add(array.vec);
      leaves.push({ path, array });
    }
  }
  return leaves;
}

function leafOf(value: object, path: string): FlatArray | null {
  if (isFlatArray(value)) return value;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    // Any typed array; FlatArray refuses those of other elements than weights have.
    const vec = value as TypedArray;
    return located(path, () => new FlatArray(vec, Object.freeze([vec.length])));
  }
  if (!isTensor(value)) return null;
  const elementType = value.dtype !== undefined && isElementType(value.dtype) ? value.dtype : undefined;
  return located(path, () => new FlatArray(value.data, [...value.shape].reverse(), elementType));
}

/** A row-major tensor: its elements and the length of each dimension. */
interface Tensor {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  /** Tells float16 and bool from the integers that hold them. */
  readonly dtype?: ElementType | string;
}

function isTensor(value: object): value is Tensor {
  return "data" in value && "shape" in value && ArrayBuffer.isView(value.data) && Array.isArray(value.shape);
}

function located(path: string, make: () => FlatArray): FlatArray {
  try {
    return make();
  } catch (error) {
    if (!isLegolasError(error)) throw error;
    throw new InputError({ ...error.facts, subject: `"${path}": ${error.facts.subject}` }, { cause: error });
  }
}

function childrenOf(value: object, path: string): Node[] {
  refuseFrameworkModel(value, path);
  const chosen =
    childrenKey in value && typeof value[childrenKey] === "function" ? (value[childrenKey]() as unknown) : value;
  if (typeof chosen !== "object" || chosen === null) return [];
  const nodes: Node[] = [];
  forEachEntry(chosen, (key, child) => nodes.push({ path: path === "" ? key : `${path}.${key}`, value: child }));
  return nodes;
}

function forEachEntry(value: object, visit: (key: string, child: unknown) => void): void {
  if (value instanceof Map) for (const [key, child] of value) visit(String(key), child);
  else if (value instanceof Set) [...value].forEach((child, i) => void visit(String(i), child));
  else {
    for (const key of Object.keys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property && "value" in property) visit(key, property.value);
    }
  }
}

/** A TensorFlow.js model or tensor keeps its numbers behind methods, so walking its objects would find nothing, or the wrong things. */
function refuseFrameworkModel(value: object, path: string): void {
  const isModel = "getWeights" in value && typeof value.getWeights === "function" && "layers" in value;
  const isTensorObject = "dataSync" in value && typeof value.dataSync === "function";
  if (!isModel && !isTensorObject) return;
  throw new InputError({
    subject: path === "" ? "model" : `"${path}"`,
    expected: "a tree of objects and typed arrays",
    found: isModel ? "a TensorFlow.js model" : `a TensorFlow.js tensor (${formatValue(value)})`,
    remedy: 'Import fetchWeights and loadWeights from "legolas-flux/tfjs"',
  });
}
