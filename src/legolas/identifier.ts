/**
 * Schema identifiers: `name@version`, fully qualified `child@1>parent@2`, the table's own schema version first.
 *
 * Source: Legolas.jl 0.5, schema names and `parse_identifier`.
 */
import { DeclarationError } from "../errors.ts";

/** What names a schema version, apart from its ancestors. */
export interface SchemaVersionId {
  /** The schema's name, `digits.model`: lowercase letters, digits, `-` and `.`. */
  readonly name: string;
  /** An integer >= 0. */
  readonly version: number;
}

const namePattern = /^[a-z0-9.-]+$/;
const partPattern = /^([a-z0-9.-]+)@(\d+)$/;

/** Checks a schema's name. @throws {DeclarationError} unless it consists of lowercase letters, digits, `-` and `.`. */
export function checkSchemaName(name: string): void {
  if (typeof name === "string" && namePattern.test(name)) return;
  throw new DeclarationError({
    subject: "schema name",
    expected: "lowercase letters, digits, - and .",
    found: JSON.stringify(name),
    remedy: 'Choose a name such as "digits.model"',
  });
}

/** Checks a version number. @throws {DeclarationError} unless it is an integer >= 0. */
export function checkVersion(name: string, version: number): void {
  if (Number.isSafeInteger(version) && version >= 0) return;
  throw new DeclarationError({
    subject: `version of schema "${name}"`,
    expected: "an integer >= 0",
    found: String(version),
    remedy: "Start with version 1, and add one for each change that breaks readers",
  });
}

/**
 * The schema versions of an identifier, the table's own first, its ancestors after it.
 *
 * @param identifier - `name@version`, or `child@1>parent@1`. Spaces around `>` are allowed.
 * @throws {DeclarationError} It is no identifier.
 */
export function parseIdentifier(identifier: string): SchemaVersionId[] {
  return identifier.split(">").map((part) => {
    const [, name, version] = partPattern.exec(part.trim()) ?? [];
    if (name !== undefined && Number.isSafeInteger(Number(version))) return { name, version: Number(version) };
    throw new DeclarationError({
      subject: "schema identifier",
      expected: "name@version, or child@1>parent@1",
      found: JSON.stringify(identifier),
      remedy: "Names have lowercase letters, digits, - and .; versions are integers >= 0",
    });
  });
}

/** `name@version`. @param id - A schema version will do. */
export function formatIdentifier({ name, version }: SchemaVersionId): string {
  return `${name}@${version}`;
}
