/** The one schema of a table whose rows come from several files. */
import { InputError, type TableFacts } from "../../index.ts";
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

/** @throws {InputError} No type takes the values of both. */
function join(a: Field, b: Field, source: string): Field {
  if (a.type.kind === "null") return { ...b, nullable: true };
  if (b.type.kind === "null") return { ...a, nullable: true };
  // How lists count their elements makes no difference to their values.
  const plain = (field: Field): string => JSON.stringify({ ...field.type, large: false });
  const isSame = plain(a) === plain(b) && a.children.length === b.children.length;
  const isWeights = formatType(a).startsWith("struct<weights: ") && formatType(b).startsWith("struct<weights: ");
  if (!isSame && !isWeights) {
    throw new InputError({
      subject: `${source}: column "${a.name}"`,
      expected: `${formatType(a)}, as in the files before`,
      found: formatType(b),
      remedy: "Join files whose columns have the same types",
    });
  }
  const nullable = a.nullable || b.nullable;
  if (isWeights) return { ...a, nullable };
  return { ...a, nullable, children: a.children.map((child, i) => join(child, b.children[i] as Field, source)) };
}

/**
 * Columns that would not be written with the type they have.
 *
 * @returns Lines such as `"when": timestamp(microsecond) becomes timestamp(millisecond)`.
 */
export function retypedColumns({ source, table }: SourceFacts, schemaVersion: AnySchemaVersion): string[] {
  const written = decodeTable(encodeTable([], schemaVersion), { validate: false }).schema.fields;
  const after = new Map(written.map((field) => [field.name, formatType(field).replaceAll("?", "")]));
  return table.schema.fields.flatMap((field) => {
    const before = formatType(field).replaceAll("?", "");
    const now = after.get(field.name);
    if (now === undefined || before.startsWith("struct<weights: ") || before.startsWith("null")) return [];
    // A Julia type more does not change the values.
    const isSame = now === before || now.replace(/ \([^()]*\)/g, "") === before;
    return isSame ? [] : [`${source}: "${field.name}": ${before} becomes ${now}`];
  });
}

/** What the tables' metadata agree on, but for the schema. */
export function commonMetadata(facts: readonly SourceFacts[]): Record<string, string> {
  const [first, ...others] = facts.map(({ table }) => table.schema.metadata);
  const entries = [...(first ?? [])].filter(
    ([key, value]) => !/^legolas_.*schema/.test(key) && others.every((metadata) => metadata.get(key) === value),
  );
  return Object.fromEntries(entries);
}
