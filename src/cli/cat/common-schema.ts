/** The one schema of a table whose rows come from several files. */
import { createHash } from "node:crypto";
import { InputError, type SchemaProvider, type TableFacts } from "../../index.ts";
import { isCompanion, isWeights, weightsColumnsOf } from "../../inspection/companion-columns.ts";
import {
  type AnySchemaVersion,
  type ArrowSchema,
  declareFromDescription,
  decodeTable,
  describeColumns,
  encodeTable,
  type Field,
  formatType,
} from "../../legolas.ts";
import { inexactColumns } from "./inexact-values.ts";

/** What would become of columns, as lines. */
export interface Changes {
  /** Columns that would be left out. */
  readonly lost: readonly string[];
  /** Columns whose type would be another. */
  readonly retyped: readonly string[];
}

export interface SourceFacts {
  readonly source: string;
  readonly table: TableFacts;
}

/**
 * Declares the schema that all tables record, with a type for each column that takes the values of all.
 *
 * @param name - What to call it; default: what the tables record, which must be the same.
 * @throws {InputError} The tables record different schemas, or none, or a column has types that do not go together.
 */
export function commonSchemaVersion(facts: readonly SourceFacts[], name: string | null): AnySchemaVersion {
  const [first, ...others] = facts;
  if (!first) throw new InputError({ subject: "files", expected: "at least one", found: "none" });
  const stranger = others.find(({ table }) => table.identifier !== first.table.identifier);
  if (stranger && name === null) {
    throw new InputError({
      subject: stranger.source,
      expected: `the schema of ${first.source}, ${first.table.identifier ?? "none"}`,
      found: stranger.table.identifier ?? "none",
      remedy: "Join files of one schema, or give the table one with --name",
    });
  }
  const fields = joinFields(facts.map(({ source, table }) => ({ source, fields: table.schema.fields })));
  const schema: ArrowSchema = { fields, metadata: first.table.schema.metadata };
  return declareFromDescription(describeColumns(schema, name ?? first.table.identifier));
}

/** Columns by name, nullable where a file has none of it. */
function joinFields(files: readonly { source: string; fields: readonly Field[] }[]): Field[] {
  const joined = new Map<string, Field>();
  for (const { source, fields } of files) {
    for (const field of fields) {
      const known = joined.get(field.name);
      joined.set(field.name, known ? join(known, field, source) : field);
    }
  }
  const isEverywhere = ({ name }: Field): boolean =>
    files.every(({ fields }) => fields.some((field) => field.name === name));
  return [...joined.values()].map((field) => (isEverywhere(field) ? field : { ...field, nullable: true }));
}

/** @param isEntries - Of a map, whose key and value are told by their order. @throws {InputError} No type takes the values of both. */
function join(a: Field, b: Field, source: string, isEntries = false): Field {
  if (a.type.kind === "null") return { ...b, nullable: true };
  if (b.type.kind === "null") return { ...a, nullable: true };
  // How lists count their elements, and where bytes stand, makes no difference to their values.
  const plain = (field: Field): string => JSON.stringify({ ...field.type, large: false, view: false });
  const partners = a.type.kind === "struct" && !isEntries ? partnersByName(a, b) : b.children;
  const isSame = plain(a) === plain(b) && a.children.length === partners?.length;
  const areWeights = isWeights(a) && isWeights(b);
  if (!isSame && !areWeights) {
    throw new InputError({
      subject: `${source}: column "${a.name}"`,
      expected: `${formatType(a)}, as in the files before`,
      found: formatType(b),
      remedy: "Join files whose columns have the same types",
    });
  }
  const nullable = a.nullable || b.nullable;
  if (areWeights) return { ...a, nullable };
  const joinChild = (child: Field, i: number): Field =>
    join(child, partners?.[i] as Field, source, a.type.kind === "map");
  return { ...a, nullable, children: a.children.map(joinChild) };
}

/** The fields of a struct in the order of another's; null where they have other names. */
function partnersByName({ children }: Field, other: Field): readonly Field[] | null {
  const byName = new Map(other.children.map((child) => [child.name, child]));
  const partners = children.flatMap(({ name }) => byName.get(name) ?? []);
  return new Set(partners).size === other.children.length ? partners : null;
}

/**
 * A version that declares all columns of the tables: its records give the columns that their schema version does not declare the types they have,
 * which otherwise follow from the values. It stands in no file.
 */
export function rowVersion(facts: readonly SourceFacts[]): AnySchemaVersion {
  const unread = new Set(facts.flatMap(({ table }) => table.unread));
  const joined = joinFields(facts.map(({ source, table }) => ({ source, fields: table.schema.fields })));
  const fields = joined.filter(({ name }) => !unread.has(name));
  const columns = JSON.stringify(fields.map((field) => [field.name, formatType(field), extensionsOf(field)]));
  const digest = createHash("sha256").update(columns).digest("hex");
  return declareFromDescription(
    describeColumns({ fields, metadata: new Map() }, `cat.columns-${digest.slice(0, 16)}@1`),
  );
}

/** Names of extension types, which say what a record is, at every depth. */
function extensionsOf({ metadata, children }: Field): unknown {
  return [metadata.get("ARROW:extension:name") ?? null, children.map(extensionsOf)];
}

/**
 * What would become of the tables' columns, whose rows are written as records of `rows` under the schema version. Values are looked at where JavaScript
 * may not hold them.
 */
export async function changesOf(
  facts: readonly SourceFacts[],
  schemaVersion: AnySchemaVersion,
  rows: AnySchemaVersion,
  signal: AbortSignal,
): Promise<Changes> {
  const lost = facts.flatMap((each) => lostColumns(each, rows));
  const retyped = facts.flatMap((each) => retypedColumns(each, schemaVersion, rows));
  const names = Object.entries(rows.fields).flatMap(([name, { text }]) => (text.startsWith("weights") ? [] : [name]));
  if (lost.length > 0) return { lost, retyped };
  for (const each of facts) retyped.push(...(await inexactColumns(each, names, signal)));
  return { lost, retyped };
}

/**
 * Columns that would not be written at all: those that are not read, those of which there are two of a name, and those of names that no schema may
 * declare.
 *
 * @param rows - What rows are records of, or null where they are plain objects.
 */
export function lostColumns({ source, table }: SourceFacts, rows: AnySchemaVersion | null): string[] {
  const names = table.schema.fields.map(({ name }) => name);
  const weights = weightsColumnsOf(table.schema.fields);
  return names.flatMap((name, i) => {
    const of = `${source}: ${JSON.stringify(name)}`;
    if (names.indexOf(name) < i) return [`${of} is there twice`];
    if (table.unread.includes(name)) return isCompanion(name, weights) ? [] : [`${of} cannot be read`];
    return rows && !Object.hasOwn(rows.fields, name) ? [`${of} is a name that no schema may declare`] : [];
  });
}

/**
 * Columns that would not be written with the type they have.
 *
 * @param rows - What rows are records of, if not of the schema version.
 * @returns Lines such as `"when": timestamp(microsecond) becomes timestamp(millisecond)`.
 */
export function retypedColumns(
  { source, table }: SourceFacts,
  schemaVersion: AnySchemaVersion,
  rows: AnySchemaVersion | null = null,
): string[] {
  const written = [rows, schemaVersion].flatMap((version) => (version ? fieldsOf(version) : []));
  const after = new Map(written.map((field) => [field.name, field]));
  return table.schema.fields.flatMap((field) => {
    const now = after.get(field.name);
    if (!now || isWeights(field) || field.type.kind === "null") return [];
    const of = `${source}: ${JSON.stringify(field.name)}`;
    const lost = lostMetadata(field).map((key) => `${of}: its metadata ${JSON.stringify(key)} is left out`);
    if (isAmbiguous(field)) lost.push(`${of}: ${storedText(field)} may give a value to another of its types`);
    return isSameType(field, now) ? lost : [`${of}: ${storedText(field)} becomes ${storedText(now)}`, ...lost];
  });
}

function fieldsOf(version: AnySchemaVersion): readonly Field[] {
  return decodeTable(encodeTable([], version), { validate: false }).schema.fields;
}

/** A field's type as text, whether it may be null aside. */
function storedText(field: Field): string {
  const details = detailsOf(field);
  return `${formatType(field).replaceAll("?", "")}${details.length > 0 ? ` (${details.join(", ")})` : ""}`;
}

/** What the text of a type does not say, at every depth. */
function detailsOf({ type, dictionary, children }: Field): string[] {
  const own = [
    dictionary !== null && "in a dictionary",
    type.kind === "union" && type.mode === "sparse" && "sparse",
    type.kind === "union" && type.typeIds.some((id, i) => id !== i) && `type ids ${type.typeIds.join()}`,
    type.kind === "map" && type.keysSorted && "keys sorted",
  ];
  return [...own.filter((detail) => detail !== false), ...children.flatMap(detailsOf)];
}

function isSameType(before: Field, now: Field): boolean {
  const [text, other] = [storedText(before), storedText(now)];
  // A Julia type more does not change the values.
  return other === text || other.replace(/ \(JuliaLang\.[^()]*\)/g, "") === text;
}

/** Whether it holds a union of which two types have values of one kind in JavaScript, where the first of them takes all. */
function isAmbiguous({ type, children }: Field): boolean {
  const kinds = children.filter((child) => child.type.kind !== "null").map(kindOfValue);
  return (type.kind === "union" && new Set(kinds).size < kinds.length) || children.some(isAmbiguous);
}

const kindsOfValues: { readonly [K in Field["type"]["kind"]]?: string } = {
  int: "number",
  float: "number",
  utf8: "text",
  date: "text",
  fixedSizeBinary: "text",
  list: "list",
  fixedSizeList: "list",
  time: "object",
  duration: "object",
  struct: "object",
};

function kindOfValue({ type }: Field): string {
  return kindsOfValues[type.kind] ?? type.kind;
}

/** Keys of a field's metadata, at any depth, that are not those of extension types. */
function lostMetadata({ metadata, children }: Field): string[] {
  // Written beside the name by some, and empty where it says nothing.
  const isEmpty = (key: string, value: string): boolean => key === "ARROW:extension:metadata" && value === "";
  const own = [...metadata].filter(([key, value]) => key !== "ARROW:extension:name" && !isEmpty(key, value));
  return [...own.map(([key]) => key), ...children.flatMap(lostMetadata)];
}

/** What the tables' metadata agree on, but for the schema. */
export function commonMetadata(facts: readonly SourceFacts[]): Record<string, string> {
  const [first, ...others] = facts.map(({ table }) => table.schema.metadata);
  const entries = [...(first ?? [])].filter(
    ([key, value]) => !/^legolas_.*schema/.test(key) && others.every((metadata) => metadata.get(key) === value),
  );
  return Object.fromEntries(entries);
}

/** The package, of one version, that declares the schema of all tables; null where they record several, or one of them none. */
export function commonProvider(facts: readonly SourceFacts[]): SchemaProvider | null {
  const [first = null, ...others] = facts.map(({ table }) => table.provider);
  return others.every((other) => other?.name === first?.name && other?.version === first?.version) ? first : null;
}
