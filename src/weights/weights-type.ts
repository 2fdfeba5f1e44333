import { FormatError } from "../errors.ts";
import { fieldTypeOfValue } from "../legolas/fields/any.ts";
import { FieldType, mismatch, type Place } from "../legolas/fields/field-type.ts";
import { optional } from "../legolas/fields/optional.ts";
import { string } from "../legolas/fields/text.ts";
import { vector } from "../legolas/fields/vector.ts";
import { acceptsWeights, readWeights } from "./decode-weights.ts";
import { encodeWeights } from "./encode-weights.ts";
import { isWeights, Weights } from "./weights.ts";

const names = optional(vector(string));

function partsOf({ names: ownNames, layout, dtypes, elementType }: Weights): (readonly string[] | string | null)[] {
  return [ownNames, layout, dtypes.every((dtype) => dtype === elementType) ? null : dtypes];
}

function attach(value: Weights, parts: readonly unknown[], place: Place): Weights {
  // The parts come from columns of the types declared below.
  const [ownNames, layout, dtypes] = parts as [string[] | null, string | null, string[] | null];
  for (const [suffix, list] of [
    ["_names", ownNames],
    ["_dtypes", dtypes],
  ] as const) {
    if (list === null || list.length === value.length) continue;
    throw new FormatError({
      subject: `the column "${place.path[0]}${suffix}"`,
      expected: `one entry for each of ${value.length} arrays`,
      found: `${list.length}`,
      remedy: "The file is damaged or was edited: write it again",
    });
  }
  return new Weights(value.arrays, { names: ownNames, layout, dtypes });
}

const present: FieldType<Weights> = new FieldType<Weights>({
  text: "weights",
  construct: (value, place) => {
    if (isWeights(value)) return value;
    const remedy = "Take them from a model with fetchWeights, or build them: new Weights([new FlatArray(vec, size)])";
    throw mismatch(place, "Weights", value, remedy);
  },
  accepts: acceptsWeights,
  reader: readWeights,
  encode: encodeWeights,
  companions: {
    columns: [
      { suffix: "_names", type: names, alwaysInTables: true },
      { suffix: "_layout", type: optional(string), alwaysInTables: true },
      { suffix: "_dtypes", type: names, alwaysInTables: true },
      { suffix: "_checksums", type: names, alwaysInTables: false },
    ],
    partsOf,
    attach,
  },
});

/** Weights, or null where they are missing. Read as views of the file's bytes where those are aligned and stored as they are. */
export const weights: FieldType<Weights | null, Weights | null | undefined> = optional(present);

// Fields declared without a type learn it from the value; the class cannot know this file, which builds on it.
Object.defineProperty(Weights.prototype, fieldTypeOfValue, { value: weights });
