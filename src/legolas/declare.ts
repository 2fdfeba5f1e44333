/**
 * Declaring schemas and their versions.
 *
 * Idea: a version is a function that builds records, with what it declares as properties, so that records, tables and types all follow
 * from one declaration. Source: Legolas.jl 0.5, `@schema` and `@version`.
 */
import { DeclarationError } from "../errors.ts";
import { asFieldType, isFieldLike, isNarrower } from "./fields/field-type.ts";
import { recordType } from "./fields/record-type.ts";
import { checkCompanions, type FieldLikes, type FieldTypes, toFieldTypes } from "./fields/struct.ts";
import { checkSchemaName, checkVersion, formatIdentifier } from "./identifier.ts";
import { buildRecord } from "./record.ts";
import { registry } from "./registry.ts";
import type {
  AnySchemaVersion,
  Declaration,
  Inherit,
  OwnInput,
  OwnRecord,
  RecordInputOf,
  RecordOf,
  SchemaVersion,
  VersionDeclaration,
} from "./schema-version.ts";
import { standardProps } from "./standard.ts";

/** A schema, which its versions share. */
export interface Schema {
  /** Lowercase letters, digits, `-` and `.`. */
  readonly name: string;
  /**
   * Declares a version. The same declaration again returns the existing version; functions compare by their source text.
   *
   * @typeParam P - The parent.
   * @typeParam F - The own field types by name.
   * @typeParam A - The names of the fields with an assignment.
   * @param version - An integer >= 0.
   * @param declaration - Its fields, parent, assignments and checks. Default: no fields.
   * @param options - `replace: true` replaces an existing, different declaration, as hot reload needs.
   * @throws {DeclarationError} A name or type breaks a rule, a redeclared field is wider than the parent's, or the version exists
   *   with another declaration.
   * @returns The version: a function that builds its records. Their type is that of the parent's records with the own fields over it.
   */
  version<
    P extends AnySchemaVersion = SchemaVersion<Record<never, never>>,
    const F extends FieldLikes = Record<never, never>,
    A extends keyof F = never,
  >(
    version: number,
    declaration?: VersionDeclaration<P, F, A>,
    options?: {
      /** Default: false. */
      readonly replace?: boolean;
    },
  ): SchemaVersion<Inherit<RecordOf<P>, OwnRecord<F>>, Inherit<RecordInputOf<P>, OwnInput<F, A>>>;
}

/**
 * A schema by its name. Nothing is declared before its `version` is called.
 *
 * @param name - Lowercase letters, digits, `-` and `.`, such as `digits.model`.
 * @throws {DeclarationError} The name has other characters.
 */
export function schema(name: string): Schema {
  checkSchemaName(name);
  return {
    name,
    version: (version, declaration, options) =>
      declareVersion(name, version, declaration ?? {}, options?.replace === true) as never,
  };
}

interface LooseDeclaration {
  readonly extends?: AnySchemaVersion;
  readonly fields?: FieldLikes;
  readonly assign?: Declaration["assign"];
  readonly checks?: Declaration["checks"];
}

function declareVersion(name: string, version: number, loose: LooseDeclaration, replace: boolean): AnySchemaVersion {
  checkVersion(name, version);
  const parent = loose.extends ?? null;
  const subject = formatIdentifier({ name, version });
  if (parent && !(typeof parent === "function" && asFieldType in parent))
    fail(subject, "a schema version to extend", String(parent), "Pass what schema(name).version(...) returned");
  checkFieldLikes(subject, loose.fields ?? {});
  const declaration: Declaration = {
    fields: toFieldTypes(loose.fields ?? {}),
    assign: Object.freeze({ ...loose.assign }),
    checks: Object.freeze({ ...loose.checks }),
  };
  checkDeclaration(subject, name, parent, declaration);
  const known = registry().get(subject);
  if (known && !replace) {
    if (declarationText(known.parent, known.declaration) === declarationText(parent, declaration)) return known;
    throw new DeclarationError({
      subject,
      expected: "the declaration it already has in this process",
      found: "a different one",
      remedy: `Declare version ${version + 1} for the change, or pass { replace: true } while developing`,
    });
  }
  const created = createVersion(name, version, parent, declaration);
  registry().set(subject, created);
  return created;
}

function createVersion(
  name: string,
  version: number,
  parent: AnySchemaVersion | null,
  declaration: Declaration,
): AnySchemaVersion {
  const own = formatIdentifier({ name, version });
  // The properties that make the function a schema version are defined below.
  const created = ((input: object) => buildRecord(created, input)) as unknown as AnySchemaVersion;
  const properties: { readonly [K in keyof AnySchemaVersion]: AnySchemaVersion[K] } = {
    name,
    version,
    identifier: parent ? `${own}>${parent.identifier}` : own,
    parent,
    fields: Object.freeze({ ...parent?.fields, ...declaration.fields }),
    declaration: Object.freeze(declaration),
    "~standard": standardProps((input) => created(input as never)),
    [asFieldType]: recordType(() => created),
  };
  for (const key of Reflect.ownKeys(properties)) {
    Object.defineProperty(created, key, { value: properties[key as keyof typeof properties], enumerable: true });
  }
  return Object.freeze(created);
}

function fail(subject: string, expected: string, found: string, remedy: string): never {
  throw new DeclarationError({ subject, expected, found, remedy });
}

function checkFieldLikes(subject: string, fields: FieldLikes): void {
  for (const [name, like] of Object.entries(fields)) {
    if (name.startsWith("_"))
      fail(`${subject}: field "${name}"`, "a name without a leading _", `"${name}"`, "Rename the field");
    if (name === "") fail(`${subject}: field`, "a name", "an empty one", "Name the field");
    if (!isFieldLike(like))
      fail(`${subject}: field "${name}"`, "a field type such as t.int64, or a schema version", String(like), "See t");
  }
}

function checkDeclaration(
  subject: string,
  name: string,
  parent: AnySchemaVersion | null,
  declaration: Declaration,
): void {
  if (parent?.name === name) {
    fail(
      subject,
      "a parent of another schema",
      parent.identifier,
      "Declare all fields in the new version; versions of one schema do not extend each other",
    );
  }
  const inherited: FieldTypes = parent?.fields ?? {};
  for (const [field, type] of Object.entries(declaration.fields)) {
    const wider = Object.hasOwn(inherited, field) ? inherited[field] : undefined;
    if (wider && !isNarrower(type, wider)) {
      fail(
        `${subject}: field "${field}"`,
        `${wider.text} as in ${parent?.identifier}, or narrower`,
        type.text,
        "A child may narrow its parent's field, never widen it",
      );
    }
  }
  for (const field of Object.keys(declaration.assign)) {
    if (!Object.hasOwn(declaration.fields, field)) {
      fail(
        `${subject}: assignment "${field}"`,
        "a field declared by this version",
        "no such field",
        "Declare the field in this version as well",
      );
    }
  }
  checkCompanions(subject, { ...inherited, ...declaration.fields });
}

function declarationText(parent: AnySchemaVersion | null, { fields, assign, checks }: Declaration): string {
  const types = Object.entries(fields).map(([name, type]) => [name, type.text]);
  const sources = (functions: object): string[][] =>
    Object.entries(functions).map(([name, body]) => [name, String(body)]);
  return JSON.stringify([parent?.identifier ?? null, types, sources(assign), sources(checks)]);
}
