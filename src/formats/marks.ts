/**
 * What formats without a place for it keep as texts: the layout, and types that they do not have.
 *
 * The keys are those of `__metadata__` in safetensors files.
 */
import { FormatError } from "../errors.ts";
import { formatValue } from "../legolas/format-value.ts";

/** Texts beside weights. */
export type Metadata = Readonly<Record<string, string>>;

export const layoutKey = "legolas-flux.layout";
const dtypesKey = "legolas-flux.dtypes";

/** The layout of files that do not say: no loader takes it for its own. */
export const unknownLayout = "unknown";

/** Texts that say the types of arrays that were stored with another one, by their names. */
export function withDtypes(
  metadata: Metadata,
  names: readonly string[],
  dtypes: readonly string[],
  stored: readonly string[],
): Metadata {
  const { [dtypesKey]: _, ...others } = metadata;
  const changed = names.flatMap((name, i) => (dtypes[i] === stored[i] ? [] : [[name, dtypes[i]] as const]));
  return changed.length > 0 ? { ...others, [dtypesKey]: JSON.stringify(changed) } : others;
}

/** The types that texts say, and the others' own; null where all have their own. @throws {FormatError} They say something else. */
export function dtypesIn(metadata: Metadata, names: readonly string[], stored: readonly string[]): string[] | null {
  const text = metadata[dtypesKey];
  if (text === undefined) return null;
  const changed = parsePairs(text);
  return stored.map((type, i) => changed.get(names[i] as string) ?? type);
}

function parsePairs(text: string): ReadonlyMap<string, string> {
  try {
    const pairs: unknown = JSON.parse(text);
    const isPair = (pair: unknown): boolean =>
      Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string");
    if (Array.isArray(pairs) && pairs.every(isPair)) return new Map(pairs as [string, string][]);
  } catch {
    // Refused below.
  }
  throw new FormatError({
    subject: dtypesKey,
    expected: "a JSON list of names and types",
    found: formatValue(text),
    remedy: "The file was edited: write it again",
  });
}

/** The texts without those that are about weights only. */
export function withoutMarks(metadata: Metadata): Metadata {
  const { [layoutKey]: _layout, [dtypesKey]: _dtypes, ...others } = metadata;
  return others;
}
