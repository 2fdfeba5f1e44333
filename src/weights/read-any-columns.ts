/** The columns of a table that need not comply with any schema version. */
import type { Field, Schema } from "../arrow/data-type.ts";
import { UnsupportedTypeError } from "../errors.ts";
import { any, typeOfField } from "../legolas/fields/any.ts";
import type { FieldType } from "../legolas/fields/field-type.ts";
import type { AnySchemaVersion } from "../legolas/schema-version.ts";
import type { LenientReading } from "../legolas/stored-rows.ts";
import { findNearestSchemaVersionIn } from "../legolas/table-metadata.ts";
import { acceptsWeights, elementTypeIn } from "./decode-weights.ts";
import { ModelV1 } from "./model.ts";
import { weightsCompanions } from "./weights-companions.ts";
import { weights } from "./weights-type.ts";

type AnyType = FieldType<unknown, unknown>;

/** How each column is read: by its Arrow type; those of types that are not read, or that hold weights inside, are left out. */
export function readAnyColumns({ fields, metadata }: Schema, schemaVersion?: AnySchemaVersion): LenientReading {
  const companions = new Set(
    fields.filter(acceptsWeights).flatMap(({ name }) => weightsCompanions.columns.map(({ suffix }) => name + suffix)),
  );
  const types = fields
    .filter(({ name }) => !companions.has(name))
    .flatMap((field): [string, AnyType][] => {
      const type = typeOf(field);
      return type ? [[field.name, type]] : [];
    });
  return {
    schemaVersion: schemaVersion ?? findNearestSchemaVersionIn(metadata) ?? ModelV1,
    fields: Object.fromEntries(types),
  };
}

function typeOf(field: Field): AnyType | null {
  if (acceptsWeights(field)) return elementTypeIn(field) === null ? null : weights;
  return holdsWeights(field) || !isReadable(field) ? null : any;
}

function holdsWeights({ children }: Field): boolean {
  return children.some((child) => acceptsWeights(child) || holdsWeights(child));
}

function isReadable(field: Field): boolean {
  try {
    typeOfField(field);
    return true;
  } catch (error) {
    if (error instanceof UnsupportedTypeError) return false;
    throw error;
  }
}
