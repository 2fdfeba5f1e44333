/** Recurrent layers that users give one module: whether PyTorch has such a module. */
import type { LayersModel } from "@tensorflow/tfjs";
import { InputError } from "../../errors.ts";
import { findLayerEntry } from "../../layouts/layer-entries.ts";
import { findInputSources } from "./input-sources.ts";
import { asHolder, type Layer, labelOf, type ModelLayer } from "./model-layers.ts";
import { type Modules, moduleOf } from "./module-names.ts";

/**
 * Checks that recurrent layers of one module are what `nn.LSTM(num_layers=...)` and its like are: of one class, size and direction, each of which
 * takes what the one before gives.
 *
 * @param layers - In the order of the model.
 * @throws {InputError} They are not.
 */
export function checkStackedModules(model: LayersModel, layers: readonly ModelLayer[], modules: Modules): void {
  const byModule = new Map<string, ModelLayer[]>();
  for (const own of layers) {
    const module = moduleOf(own, modules);
    byModule.set(module, [...(byModule.get(module) ?? []), own]);
  }
  for (const [module, those] of byModule) {
    const owners = [...new Set(those.map(({ owner }) => owner))];
    if (owners.length < 2 || !those.some(isRecurrent)) continue;
    const problem = differenceAmong(those) ?? brokenLink(model, owners);
    if (problem === null) continue;
    throw new InputError({
      subject: "modules",
      expected:
        "for a module of several recurrent layers ones of one class, size and direction, each of which takes what the one before gives, " +
        "as in nn.LSTM(num_layers=2)",
      found: `"${module}" for ${owners.map(labelOf).join(", ")}: ${problem}`,
      remedy: "Give each of these layers a module of its own",
    });
  }
}

/** Whether PyTorch numbers the layers of its module. */
function isRecurrent({ layer }: ModelLayer): boolean {
  const torch = findLayerEntry(layer.getClassName())?.torch;
  return torch !== undefined && "arrays" in torch && torch.arrays.some(({ name }) => name.includes("{depth}"));
}

/** What all cells of a module have in common, by how messages call it. */
const traits: Readonly<Record<string, (own: ModelLayer) => unknown>> = {
  class: ({ layer }) => layer.getClassName(),
  "number of units": ({ layer }) => layer.getConfig().units,
  useBias: ({ layer }) => layer.getConfig().useBias,
  activation: ({ layer }) => layer.getConfig().activation,
  direction: ({ owner }) => (asHolder(owner).forwardLayer ? "both" : owner.getConfig().goBackwards === true),
};

function differenceAmong(those: readonly ModelLayer[]): string | null {
  const [first, ...others] = those;
  for (const [trait, of] of Object.entries(traits)) {
    const other = others.find((own) => first && of(own) !== of(first));
    if (first && other) return `${trait} of ${nameOf(first)} and ${nameOf(other)} is not the same`;
  }
  return null;
}

function nameOf({ owner }: ModelLayer): string {
  return `"${owner.name}"`;
}

function brokenLink(model: LayersModel, owners: readonly Layer[]): string | null {
  const sources = findInputSources(model);
  for (const [i, owner] of owners.entries()) {
    const before = owners[i - 1];
    if (!before) continue;
    const [source, ...others] = sources.get(owner) ?? [];
    if (source !== before || others.length > 0) return `"${owner.name}" does not take what "${before.name}" gives`;
    // Its steps stay in the order in which they were taken, which PyTorch's layers have once for all.
    if (owner.getConfig().goBackwards === true)
      return `"${owner.name}" goes backwards through what "${before.name}" gives`;
    const isJoined = !asHolder(before).forwardLayer || before.getConfig().mergeMode === "concat";
    if (!isJoined) return `"${before.name}" does not concatenate its directions`;
  }
  return null;
}
