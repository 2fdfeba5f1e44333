/**
 * What a ModelCheckpoint does at each event of training.
 *
 * Idea: values are copied out while training waits; the file is written while it goes on. The next save waits for the file, so what is decided
 * then rests on complete files only.
 */
import { type LayersModel, nextFrame } from "@tensorflow/tfjs";
import { removePath } from "#paths";
import { InputError } from "../../errors.ts";
import { writeModelRow } from "../../weights/model-row.ts";
import type { Weights } from "../../weights/weights.ts";
import { fetchWeights } from "../fetch-weights.ts";
import { loadWeights } from "../load-weights.ts";
import { fetchTrainingState, type TrainingProgress } from "../training-state/fetch-training-state.ts";
import { optimizerOf, readTensors } from "../training-state/optimizer-slots.ts";
import { BackgroundWork } from "./background-work.ts";
import type { CheckpointSettings } from "./checkpoint-options.ts";
import { type KeptFile, KeptFiles, type Placement } from "./kept-files.ts";
import { MetricHistory } from "./metric-history.ts";
import { isBetter, metricsOf, valuesIn } from "./monitor.ts";

/** What TensorFlow.js tells of a training. */
export interface TrainingParams {
  readonly doValidation?: unknown;
  readonly steps?: unknown;
  readonly samples?: unknown;
  readonly batchSize?: unknown;
}

type Numbers = Readonly<Record<string, number>>;

/** A moment at which the model may be saved. */
interface Moment {
  /** The epoch in progress or just complete, from 1. */
  readonly epoch: number;
  /** Trained batches of that epoch, where it is in progress. */
  readonly batch: number | null;
  /** By their names in the logs, with `accuracy` beside `acc`. */
  readonly metrics: Numbers;
  /** Whether the metrics say how good the model is. */
  readonly isRanked: boolean;
}

/** One or several trainings of a model, and their files. */
export class CheckpointRun {
  private readonly work = new BackgroundWork();
  private readonly files: KeptFiles;
  private readonly history: MetricHistory;
  private bestScore: number | null;
  private bestWeights: Weights | null = null;
  private expectedBatches: number | null = null;
  private epoch = 0;
  private batchesOfEpoch = 0;
  private batchesSinceSave = 0;
  lastPath: string | null = null;

  constructor(private readonly settings: CheckpointSettings) {
    const { saveTopK, direction, threshold, monitor } = settings;
    this.files = new KeptFiles(saveTopK, direction);
    this.history = new MetricHistory(settings.history);
    this.bestScore = valuesIn(settings.history, monitor).reduce<number | null>(
      (best, value) => (isBetter(value, best, direction) ? value : best),
      threshold,
    );
  }

  get best(): KeptFile | null {
    return this.files.best;
  }

  async trainBegin(model: LayersModel, params: TrainingParams): Promise<void> {
    await this.work.finish();
    this.checkValidation(params.doValidation === true);
    if (this.settings.includeOptimizer) await readTensors(optimizerOf(model));
    this.expectedBatches = batchesPerEpoch(params);
  }

  epochBegin(epoch: number): void {
    this.epoch = epoch;
    this.batchesOfEpoch = 0;
    this.history.startAt(epoch);
  }

  /** Never throws: inside a batch TensorFlow.js would leave tensors behind. */
  async batchEnd(model: LayersModel, readLogs: () => Promise<Numbers>): Promise<void> {
    this.batchesOfEpoch += 1;
    this.batchesSinceSave += 1;
    if (this.batchesSinceSave === this.settings.saveFreq) {
      this.batchesSinceSave = 0;
      await this.work.settle();
      if (!this.work.hasFailed) await this.saveInEpoch(model, await readLogs()).catch((error) => this.work.fail(error));
    }
    // Writing proceeds only when the event loop gets a turn.
    if (this.work.isRunning) await nextFrame();
  }

  private saveInEpoch(model: LayersModel, logs: Numbers): Promise<void> {
    const metrics = metricsOf(logs);
    return this.save(model, { epoch: this.epoch + 1, batch: this.batchesOfEpoch, metrics, isRanked: true });
  }

  async epochEnd(model: LayersModel, epoch: number, logs: Numbers): Promise<void> {
    const { saveFreq, everyNEpochs, lastPath } = this.settings;
    if (this.work.hasFailed) await this.work.finish();
    const metrics = metricsOf(logs);
    const isComplete = this.expectedBatches === null || this.batchesOfEpoch >= this.expectedBatches;
    if (isComplete) this.history.record(epoch, logs);
    const isDue = isComplete ? saveFreq === "epoch" && (epoch + 1) % everyNEpochs === 0 : lastPath !== null;
    if (!isDue) return;
    await this.work.finish();
    const batch = isComplete ? null : this.batchesOfEpoch;
    await this.save(model, { epoch: epoch + 1, batch, metrics, isRanked: isComplete });
  }

  async trainEnd(model: LayersModel): Promise<void> {
    await this.work.finish();
    if (this.bestWeights) await loadWeights(model, this.bestWeights, this.settings.fetch);
  }

  /** Waits for the file that is being written. @throws What failed and was not thrown yet. */
  close(): Promise<void> {
    return this.work.finish();
  }

  private async save(model: LayersModel, moment: Moment): Promise<void> {
    const { restoreBestWeights, lastPath, fetch } = this.settings;
    const { score, isBest, placement } = this.decide(moment);
    const isSaved = placement !== null || lastPath !== null;
    const message = this.describe(moment, score, isBest);
    if (isSaved || (isBest && restoreBestWeights)) {
      const weights = await fetchWeights(model, fetch);
      const row = isSaved ? await this.buildRow(model, weights, moment) : null;
      if (row) this.work.start(() => this.write(placement, row, message));
      if (isBest && restoreBestWeights) this.bestWeights = weights;
    }
    if (isBest) this.bestScore = score;
    if (!isSaved) this.report(`${message}, not saved`);
  }

  private decide(moment: Moment): { score: number | null; isBest: boolean; placement: Placement | null } {
    const { direction, saveBestOnly } = this.settings;
    if (!moment.isRanked) return { score: null, isBest: false, placement: null };
    const score = this.scoreOf(moment.metrics);
    const isBest = isBetter(score, this.bestScore, direction);
    const isWanted = isBest || !saveBestOnly;
    return { score, isBest, placement: isWanted ? this.files.place(score, (v) => this.pathOf(moment, v)) : null };
  }

  private async write(placement: Placement | null, row: object, message: string): Promise<void> {
    const { schemaVersion, write, lastPath } = this.settings;
    if (placement) {
      await writeModelRow(placement.file.path, row, schemaVersion, write);
      this.files.keep(placement);
      if (placement.removed) await removePath(placement.removed.path);
    }
    if (lastPath !== null) {
      await writeModelRow(lastPath, row, schemaVersion, write);
      this.lastPath = lastPath;
    }
    this.report(`${message}, saved to ${[placement?.file.path, lastPath].filter(Boolean).join(" and ")}`);
  }

  private async buildRow(model: LayersModel, weights: Weights, moment: Moment): Promise<object> {
    const { schemaVersion, row, includeOptimizer } = this.settings;
    const { epoch, metrics } = moment;
    // The state first: row() is the user's, and may take its time.
    const state = includeOptimizer ? await fetchTrainingState(model, this.progressAt(moment)) : null;
    const fromLogs = Object.entries({ epoch, ...metrics }).filter(([name]) =>
      Object.hasOwn(schemaVersion.fields, name),
    );
    const given = Object.entries((await row(metrics, epoch)) ?? {}).filter(([, value]) => value !== undefined);
    const record = schemaVersion({ ...Object.fromEntries([...fromLogs, ...given]), weights } as never);
    return state ? { ...record, training_state: state } : record;
  }

  private progressAt({ epoch, batch }: Moment): TrainingProgress {
    const isComplete = batch === null || batch === this.expectedBatches;
    return {
      epoch: isComplete ? epoch : epoch - 1,
      batch: isComplete ? 0 : batch,
      seed: this.settings.seed,
      history: this.history.toObject(),
    };
  }

  private pathOf({ epoch, batch, metrics }: Moment, version: string): string {
    const { template } = this.settings;
    const path = template.format({ epoch, ...(batch !== null && { batch }), ...metrics });
    const stem = path.slice(0, path.length - template.suffix.length);
    return stem + version + template.suffix;
  }

  private scoreOf(metrics: Numbers): number | null {
    const { monitor, needsMonitor } = this.settings;
    const score = metrics[monitor];
    if (score !== undefined || !needsMonitor) return score ?? null;
    throw new InputError({
      subject: `ModelCheckpoint: monitor "${monitor}"`,
      expected: `one of ${Object.keys(metrics).join(", ")}`,
      found: "no such metric in the logs",
      remedy: "Compile the model with that metric, or pass the name of one that it has",
    });
  }

  /** Validation metrics that can never appear are refused before any time is spent. */
  private checkValidation(doesValidate: boolean): void {
    const { monitor, needsMonitor, template, saveFreq } = this.settings;
    const name = [...(needsMonitor ? [monitor] : []), ...template.names].find((candidate) =>
      candidate.startsWith("val_"),
    );
    if (name === undefined || (doesValidate && saveFreq === "epoch")) return;
    throw new InputError({
      subject: `ModelCheckpoint: "${name}"`,
      expected: "a metric that the training has",
      found: doesValidate ? "saveFreq in batches, between which nothing is validated" : "a training without validation",
      remedy: doesValidate
        ? 'Pass saveFreq: "epoch", or monitor: "loss"'
        : 'Pass validationData or validationSplit to fit, or monitor: "loss"',
    });
  }

  private describe({ epoch, batch }: Moment, score: number | null, isBest: boolean): string {
    const { monitor } = this.settings;
    const when = batch === null ? `epoch ${epoch}` : `epoch ${epoch}, batch ${batch}`;
    if (score === null) return when;
    return `${when}: ${monitor} ${score}${isBest ? ", the best" : `, best ${this.bestScore}`}`;
  }

  private report(message: string): void {
    // biome-ignore lint/suspicious/noConsole: printing is what verbose asks for.
    if (this.settings.verbose) console.log(message);
  }
}

/** How many batches an epoch has, or null where a dataset does not say. */
function batchesPerEpoch({ steps, samples, batchSize }: TrainingParams): number | null {
  if (typeof steps === "number") return steps;
  return typeof samples === "number" && typeof batchSize === "number" ? Math.ceil(samples / batchSize) : null;
}
