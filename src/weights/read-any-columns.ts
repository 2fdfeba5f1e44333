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

/** How each column is read: as declared where it complies, else by its Arrow type; those that cannot be, or hold weights inside, are left out. */
export function readAnyColumns({ fields, metadata }: Schema, schemaVersion?: AnySchemaVersion): LenientReading {
  const readAs = schemaVersion ?? findNearestSchemaVersionIn(metadata) ?? ModelV1;
  const companions = new Set(
    fields.filter(acceptsWeights).flatMap(({ name }) => weightsCompanions.columns.map(({ suffix }) => name + suffix)),
  );
  const types = fields
    .filter(({ name }) => !companions.has(name))
    .map((field) => [field.name, typeOf(field, readAs)] as const);
  return { schemaVersion: readAs, fields: Object.fromEntries(types.filter(([, type]) => type !== null)) as never };
}

function typeOf(field: Field, { fields }: AnySchemaVersion): AnyType | null {
  if (acceptsWeights(field)) return elementTypeIn(field) === null ? null : weights;
  const declared = Object.hasOwn(fields, field.name) ? fields[field.name] : undefined;
  if (declared?.spec.accepts(field)) return declared;
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
