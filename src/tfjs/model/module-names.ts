/** How PyTorch's state_dict names the arrays of a model. */
import { InputError } from "../../errors.ts";
import type { ModelLayer } from "./model-layers.ts";

/** The name of a layer's array. @param field - With `{depth}` and `{reverse}` for the suffixes of recurrent layers. */
export type NameArray = (own: ModelLayer, field: string) => string;

/**
 * Names arrays by the modules that users give for layers, or else by the names of layers and of the models that they are nested in.
 * Recurrent layers with one module are its layers from the first on, like `nn.LSTM(num_layers=2)`.
 *
 * @param layers - In the order of the model.
 */
export function moduleNames(layers: readonly ModelLayer[], modules: Readonly<Record<string, string>>): NameArray {
  const moduleOf = ({ owner, path }: ModelLayer): string => modules[owner.name] ?? [...path, owner.name].join(".");
  const firstDepths = new Map<ModelLayer["owner"], number>();
  const nextDepths = new Map<string, number>();
  for (const own of layers) {
    const module = moduleOf(own);
    const first = firstDepths.get(own.owner) ?? nextDepths.get(module) ?? 0;
    firstDepths.set(own.owner, first);
    nextDepths.set(module, Math.max(nextDepths.get(module) ?? 0, first + own.depth + 1));
  }
  return (own, field) => {
    const depth = (firstDepths.get(own.owner) ?? 0) + own.depth;
    return `${moduleOf(own)}.${field.replace("{depth}", `${depth}`).replace("{reverse}", own.isReverse ? "_reverse" : "")}`;
  };
}

/** @throws {InputError} Users gave one module to layers that cannot share it. */
export function checkModuleNames(names: readonly string[], modules: Readonly<Record<string, string>>): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  const layers = Object.keys(modules).filter((layer) => repeated?.startsWith(`${modules[layer]}.`));
  if (layers.length < 2) return;
  throw new InputError({
    subject: "modules",
    expected: "a module of its own for each layer, but for recurrent layers that are one stacked module",
    found: `"${modules[layers[0] ?? ""]}" for ${layers.join(", ")}`,
  });
}
