/** The description of a schema that nobody declares here, from the columns of a table. */
import { type DataType, extensionName, type Field, formatType, type Schema } from "../arrow/data-type.ts";
import { InputError, UnsupportedTypeError } from "../errors.ts";
import { fieldNameText } from "../legolas/fields/struct.ts";
import { formatIdentifier, parseIdentifier } from "../legolas/identifier.ts";
import { lookup } from "../legolas/registry.ts";
import { identifierOf } from "../legolas/table-metadata.ts";
import { compliesWith } from "../legolas/violations.ts";
import { acceptsWeights } from "../weights/decode-weights.ts";
import { weightsCompanions } from "../weights/weights-companions.ts";
import { describeSchema } from "./describe-schema.ts";
import { descriptionFormat, type SchemaDescription, type VersionDescription } from "./schema-description.ts";

/**
 * A description of the schema that a table names, with the types its columns have: {@link declareFromDescription} of it declares a version that the
 * table complies with. Where the version itself is declared and the table complies with it, that is what is described. Ancestors that are
 * declared are described as such, others without fields of their own. Columns whose names no field may have are left out.
 *
 * @param schema - Such as `table.schema`.
 * @param identifier - Default: the one that the table records.
 * @throws {InputError} No identifier is given or recorded.
 * @throws {DeclarationError} It is no identifier, or a declared version has no description, as with {@link describeSchema}.
 * @throws {UnsupportedTypeError} A column has a type that is not read.
 */
export function describeColumns(schema: Schema, identifier = identifierOf(schema.metadata)): SchemaDescription {
  if (identifier === null) {
    throw new InputError({
      subject: "identifier",
      expected: "the name and version that the table shall have, as it records none",
      found: "none",
      remedy: 'Pass one, such as "my.model@1"',
    });
  }
  const [own, ...ancestors] = parseIdentifier(identifier).map(formatIdentifier) as [string, ...string[]];
  const declared = lookup(own);
  if (declared && compliesWith(schema, declared)) return describeSchema(declared);
  const versions = new Map<string, VersionDescription>();
  const parent = describeAncestors(ancestors, versions);
  const inherited = nearest(ancestors)?.fields ?? {};
  const companions = new Set(
    schema.fields
      .filter(acceptsWeights)
      .flatMap(({ name }) => weightsCompanions.columns.map(({ suffix }) => name + suffix)),
  );
  const isInherited = (field: Field): boolean =>
    Object.hasOwn(inherited, field.name) && inherited[field.name]?.spec.accepts(field) === true;
  const fields = schema.fields
    .filter((field) => !companions.has(field.name) && !isInherited(field) && !/^(?:_|$)/.test(field.name))
    .map((field) => ({ name: field.name, type: typeText(field, versions) }));
  versions.set(own, { version: own, extends: parent, fields });
  return { format: descriptionFormat, versions: [...versions.values()] };
}

function nearest(ancestors: readonly string[]) {
  return lookup(ancestors.find((ancestor) => lookup(ancestor)) ?? "");
}

/** Describes ancestors, the farthest first, and returns the nearest. */
function describeAncestors(ancestors: readonly string[], versions: Map<string, VersionDescription>): string | null {
  let parent: string | null = null;
  for (const version of ancestors.toReversed()) {
    const declared = lookup(version);
    const described = declared ? describeSchema(declared).versions : [{ version, extends: parent, fields: [] }];
    for (const description of described) versions.set(description.version, description);
    parent = version;
  }
  return parent;
}

type Versions = Map<string, VersionDescription>;

function typeText(field: Field, versions: Versions): string {
  if (acceptsWeights(field)) return "weights?";
  const { type } = field;
  if (type.kind === "null") return "any";
  // Each writer takes the member of the union that its key names, which TypeScript cannot see across an index.
  const text = (texts[type.kind] as (type: DataType, field: Field, versions: Versions) => string)(
    type,
    field,
    versions,
  );
  return field.nullable ? `${text}?` : text;
}

const uuidExtensions: readonly (string | null)[] = ["JuliaLang.UUID", "arrow.uuid"];

const texts: {
  readonly [K in DataType["kind"]]: (type: Extract<DataType, { kind: K }>, field: Field, versions: Versions) => string;
} = {
  null: () => "any",
  int: ({ bitWidth, signed }, field) => {
    if (bitWidth === 128) throw unsupported(field);
    return `${signed ? "" : "u"}int${bitWidth}`;
  },
  float: ({ bitWidth }) => `float${bitWidth}`,
  bool: () => "bool",
  utf8: (_, field) => (extensionName(field) === "JuliaLang.Symbol" ? "symbol" : "string"),
  binary: () => "bytes",
  fixedSizeBinary: ({ byteWidth }, field) =>
    byteWidth === 16 && uuidExtensions.includes(extensionName(field)) ? "uuid" : `fixed<uint8, ${byteWidth}>`,
  date: () => "date",
  time: () => "time",
  timestamp: () => "datetime",
  duration: () => "duration",
  list: (_, { children: [item] }, versions) => {
    const isBytes = item?.type.kind === "int" && item.type.bitWidth === 8 && !item.type.signed && !item.nullable;
    return isBytes ? "bytes" : `vector<${childText(item, versions)}>`;
  },
  fixedSizeList: ({ listSize }, { children: [item] }, versions) => `fixed<${childText(item, versions)}, ${listSize}>`,
  struct: (_, field, versions) => recordText(field, versions) ?? structText(field, versions),
  map: (_, { children: [entries] }, versions) =>
    `map<${childText(entries?.children[0], versions)}, ${childText(entries?.children[1], versions)}>`,
  union: (_, { children }, versions) => `union<${children.map((child) => typeText(child, versions)).join(", ")}>`,
  unsupported: (_, field) => {
    throw unsupported(field);
  },
};

function childText(child: Field | undefined, versions: Versions): string {
  return child ? typeText(child, versions) : "any";
}

function structText({ children }: Field, versions: Versions): string {
  return `struct<${children.map((child) => `${fieldNameText(child.name)}: ${typeText(child, versions)}`).join(", ")}>`;
}

/** A struct that Julia marked as the record of a schema version is described as one; null where it is none. */
function recordText(field: Field, versions: Versions): string | null {
  const [, name, number] =
    /^JuliaLang\.Legolas\.Generated\.([a-z0-9.-]+)\.(\d+)$/.exec(extensionName(field) ?? "") ?? [];
  if (name === undefined) return null;
  const version = `${name}@${number}`;
  const fields = field.children.map((child) => ({ name: child.name, type: typeText(child, versions) }));
  const own = { version, extends: null, fields };
  const known = versions.get(version);
  if (known && JSON.stringify(known) !== JSON.stringify(own)) return null;
  versions.set(version, own);
  return version;
}

function unsupported(field: Field): UnsupportedTypeError {
  const remedy = "Leave the column out, or convert it where it was written";
  return new UnsupportedTypeError(`column "${field.name}"`, formatType(field), remedy);
}
