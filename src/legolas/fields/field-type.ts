/**
 * What every field type can do, and how mismatches are reported.
 *
 * Idea: a field type answers for itself: which values it takes, which Arrow columns it accepts, how it reads one and writes one, and
 * which other types it narrows. Adding a type touches one file.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type ArrayData, elementReader } from "../../arrow/array-data.ts";
import type { Field } from "../../arrow/data-type.ts";
import type { Column, EncodedArray } from "../../arrow/encoded-array.ts";
import { DeclarationError, RecordError } from "../../errors.ts";
import { formatValue } from "../format-value.ts";

/** Where a value stands, for messages. */
export interface Place {
  /** Of the schema version, or null outside one. */
  readonly identifier: string | null;
  readonly path: readonly (string | number)[];
}

export function inside(place: Place, key: string | number): Place {
  return { ...place, path: [...place.path, key] };
}

/** A key's own value, null where it is absent or undefined; what every object inherits is no value. */
export function ownValue(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? ((object as Record<string, unknown>)[key] ?? null) : null;
}

/** The error for a value that a type does not take. */
export function mismatch(
  place: Place,
  expected: string,
  value: unknown,
  remedy?: string,
  cause?: unknown,
): RecordError {
  const details = { ...place, expected, found: formatValue(value), value };
  return new RecordError(
    remedy === undefined ? details : { ...details, remedy },
    cause === undefined ? undefined : { cause },
  );
}

/** What holds for all columns of a table that is written. */
export interface TableForm {
  /** Whether the table has, or may get, another number of rows than one. */
  readonly many: boolean;
  /** Whether arrays of weights are stored with a digest. */
  readonly checksum: boolean;
}

/** The column that a type is asked for. */
export interface ColumnRequest extends Column {
  readonly form: TableForm;
  /** The same column of the rows before, whose type must be kept where it can be; null for the first rows. */
  readonly like: Field | null;
}

/** Reads the element at an index of an array. */
export type ElementReader<T> = (index: number) => T;

/** What a kind of field type defines; {@link FieldType} adds what all kinds share. */
export interface FieldSpec<T> {
  /** The type as text, complete: two types with the same text are the same type. */
  readonly text: string;
  /** The value as the field keeps it. @throws {RecordError} when the type does not take it. */
  readonly construct: (value: unknown, place: Place) => T;
  /** Whether a column, or the child of one, can be read; nullability aside. */
  readonly accepts: (field: Field) => boolean;
  /** Reads the elements of an accepted array that has no dictionary; called for elements that are not null. */
  readonly reader: (array: ArrayData, place: Place) => ElementReader<T>;
  /** The values as a column; null stands where an ancestor, or the value itself in a nullable column, is null. */
  encode(column: ColumnRequest, values: readonly (T | null)[]): EncodedArray;
  /** What stands in columns of its own, right after the field's. */
  readonly companions?: Companions<T>;
  /** Whether each value of this type is one of a wider type that is neither `any`, optional nor a union. */
  readonly narrows?: (wider: FieldType<unknown, unknown>) => boolean;
  /** Whether null is a value of the type. */
  readonly takesNull?: boolean;
  /** The types a wider type is made of; narrowing any of them narrows it. */
  readonly alternatives?: readonly FieldType<unknown, unknown>[];
  /** The type that this one reads more columns for. */
  readonly accepting?: FieldType<unknown, unknown>;
  /** The type whose values this one refines. */
  readonly refines?: FieldType<unknown, unknown>;
  /** The single-part type inside, of an optional or a list. */
  readonly item?: FieldType<unknown, unknown>;
}

/** Parts of a value that stand in undeclared columns beside the field's own, so that readers who do not know them are not disturbed. */
export interface Companions<T> {
  readonly columns: readonly {
    /** The column is called like the field, with this behind. */
    readonly suffix: string;
    /** An optional type. */
    readonly type: FieldType<unknown, unknown>;
    /** Whether a table of that form has the column even where it says nothing. */
    readonly isAlwaysIn: (form: TableForm) => boolean;
  }[];
  /** The parts of a value that stands in a column as it was encoded, in the order of the columns; null for those with nothing to say. */
  partsOf(value: T, own: Field, form: TableForm): readonly unknown[];
  /** Whether a value would mean something else without its parts. */
  needs(value: T): boolean;
  /** A value read from the field's column, with its parts. @throws {FormatError} when they do not belong together. */
  attach(value: T, parts: readonly unknown[], place: Place): T;
}

const brand: unique symbol = Symbol.for("legolas-flux.field-type") as never;

/** A refinement of a type: a synchronous function that returns the value to keep or throws, or a synchronous Standard Schema. */
export type Refinement<T, U> = ((value: T) => U) | StandardSchemaV1<unknown, U>;

/** Where a schema version keeps its type as a nested record. */
export const asFieldType: unique symbol = Symbol.for("legolas-flux.as-field-type") as never;

/** Where a value keeps its own type, as records and weights do; fields declared without a type take it from there. */
export const fieldTypeOfValue: unique symbol = Symbol.for("legolas-flux.field-type-of-value") as never;

/** A field type, or a schema version, which stands for its records. */
export type FieldLike<T = unknown, I = unknown> = FieldType<T, I> | { readonly [asFieldType]: FieldType<T, I> };

export function toFieldType<T, I>(like: FieldLike<T, I>): FieldType<T, I> {
  if (!isFieldLike(like)) {
    const found = formatValue(like);
    throw new DeclarationError({
      subject: "field type",
      expected: "a field type such as t.int64, or a schema version",
      found,
    });
  }
  return asFieldType in like ? like[asFieldType] : like;
}

/**
 * The type of a field: which values it takes and how it keeps them, and which Arrow columns it reads and writes.
 *
 * @typeParam T - The type of its values in TypeScript.
 * @typeParam I - The type of what it takes for one.
 */
export class FieldType<T, I = T> {
  /** @internal */
  readonly [brand] = true;
  /** The type of the values; exists in types only. */
  declare readonly "~output": T;
  /** The type of what is taken for a value; exists in types only. */
  declare readonly "~input": I;

  /** @internal */
  readonly spec: FieldSpec<T>;

  /** @internal */
  constructor(spec: FieldSpec<T>) {
    this.spec = spec;
  }

  /** The type as text, such as `vector<int64>`. */
  get text(): string {
    return this.spec.text;
  }

  /** Whether null is a value of the type. */
  get takesNull(): boolean {
    return this.spec.takesNull === true;
  }

  /**
   * The same type, for tables that may hold another one: a column that either accepts is read, its values pass through this type.
   *
   * @param like - The other type, such as `t.int32` for a `t.int64` field of older files.
   */
  accepting(like: FieldLike): FieldType<T, I> {
    const { spec } = this;
    const other = toFieldType(like);
    return new FieldType<T, I>({
      ...spec,
      text: `${spec.text} accepting ${other.text}`,
      accepting: this,
      accepts: (field) => spec.accepts(field) || other.spec.accepts(field),
      reader: (array, place) => {
        if (spec.accepts(array.field)) return spec.reader(array, place);
        const read = other.spec.reader(array, place);
        return (index) => spec.construct(read(index), inside(place, index));
      },
    });
  }

  /**
   * The same type with a refinement that values pass when a record is built.
   *
   * @param refinement - A synchronous function that returns the value to keep or throws, or a synchronous Standard Schema. What it
   *   returns must be a value of this type, which is what the column holds, and must pass again: it is given to it when the record is read.
   */
  as<U>(refinement: Refinement<T, U>): FieldType<U, I> {
    checkRefinement(refinement);
    const { narrows: _, accepting: __, ...spec } = this.spec;
    // What a refinement gives must be a value of the base type, which is what its column holds.
    const keep = (value: T, place: Place): U => spec.construct(refine(refinement, value, place), place) as unknown as U;
    const construct = (value: unknown, place: Place): U => keep(spec.construct(value, place), place);
    return new FieldType<U, I>({
      // Storage is that of the base type: a refined value is one of its values.
      ...(spec as unknown as FieldSpec<U>),
      text: `${spec.text} as ${refinementText(refinement)}`,
      construct,
      reader: (array, place) => {
        const read = spec.reader(array, place);
        return (index) => keep(read(index), inside(place, index));
      },
      refines: this,
    });
  }
}

function refine<T, U>(refinement: Refinement<T, U>, value: T, place: Place): U {
  if (typeof refinement === "function" && !("~standard" in refinement)) {
    return attempt(() => refinement(value), value, place);
  }
  const { validate } = (refinement as StandardSchemaV1<unknown, U>)["~standard"];
  const result = attempt(() => validate(value), value, place);
  if (result instanceof Promise) {
    throw mismatch(place, "a synchronous Standard Schema", value, "Use a schema without asynchronous checks");
  }
  if (!result.issues) return result.value;
  throw mismatch(place, result.issues.map(({ message }) => message).join("; "), value);
}

function attempt<U>(run: () => U, value: unknown, place: Place): U {
  try {
    return run();
  } catch (cause) {
    throw mismatch(place, `a value that its refinement takes (${messageOf(cause)})`, value, undefined, cause);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const numbersKey: unique symbol = Symbol.for("legolas-flux.standard-schemas") as never;

/** Numbers of the Standard Schemas met in this process, over all copies of this package. */
function schemaNumbers(): { readonly of: WeakMap<object, number>; seen: number } {
  const holder = globalThis as { [numbersKey]?: { readonly of: WeakMap<object, number>; seen: number } };
  holder[numbersKey] ??= { of: new WeakMap(), seen: 0 };
  return holder[numbersKey];
}

function checkRefinement(refinement: unknown): void {
  if (typeof refinement === "function" || "~standard" in (Object(refinement) as object)) return;
  throw new DeclarationError({
    subject: "refinement",
    expected: "a function or a Standard Schema",
    found: formatValue(refinement),
  });
}

/** Functions compare by their source; Standard Schemas only by identity. */
function refinementText(refinement: object): string {
  if (typeof refinement === "function" && !("~standard" in refinement)) return refinement.toString();
  const known = schemaNumbers();
  const number = known.of.get(refinement) ?? ++known.seen;
  known.of.set(refinement, number);
  return `standard schema ${number}`;
}

export function isFieldLike(value: unknown): value is FieldLike {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return brand in value || asFieldType in value;
}

/** Whether every value of one type is a value of the other. */
export function isNarrower(type: FieldType<unknown, unknown>, wider: FieldType<unknown, unknown>): boolean {
  if (wider.text === "any" || type.text === wider.text) return true;
  // A type that reads more columns complies with tables that the wider one would refuse.
  if (type.spec.accepting) return false;
  if (wider.spec.accepting) return isNarrower(type, wider.spec.accepting);
  if (type.spec.refines && isNarrower(type.spec.refines, wider)) return true;
  if (wider.spec.refines) return false;
  if (wider.spec.alternatives) {
    const parts = type.spec.alternatives ?? [type];
    return (
      (!type.takesNull || wider.takesNull) &&
      parts.every((part) => wider.spec.alternatives?.some((alternative) => isNarrower(part, alternative)))
    );
  }
  return !type.takesNull && (type.spec.narrows?.(wider) ?? false);
}

/** A reader of an accepted array in which null may stand only where the type takes it. */
export function readerOf<T>(type: FieldType<T, unknown>, array: ArrayData, place: Place): ElementReader<T> {
  const read = elementReader(array, (plain) => type.spec.reader(plain, place));
  if (type.takesNull) return read as ElementReader<T>;
  return (index) => {
    const value = read(index);
    if (value === null)
      throw mismatch(
        inside(place, index),
        type.text,
        null,
        "Declare the field with t.optional(...) if it may be missing",
      );
    return value;
  };
}

/** Whether the child of a column, which may hold nothing but null, can be read as a type; undefined where there is no such child. */
export function acceptsNested(type: FieldType<unknown, unknown>, child: Field | undefined): boolean {
  return child !== undefined && (child.type.kind === "null" ? type.takesNull : type.spec.accepts(child));
}
