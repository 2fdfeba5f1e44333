/** Putting the numbers back into a TensorFlow.js model. */
import { type LayersModel, type LayerVariable, type Tensor, tensor, tidy } from "@tensorflow/tfjs";
import type { TypedArray } from "../arrow/array-data.ts";
import { InputError, LayerConversionError, MissingWeightsError } from "../errors.ts";
import { scatter } from "../layouts/axis-view.ts";
import { frameworkNames } from "../layouts/concerns.ts";
import type { ForeignLayout } from "../layouts/layer-entry.ts";
import { allocateElements } from "../weights/element-type.ts";
import type { FlatArray } from "../weights/flat-array.ts";
import { LazyWeights } from "../weights/lazy-weights.ts";
import { arrayLabel, elementsAs, type Weights } from "../weights/weights.ts";
import { elementTypeOf } from "./fetch-weights.ts";
import { loadHint } from "./model/load-hint.ts";
import {
  checkNamedMatch,
  checkNames,
  fits,
  formatLengths,
  type GivenArrays,
  type Match,
  matchByName,
  matchByPosition,
  sizeAt,
} from "./model/match-arrays.ts";
import { type ConversionOptions, type ModelArray, modelArrays } from "./model/model-arrays.ts";
import type { ModelVariable } from "./model/model-layers.ts";

/** How weights are put into a TensorFlow.js model. */
export interface LoadOptions extends ConversionOptions {
  /** False loads by position alone, whatever the names say. Default: true. */
  readonly names?: boolean;
  /** Lets values change where the model's variables have another element type. Default: false. */
  readonly lossy?: boolean;
  /** False loads by name what fits and leaves the rest as it is, for transfer learning. Default: true, which loads everything or nothing. */
  readonly strict?: boolean;
}

/** What a load did. */
export interface LoadReport {
  /** Names of the model's arrays that have new values. */
  readonly loaded: readonly string[];
  /** The arrays of the weights that were not used. */
  readonly skipped: readonly {
    /** As the weights have it. */
    readonly name: string;
    /** Why it was not used, as text. */
    readonly reason: string;
  }[];
  /** Names of the model's arrays that kept their values. */
  readonly missing: readonly string[];
}

/**
 * Puts weights into a model of the same architecture. Everything is checked before the first variable changes.
 *
 * Weights of the layouts `"tfjs"`, `"flux"` and `"torch"` are converted by the mark that they carry; without one they are taken for Flux's,
 * as Julia writes them. Arrays of TensorFlow.js and Flux load by position, and names, if there are any, must agree, but for the numbers in
 * default names; arrays of PyTorch load by name.
 *
 * @param model - A layers model; its variables change, the optimizer does not.
 * @param weights - In memory, or of an open file: then they are read once the shapes and names are known to fit.
 * @param options - What may differ, and how to convert.
 * @returns What was loaded and what was not, by name.
 * @throws {MissingWeightsError} The weights are null.
 * @throws {InputError} It is no layers model, was disposed, or an option does not fit the model or the weights.
 * @throws {LayoutError} They follow a layout that is none of these.
 * @throws {LayerConversionError} A layer has no exact counterpart in the framework of the weights, or cannot take what they say.
 * @throws {WeightsMismatchError} The number of arrays, a shape or a name differs; all mismatches are listed and the model is unchanged.
 * @throws {LossyConversionError} A value would change; the model is unchanged.
 * @throws {FormatError | SourceError} Weights of an open file cannot be read; the model is unchanged.
 */
export async function loadWeights(
  model: LayersModel,
  weights: Weights | LazyWeights | null,
  options: LoadOptions = {},
): Promise<LoadReport> {
  if (weights === null) throw new MissingWeightsError("loadWeights");
  const layout = weights.layout ?? "flux";
  const arrays = modelArrays(model, layout, options);
  const sizes = weights instanceof LazyWeights ? weights.sizes : weights.arrays.map(({ size }) => size);
  const given: GivenArrays = { layout, names: weights.names, sizes };
  const match = findMatch(model, arrays, given, weights.layout, options);
  const elements = await readMatched(weights, match);
  checkConstants(arrays, elements, layout);
  const values = assemble(arrays, elements, options.lossy === true);
  write(values);
  return reportOf(arrays, given, match, values);
}

function findMatch(
  model: LayersModel,
  arrays: readonly ModelArray[],
  given: GivenArrays,
  mark: string | null,
  options: LoadOptions,
): Match {
  const { names } = given;
  const remedy = (): string => loadHint(model, arrays, given, mark, options);
  if (options.strict === false) {
    if (names) return onlyWhole(arrays, matchByName(arrays, names), given);
    throw new InputError({
      subject: "loadWeights with { strict: false }",
      expected: "weights with names",
      found: "none, as Julia writes them",
      remedy: "Without names nobody knows what belongs where: build the model as it was saved, and load it with strict",
    });
  }
  if (given.layout === "torch" && names && options.names !== false) {
    const match = matchByName(arrays, names);
    checkNamedMatch(arrays, match, given, remedy);
    return match;
  }
  const match = matchByPosition(arrays, given, remedy);
  if (options.names !== false && names) checkNames(arrays, names);
  return match;
}

/** Only what fits, and of variables in several parts only those of which every part does. */
function onlyWhole(arrays: readonly ModelArray[], match: Match, given: GivenArrays): Match {
  const isFit = (array: ModelArray, i: number): boolean => fits(array, sizeAt(given, match[i]) ?? [Number.NaN]);
  const broken = new Set(
    arrays.flatMap((array, i) => (isFit(array, i) || array.content.kind !== "held" ? [] : [array.content.variable])),
  );
  return match.map((index, i) => {
    const { content } = arrays[i] as ModelArray;
    return content.kind === "held" && !broken.has(content.variable) ? index : null;
  });
}

async function readMatched(weights: Weights | LazyWeights, match: Match): Promise<(FlatArray | null)[]> {
  const wanted = match.filter((index) => index !== null);
  const arrays =
    weights instanceof LazyWeights ? await weights.readMany(wanted) : wanted.map((index) => weights.at(index));
  const byIndex = new Map(wanted.map((index, i) => [index, arrays[i]]));
  return match.map((index) => (index === null ? null : (byIndex.get(index) ?? null)));
}

/** The new values of each variable. */
type Values = ReadonlyMap<ModelVariable, TypedArray>;

function assemble(arrays: readonly ModelArray[], elements: readonly (FlatArray | null)[], lossy: boolean): Values {
  const values = new Map<ModelVariable, TypedArray>();
  for (const [i, array] of arrays.entries()) {
    const given = elements[i];
    if (!given || array.content.kind !== "held") continue;
    const type = elementTypeOf(array.content.variable);
    place(array.content, elementsAs(given, type, lossy, arrayLabel(i, array.name)), values);
  }
  return values;
}

function place(
  { variable, view, isAddend }: ModelArray["content"] & { kind: "held" },
  elements: TypedArray,
  values: Map<ModelVariable, TypedArray>,
): void {
  const known = values.get(variable);
  if (view === null && !known) {
    // Some backends keep the array they are given, which must not be the caller's.
    values.set(variable, elements.slice());
    return;
  }
  const own = known ?? allocateElements(elementTypeOf(variable), variable.variable.read().size);
  values.set(variable, own);
  const placed = isAddend ? allocateElements(elementTypeOf(variable), own.length) : own;
  if (view) scatter(view, elements, placed);
  else (placed as Float32Array).set(elements as Float32Array);
  if (isAddend) addNonzero(placed, own);
}

/** Zeros are left out, so that -0 stays what it is. */
function addNonzero(terms: TypedArray, sums: TypedArray): void {
  for (const [i, term] of terms.entries()) if (term !== 0) sums[i] = ((sums[i] as number) + (term as number)) as never;
}

/** @throws {LayerConversionError} Arrays that this model does not have hold something that it would need them for. */
function checkConstants(arrays: readonly ModelArray[], elements: readonly (FlatArray | null)[], layout: string): void {
  const problems = arrays.flatMap(({ name, label, content }, i) => {
    if (content.kind !== "constant" || content.rule.otherwise === null) return [];
    const { constant, otherwise } = content.rule;
    const stranger = elements[i]?.vec.find((value: number | bigint) => Number(value) !== constant);
    const problem = `"${name}" would have to be all ${constant}, but holds ${stranger}`;
    return stranger === undefined ? [] : [{ label, problem, remedy: otherwise }];
  });
  // Only conversions have constants.
  if (problems.length > 0) throw new LayerConversionError(frameworkNames[layout as ForeignLayout], problems);
}

function write(values: Values): void {
  tidy(() => {
    const tensors = [...values].map(([{ variable }, elements]): [LayerVariable, Tensor] => [
      variable,
      // The class of the elements is the one that their type wants.
      tensor(elements as Float32Array, variable.shape as number[], variable.dtype),
    ]);
    for (const [variable, value] of tensors) variable.write(value);
  });
}

function reportOf(arrays: readonly ModelArray[], given: GivenArrays, match: Match, values: Values): LoadReport {
  const held = arrays.flatMap(({ name, content }) =>
    content.kind === "held" ? [{ name, isLoaded: values.has(content.variable) }] : [],
  );
  const used = new Set(match);
  const unused = (given.names ?? []).map((name, index) => ({ name, index })).filter(({ index }) => !used.has(index));
  return {
    loaded: held.filter(({ isLoaded }) => isLoaded).map(({ name }) => name),
    skipped: unused.map(({ name, index }) => ({ name, reason: skipReason(arrays, given, index) })),
    missing: held.filter(({ isLoaded }) => !isLoaded).map(({ name }) => name),
  };
}

function skipReason(arrays: readonly ModelArray[], given: GivenArrays, index: number): string {
  const target = arrays[matchByName(arrays, given.names ?? []).indexOf(index)];
  if (!target) return "the model has no such array";
  if (target.content.kind === "constant") return "the model needs none";
  const size = given.sizes[index] ?? [];
  const format = formatLengths(given.layout);
  if (fits(target, size)) return "another part of the same weight is missing";
  return `${format(size)}, in the model ${format(target.shape.toReversed())}`;
}
