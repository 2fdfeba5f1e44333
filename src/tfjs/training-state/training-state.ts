/**
 * What training needs to go on, beside the weights.
 *
 * Idea: it stands with the row as an undeclared column, because a schema has one parent and cannot be this one's child too. The column is a plain
 * nullable struct, which readers of any schema ignore; here it is read by reading the file as a schema that declares it.
 */
import { schema } from "../../legolas/declare.ts";
import { fieldTypeOfValue } from "../../legolas/fields/field-type.ts";
import { float64 } from "../../legolas/fields/floats.ts";
import { int64 } from "../../legolas/fields/integers.ts";
import { map } from "../../legolas/fields/map.ts";
import { optional } from "../../legolas/fields/optional.ts";
import { struct } from "../../legolas/fields/struct.ts";
import { string } from "../../legolas/fields/text.ts";
import { vector } from "../../legolas/fields/vector.ts";
import type { SchemaVersion } from "../../legolas/schema-version.ts";
import { ModelV1 } from "../../weights/model.ts";
import type { Weights } from "../../weights/weights.ts";
import { weights } from "../../weights/weights-type.ts";

const fields = {
  optimizer: string,
  optimizer_config: string,
  iteration: int64,
  epoch: int64,
  batch: int64,
  seed: optional(int64),
  history: map(string, vector(float64)),
  slots: weights,
} as const;

/** A record of `legolas-flux.training-state@1`. */
export type TrainingStateV1 = {
  /** TensorFlow.js's class name, such as `Adam`. */
  readonly optimizer: string;
  /** The optimizer's configuration as JSON text. */
  readonly optimizer_config: string;
  /** Steps of the optimizer. */
  readonly iteration: number;
  /** Complete epochs. */
  readonly epoch: number;
  /** Trained batches of the epoch after them; 0 at the end of an epoch. */
  readonly batch: number;
  /** The user's own, or null. */
  readonly seed: number | null;
  /** For each metric its value in every epoch so far, the first epoch first; NaN where it is not known. */
  readonly history: ReadonlyMap<string, readonly number[]>;
  /** The optimizer's own tensors, named `layerName/localName/slot`; null where it has none. */
  readonly slots: Weights | null;
};

/** What a {@link TrainingStateV1} is built from. @inline */
type TrainingStateInput = Omit<TrainingStateV1, "seed" | "history" | "slots"> & {
  readonly seed?: number | null | undefined;
  readonly history: ReadonlyMap<string, ArrayLike<number>>;
  readonly slots?: Weights | null | undefined;
};

/** `legolas-flux.training-state@1`: how far training was, and what its optimizer had gathered. */
export const TrainingStateV1: SchemaVersion<TrainingStateV1, TrainingStateInput> = schema(
  "legolas-flux.training-state",
).version(1, { fields });

const column = optional(struct(fields));

/** A model row that may have a training state. Tables do not name it: any model row is read as it. */
export const ResumableModelV1 = schema("legolas-flux.resumable-model").version(1, {
  extends: ModelV1,
  fields: { training_state: column },
});

/** The value of a row's `training_state`, which takes the column's type with it. @throws {RecordError} A value does not fit. */
export function trainingStateColumn(state: TrainingStateInput): TrainingStateV1 {
  return Object.freeze(Object.defineProperty({ ...TrainingStateV1(state) }, fieldTypeOfValue, { value: column }));
}
