/** Functions from the data that a layer receives to what it makes of it, in the order of another framework. */
import type { ForeignData } from "./foreign-data.ts";
import type { WeightReader } from "./foreign-weights.ts";
import type { Config, LayerPlan } from "./model-plan.ts";

/** Data that the other framework has no order for, and that no weights may follow. */
export class Unorderable extends Error {}

/** What a layer computes of one input. */
export type Rule = (input: ForeignData, config: Config, weights: WeightReader, plan: LayerPlan) => ForeignData;
