/**
 * What Julia's `Weights` cannot hold, in columns beside those of the weights: names, layout, types before promotion, digests.
 */
import type { Field } from "../arrow/data-type.ts";
import { FormatError } from "../errors.ts";
import type { Companions, Place, TableForm } from "../legolas/fields/field-type.ts";
import { optional } from "../legolas/fields/optional.ts";
import { string } from "../legolas/fields/text.ts";
import { vector } from "../legolas/fields/vector.ts";
import { checksumOf } from "./checksum.ts";
import { storedElementType } from "./encode-weights.ts";
import type { FlatArray } from "./flat-array.ts";
import { arrayLabel, elementsAs, Weights } from "./weights.ts";

const strings = optional(vector(string));

/** The parts in the order of the columns. */
type Parts = [
  names: readonly string[] | null,
  layout: string | null,
  dtypes: readonly string[] | null,
  checksums: readonly string[] | null,
];

function partsOf(weights: Weights, own: Field, { checksum }: TableForm): Parts {
  const { names, layout, dtypes, elementType } = weights;
  const stored = storedElementType(own) ?? elementType;
  const digests = (): string[] =>
    weights.arrays.map((array, i) =>
      checksumOf(elementsAs(array, stored, weights.lossy, arrayLabel(i, names?.[i])), stored),
    );
  return [names, layout, dtypes.every((dtype) => dtype === stored) ? null : dtypes, checksum ? digests() : null];
}

function attach(value: Weights, values: readonly unknown[], place: Place): Weights {
  const parts = checkedParts(values, value.length, String(place.path[0]));
  for (const [i, expected] of (parts.checksums ?? []).entries()) {
    checkDigest(value.arrays[i] as FlatArray, expected, arrayLabel(i, parts.names?.[i]));
  }
  return new Weights(value.arrays, parts);
}

/** What stands beside weights. */
export interface WeightsParts {
  readonly names: readonly string[] | null;
  readonly layout: string | null;
  readonly dtypes: readonly string[] | null;
  readonly checksums: readonly string[] | null;
}

/** The values of the companion columns of a field. @throws {FormatError} There is not one entry for each array. */
export function checkedParts(values: readonly unknown[], arrays: number, field: string): WeightsParts {
  // The values come from columns of the types declared below.
  const [names, layout, dtypes, checksums] = values as Parts;
  for (const [suffix, list] of Object.entries({ _names: names, _dtypes: dtypes, _checksums: checksums })) {
    if (list !== null && list.length !== arrays) throw wrongLength(field + suffix, arrays, list.length);
  }
  return { names, layout, dtypes, checksums };
}

function wrongLength(column: string, expected: number, found: number): FormatError {
  return new FormatError({
    subject: `the column "${column}"`,
    expected: `one entry for each of ${expected} arrays`,
    found: `${found}`,
    remedy: "The file is damaged or was edited: write it again",
  });
}

/** @throws {FormatError} An array's elements do not have the digest that was stored with them. */
export function checkDigest({ vec, elementType }: FlatArray, expected: string, label: string): void {
  const found = checksumOf(vec, elementType);
  if (found === expected) return;
  throw new FormatError({
    subject: label,
    expected: `the digest ${expected}`,
    found,
    remedy: "Values were changed after the file was written: fetch it from its source again",
  });
}

const inTables = ({ many }: TableForm): boolean => many;

/** The companions of weights. */
export const weightsCompanions: Companions<Weights> = {
  columns: [
    { suffix: "_names", type: strings, isAlwaysIn: inTables },
    { suffix: "_layout", type: optional(string), isAlwaysIn: inTables },
    { suffix: "_dtypes", type: strings, isAlwaysIn: inTables },
    { suffix: "_checksums", type: strings, isAlwaysIn: ({ many, checksum }) => many && checksum },
  ],
  partsOf,
  // Without a mark the layout is taken for Flux's; names only explain, and types only narrow again.
  needs: ({ layout }) => layout !== null && layout !== "flux",
  attach,
};
