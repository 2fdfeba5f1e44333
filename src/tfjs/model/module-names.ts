/** How PyTorch's state_dict names the arrays of a model. */
import { InputError } from "../../errors.ts";
import type { ModelLayer } from "./model-layers.ts";

/** The name of a layer's array. @param field - With `{depth}` and `{reverse}` for the suffixes of recurrent layers. */
export type NameArray = (own: ModelLayer, field: string) => string;

/** The modules that users give for layers, by the names of these. */
export type Modules = Readonly<Record<string, string>>;

/** The module of a layer: what users give, or else its name and those of the models that it is nested in. */
export function moduleOf({ owner, path }: ModelLayer, modules: Modules): string {
  const given = Object.hasOwn(modules, owner.name) ? modules[owner.name] : undefined;
  return given ?? [...path, owner.name].join(".");
}

/**
 * Names arrays by the modules of layers. Recurrent layers with one module are its layers from the first on, like `nn.LSTM(num_layers=2)`.
 *
 * @param layers - In the order of the model.
 */
export function moduleNames(layers: readonly ModelLayer[], modules: Modules): NameArray {
  const firstDepths = new Map<ModelLayer["owner"], number>();
  const nextDepths = new Map<string, number>();
  for (const own of layers) {
    const module = moduleOf(own, modules);
    const first = firstDepths.get(own.owner) ?? nextDepths.get(module) ?? 0;
    firstDepths.set(own.owner, first);
    nextDepths.set(module, Math.max(nextDepths.get(module) ?? 0, first + own.depth + 1));
  }
  return (own, field) => {
    const depth = (firstDepths.get(own.owner) ?? 0) + own.depth;
    return `${moduleOf(own, modules)}.${field.replace("{depth}", `${depth}`).replace("{reverse}", own.isReverse ? "_reverse" : "")}`;
  };
}

/** @throws {InputError} Arrays of several layers, or several of one, would have one name. */
export function checkArrayNames(arrays: readonly { readonly name: string; readonly label: string }[]): void {
  const labels = new Map<string, string[]>();
  for (const { name, label } of arrays) labels.set(name, [...(labels.get(name) ?? []), label]);
  const repeated = [...labels].find(([, those]) => those.length > 1);
  if (!repeated) return;
  const [name, those] = repeated;
  throw new InputError({
    subject: "modules",
    expected: "a module of its own for each layer, but for recurrent layers that are one stacked module",
    found: `"${name}" for ${[...new Set(those)].join(", ")}`,
    remedy: "Give each of these layers another module: { modules: { layer: module } }",
  });
}
