/**
 * The numbers of a network, as an ordered list of arrays.
 *
 * Source: LegolasFlux.jl, `Weights`: all arrays of a row have one element type on disk, Julia's `promote_type` of theirs.
 */
import { InputError, LossyConversionError } from "../errors.ts";
import { convertElements, type ElementType, promote } from "./element-type.ts";
import { type FlatArray, isFlatArray } from "./flat-array.ts";

/** What may be known of weights beside their arrays. */
export interface WeightsOptions {
  /** One name for each array, such as `layers.0.weight`. */
  readonly names?: readonly string[] | null;
  /** The framework whose order and axes the arrays follow: `"flux"`, `"tfjs"`, `"torch"`. Absent means `"flux"`, as Julia writes it. */
  readonly layout?: string | null;
  /** For each array the type it had before promotion, such as `bfloat16`. Default: those of the arrays. */
  readonly dtypes?: readonly string[] | null;
  /** Lets promotion change values, such as large integers that become floats. Default: such a change throws when written. */
  readonly lossy?: boolean;
}

const weightsBrand: unique symbol = Symbol.for("legolas-flux.weights") as never;

/** Whether a value is Weights of any loaded copy of this package. */
export function isWeights(value: unknown): value is Weights {
  return typeof value === "object" && value !== null && weightsBrand in value;
}

/** An immutable, ordered list of arrays; the arrays themselves are live views of a model's memory, or of a file's. */
export class Weights implements Iterable<FlatArray> {
  /** @internal */
  declare readonly [weightsBrand]: true;
  /** The arrays in order, a frozen list. */
  readonly arrays: readonly FlatArray[];
  /** One name for each array, or null where they have none. */
  readonly names: readonly string[] | null;
  /** The framework whose order and axes the arrays follow: `"flux"`, `"tfjs"`, `"torch"`; null for no mark, which is taken for `"flux"`. */
  readonly layout: string | null;
  /** For each array the type it had before promotion; its own element type unless a source said otherwise. */
  readonly dtypes: readonly string[];
  /** Whether promotion to one element type may change values. */
  readonly lossy: boolean;

  /**
   * @param arrays - In order; the list is copied, the arrays are not.
   * @param options - What is known beside them.
   * @throws {InputError} An element is not a FlatArray, or the names or dtypes are not one for each array.
   */
  constructor(
    arrays: Iterable<FlatArray>,
    { names = null, layout = null, dtypes = null, lossy = false }: WeightsOptions = {},
  ) {
    this.arrays = Object.freeze([...arrays]);
    const stranger = this.arrays.findIndex((array) => !isFlatArray(array));
    if (stranger >= 0) {
      throw new InputError({
        subject: `Weights: array ${stranger}`,
        expected: "a FlatArray",
        found: typeof this.arrays[stranger],
        remedy: "Wrap typed arrays: new FlatArray(vec, size)",
      });
    }
    checkCount("names", names, this.arrays.length);
    checkCount("dtypes", dtypes, this.arrays.length);
    this.names = names && Object.freeze([...names]);
    this.layout = layout;
    this.dtypes = Object.freeze(dtypes ? [...dtypes] : this.arrays.map(({ elementType }) => elementType));
    this.lossy = lossy;
    Object.freeze(this);
  }

  /** The number of arrays. */
  get length(): number {
    return this.arrays.length;
  }

  /**
   * The array at a position.
   *
   * @param index - From 0; negative ones count from the end.
   * @returns Undefined where there is none.
   */
  at(index: number): FlatArray | undefined {
    return this.arrays.at(index);
  }

  /**
   * The first array of a name.
   *
   * @param name - As in `names`.
   * @returns Undefined where none has it.
   */
  get(name: string): FlatArray | undefined {
    const index = this.names?.indexOf(name) ?? -1;
    return index < 0 ? undefined : this.arrays[index];
  }

  /** The arrays in order. */
  [Symbol.iterator](): Iterator<FlatArray> {
    return this.arrays[Symbol.iterator]();
  }

  /** The one element type that the arrays have on disk; float32 where there are none. */
  get elementType(): ElementType {
    const [first = "float32", ...rest] = this.arrays.map(({ elementType }) => elementType);
    return rest.reduce(promote, first);
  }
}

Object.defineProperty(Weights.prototype, weightsBrand, { value: true });

function checkCount(what: string, list: readonly string[] | null, count: number): void {
  if (list !== null && list.length !== count) {
    throw new InputError({
      subject: `Weights: ${what}`,
      expected: `one for each of ${count} arrays`,
      found: `${list.length}`,
    });
  }
}

/** An array's name for messages: its position, and its own name where it has one. */
export function arrayLabel(index: number, name: string | null | undefined): string {
  return name ? `array ${index} (${name})` : `array ${index}`;
}

/** An array's elements in another type: its own memory where the type is the same. @throws {LossyConversionError} A value would change. */
export function elementsAs(array: FlatArray, type: ElementType, lossy: boolean, label: string): FlatArray["vec"] {
  if (array.elementType === type) return array.vec;
  const { converted, loss } = convertElements(array.vec, array.elementType, type);
  if (loss === null || lossy) return converted;
  throw new LossyConversionError({
    subject: label,
    expected: `${array.elementType} values that ${type} can hold`,
    found: `${loss.from} at element ${loss.index}, which would become ${loss.to}`,
    remedy: "Convert the array yourself, keep one element type in the model, or pass { lossy: true }",
  });
}
