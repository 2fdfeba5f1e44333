/** Schema versions as plain JSON. */

/** One version: what it declares itself, without what it inherits. */
export interface VersionDescription {
  /** `digits.model@1`. */
  readonly version: string;
  /** The parent's version, described before this one, or null. */
  readonly extends: string | null;
  /** Own fields in order; types as text, such as `int64?`, `vector<float32>`, `struct<a: int64, b: string?>`, `digits-config@1`. */
  readonly fields: readonly {
    /** The field's name. */
    readonly name: string;
    /** `FieldType.text` without refinements. */
    readonly type: string;
  }[];
  /** What the declaration has but a description cannot hold: assignments, checks and refinements, which are code. Absent where nothing is. */
  readonly omitted?: readonly string[];
}

/** A schema version with every version it refers to, for {@link declareFromDescription} in another process. */
export interface SchemaDescription {
  /** Tells descriptions from other JSON. */
  readonly format: typeof descriptionFormat;
  /** Each after those it refers to; the last one is the one that is described. */
  readonly versions: readonly VersionDescription[];
}

export const descriptionFormat = "legolas-flux schema description 1";
