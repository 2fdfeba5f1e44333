/** Declaring schema versions from their description. */
import { DeclarationError } from "../errors.ts";
import { schema } from "../legolas/declare.ts";
import { formatValue } from "../legolas/format-value.ts";
import { parseIdentifier } from "../legolas/identifier.ts";
import { lookup } from "../legolas/registry.ts";
import type { AnySchemaVersion } from "../legolas/schema-version.ts";
import { parseFieldType } from "./parse-field-type.ts";
import { descriptionFormat } from "./schema-description.ts";

/**
 * Declares every schema version of a description, as {@link describeSchema} or {@link describeColumns} made it. Versions that this process has
 * declared alike are kept.
 *
 * @param description - What `JSON.parse` gave; anything is taken and checked.
 * @returns The described version, the last one.
 * @throws {DeclarationError} It is no description, or a version in it breaks a rule or differs from one that is declared already.
 */
export function declareFromDescription(description: unknown): AnySchemaVersion {
  const { format, versions } = objectIn(description, "schema description");
  if (format !== descriptionFormat) fail("schema description: format", `"${descriptionFormat}"`, format);
  const declared = new Map<string, AnySchemaVersion>();
  let last: AnySchemaVersion | null = null;
  for (const [i, version] of listIn(versions, "schema description: versions").entries()) {
    last = declareOne(version, `schema description: version ${i}`, declared);
  }
  return last ?? fail("schema description: versions", "at least one", versions);
}

function declareOne(description: unknown, place: string, declared: Map<string, AnySchemaVersion>): AnySchemaVersion {
  const { version, extends: parentVersion, fields } = objectIn(description, place);
  const [id, ...more] = parseIdentifier(textIn(version, `${place}: version`));
  if (!id || more.length > 0) fail(`${place}: version`, "one name@version", version);
  const recordOf = (name: string): AnySchemaVersion | undefined => declared.get(name) ?? lookup(name);
  const types = listIn(fields, `${place}: fields`).map((field, i) => {
    const { name, type } = objectIn(field, `${place}: field ${i}`);
    const subject = `${place} (${String(version)}): type of field ${JSON.stringify(name)}`;
    return [
      textIn(name, `${place}: name of field ${i}`),
      parseFieldType(textIn(type, subject), recordOf, subject),
    ] as const;
  });
  const names = types.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) fail(`${place}: fields`, "each name once", twice);
  const parent = parentVersion === null ? null : parentNamed(parentVersion, `${place}: extends`, recordOf);
  const own = { fields: Object.fromEntries(types) };
  const created = schema(id.name).version(id.version, parent ? { ...own, extends: parent } : own);
  declared.set(`${id.name}@${id.version}`, created);
  return created;
}

function parentNamed(
  name: unknown,
  subject: string,
  recordOf: (name: string) => AnySchemaVersion | undefined,
): AnySchemaVersion {
  return recordOf(textIn(name, subject)) ?? fail(subject, "a version that is described before, or null", name);
}

function objectIn(value: unknown, subject: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return fail(subject, "an object", value);
}

function listIn(value: unknown, subject: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(subject, "an array", value);
}

function textIn(value: unknown, subject: string): string {
  return typeof value === "string" ? value : fail(subject, "a string", value);
}

function fail(subject: string, expected: string, found: unknown): never {
  throw new DeclarationError({
    subject,
    expected,
    found: formatValue(found),
    remedy: "Write the description again with describeSchema, or with `legolas-flux schema export`",
  });
}
