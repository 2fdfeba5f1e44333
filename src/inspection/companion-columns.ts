/** Columns that tell more of the weights in the column that they are named after: names, layout, element types, digests. */
import { type Field, formatType } from "../legolas.ts";

const companion = /^(.*)_(?:names|layout|dtypes|checksums)$/s;

/** @param weights - The columns that hold weights. */
export function isCompanion(name: string, weights: { has(column: string): boolean }): boolean {
  const [, column] = companion.exec(name) ?? [];
  return column !== undefined && weights.has(column);
}

/** The columns that hold weights, or nothing but nulls, of which companions say no more than of missing weights. */
export function weightsColumnsOf(fields: readonly Field[]): Set<string> {
  const found = fields.filter((field) => isWeights(field) || field.type.kind === "null");
  return new Set(found.map(({ name }) => name));
}

export function isWeights(field: Field): boolean {
  return formatType(field).startsWith("struct<weights: ");
}
