/** The schema of a stored model. Source: LegolasFlux.jl, `ModelV1`. */

import { schema } from "../legolas/declare.ts";
import { int64 } from "../legolas/fields/integers.ts";
import { optional } from "../legolas/fields/optional.ts";
import type { SchemaVersion } from "../legolas/schema-version.ts";
import type { Weights } from "./weights.ts";
import { weights } from "./weights-type.ts";

/** A record of `legolas-flux.model@1`. */
export type ModelV1 = {
  /** The arrays of the model, or null where they are missing. */
  readonly weights: Weights | null;
  /** Yours to count which architecture the weights belong to; null where nobody did. */
  readonly architecture_version: number | null;
};

/**
 * `legolas-flux.model@1`: the weights of a model and, optionally, a version of the architecture they are valid for. Extend it with
 * columns of your own: `schema("digits.model").version(1, { extends: ModelV1, fields: { ... } })`.
 */
export const ModelV1: SchemaVersion<
  ModelV1,
  { readonly weights?: Weights | null | undefined; readonly architecture_version?: number | null | undefined }
> = schema("legolas-flux.model").version(1, {
  fields: { weights, architecture_version: optional(int64) },
});
