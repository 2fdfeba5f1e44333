/** Where a model would not compute the same in another framework. */
import { LayerConversionError, type LayerProblem } from "../../errors.ts";
import { frameworkNames } from "../../layouts/concerns.ts";
import { open } from "../../layouts/data-order.ts";
import { findLayerEntry } from "../../layouts/layer-entries.ts";
import type { FluxVersion, ForeignLayer, ForeignLayout, LayerFacts, NoCounterpart } from "../../layouts/layer-entry.ts";
import type { Receptions } from "./data-orders.ts";
import { localName } from "./layer-names.ts";
import { type Layer, labelOf, type ModelLayer } from "./model-layers.ts";

/** What is known of a layer each time it is called, once where nothing calls it. @param own - Null where it has no variables. */
export function factsOfCalls(
  layer: Layer,
  own: ModelLayer | null,
  receptions: Receptions,
  isTrained: boolean,
): readonly [LayerFacts, ...LayerFacts[]] {
  const shared = {
    label: labelOf(own?.owner ?? layer),
    className: layer.getClassName(),
    config: layer.getConfig(),
    shapes: new Map(own?.variables.map(({ name, variable }) => [localName(name), variable.shape as number[]])),
    depth: own?.depth ?? 0,
    isReverse: own?.isReverse ?? false,
    isTrained,
  };
  const [first, ...others] = receptions.get(layer) ?? [];
  return [{ inputShape: null, order: open, ...shared, ...first }, ...others.map((other) => ({ ...shared, ...other }))];
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

/**
 * In which ways the order of the data that a layer with weights receives leaves it none to follow.
 *
 * @param viewsOf - Where the elements of the other framework's arrays stand in those of ours, were it for this call alone.
 */
export function findOrderProblems(
  calls: readonly [LayerFacts, ...LayerFacts[]],
  viewsOf: (facts: LayerFacts) => unknown,
): Problem[] {
  const [{ label }] = calls;
  const mixed = calls.flatMap(({ order }) => (order.kind === "mixed" ? [order] : []));
  if (mixed.length > 0) {
    return mixed.map(({ problem, remedy }) => {
      // The layer that is to blame may be this one.
      const own = problem.startsWith(`${label} `) ? problem.slice(label.length + 1) : problem;
      return { label, isRefused: true, problem: own, remedy };
    });
  }
  if (calls.length === 1 || new Set(calls.map((facts) => JSON.stringify(viewsOf(facts)))).size === 1) return [];
  const problem = "is shared between data that the other framework has in different orders";
  return [{ label, isRefused: true, problem, remedy: "Permute to channels first before flattening" }];
}

/** @throws {LayerConversionError} One leaves no way to be exact; the others are warnings. */
export function reportProblems(
  found: readonly Problem[],
  layout: ForeignLayout,
  onWarning: ((warning: string) => void) | undefined,
): void {
  // Layers that are called more than once have some of theirs as often.
  const problems = [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()];
  const refused = problems.filter(({ isRefused }) => isRefused);
  if (refused.length > 0) throw new LayerConversionError(frameworkNames[layout], refused);
  // biome-ignore lint/suspicious/noConsole: where nobody listens, what may go wrong is said where developers look
  const warn = onWarning ?? console.warn;
  for (const { label, problem, remedy } of problems) warn(`${label}: ${problem}. ${remedy}`);
}
