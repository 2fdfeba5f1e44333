/** Going on with training from a file. */
import type { LayersModel } from "@tensorflow/tfjs";
import { FormatError, InputError } from "../errors.ts";
import type { Source } from "../io/byte-source.ts";
import type { TransferOptions } from "../io/transfer-options.ts";
import { openModelRow } from "../weights/open-model-rows.ts";
import { loadWeights } from "./load-weights.ts";
import type { ConversionOptions } from "./model/model-arrays.ts";
import { planRestoration, restoreOptimizer } from "./training-state/restore-optimizer.ts";
import { ResumableModelV1, TrainingStateV1 } from "./training-state/training-state.ts";

/** How training is resumed. */
export interface ResumeOptions extends TransferOptions, ConversionOptions {
  /** False goes on with the optimizer's configuration as the model was compiled, such as another learning rate. Default: it must be the same. */
  readonly optimizerConfig?: boolean;
  /** False goes by position and shape alone, for layers that were renamed. Default: true. */
  readonly names?: boolean;
}

/** How far training was when its state was saved. */
export interface ResumedTraining {
  /** Complete epochs: the `initialEpoch` of `fit`, which counts from 0. */
  readonly epoch: number;
  /** Trained batches of the epoch after them; 0 where the file was written at the end of an epoch. */
  readonly batch: number;
  /** Steps of the optimizer. */
  readonly iteration: number;
  /** The seed that was saved, or null. */
  readonly seed: number | null;
  /** For each metric its value in every epoch so far; NaN where it is not known. */
  readonly history: Readonly<Record<string, readonly number[]>>;
}

/**
 * Restores the weights, the optimizer's state and the epoch of a file that {@link ModelCheckpoint} wrote with `includeOptimizer`, so that
 * training on equals having trained through. The model must be compiled as it was then. Everything is compared first: where
 * anything differs, neither the model nor its optimizer changes.
 *
 *     const resumed = await resumeTraining(model, "runs/digits/last.digits.model.arrow");
 *     await model.fit(xs, ys, { initialEpoch: resumed.epoch, epochs: 20, shuffle: false, callbacks: new ModelCheckpoint({ ..., resumed }) });
 *
 * The order of the data and random numbers are the caller's: `fit` shuffles without a seed, and dropout needs one.
 *
 * @param model - Compiled with an optimizer of the same class and configuration.
 * @param source - A path or file URL (in Node), an http(s) address, bytes, a Blob, a ByteSource, or what opens one; of any schema.
 * @param options - What may differ, how to convert the weights, and what stops reading.
 * @returns How far training was, for `fit` and for the next {@link ModelCheckpoint}.
 * @throws {InputError} The file has no training state, the model is not compiled, or TensorFlow.js cannot restore its optimizer.
 * @throws {TrainingStateMismatchError} The optimizer's class, configuration or slots differ; all differences are listed.
 * @throws {WeightsMismatchError | LayerConversionError} The weights do not fit the model.
 * @throws {SourceError | FormatError | ViolationError} The source cannot be read.
 */
export async function resumeTraining(
  model: LayersModel,
  source: Source,
  { optimizerConfig = true, names = true, signal, ...conversion }: ResumeOptions = {},
): Promise<ResumedTraining> {
  const handle = await openModelRow(source, ResumableModelV1, { signal });
  try {
    const column = handle.row.training_state;
    if (column === null) throw noState();
    const state = checkProgress(TrainingStateV1(column));
    const restoration = await planRestoration(model, state, { optimizerConfig, names });
    await loadWeights(model, handle.weights, { ...conversion, names });
    await restoreOptimizer(restoration);
    const { epoch, batch, iteration, seed, history } = state;
    return Object.freeze({ epoch, batch, iteration, seed, history: Object.fromEntries(history) });
  } finally {
    await handle.close();
  }
}

/** @throws {FormatError} A count is negative. */
function checkProgress(state: TrainingStateV1): TrainingStateV1 {
  const { epoch, batch, iteration } = state;
  const wrong = Object.entries({ epoch, batch, iteration }).find(([, count]) => count < 0);
  if (wrong === undefined) return state;
  throw new FormatError({
    subject: `training_state.${wrong[0]}`,
    expected: "a number >= 0",
    found: String(wrong[1]),
    remedy: "The file is damaged or was edited: go on from another checkpoint",
  });
}

function noState(): InputError {
  return new InputError({
    subject: "resumeTraining",
    expected: 'a file with a training state (column "training_state")',
    found: "a model row without",
    remedy: "Write checkpoints with includeOptimizer: true; to load weights alone, use readModelRow and loadWeights",
  });
}
