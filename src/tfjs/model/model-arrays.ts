/** The arrays that a framework has for a model, and where their elements stand in the model's variables. */
import type { LayersModel } from "@tensorflow/tfjs";
import { InputError, LayoutError } from "../../errors.ts";
import { type AxisView, type Step, shapeOf, wholeView } from "../../layouts/axis-view.ts";
import { findLayerEntry } from "../../layouts/layer-entries.ts";
import type {
  ConstantArray,
  FluxVersion,
  ForeignArray,
  ForeignLayer,
  ForeignLayout,
  HeldArray,
  LayerEntry,
  LayerFacts,
} from "../../layouts/layer-entry.ts";
import { followData } from "./data-orders.ts";
import { layerPath, localName } from "./layer-names.ts";
import { factsOfCalls, findOrderProblems, findProblems, reportProblems } from "./layer-problems.ts";
import { labelOf, listLayers, type ModelLayer, type ModelVariable } from "./model-layers.ts";
import { checkArrayNames, moduleNames, type NameArray } from "./module-names.ts";
import { checkStackedModules } from "./stacked-modules.ts";

/** How weights are converted between TensorFlow.js and another framework. */
export interface ConversionOptions {
  /** What differs between versions of Flux: `"0.14"` for 0.12 up to 0.14, which LegolasFlux.jl supports, `"0.16"` for later ones. Default: `"0.14"`. */
  readonly fluxVersion?: FluxVersion;
  /**
   * The names of all layers that have weights, in the order of the other framework. Default: that of `model.layers`, in which the branches
   * of a graph may come in another order than they were written.
   */
  readonly order?: readonly string[];
  /** For layers that are another one in Flux than the usual: `{ conv1: "CrossCor" }`. */
  readonly fluxLayers?: Readonly<Record<string, string>>;
  /**
   * For layers whose module has another name in PyTorch: `{ conv1: "features.0" }`. Recurrent layers that are given one module are its stacked
   * layers, in the order of the model: `{ lower: "lstm", upper: "lstm" }` for `nn.LSTM(num_layers=2)`.
   */
  readonly modules?: Readonly<Record<string, string>>;
  /** Called with everything in which the other framework may compute something else. Default: `console.warn`. */
  readonly onWarning?: (warning: string) => void;
}

/** An array of weights, as a layout has it for this model. */
export interface ModelArray {
  readonly name: string;
  /** Row-major; Flux's size is the reverse. */
  readonly shape: readonly number[];
  readonly label: string;
  readonly content:
    | {
        readonly kind: "held";
        readonly variable: ModelVariable;
        /** Where each element stands in the variable; null where it stands in the same place. */
        readonly view: AxisView | null;
        /** Another shape of the same elements that is read too. */
        readonly alsoShape: readonly number[] | null;
        readonly isAddend: boolean;
      }
    | { readonly kind: "constant"; readonly rule: ConstantArray };
}

/**
 * The arrays of a model in a layout, in their order.
 *
 * @throws {InputError} It is no layers model, was disposed, or an option names layers that it does not have.
 * @throws {LayoutError} The layout is none that can be converted.
 * @throws {LayerConversionError} A layer has no exact counterpart; all are listed.
 */
export function modelArrays(model: LayersModel, layout: string, options: ConversionOptions): ModelArray[] {
  if (layout === "tfjs") return listOwnArrays(model);
  if (layout === "flux" || layout === "torch") return listForeignArrays(model, layout, options);
  throw new LayoutError({
    subject: "layout",
    expected: '"tfjs", "flux" or "torch"',
    found: `"${layout}"`,
    remedy:
      "Weights of other layouts can be loaded once they are converted to one of these. If they are known to follow one, " +
      'say so: fromSafetensors(source, { layout: "torch" }), or new Weights(weights, { names: weights.names, layout: "torch" })',
  });
}

/** In the layout of TensorFlow.js, the variables themselves. */
function listOwnArrays(model: LayersModel): ModelArray[] {
  return listLayers(model).flatMap(({ owner, variables }) =>
    variables.map((variable) => ({
      name: variable.name,
      shape: variable.variable.shape as number[],
      label: labelOf(owner),
      content: { kind: "held", variable, view: null, alsoShape: null, isAddend: false },
    })),
  );
}

function listForeignArrays(model: LayersModel, layout: ForeignLayout, options: ConversionOptions): ModelArray[] {
  const { fluxVersion = "0.14", order, modules = {}, fluxLayers = {}, onWarning } = options;
  const layers = sortLayers(listLayers(model), order);
  const names = new Set(layers.map(({ owner }) => owner.name));
  checkLayerNames("modules", modules, names);
  checkLayerNames("fluxLayers", fluxLayers, names);
  const nameArray = layout === "torch" ? moduleNames(layers, modules) : nameByPath;
  const receptions = followData(model);
  const isTrained = Boolean((model as { optimizer?: unknown }).optimizer);
  const described = layers.map((own) => ({ own, calls: factsOfCalls(own.layer, own, receptions, isTrained) }));
  const withVariables = new Set(layers.map(({ layer }) => layer));
  const others = [...receptions.keys()].filter((layer) => !withVariables.has(layer));
  const problems = [
    ...described.flatMap(({ own, calls }) => {
      const found = calls.flatMap((facts) => findProblems(facts, true, layout, fluxVersion));
      const isRefused = found.some((problem) => problem.isRefused);
      const viewsOf = (facts: LayerFacts): unknown =>
        isRefused
          ? null
          : arraysOfCall(own, facts, layout, nameArray, options).map(
              ({ content }) => "view" in content && content.view,
            );
      return [...found, ...findOrderProblems(calls, viewsOf)];
    }),
    ...others
      .flatMap((layer) => factsOfCalls(layer, null, receptions, isTrained))
      .flatMap((facts) => findProblems(facts, false, layout, fluxVersion)),
  ];
  reportProblems(problems, layout, onWarning);
  const arrays = described.flatMap(({ own, calls: [facts] }) => arraysOfCall(own, facts, layout, nameArray, options));
  if (layout === "torch") {
    checkStackedModules(model, layers, modules);
    checkArrayNames(arrays);
  }
  return arrays;
}

/** The arrays of a layer that is known to have a counterpart, as one of its calls needs them. */
function arraysOfCall(
  own: ModelLayer,
  facts: LayerFacts,
  layout: ForeignLayout,
  nameArray: NameArray,
  { fluxVersion = "0.14", fluxLayers = {} }: ConversionOptions,
): ModelArray[] {
  const foreign = foreignLayer(
    facts,
    layout,
    Object.hasOwn(fluxLayers, own.owner.name) ? fluxLayers[own.owner.name] : undefined,
  );
  return arraysOf(foreign, facts, fluxVersion).map((array) => ({
    ...resolve(array, own, facts),
    name: nameArray(own, array.name),
    label: facts.label,
  }));
}

function sortLayers(layers: readonly ModelLayer[], order: readonly string[] | undefined): readonly ModelLayer[] {
  if (!order) return layers;
  const names = [...new Set(layers.map(({ owner }) => owner.name))];
  const isComplete = names.length === order.length && names.every((name) => order.includes(name));
  if (isComplete) return order.flatMap((name) => layers.filter(({ owner }) => owner.name === name));
  throw new InputError({
    subject: "order",
    expected: `each layer with weights once: ${names.join(", ")}`,
    found: order.join(", "),
  });
}

function checkLayerNames(option: string, byName: Readonly<Record<string, string>>, names: ReadonlySet<string>): void {
  const stranger = Object.keys(byName).find((name) => !names.has(name));
  if (stranger === undefined) return;
  throw new InputError({
    subject: option,
    expected: `names of layers with weights: ${[...names].join(", ")}`,
    found: `"${stranger}"`,
  });
}

/** @param type - What the user says it is in Flux. */
function foreignLayer({ label, className }: LayerFacts, layout: ForeignLayout, type: string | undefined): ForeignLayer {
  // Layers without an entry or a counterpart were reported.
  const entry = findLayerEntry(className) as LayerEntry;
  const usual = entry[layout] as ForeignLayer;
  if (layout !== "flux" || type === undefined || type === usual.type) return usual;
  const variants = [usual, ...(entry.fluxVariants ?? [])];
  const variant = variants.find((candidate) => candidate.type === type);
  if (variant) return variant;
  throw new InputError({
    subject: `fluxLayers: ${label}`,
    expected: variants.map((candidate) => candidate.type).join(" or "),
    found: `"${type}"`,
  });
}

function arraysOf({ arrays }: ForeignLayer, facts: LayerFacts, version: FluxVersion): ForeignArray[] {
  return arrays.filter((array) => {
    if (array.version && array.version !== version) return false;
    return "variable" in array ? facts.shapes.has(array.variable) : (array.when?.(facts) ?? true);
  });
}

/** Flux has no names: the path of our variables, with the field of theirs. */
const nameByPath: NameArray = (own, field) => `${layerPath(own.variables[0]?.name ?? "")}/${field}`;

function resolve(array: ForeignArray, own: ModelLayer, facts: LayerFacts): Pick<ModelArray, "shape" | "content"> {
  if (!("variable" in array)) {
    return { shape: array.shape(facts), content: { kind: "constant", rule: array } };
  }
  const variable = own.variables.find(({ name }) => localName(name) === array.variable) as ModelVariable;
  const whole = wholeView(variable.variable.shape as number[]);
  const view = applySteps(array.steps, whole, facts);
  const alsoShape = array.also ? shapeOf(applySteps(array.also, whole, facts)) : null;
  const isAddend = array.isAddend === true;
  return {
    shape: shapeOf(view),
    content: { kind: "held", variable, view: view === whole ? null : view, alsoShape, isAddend },
  };
}

function applySteps(steps: HeldArray["steps"] = [], whole: AxisView, facts: LayerFacts): AxisView {
  const resolved = steps.map((step): Step => (typeof step === "function" ? step(facts) : step));
  return resolved.reduce((view, { apply }) => apply(view), whole);
}
