/**
 * Whether a table complies with a schema version.
 *
 * Idea: disagreement is data first; only `validate` throws. Source: Legolas.jl 0.5, `find_violations`, `complies_with`, `validate`.
 */
import { type Field, formatSchema, formatType, type Schema } from "../arrow/data-type.ts";
import type { TableData } from "../arrow/table-data.ts";
import { InputError, type Violation, ViolationError } from "../errors.ts";
import type { FieldType } from "./fields/field-type.ts";
import { formatValue } from "./format-value.ts";
import type { AnySchemaVersion } from "./schema-version.ts";
import type { LegolasTable } from "./table.ts";

/** What can be compared with a schema version: a table, or an Arrow schema alone, where nothing is known of nulls. */
export type TableOrSchema = LegolasTable<object> | Schema;

/**
 * Every disagreement, in the order of the declared fields. A declared field complies when its column has an accepted type, or when the
 * field may be null and the column is absent. Nullable columns without nulls are accepted; undeclared columns and the order of columns
 * do not matter.
 *
 * @param target - A table, or the Arrow schema of one.
 * @param schemaVersion - What it should comply with.
 * @throws {InputError} It is neither a table nor an Arrow schema.
 */
export function findViolations(target: TableOrSchema, schemaVersion: AnySchemaVersion): Violation[] {
  if (!isTableOrSchema(target)) {
    throw new InputError({
      subject: "findViolations",
      expected: "a table, or the Arrow schema of one",
      found: formatValue(target),
      remedy: "Read the table first: await readTable(source)",
    });
  }
  const { schema, columns } = "data" in target ? target.data : { schema: target, columns: [] };
  return findDataViolations({ schema, columns }, schemaVersion);
}

function isTableOrSchema(target: unknown): target is TableOrSchema {
  return (
    typeof target === "object" &&
    target !== null &&
    ("data" in target || ("fields" in target && Array.isArray(target.fields)))
  );
}

/** The same for loaded columns. */
export function findDataViolations(
  data: Pick<TableData, "schema" | "columns">,
  schemaVersion: AnySchemaVersion,
): Violation[] {
  const positions = new Map(data.schema.fields.map(({ name }, i) => [name, i]));
  return Object.entries(schemaVersion.fields).flatMap(([field, type]): Violation[] => {
    const position = positions.get(field);
    if (position === undefined) return type.takesNull ? [] : [{ field, expected: type.text, found: null }];
    const nulls = (data.columns[position] ?? []).reduce((sum, { nullCount }) => sum + nullCount, 0);
    const found = disagreement(type, data.schema.fields[position] as Field, nulls);
    return found === null ? [] : [{ field, expected: type.text, found }];
  });
}

function disagreement(type: FieldType<unknown, unknown>, field: Field, nulls: number): string | null {
  const accepted = field.type.kind === "null" ? type.takesNull : type.spec.accepts(field);
  if (!accepted) return formatType(field);
  return nulls > 0 && !type.takesNull ? `${formatType(field)} with ${nulls} missing values` : null;
}

/**
 * The first disagreement, in the order of the declared fields, or null.
 *
 * @param target - A table, or the Arrow schema of one.
 * @param schemaVersion - What it should comply with.
 * @throws {InputError} It is neither a table nor an Arrow schema.
 */
export function findViolation(target: TableOrSchema, schemaVersion: AnySchemaVersion): Violation | null {
  return findViolations(target, schemaVersion)[0] ?? null;
}

/**
 * Whether there is no disagreement.
 *
 * @param target - A table, or the Arrow schema of one.
 * @param schemaVersion - What it should comply with.
 * @throws {InputError} It is neither a table nor an Arrow schema.
 */
export function compliesWith(target: TableOrSchema, schemaVersion: AnySchemaVersion): boolean {
  return findViolation(target, schemaVersion) === null;
}

/**
 * Throws unless there is no disagreement.
 *
 * @param target - A table, or the Arrow schema of one.
 * @param schemaVersion - What it should comply with.
 * @throws {ViolationError} It lists every disagreement.
 * @throws {InputError} It is neither a table nor an Arrow schema.
 */
export function validate(target: TableOrSchema, schemaVersion: AnySchemaVersion): void {
  const violations = findViolations(target, schemaVersion);
  throwViolations(violations, "data" in target ? target.data.schema : target, schemaVersion);
}

export function throwViolations(
  violations: readonly Violation[],
  schema: Schema,
  { identifier }: AnySchemaVersion,
): void {
  if (violations.length > 0) throw new ViolationError(identifier, violations, formatSchema(schema));
}
