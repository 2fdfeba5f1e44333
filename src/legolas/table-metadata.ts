/**
 * What a table says of itself: its schema's identifier and the package that declared it.
 *
 * Source: Legolas.jl 0.5, `LEGOLAS_SCHEMA_QUALIFIED_METADATA_KEY` and the provider keys beside it.
 */
import type { Metadata } from "../arrow/data-type.ts";
import { FormatError, isLegolasError, type SchemaProvider, UnknownSchemaError } from "../errors.ts";
import { formatIdentifier, parseIdentifier } from "./identifier.ts";
import { lookup } from "./registry.ts";
import type { AnySchemaVersion } from "./schema-version.ts";

const identifierKey = "legolas_schema_qualified";
const providerKeys = { name: "legolas_schema_provider_name", version: "legolas_schema_provider_version" };
/** Read and reported, but never written: Julia throws on versions that are not its own. */
const juliaProviderKeys = {
  name: "legolas_julia_schema_provider_name",
  version: "legolas_julia_schema_provider_version",
};

/** Metadata of a new table: the caller's, then what says which schema version and provider it has. */
export function tableMetadata(
  schemaVersion: AnySchemaVersion,
  more: Readonly<Record<string, string>>,
  provider?: SchemaProvider,
): Metadata {
  const providerEntries: [string, string][] = provider
    ? [
        [providerKeys.name, provider.name],
        [providerKeys.version, provider.version],
      ]
    : [];
  const julia: readonly string[] = Object.values(juliaProviderKeys);
  const own = Object.entries(more).filter(([key]) => !julia.includes(key));
  return new Map([...own, ...providerEntries, [identifierKey, schemaVersion.identifier]]);
}

/** The identifier a table records, or null. */
export function identifierOf(metadata: Metadata): string | null {
  return metadata.get(identifierKey) ?? null;
}

/** The provider a table records, ours or Julia's, or null. */
export function providerOf(metadata: Metadata): SchemaProvider | null {
  for (const keys of [providerKeys, juliaProviderKeys]) {
    const name = metadata.get(keys.name);
    if (name !== undefined) return { name, version: metadata.get(keys.version) ?? "unknown" };
  }
  return null;
}

/** The first declared one among the schema version that a table's metadata names and its ancestors, or null. */
export function findNearestSchemaVersionIn(metadata: Metadata): AnySchemaVersion | null {
  const declared = (identifierOf(metadata) ?? "").split(">").map((part) => lookup(part));
  return declared.find((schemaVersion) => schemaVersion !== undefined) ?? null;
}

/** The declared schema version that a table's metadata names, or null where it names none or one that is not declared. */
export function findSchemaVersionIn(metadata: Metadata): AnySchemaVersion | null {
  const identifier = identifierOf(metadata);
  return identifier === null ? null : (lookup(identifier) ?? null);
}

/**
 * The declared schema version that a table's metadata names.
 *
 * @throws {FormatError} The table names none, or names it wrongly.
 * @throws {UnknownSchemaError} It is not declared in this process.
 */
export function requireSchemaVersionIn(metadata: Metadata): AnySchemaVersion {
  const identifier = identifierOf(metadata);
  if (identifier === null) {
    throw new FormatError({
      subject: "Arrow table",
      expected: `metadata "${identifierKey}" that names its schema`,
      found: "none: it was not written by Legolas",
      remedy:
        "Pass the schema version to read it as, or read the raw table with decodeTable(bytes, { validate: false })",
    });
  }
  const [own, ...ancestors] = parseStored(identifier);
  const found = own && lookup(own);
  if (found) return found;
  const declaredAncestor = ancestors.find((ancestor) => lookup(ancestor)) ?? null;
  throw new UnknownSchemaError({ identifier, provider: providerOf(metadata), declaredAncestor });
}

function parseStored(identifier: string): string[] {
  try {
    return parseIdentifier(identifier).map(formatIdentifier);
  } catch (cause) {
    if (!isLegolasError(cause)) throw cause;
    const { expected = "", found = "" } = cause.facts;
    throw new FormatError(
      {
        subject: `table metadata "${identifierKey}"`,
        expected,
        found,
        remedy: "Pass the schema version to read it as",
      },
      { cause },
    );
  }
}
