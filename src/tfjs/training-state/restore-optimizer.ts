/** Putting an optimizer's state back. */
import { type LayersModel, type Optimizer, scalar, type Tensor, tensor, tidy, Variable } from "@tensorflow/tfjs";
import { type TrainingStateMismatch, TrainingStateMismatchError } from "../../errors.ts";
import type { FlatArray } from "../../weights/flat-array.ts";
import type { Weights } from "../../weights/weights.ts";
import { withoutCounters } from "../model/layer-names.ts";
import {
  type NamedSlot,
  type NamedTensor,
  nameSlots,
  optimizerOf,
  readTensors,
  slotsInNames,
  slotsOf,
  trainedVariables,
} from "./optimizer-slots.ts";
import type { TrainingStateV1 } from "./training-state.ts";

/** A state that fits an optimizer. */
export interface OptimizerRestoration {
  readonly optimizer: Optimizer;
  readonly iteration: number;
  /** In the optimizer's order. */
  readonly slots: readonly (NamedSlot & { readonly array: FlatArray })[];
}

/** What is compared. */
export interface Comparison {
  /** The optimizer's configuration. */
  readonly optimizerConfig: boolean;
  /** The names of layers and weights; false goes by position and shape. */
  readonly names: boolean;
}

/**
 * Compares a state with a compiled model and its optimizer, without changing either.
 *
 * @throws {TrainingStateMismatchError} The class, the configuration, or a slot's name or shape differs; all differences are listed.
 * @throws {InputError} The model is not compiled, or TensorFlow.js cannot restore its optimizer.
 */
export async function planRestoration(
  model: LayersModel,
  state: TrainingStateV1,
  { optimizerConfig, names }: Comparison,
): Promise<OptimizerRestoration> {
  const optimizer = optimizerOf(model);
  // Says why an optimizer cannot be restored before anything else is compared.
  await readTensors(optimizer);
  const className = optimizer.getClassName();
  if (className !== state.optimizer) {
    throw new TrainingStateMismatchError([{ what: "optimizer", expected: className, found: state.optimizer }]);
  }
  const kinds =
    state.slots === null && state.iteration === 0 ? [] : (slotsOf(optimizer) ?? slotsInNames(state.slots?.names ?? []));
  const named = nameSlots(kinds, trainedVariables(model));
  const mismatches = [
    ...(optimizerConfig ? compareConfigs(optimizer.getConfig(), parseConfig(state.optimizer_config)) : []),
    ...compareSlots(named, state.slots, names),
  ];
  if (mismatches.length > 0) throw new TrainingStateMismatchError(mismatches);
  const slots = named.map((slot, i) => ({ ...slot, array: state.slots?.arrays[i] as FlatArray }));
  return { optimizer, iteration: state.iteration, slots: slots.sort((a, b) => a.position - b.position) };
}

function parseConfig(text: string): Readonly<Record<string, unknown>> {
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === "object" && config !== null) return config as Readonly<Record<string, unknown>>;
  } catch {
    // Text that is no JSON differs from any configuration, which is what is reported.
  }
  return { optimizer_config: text };
}

function compareConfigs(
  own: Readonly<Record<string, unknown>>,
  stored: Readonly<Record<string, unknown>>,
): TrainingStateMismatch[] {
  const text = (config: Readonly<Record<string, unknown>>, key: string): string | null =>
    Object.hasOwn(config, key) ? (JSON.stringify(config[key]) ?? null) : null;
  return [...new Set([...Object.keys(own), ...Object.keys(stored)])]
    .map((what) => ({ what, expected: text(own, what), found: text(stored, what) }))
    .filter(({ expected, found }) => expected !== found);
}

function compareSlots(named: readonly NamedSlot[], slots: Weights | null, names: boolean): TrainingStateMismatch[] {
  const arrays = slots?.arrays ?? [];
  return Array.from({ length: Math.max(named.length, arrays.length) }, (_, i): TrainingStateMismatch => {
    const own = named[i];
    const array = arrays[i];
    const name = slots?.names?.[i] ?? `slot ${i}`;
    const expected = own ? describe(own.name, own.variable.shape) : null;
    const isSameName = own !== undefined && (!names || withoutCounters(own.name) === withoutCounters(name));
    const found = array ? describe(isSameName ? own.name : name, [...array.size].reverse()) : null;
    return { what: own?.name ?? name, expected, found };
  }).filter(({ expected, found }) => expected !== found);
}

function describe(name: string, shape: readonly number[]): string {
  return `${name} of shape [${shape.join(", ")}]`;
}

/** Puts a state into its optimizer, whose tensors of before are disposed. */
export async function restoreOptimizer({ optimizer, iteration, slots }: OptimizerRestoration): Promise<void> {
  const { slots: before } = await readTensors(optimizer);
  const given: NamedTensor[] = [
    { name: "iter", tensor: scalar(iteration, "int32") },
    ...slots.map(({ variable, slot, array }) => ({
      name: `${variable.registeredName}/${slot}`,
      // Some backends keep the array they are given.
      tensor: tensor(array.toFloat32(), [...variable.shape], "float32"),
    })),
  ];
  try {
    await optimizer.setWeights(given);
  } finally {
    // The optimizer's variables share what these refer to.
    for (const { tensor } of given) tensor.dispose();
  }
  const { slots: after } = await readTensors(optimizer);
  const kept = new Set(after.map(({ tensor }) => tensor));
  for (const { tensor } of before) if (!kept.has(tensor)) tensor.dispose();
  restorePowers(optimizer, iteration);
}

/**
 * Adam multiplies each power of its betas by beta in every step; on restoring, TensorFlow.js takes `pow`, which rounds otherwise. The same
 * products give the same bits.
 */
function restorePowers(optimizer: Optimizer, iteration: number): void {
  const fields = optimizer as unknown as Readonly<Record<string, unknown>>;
  for (const [name, power] of Object.entries({ beta1: fields.accBeta1, beta2: fields.accBeta2 })) {
    const beta = fields[name];
    if (!(power instanceof Variable) || typeof beta !== "number") continue;
    tidy(() => power.assign(scalar(powerOf(beta, iteration)) as Tensor));
  }
}

/** A float32 multiplied by itself so many times, rounded each time. */
function powerOf(beta: number, times: number): number {
  const factor = Math.fround(beta);
  let power = factor;
  for (let i = 0; i < times; i++) {
    const next = Math.fround(power * factor);
    if (next === power) break;
    power = next;
  }
  return power;
}
