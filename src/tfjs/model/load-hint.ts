/** What to do about weights that do not fit. */
import type { LayersModel } from "@tensorflow/tfjs";
import { isLegolasError } from "../../errors.ts";
import { sameArchitecture } from "../../weights/check-arrays.ts";
import { fits, type GivenArrays } from "./match-arrays.ts";
import { type ConversionOptions, type ModelArray, modelArrays } from "./model-arrays.ts";

const unbuilt = "The model has no weights yet: add its layers, the first with an inputShape, before loading";

/** With `names`, false for loading by position. */
type HintOptions = ConversionOptions & { readonly names?: boolean };

/** @param mark - The layout that the weights name, null where they name none. */
export function loadHint(
  model: LayersModel,
  arrays: readonly ModelArray[],
  given: GivenArrays,
  mark: string | null,
  options: HintOptions,
): string {
  if (arrays.length === 0) return unbuilt;
  const fitsAs = (layout: string, changed: ConversionOptions): boolean => {
    const others = arraysIfAny(model, layout, { ...options, ...changed });
    return others?.length === given.sizes.length && others.every((array, i) => fits(array, given.sizes[i] ?? []));
  };
  const otherVersion = options.fluxVersion === "0.16" ? "0.14" : "0.16";
  if (given.layout === "flux" && fitsAs("flux", { fluxVersion: otherVersion })) {
    const versions = otherVersion === "0.16" ? "0.15 and later have" : "0.12 to 0.14 have";
    return `The sizes fit as Flux ${versions} them: pass { fluxVersion: "${otherVersion}" }`;
  }
  const other = given.layout === "tfjs" ? "flux" : "tfjs";
  if (given.layout !== "torch" && fitsAs(other, {})) return otherLayoutHint(other, mark);
  const modules = modulesHint(arrays, given, options);
  if (modules) return modules;
  if (isReordered(arrays, given)) return orderHint(given.layout);
  const grouped = groupsHint(arrays, given);
  if (grouped) return grouped;
  if (given.layout === "flux" && given.sizes.length > arrays.length && arrays.some(isState)) return stateHint;
  return sameArchitecture;
}

const stateHint =
  "If the model ran in Julia before it was saved, the states of its recurrent layers are among the weights: call Flux.reset!(model) before fetch_weights";

const isState = ({ name }: ModelArray): boolean => name.includes("/state0");

function otherLayoutHint(layout: string, mark: string | null): string {
  const why = mark === null ? "; a file loses its mark when Julia reads it and writes it again" : "";
  return (
    `The sizes fit the layout "${layout}"${why}. If the arrays are known to follow it, say so: ` +
    `new Weights(weights, { names: weights.names, layout: "${layout}" })`
  );
}

function orderHint(layout: string): string {
  return layout === "tfjs"
    ? "The same shapes in another order: add the layers in the order in which they were saved"
    : "The same sizes in another order: pass { order: [...] } with the names of the layers in the order of the file";
}

/** PyTorch's arrays are found by name. */
function modulesHint(
  arrays: readonly ModelArray[],
  { layout, names }: GivenArrays,
  { names: isByName }: HintOptions,
): string | null {
  if (layout !== "torch" || !names || isByName === false) return null;
  const own = arrays.map(({ name }) => name);
  const missing = own.find((name) => !names.includes(name));
  const strangers = names.filter((name) => !own.includes(name));
  if (missing === undefined || strangers.length === 0) return null;
  const moduleOf = (name: string): string => name.slice(0, name.lastIndexOf("."));
  const found = [...new Set(strangers.map(moduleOf))];
  const listed = found.slice(0, 5).map((module) => `"${module}"`);
  const rest = found.length > 5 ? ", ..." : "";
  const stacked = strangers.some((name) => /_l[1-9]\d*(_reverse)?$/.test(name))
    ? ". A recurrent module of several layers (l0, l1) is given to as many recurrent layers"
    : "";
  return `Say which layer is which module: { modules: { ${moduleOf(missing)}: ... } } with those of the weights, ${listed.join(", ")}${rest}${stacked}`;
}

function isReordered(arrays: readonly ModelArray[], { sizes }: GivenArrays): boolean {
  const own = arrays.map(({ shape }) => shape.toReversed().join()).toSorted();
  const theirs = sizes.map((size) => size.join()).toSorted();
  return own.join(";") === theirs.join(";");
}

/** A convolution with groups has fewer channels in its kernel; TensorFlow.js has none, and ignores the option. */
function groupsHint(arrays: readonly ModelArray[], { layout, sizes }: GivenArrays): string | null {
  if (layout === "tfjs" || arrays.length !== sizes.length) return null;
  for (const [i, { label, shape }] of arrays.entries()) {
    const found = sizes[i]?.toReversed() ?? [];
    const [own = 0, theirs = 0] = [shape[1], found[1]];
    const isRest =
      found.length > 2 && found.length === shape.length && found.every((length, j) => j === 1 || length === shape[j]);
    if (!isRest || theirs === 0 || own === theirs || own % theirs !== 0) continue;
    return (
      `The kernel of ${label} belongs to a convolution of ${own / theirs} groups, which TensorFlow.js does not have: ` +
      "build one convolution for each group and concatenate them, or use depthwiseConv2d where every channel is a group"
    );
  }
  return null;
}

/** Null where the model has no counterpart in the layout. */
function arraysIfAny(model: LayersModel, layout: string, options: ConversionOptions): readonly ModelArray[] | null {
  try {
    return modelArrays(model, layout, { ...options, onWarning: () => {} });
  } catch (error) {
    if (isLegolasError(error)) return null;
    throw error;
  }
}
