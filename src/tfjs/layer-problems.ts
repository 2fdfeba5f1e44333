/** Where a model would not compute the same in another framework. */
import { LayerConversionError, type LayerProblem } from "../errors.ts";
import { frameworkNames } from "../layouts/concerns.ts";
import { open } from "../layouts/data-order.ts";
import { findLayerEntry } from "../layouts/layer-entries.ts";
import type { FluxVersion, ForeignLayer, ForeignLayout, LayerFacts, NoCounterpart } from "../layouts/layer-entry.ts";
import type { Reception, Receptions } from "./data-orders.ts";
import { localName } from "./layer-names.ts";
import { type Layer, labelOf, type ModelLayer } from "./model-layers.ts";

/** What is known of a layer. @param own - Null where it has no variables. */
export function factsOf(layer: Layer, own: ModelLayer | null, receptions: Receptions, isTrained: boolean): LayerFacts {
  const [reception] = receptions.get(layer) ?? [];
  return {
    label: labelOf(own?.owner ?? layer),
    className: layer.getClassName(),
    config: layer.getConfig(),
    inputShape: reception?.inputShape ?? null,
    shapes: new Map(own?.variables.map(({ name, variable }) => [localName(name), variable.shape as number[]])),
    order: reception?.order ?? open,
    depth: own?.depth ?? 0,
    isReverse: own?.isReverse ?? false,
    isTrained,
  };
}

/** A problem, and whether it leaves no way to be exact. */
export type Problem = LayerProblem & { readonly isRefused: boolean };

/** In which ways the other framework would compute something else than a layer. */
export function findProblems(
  facts: LayerFacts,
  hasWeights: boolean,
  layout: ForeignLayout,
  version: FluxVersion,
): Problem[] {
  const { label } = facts;
  const entry = findLayerEntry(facts.className);
  if (!entry) {
    const problem = `is not known in ${frameworkNames[layout]}`;
    return hasWeights ? [{ label, isRefused: true, problem, remedy: "Describe its class with registerLayer" }] : [];
  }
  const counterpart: ForeignLayer | NoCounterpart = entry[layout];
  const concerns = entry.concerns?.(facts, layout, version) ?? [];
  return [
    ...("reason" in counterpart
      ? [{ label, isRefused: true, problem: counterpart.reason, remedy: counterpart.remedy }]
      : []),
    ...concerns.map((concern) => ({ label, ...concern })),
  ];
}

/** Whether a layer with weights receives data in an order that they can follow; who receives mixed data makes nothing else of it. */
export function findOrderProblems(label: string, receptions: readonly Reception[]): Problem[] {
  const mixed = receptions.flatMap(({ outcome }) => (outcome.kind === "mixed" ? [outcome] : []));
  if (mixed.length > 0) return mixed.map(({ problem, remedy }) => ({ label, isRefused: true, problem, remedy }));
  const features = receptions.map(({ order }) => (order.kind === "features" ? JSON.stringify(order.features) : ""));
  if (new Set(features).size <= 1) return [];
  const problem = "is shared between data whose features the other framework has in different orders";
  return [{ label, isRefused: true, problem, remedy: "Permute to channels first before flattening" }];
}

/** @throws {LayerConversionError} One leaves no way to be exact; the others are warnings. */
export function reportProblems(
  problems: readonly Problem[],
  layout: ForeignLayout,
  onWarning: ((warning: string) => void) | undefined,
): void {
  const refused = problems.filter(({ isRefused }) => isRefused);
  if (refused.length > 0) throw new LayerConversionError(frameworkNames[layout], refused);
  // biome-ignore lint/suspicious/noConsole: where nobody listens, what may go wrong is said where developers look
  const warn = onWarning ?? console.warn;
  for (const { label, problem, remedy } of problems) warn(`${label}: ${problem}. ${remedy}`);
}
