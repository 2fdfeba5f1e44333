import { ModelV1 } from "legolas-flux";
import { type RecordOf, schema, t } from "legolas-flux/legolas";

/** What a digits model is built from. */
export const DigitsConfigV1 = schema("digits-config").version(1, {
  fields: { seed: t.int64, dropout_rate: t.float32 },
  assign: { seed: ({ seed }) => seed ?? 5, dropout_rate: ({ dropout_rate }) => dropout_rate ?? 0 },
});
export type DigitsConfigV1 = RecordOf<typeof DigitsConfigV1>;

/** A trained digits model: its weights, and how good they are. */
export const DigitsRowV1 = schema("digits.model").version(1, {
  extends: ModelV1,
  fields: {
    config: DigitsConfigV1,
    epoch: t.optional(t.int64),
    accuracy: t.optional(t.float32),
    commit_sha: t.optional(t.string),
  },
});
export type DigitsRowV1 = RecordOf<typeof DigitsRowV1>;
