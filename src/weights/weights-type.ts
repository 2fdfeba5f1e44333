import { FieldType, fieldTypeOfValue, mismatch } from "../legolas/fields/field-type.ts";
import { optional } from "../legolas/fields/optional.ts";
import { acceptsWeights, readWeights } from "./decode-weights.ts";
import { encodeWeights } from "./encode-weights.ts";
import { isWeights, Weights } from "./weights.ts";
import { weightsCompanions } from "./weights-companions.ts";

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
  companions: weightsCompanions,
});

/** Weights, or null where they are missing. Read as views of the file's bytes where those are aligned and stored as they are. */
export const weights: FieldType<Weights | null, Weights | null | undefined> = optional(present);

// Fields declared without a type learn it from the value; the class cannot know this file, which builds on it.
Object.defineProperty(Weights.prototype, fieldTypeOfValue, { value: weights });
