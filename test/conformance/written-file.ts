/** What this package writes for the others to read. */
import type { AnySchemaVersion } from "legolas-flux/legolas";

/** A file, and what is in it. */
export interface WrittenFile {
  readonly name: string;
  /** The row of the table in the documentation that the file belongs to. */
  readonly feature: string;
  readonly format: "file" | "stream";
  readonly bytes: Uint8Array;
  /** What its rows are records of. */
  readonly schemaVersion: AnySchemaVersion;
  /** Whether its only column but the companions is `weights`, so that readers of weights alone can read it. */
  readonly isWeights: boolean;
  /** Each column's values as generic Arrow readers see them: see `test/helpers/every-type.ts`. */
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
  /** The type of all its arrays of weights, where it is asserted. */
  readonly elementType: string | null;
  /** Each column's Arrow type as pyarrow prints it, where it is asserted. */
  readonly types: Readonly<Record<string, string>>;
}

export type Format = WrittenFile["format"];
export const formats: readonly Format[] = ["file", "stream"];

export function fileOf(
  facts: Pick<WrittenFile, "feature" | "format" | "bytes" | "columns" | "schemaVersion"> &
    Partial<WrittenFile> & { readonly title: string },
): WrittenFile {
  const { title, feature, format } = facts;
  const name = `${feature} - ${title}.${format}.arrow`.replaceAll(/[^\w.]+/g, "-");
  return { isWeights: false, elementType: null, types: {}, ...facts, name };
}
