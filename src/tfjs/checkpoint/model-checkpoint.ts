/** Saving a model while it is trained. */
import { CustomCallback, type LayersModel, type Tensor } from "@tensorflow/tfjs";
import { InputError } from "../../errors.ts";
import type { AnySchemaVersion } from "../../legolas/schema-version.ts";
import type { ModelV1 } from "../../weights/model.ts";
import { type CheckpointOptions, checkOptions } from "./checkpoint-options.ts";
import { CheckpointRun } from "./checkpoint-run.ts";

type Container = Parameters<CustomCallback["setModel"]>[0];
type UnresolvedLogs = Parameters<CustomCallback["onBatchEnd"]>[1];

/**
 * A callback for `fit` and `fitDataset` that writes the model's weights, with a row of a schema, while training goes on.
 *
 *     const checkpoint = new ModelCheckpoint({ filepath: "runs/{epoch:02d}-{val_loss:.2f}.model.arrow", saveTopK: 3 });
 *     await model.fit(xs, ys, { epochs: 20, validationSplit: 0.1, callbacks: [checkpoint] });
 *     checkpoint.bestModelPath;
 *
 * Values are copied out at the end of an epoch; the file is written, atomically, during the next one. `fit` waits for the last file, and
 * rejects at the end of an epoch in which one could not be written. Where training itself throws, `await checkpoint.close()` waits for
 * the file. Beside other callbacks, those have to be of TensorFlow.js's classes too: `new tf.CustomCallback({ onEpochEnd })`.
 *
 * @throws {InputError} While training: a metric is missing, or the optimizer's state cannot be saved.
 * @throws {RecordError | CheckError} While training: `row` gave values that do not fit the schema.
 * @throws {SourceError} While training: a file could not be written or removed.
 */
export class ModelCheckpoint<S extends AnySchemaVersion = typeof ModelV1> extends CustomCallback {
  private readonly run: CheckpointRun;
  private model: LayersModel | null = null;

  /**
   * @param options - Where files go, which are kept, and what they hold.
   * @throws {InputError} An option is not what it has to be.
   */
  constructor(options: CheckpointOptions<S>) {
    const run = new CheckpointRun(checkOptions(options));
    super({
      onTrainBegin: () => this.run.trainBegin(this.requireModel(), this.params ?? {}),
      onEpochBegin: (epoch) => this.run.epochBegin(epoch),
      onEpochEnd: (epoch, logs) => this.run.epochEnd(this.requireModel(), epoch, logs ?? {}),
      onTrainEnd: () => this.run.trainEnd(this.requireModel()),
    });
    this.run = run;
    // Behind a plain object TensorFlow.js takes the methods without their object.
    this.onTrainBegin = this.onTrainBegin.bind(this);
  }

  /** Path of the best complete file, or null where there is none with a metric. */
  get bestModelPath(): string | null {
    return this.run.best?.path ?? null;
  }

  /** The monitored value of the best complete file, or null where there is none with a metric. */
  get bestModelScore(): number | null {
    return this.run.best?.score ?? null;
  }

  /** Path of the `last` file once it is complete, or null without `saveLast`. */
  get lastModelPath(): string | null {
    return this.run.lastPath;
  }

  /**
   * Waits for the file that is being written; needed only where training threw. What failed and was not thrown yet is thrown.
   *
   * @throws {SourceError | InputError | RecordError | CheckError} As while training.
   */
  close(): Promise<void> {
    return this.run.close();
  }

  /** For TensorFlow.js. @internal */
  override setModel(model: Container): void {
    // fit and fitDataset pass the layers model whose methods they are.
    this.model = model as LayersModel;
  }

  /** For TensorFlow.js. @internal */
  override async onBatchEnd(batch: number, logs?: UnresolvedLogs): Promise<void> {
    await this.run.batchEnd(this.requireModel(), () => numbersOf(logs ?? {}));
    // Gives other work a turn now and then, as training without callbacks does.
    await super.onBatchEnd(batch, logs);
  }

  private requireModel(): LayersModel {
    if (this.model) return this.model;
    throw new InputError({
      subject: "ModelCheckpoint",
      expected: "callbacks that are all of TensorFlow.js's classes",
      found: "a plain object first, for which TensorFlow.js then takes all of them",
      remedy: "Wrap the object: callbacks: [new tf.CustomCallback({ onEpochEnd: ... }), checkpoint]",
    });
  }
}

/** The numbers of logs, whose tensors stay TensorFlow.js's to dispose. */
async function numbersOf(logs: Readonly<Record<string, number | Tensor>>): Promise<Record<string, number>> {
  const entries = Object.entries(logs).map(
    async ([name, value]): Promise<[string, number]> => [
      name,
      typeof value === "number" ? value : ((await value.data())[0] ?? Number.NaN),
    ],
  );
  return Object.fromEntries(await Promise.all(entries));
}
