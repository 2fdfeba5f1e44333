/** Booleans. */
import { boolAt } from "../../arrow/array-data.ts";
import { encodeBool } from "../../arrow/encoded-array.ts";
import { FieldType, mismatch } from "./field-type.ts";

/** True or false. */
export const bool: FieldType<boolean> = new FieldType<boolean>({
  text: "bool",
  construct: (value, place) => {
    if (typeof value !== "boolean") throw mismatch(place, "bool", value);
    return value;
  },
  accepts: (field) => field.type.kind === "bool",
  reader: (array) => (index) => boolAt(array, index),
  encode: encodeBool,
});
