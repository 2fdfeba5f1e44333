/**
 * The columns of a row as texts beside weights, and back.
 *
 * Idea: each column is a text under its own name, which people read in `__metadata__`; a description of the schema beside them says what they
 * were, so that the same columns come back.
 */
import { InputError, isLegolasError, ModelV1, type TableFacts } from "../../index.ts";
import {
  type AnySchemaVersion,
  declareFromDescription,
  decodeTable,
  describeColumns,
  encodeTable,
  type Field,
  formatType,
} from "../../legolas.ts";
import { commonMetadata, lostColumns, retypedColumns } from "../cat/common-schema.ts";
import { checkFaithful } from "../cat/write-rows.ts";
import { UsageError } from "../exit-code.ts";
import { decodeValue, encodeValue } from "./value-text.ts";

export type Texts = Readonly<Record<string, string>>;
type Values = Readonly<Record<string, unknown>>;

/** Keys of texts that are about the file, not about the model. */
const ownKeys = "legolas-flux.";
const schemaKey = `${ownKeys}schema`;
/** Names of columns that the schema does not declare. */
const undeclaredKey = `${ownKeys}undeclared`;
const weightsColumn = "weights";

/** How columns become texts. */
export interface ColumnOptions {
  /** Columns that are left out. */
  readonly drop: readonly string[];
  readonly retype: boolean;
}

/** A row that is to become texts. */
export interface RowToTell {
  readonly source: string;
  readonly table: TableFacts;
  readonly values: Values;
  /** What its values lose, as lines. */
  readonly inexact: readonly string[];
}

/**
 * Every column of a row but the weights, and the table's own metadata.
 *
 * @throws {UsageError} There is no such column to leave out.
 * @throws {InputError} A column cannot be kept as it is.
 */
export function columnTexts({ source, table, values: row, inexact }: RowToTell, options: ColumnOptions): Texts {
  const { fields } = table.schema;
  const stranger = options.drop.find((name) => !fields.some((field) => field.name === name));
  if (stranger !== undefined) {
    throw new UsageError(
      `--drop ${stranger}: there is no such column; there are ${fields.map(({ name }) => name).join(", ")}`,
    );
  }
  const isKept = (name: string): boolean =>
    name === weightsColumn || !options.drop.some((dropped) => name === dropped || name.startsWith(`${dropped}_`));
  const schema = { ...table.schema, fields: fields.filter(({ name }) => isKept(name)) };
  const kept = { source, table: { ...table, schema, unread: table.unread.filter(isKept) } };
  const description = describeColumns(schema, table.identifier ?? ModelV1.identifier);
  const schemaVersion = declareFromDescription(description);
  const undeclared = schema.fields.filter(({ name }) => isUndeclared(name, schemaVersion, kept.table));
  const retyped = [...retypedColumns(kept, schemaVersion), ...retypedByValue(undeclared, row), ...inexact];
  checkFaithful({ lost: lostColumns(kept, null), retyped }, options.retype);
  const columns = schema.fields.flatMap(({ name }): [string, string][] => {
    const value = row[name];
    if (name === weightsColumn || value === null || value === undefined) return [];
    return [[name, encodeValue(value, typeOf(schemaVersion, name), name)]];
  });
  const metadata = commonMetadata([kept]);
  const both = columns.find(([name]) => Object.hasOwn(metadata, name));
  if (both) {
    throw new InputError({
      subject: `"${both[0]}"`,
      expected: "names that columns and the table's metadata do not share, as they stand in one place in other formats",
      found: "a column and metadata",
      remedy: `Leave the column out with --drop ${both[0]}`,
    });
  }
  return {
    ...metadata,
    ...Object.fromEntries(columns),
    ...(schemaVersion !== ModelV1 && { [schemaKey]: JSON.stringify(description) }),
    ...(undeclared.length > 0 && { [undeclaredKey]: JSON.stringify(undeclared.map(({ name }) => name)) }),
  };
}

function isUndeclared(name: string, { fields }: AnySchemaVersion, { unread }: TableFacts): boolean {
  return name !== weightsColumn && !Object.hasOwn(fields, name) && !unread.includes(name);
}

/** Undeclared columns are written with the type that their value suggests, which may be another one. */
function retypedByValue(fields: readonly Field[], row: Values): string[] {
  const values = Object.fromEntries(fields.map(({ name }) => [name, row[name] ?? null]));
  const written = decodeTable(encodeTable([values], ModelV1, { validate: false }), { validate: false }).schema.fields;
  const plain = (field: Field | undefined): string => (field ? formatType(field).replaceAll("?", "") : "nothing");
  return fields.flatMap((field) => {
    const now = plain(written.find(({ name }) => name === field.name));
    return now === plain(field) ? [] : [`"${field.name}": ${plain(field)} becomes ${now}`];
  });
}

function typeOf({ fields }: AnySchemaVersion, name: string): string {
  return fields[name]?.text ?? "any";
}

/** A row that is to be written, without its weights. */
export interface RowOfTexts {
  readonly schemaVersion: AnySchemaVersion;
  readonly columns: Values;
  /** Columns that the schema version does not declare. */
  readonly undeclared: Values;
  /** What is no column. */
  readonly metadata: Texts;
  /** What was expected to be a column and is none. */
  readonly notes: readonly string[];
}

/**
 * The columns that texts are, and the others as metadata of the table.
 *
 * @param given - The schema version that is asked for; default: what the texts say, else `ModelV1`.
 * @param set - Further columns, as `name=value`.
 * @throws {UsageError} There is no such column to set, or the value does not fit it.
 */
export function rowOfTexts(texts: Texts, given: AnySchemaVersion | null, set: readonly string[]): RowOfTexts {
  const schemaVersion = given ?? schemaIn(texts) ?? ModelV1;
  const columns: Record<string, unknown> = {};
  const undeclared: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  const notes: string[] = [];
  const undeclaredNames = undeclaredIn(texts);
  const isColumn = (name: string): boolean => name !== weightsColumn && Object.hasOwn(schemaVersion.fields, name);
  for (const [name, text] of Object.entries(texts)) {
    if (isColumn(name)) {
      const problem = decodeInto(columns, name, text, schemaVersion);
      if (problem === null) continue;
      notes.push(`${problem}; it is kept as metadata of the table`);
      metadata[name] = text;
    } else if (undeclaredNames.has(name)) undeclared[name] = decodeValue(text, "any", name);
    else if (name !== schemaKey && name !== undeclaredKey) metadata[name] = text;
  }
  for (const assignment of set) {
    const [name, value] = parseAssignment(assignment, schemaVersion);
    columns[name] = value;
    delete metadata[name];
  }
  return { schemaVersion, columns, undeclared, metadata, notes };
}

/** @returns Why the text is no value of the column, or null where it is one. */
function decodeInto(
  columns: Record<string, unknown>,
  name: string,
  text: string,
  { fields }: AnySchemaVersion,
): string | null {
  try {
    columns[name] = decodeValue(text, (fields[name] as { text: string }).text, name);
    return null;
  } catch (error) {
    if (isLegolasError(error)) return error.message;
    throw error;
  }
}

function undeclaredIn(texts: Texts): ReadonlySet<unknown> {
  const names = decodeValue(texts[undeclaredKey] ?? "[]", "a list of names", undeclaredKey);
  return new Set(Array.isArray(names) ? names : []);
}

function schemaIn(texts: Texts): AnySchemaVersion | null {
  const text = texts[schemaKey];
  return text === undefined ? null : declareFromDescription(decodeValue(text, "a schema", schemaKey));
}

function parseAssignment(assignment: string, { fields, identifier }: AnySchemaVersion): [string, unknown] {
  const at = assignment.indexOf("=");
  const name = assignment.slice(0, Math.max(0, at));
  const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (at < 1 || name === weightsColumn || !type) {
    const names = Object.keys(fields).filter((field) => field !== weightsColumn);
    throw new UsageError(`--set ${assignment}: give column=value; columns of ${identifier} are ${names.join(", ")}`);
  }
  try {
    return [name, decodeValue(assignment.slice(at + 1), type.text, name)];
  } catch (error) {
    if (isLegolasError(error)) throw new UsageError(`--set ${assignment}: ${error.message}`);
    throw error;
  }
}
