/** Taking what training needs to go on out of a model. */
import { type LayersModel, tidy } from "@tensorflow/tfjs";
import { InputError } from "../../errors.ts";
import { FlatArray } from "../../weights/flat-array.ts";
import { Weights } from "../../weights/weights.ts";
import { readTensor } from "../fetch-weights.ts";
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
import { type TrainingStateV1, trainingStateColumn } from "./training-state.ts";

/** How far training is. */
export interface TrainingProgress {
  /** Complete epochs. */
  readonly epoch: number;
  /** Trained batches of the epoch after them. Default: 0. */
  readonly batch?: number;
  /** Kept for whoever goes on, who may need it for the order of the data. Default: null. */
  readonly seed?: number | null;
  /** For each metric its value in every epoch so far. Default: none. */
  readonly history?: Readonly<Record<string, readonly number[]>>;
}

/**
 * The training state of a model, copied out between two steps, for the column `training_state` of its row:
 *
 *     writeModelRow(path, { ...row, training_state: await fetchTrainingState(model, { epoch }) }, DigitsRowV1)
 *
 * {@link ModelCheckpoint} does so with `includeOptimizer`.
 *
 * @param model - A compiled layers model.
 * @param progress - How far training is.
 * @returns A frozen record, in new memory.
 * @throws {InputError} The model is not compiled, TensorFlow.js does not give its optimizer's state, as of Adamax, or the optimizer trained another model.
 */
export async function fetchTrainingState(
  model: LayersModel,
  { epoch, batch = 0, seed = null, history = {} }: TrainingProgress,
): Promise<TrainingStateV1> {
  const optimizer = optimizerOf(model);
  const { iteration, slots } = await readTensors(optimizer);
  return trainingStateColumn({
    optimizer: optimizer.getClassName(),
    optimizer_config: JSON.stringify(optimizer.getConfig()),
    iteration,
    epoch,
    batch,
    seed,
    history: new Map(Object.entries(history)),
    slots: await copySlots(slots, slotsOf(optimizer), model),
  });
}

async function copySlots(
  tensors: readonly NamedTensor[],
  known: readonly string[] | null,
  model: LayersModel,
): Promise<Weights | null> {
  if (tensors.length === 0) return null;
  const variables = trainedVariables(model);
  const slots = known ?? slotsInNames(tensors.map(({ name }) => name));
  const named = nameSlots(slots, variables);
  checkTensors(named, tensors);
  const inOrder = named.map(({ position }) => tensors[position] as NamedTensor);
  const clones = tidy(() => inOrder.map(({ tensor }) => tensor.clone()));
  try {
    const arrays = await Promise.all(
      clones.map(async (clone) => new FlatArray(await readTensor(clone), clone.shape.toReversed())),
    );
    return new Weights(arrays, { names: named.map(({ name }) => name), layout: "tfjs" });
  } finally {
    for (const clone of clones) clone.dispose();
  }
}

/** @throws {InputError} The optimizer's tensors are not those of the model's variables. */
function checkTensors(named: readonly NamedSlot[], tensors: readonly NamedTensor[]): void {
  const stranger = named.find(
    ({ position, variable }) => tensors[position]?.tensor.shape.join() !== variable.shape.join(),
  );
  if (stranger === undefined && named.length === tensors.length) return;
  throw new InputError({
    subject: "optimizer",
    expected: stranger ? `shape [${stranger.variable.shape}] for ${stranger.name}` : `${named.length} tensors`,
    found: stranger ? `[${tensors[stranger.position]?.tensor.shape ?? "none"}]` : `${tensors.length}`,
    remedy: "Compile the model with an optimizer of its own, which has trained no other",
  });
}
