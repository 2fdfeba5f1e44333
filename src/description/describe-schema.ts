/** The description of a declared schema version. */
import { DeclarationError } from "../errors.ts";
import type { FieldType } from "../legolas/fields/field-type.ts";
import { formatIdentifier } from "../legolas/identifier.ts";
import { lookup } from "../legolas/registry.ts";
import type { AnySchemaVersion } from "../legolas/schema-version.ts";
import { parseFieldType } from "./parse-field-type.ts";
import { descriptionFormat, type SchemaDescription, type VersionDescription } from "./schema-description.ts";

type AnyType = FieldType<unknown, unknown>;

/**
 * A schema version as plain JSON, with its ancestors and the versions of nested records. Assignments, checks and refinements are code and are
 * left out; `omitted` names them.
 *
 * @param schemaVersion - The version to describe, for {@link declareFromDescription}.
 * @throws {DeclarationError} A field has a refinement inside a struct, map or union, which has no text.
 */
export function describeSchema(schemaVersion: AnySchemaVersion): SchemaDescription {
  const versions = new Map<string, VersionDescription>();
  describe(schemaVersion, versions);
  return { format: descriptionFormat, versions: [...versions.values()] };
}

function describe(schemaVersion: AnySchemaVersion, versions: Map<string, VersionDescription>): void {
  const { parent, declaration } = schemaVersion;
  const version = formatIdentifier(schemaVersion);
  if (versions.has(version)) return;
  if (parent) describe(parent, versions);
  const omitted: string[] = [];
  const fields = Object.entries(declaration.fields).map(([name, type]) => {
    const text = plainText(type);
    if (text !== type.text) omitted.push(`refinement of "${name}"`);
    for (const record of recordsIn(text)) describe(record, versions);
    checkReadable(`${version}: field "${name}"`, text, type);
    return { name, type: text };
  });
  omitted.push(...Object.keys(declaration.assign).map((name) => `assignment of "${name}"`));
  omitted.push(...Object.keys(declaration.checks).map((name) => `check "${name}"`));
  const own = { version, extends: parent && formatIdentifier(parent), fields };
  versions.set(version, omitted.length > 0 ? { ...own, omitted } : own);
}

/** A type's text without refinements, whose columns are those of the type they refine. */
function plainText({ text, spec }: AnyType): string {
  if (spec.refines) return plainText(spec.refines);
  const [alternative, ...more] = spec.alternatives ?? [];
  if (alternative && more.length === 0 && text === `${alternative.text}?`) return `${plainText(alternative)}?`;
  // Lists are written as their item between a prefix and a suffix; types that accept more begin with the type they were made from.
  const part = spec.item ?? spec.accepting;
  return part ? text.replace(part.text, () => plainText(part)) : text;
}

function recordsIn(text: string): AnySchemaVersion[] {
  return [...text.matchAll(/[a-z0-9.-]+@\d+/g)].flatMap(([version]) => lookup(version) ?? []);
}

function checkReadable(subject: string, text: string, type: AnyType): void {
  const parsed = parseFieldType(text, lookup, subject);
  if (parsed.text === text && parsed.takesNull === type.takesNull) return;
  throw new DeclarationError({
    subject,
    expected: "a type that its text describes",
    found: text,
    remedy: "Share the module that declares the schema instead of a description",
  });
}
