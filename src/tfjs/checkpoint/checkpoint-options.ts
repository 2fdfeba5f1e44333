/** What a ModelCheckpoint is given. */
import { InputError } from "../../errors.ts";
import { formatValue } from "../../legolas/format-value.ts";
import type { AnySchemaVersion, RecordInputOf } from "../../legolas/schema-version.ts";
import type { WriteOptions } from "../../legolas/table-io.ts";
import { ModelV1 } from "../../weights/model.ts";
import type { FetchOptions } from "../fetch-weights.ts";
import type { ResumedTraining } from "../resume-training.ts";
import { FilenameTemplate } from "./filename-template.ts";
import { type Direction, directionOf, type MonitorMode } from "./monitor.ts";

/** What a file's row holds beside the weights; fields that are filled from the logs may be left out. */
export type RowPart<S extends AnySchemaVersion> = Partial<Omit<RecordInputOf<S>, "weights">>;

/** Options of {@link ModelCheckpoint}, with the meaning Keras and Lightning give those words. */
export interface CheckpointOptions<S extends AnySchemaVersion = typeof ModelV1> {
  /**
   * Path of the files, with placeholders in Python's formats: `runs/{epoch:02d}-{val_loss:.2f}.digits.model.arrow`. `epoch` counts from 1; so
   * does `batch`, which exists where `saveFreq` is a number. A file of the same path is replaced.
   */
  readonly filepath: string;
  /** The metric that tells which model is best, by its name in the logs. Default: `val_loss`. */
  readonly monitor?: string;
  /** Whether small or large values are good. Default: `auto`, by the metric's name. */
  readonly mode?: MonitorMode;
  /** Writes only where the metric is better than ever before in this run. Default: false. */
  readonly saveBestOnly?: boolean;
  /** Keeps the best so many files and removes others that this instance wrote; -1 keeps all, 0 writes none. Default: -1. */
  readonly saveTopK?: number;
  /** Writes `last`, with the suffix of `filepath`, at every save, whatever the metric says. Default: false. */
  readonly saveLast?: boolean;
  /** `"epoch"`, or a number of batches. Default: `"epoch"`. */
  readonly saveFreq?: "epoch" | number;
  /** With `saveFreq: "epoch"`, saves at epochs that this number divides. Default: 1. */
  readonly everyNEpochs?: number;
  /** The value that the metric has to beat at first, beside the best of the epochs before where training is `resumed`. Default: none. */
  readonly initialValueThreshold?: number;
  /** Loads the best weights of this run into the model at the end of training, from memory. Default: false. */
  readonly restoreBestWeights?: boolean;
  /** The schema version of the rows, `ModelV1` or an extension of it. Default: `ModelV1`. */
  readonly schema?: S;
  /**
   * The fields of a row; `epoch` counts from 1. Where it says nothing of them, `epoch` and fields with the names of logs are filled.
   */
  readonly row?: (logs: Readonly<Record<string, number>>, epoch: number) => RowPart<S> | Promise<RowPart<S>>;
  /** Stores with each row what {@link resumeTraining} needs; Adam's state is twice as large as the weights. Default: false. */
  readonly includeOptimizer?: boolean;
  /** Stored in the training state for whoever resumes. Default: that of `resumed`, or null. */
  readonly seed?: number | null;
  /** What {@link resumeTraining} returned: its history and best value are continued. */
  readonly resumed?: ResumedTraining;
  /** How weights are taken out of the model: `{ layout: "flux" }` for Julia. Default: in the layout of TensorFlow.js. */
  readonly fetch?: FetchOptions;
  /** How files are written: compression, checksums, metadata. */
  readonly write?: WriteOptions;
  /** 1 prints a line for each save. Default: 0. */
  readonly verbose?: 0 | 1;
}

/** The options, checked, with defaults. */
export interface CheckpointSettings {
  readonly template: FilenameTemplate;
  readonly lastPath: string | null;
  readonly monitor: string;
  readonly direction: Direction;
  /** Whether saving makes no sense without the monitored value. */
  readonly needsMonitor: boolean;
  readonly saveBestOnly: boolean;
  readonly saveTopK: number;
  readonly saveFreq: "epoch" | number;
  readonly everyNEpochs: number;
  readonly threshold: number | null;
  readonly restoreBestWeights: boolean;
  readonly schemaVersion: AnySchemaVersion;
  readonly row: (logs: Readonly<Record<string, number>>, epoch: number) => object | Promise<object>;
  readonly includeOptimizer: boolean;
  readonly seed: number | null;
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly fetch: FetchOptions;
  readonly write: WriteOptions;
  readonly verbose: boolean;
}

/** @throws {InputError} An option is not what it has to be. */
export function checkOptions<S extends AnySchemaVersion>(options: CheckpointOptions<S>): CheckpointSettings {
  const {
    filepath,
    monitor = "val_loss",
    mode = "auto",
    saveFreq = "epoch",
    saveTopK = -1,
    everyNEpochs = 1,
  } = options;
  const { initialValueThreshold: threshold, saveBestOnly = false, restoreBestWeights = false, resumed } = options;
  const schemaVersion: AnySchemaVersion = options.schema ?? ModelV1;
  check("filepath", typeof filepath === "string" && filepath !== "", "a path", filepath);
  check("mode", ["auto", "min", "max"].includes(mode), '"auto", "min" or "max"', mode);
  check("saveTopK", isCount(saveTopK, -1), "an integer >= -1", saveTopK);
  check("saveFreq", saveFreq === "epoch" || isCount(saveFreq, 1), '"epoch" or a number of batches >= 1', saveFreq);
  check("everyNEpochs", isCount(everyNEpochs, 1), "an integer >= 1", everyNEpochs);
  check("initialValueThreshold", threshold === undefined || isNumber(threshold), "a number other than NaN", threshold);
  checkSchema(schemaVersion, options.includeOptimizer === true);
  const template = new FilenameTemplate(filepath);
  const lastPath = options.saveLast === true ? template.sibling("last") : null;
  check("filepath", lastPath !== filepath, `another name than "${lastPath}", which saveLast takes`, filepath);
  return {
    template,
    lastPath,
    monitor,
    direction: directionOf(monitor, mode),
    needsMonitor:
      options.monitor !== undefined || saveBestOnly || saveTopK > 0 || restoreBestWeights || threshold !== undefined,
    saveBestOnly,
    saveTopK,
    saveFreq,
    everyNEpochs,
    threshold: threshold ?? null,
    restoreBestWeights,
    schemaVersion,
    row: options.row ?? (() => ({})),
    includeOptimizer: options.includeOptimizer === true,
    seed: options.seed ?? resumed?.seed ?? null,
    history: resumed?.history ?? {},
    fetch: warnOnce(options.fetch ?? {}),
    write: options.write ?? {},
    verbose: options.verbose === 1,
  };
}

/** The same at every save, what may differ in the other framework is said at the first. */
function warnOnce(fetch: FetchOptions): FetchOptions {
  const said = new Set<string>();
  const onWarning = (warning: string): void => {
    // biome-ignore lint/suspicious/noConsole: as fetchWeights does where nobody listens
    if (!said.has(warning)) (fetch.onWarning ?? console.warn)(warning);
    said.add(warning);
  };
  return { ...fetch, onWarning };
}

const isNumber = (value: unknown): boolean => typeof value === "number" && !Number.isNaN(value);
const isCount = (value: unknown, from: number): boolean => Number.isSafeInteger(value) && Number(value) >= from;

function check(option: string, holds: boolean, expected: string, value: unknown): void {
  if (holds) return;
  throw new InputError({ subject: `ModelCheckpoint: ${option}`, expected, found: formatValue(value) });
}

function checkSchema(schemaVersion: AnySchemaVersion, includeOptimizer: boolean): void {
  const fields = (schemaVersion as Partial<AnySchemaVersion> | null)?.fields ?? {};
  check("schema", Object.hasOwn(fields, "weights"), "a schema version that extends ModelV1", schemaVersion);
  if (!includeOptimizer || !Object.hasOwn(fields, "training_state")) return;
  throw new InputError({
    subject: `ModelCheckpoint: schema ${schemaVersion.identifier}`,
    expected: 'no field "training_state", whose column includeOptimizer writes',
    found: "such a field",
    remedy: "Rename the field",
  });
}
