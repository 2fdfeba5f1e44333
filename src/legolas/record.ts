/**
 * Records: immutable rows of a schema version.
 *
 * Source: Legolas.jl 0.5, record construction (parent first, then own assignments in field order, then own checks).
 */
import { CheckError, InputError, RecordError } from "../errors.ts";
import { deepEquals } from "./deep-equals.ts";
import { asFieldType, type FieldLike, fieldTypeOfValue, inside, ownValue, toFieldType } from "./fields/field-type.ts";
import { formatValue } from "./format-value.ts";
import type { AnySchemaVersion } from "./schema-version.ts";

const brand: unique symbol = Symbol.for("legolas-flux.record") as never;

/** Builds a record of a schema version. */
export function buildRecord(schemaVersion: AnySchemaVersion, input: object): object {
  const isPromise = input instanceof Promise;
  if (typeof input !== "object" || input === null || Array.isArray(input) || isPromise) {
    throw new RecordError({
      identifier: schemaVersion.identifier,
      path: [],
      expected: `an object with ${Object.keys(schemaVersion.fields).join(", ")}`,
      found: formatValue(input),
      value: input,
      ...(isPromise && { remedy: "Await it first" }),
    });
  }
  const record = processFields(schemaVersion, input as Record<string, unknown>);
  Object.defineProperty(record, brand, { value: schemaVersion });
  Object.defineProperty(record, fieldTypeOfValue, { value: schemaVersion[asFieldType] });
  return Object.freeze(record);
}

function processFields(schemaVersion: AnySchemaVersion, input: Record<string, unknown>): Record<string, unknown> {
  const { parent, declaration, identifier } = schemaVersion;
  const values: Record<string, unknown> = parent ? processFields(parent, input) : {};
  const ownFields = Object.entries(declaration.fields);
  for (const [name] of ownFields) if (!Object.hasOwn(values, name)) values[name] = ownValue(input, name);
  for (const [name, type] of ownFields) {
    const place = inside({ identifier, path: [] }, name);
    values[name] = type.spec.construct(assigned(schemaVersion, name, values), place);
  }
  for (const [check, holds] of Object.entries(declaration.checks))
    runCheck(identifier, check, holds as (record: object) => unknown, values);
  return values;
}

function assigned(schemaVersion: AnySchemaVersion, name: string, values: Record<string, unknown>): unknown {
  const { assign: assignments } = schemaVersion.declaration;
  const assign = (Object.hasOwn(assignments, name) ? assignments[name] : undefined) as
    | ((values: object) => unknown)
    | undefined;
  if (!assign) return values[name];
  try {
    return assign({ ...values });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const details = {
      identifier: schemaVersion.identifier,
      path: [name],
      value: values[name],
      found: `an error from it: ${reason}`,
    };
    throw new RecordError({ ...details, expected: "a value from the field's assignment" }, { cause });
  }
}

function runCheck(identifier: string, check: string, holds: (record: object) => unknown, values: object): void {
  const description = Object.entries(values)
    .map(([name, value]) => `${name}: ${formatValue(value)}`)
    .join(", ");
  let result: unknown;
  try {
    result = holds({ ...values });
  } catch (cause) {
    throw new CheckError(identifier, check, `{ ${description} }`, { cause });
  }
  if (!result) throw new CheckError(identifier, check, `{ ${description} }`);
}

/**
 * The schema version of a record.
 *
 * @param record - What a schema version built, or reading gave.
 * @throws {InputError} It is anything else, such as a plain object.
 */
export function schemaVersionOf(record: object): AnySchemaVersion {
  const schemaVersion = findSchemaVersion(record);
  if (schemaVersion) return schemaVersion;
  throw new InputError({
    subject: "schemaVersionOf",
    expected: "a record built by a schema version",
    found: formatValue(record),
    remedy: "Build the record first, as in DigitsRowV1({ ... })",
  });
}

/** The schema version of a record, or null for anything else. */
export function findSchemaVersion(value: unknown): AnySchemaVersion | null {
  return typeof value === "object" && value !== null && brand in value ? (value[brand] as AnySchemaVersion) : null;
}

/**
 * Whether two records have the same schema version and equal values; NaN equals NaN, arrays and weights compare by content.
 *
 * @param a - A record.
 * @param b - Another one.
 * @throws {InputError} One of them is no record.
 */
export function recordEquals(a: object, b: object): boolean {
  return schemaVersionOf(a).identifier === schemaVersionOf(b).identifier && deepEquals(a, b);
}

/**
 * A new record of the same schema version, with some values replaced; assignments and checks run again.
 *
 * @param record - It stays as it is.
 * @param overrides - The values to replace, by field.
 * @throws {InputError} It is no record.
 * @throws {RecordError | CheckError} A value does not fit its field, or the new record breaks a check.
 */
export function recordMerge<R extends object>(record: R, overrides: Partial<R>): R {
  return schemaVersionOf(record)({ ...record, ...overrides } as never) as R;
}

/**
 * Applies a function to a value that may be missing.
 *
 * @param apply - Called unless the value is null or undefined.
 * @param value - What it is applied to.
 * @returns What the function gives, or null where it was not called.
 * @throws {InputError} It is no function.
 */
export function lift<T, U>(apply: (value: T) => U, value: T | null | undefined): U | null {
  if (value === null || value === undefined) return null;
  if (typeof apply === "function") return apply(value);
  throw new InputError({ subject: "lift", expected: "a function", found: formatValue(apply) });
}

/**
 * A value as a field of the given type keeps it: `construct(t.float32, 0.1)` is 0.1 rounded to single precision.
 *
 * @param type - A field type, or a schema version, which builds a record.
 * @param value - What the type takes.
 * @throws {RecordError} The type does not take it.
 * @throws {CheckError} It is a schema version, a check of which the record breaks.
 * @throws {DeclarationError} It is no type.
 */
export function construct<T, I>(type: FieldLike<T, I>, value: I): T {
  return toFieldType(type).spec.construct(value, { identifier: null, path: [] });
}
