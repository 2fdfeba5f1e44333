/**
 * What a declared schema version is, for types and for the rest of this folder.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { asFieldType, FieldType } from "./fields/field-type.ts";
import type { FieldLikes, FieldTypes, InputOf, OutputOf } from "./fields/struct.ts";
import type { SchemaVersionId } from "./identifier.ts";

type Simplify<T> = { [K in keyof T]: T[K] };
type NullKeys<F> = { [K in keyof F]: null extends OutputOf<F[K]> ? K : never }[keyof F];

/** The fields of a parent, overridden and followed by those of its child. */
export type Inherit<Parent, Own> = Simplify<Omit<Parent, keyof Own> & Own>;

export type OwnRecord<F> = { readonly [K in keyof F]: OutputOf<F[K]> };

/** What is taken for own fields: those that may be null, or that an assignment fills (`A`), may be left out. */
export type OwnInput<F, A> = Simplify<
  { readonly [K in Exclude<keyof F, NullKeys<F> | A>]: InputOf<F[K]> } & {
    readonly [K in Extract<keyof F, NullKeys<F> | A>]?: InputOf<F[K]> | null | undefined;
  }
>;

/** What an assignment sees: the parent's fields and own fields above it processed; own fields from it on as given, or null. */
export type AssignmentInput<Parent, F> = Inherit<Parent, { readonly [K in keyof F]: OutputOf<F[K]> | null }>;

export type Check<R> = (record: R) => unknown;

/** How a version was declared: its own part, without what it inherits. */
export interface Declaration {
  readonly fields: FieldTypes;
  readonly assign: Readonly<Record<string, (values: never) => unknown>>;
  readonly checks: Readonly<Record<string, (record: never) => unknown>>;
}

interface SchemaVersionProperties extends SchemaVersionId {
  /** The schema's name, `digits.model`. */
  readonly name: string;
  readonly version: number;
  /** With ancestors: `digits.model@1>legolas-flux.model@1`. */
  readonly identifier: string;
  readonly parent: AnySchemaVersion | null;
  /** Every field, inherited ones first, then own ones in the order of declaration. */
  readonly fields: FieldTypes;
  readonly declaration: Declaration;
  /** Standard Schema: validates one record, synchronously. */
  readonly "~standard": StandardSchemaV1.Props<unknown, object>;
  readonly [asFieldType]: FieldType<object, unknown>;
}

/** A schema version whose records' type is not known. */
export type AnySchemaVersion = SchemaVersionProperties & ((input: never) => object);

/**
 * A declared version of a schema: a function that builds its records.
 *
 * `R` is the type of its records, `I` of what it builds them from.
 */
export interface SchemaVersion<R extends object, I = R> extends SchemaVersionProperties {
  /**
   * Builds a record: frozen, with every declared field, inherited ones first. Absent and undefined fields are null, undeclared ones
   * are dropped. The parent's assignments and checks run first, then these.
   *
   * @throws {RecordError} A value does not fit its field, or an assignment threw.
   * @throws {CheckError} A check failed.
   */
  (input: I): R;
  readonly "~standard": StandardSchemaV1.Props<I, R>;
  readonly [asFieldType]: FieldType<R, I>;
}

/** The type of a schema version's records. */
export type RecordOf<V> = V extends (input: never) => infer R ? R : never;
/** The type of what a schema version builds records from. */
export type RecordInputOf<V> = V extends (input: infer I) => unknown ? I : never;

/** What `version` takes. */
export interface VersionDeclaration<P, F extends FieldLikes, A extends keyof F> {
  /** A version of another schema, whose fields, assignments and checks are inherited. */
  readonly extends?: P;
  /** Own fields in order. A field of the parent may be declared again with a narrower type, never a wider one. */
  readonly fields?: F;
  /** Computes fields, in the order of the fields; each must give the same again for its own result. */
  readonly assign?: { readonly [K in A]: (values: AssignmentInput<RecordOf<P>, F>) => InputOf<F[K]> | OutputOf<F[K]> };
  /** Named conditions on the whole record, checked in order after the parent's. */
  readonly checks?: Readonly<Record<string, Check<Inherit<RecordOf<P>, OwnRecord<F>>>>>;
}
