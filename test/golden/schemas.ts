/** The schemas of the golden files, as Julia declared them. */
import { ModelV1 } from "legolas-flux";
import { type AnySchemaVersion, schema, t } from "legolas-flux/legolas";

/** One field without a declared type: whatever the column is. */
export const ValueV1 = schema("oracle.value").version(1, { fields: { value: t.any } });

export const BarV1 = schema("example.bar").version(1, {
  fields: { x: t.optional(t.int8), y: t.string, z: t.string },
  assign: {
    x: ({ x }) => (x === null ? null : Math.min(127, Math.max(-128, x))),
    y: ({ y }) => String(y),
    z: ({ z, y, x }) => z ?? `${y}_${x ?? "missing"}`,
  },
});

export const BazV1 = schema("example.baz").version(1, {
  extends: BarV1,
  fields: { x: t.int8, k: t.int64 },
  assign: { k: ({ k, z }) => k ?? z.length },
  checks: { "k is not negative": ({ k }) => k >= 0 },
});

export const DigitsConfigV1 = schema("digits-config").version(1, {
  fields: { seed: t.int64, dropout_rate: t.float32 },
  assign: { seed: ({ seed }) => seed ?? 5, dropout_rate: ({ dropout_rate }) => dropout_rate ?? 0 },
});

export const DigitsRowV1 = schema("digits.model").version(1, {
  extends: ModelV1,
  fields: {
    config: DigitsConfigV1,
    epoch: t.optional(t.int64),
    accuracy: t.optional(t.float32),
    commit_sha: t.optional(t.string),
  },
});

/** As digits.model; its files name the nested record's schema in the column. */
export const DigitsStrictV1 = schema("oracle.digits-strict").version(1, {
  extends: ModelV1,
  fields: { config: DigitsConfigV1, epoch: t.optional(t.int64), accuracy: t.optional(t.float32) },
});

export const ExtendedV1 = schema("oracle.extended").version(1, {
  extends: ModelV1,
  fields: {
    name: t.string,
    kind: t.symbol,
    id: t.uuid,
    trained_on: t.date,
    created_at: t.datetime,
    losses: t.vector(t.float64),
    tags: t.vector(t.string),
    hyper: t.struct({ lr: t.float64, batch: t.int64, optimiser: t.string }),
    deterministic: t.bool,
    commit_sha: t.optional(t.string),
  },
});

export const ExtendedLooseV1 = schema("oracle.extended-loose").version(1, {
  extends: ModelV1,
  fields: {
    name: t.any,
    kind: t.any,
    id: t.optional(t.uuid),
    config: t.optional(DigitsConfigV1),
    commit_sha: t.optional(t.string),
  },
});

const declaredVersions: readonly AnySchemaVersion[] = [
  ModelV1,
  ValueV1,
  BarV1,
  BazV1,
  DigitsRowV1,
  DigitsStrictV1,
  ExtendedV1,
  ExtendedLooseV1,
];

/** The declared version that a file's identifier names. */
export function declaredVersion(identifier: string): AnySchemaVersion {
  const found = declaredVersions.find((version) => version.identifier === identifier);
  if (!found) throw new Error(`schemas.ts does not declare ${identifier}`);
  return found;
}
