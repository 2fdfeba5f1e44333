/**
 * What a declared schema version is, for types and for the rest of this folder.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { asFieldType, FieldType } from "./fields/field-type.ts";
import type { FieldLikes, FieldTypes, InputOf, OutputOf } from "./fields/struct.ts";
import type { SchemaVersionId } from "./identifier.ts";

/** The fields of a parent, overridden and followed by those of its child: of records, or of what they are built from. */
export type Inherit<Parent, Own> = {
  [K in keyof (Omit<Parent, keyof Own> & Own)]: (Omit<Parent, keyof Own> & Own)[K];
};

/** The part of a record that its version declares itself, from its field types by name. */
export type OwnRecord<F> = { readonly [K in keyof F]: OutputOf<F[K]> };

/**
 * What the part of a record that its version declares itself is built from: fields that may be null, or that an assignment fills (`A`), may
 * be left out.
 */
export type OwnInput<F, A> = Inherit<
  { readonly [K in keyof F as K extends A ? never : null extends OutputOf<F[K]> ? never : K]: InputOf<F[K]> },
  {
    readonly [K in keyof F as K extends A ? K : null extends OutputOf<F[K]> ? K : never]?:
      | InputOf<F[K]>
      | null
      | undefined;
  }
>;

/** What an assignment sees: the parent's fields and own fields above it processed; own fields from it on as given, or null. */
export type AssignmentInput<Parent, F> = Inherit<Parent, { readonly [K in keyof F]: OutputOf<F[K]> | null }>;

/** A condition on a record: truthy where it holds. What it throws counts as broken. @inline */
export type Check<R> = (record: R) => unknown;

/** How a version was declared: its own part, without what it inherits. */
export interface Declaration {
  /** Own fields in order, those included that narrow one of the parent's. */
  readonly fields: FieldTypes;
  /** The assignments by the names of their fields. */
  readonly assign: Readonly<Record<string, (values: never) => unknown>>;
  /** The checks by their names, in order. */
  readonly checks: Readonly<Record<string, (record: never) => unknown>>;
}

/** What every schema version has, besides being a function. */
export interface SchemaVersionProperties extends SchemaVersionId {
  /** The schema's name, `digits.model`. */
  readonly name: string;
  /** The number of the version. */
  readonly version: number;
  /** With ancestors: `digits.model@1>legolas-flux.model@1`. */
  readonly identifier: string;
  /** The version that this one extends, or null. */
  readonly parent: AnySchemaVersion | null;
  /** Every field, inherited ones first, then own ones in the order of declaration. */
  readonly fields: FieldTypes;
  /** How it was declared, without what it inherits. */
  readonly declaration: Declaration;
  /** Standard Schema: validates one record, synchronously. */
  readonly "~standard": StandardSchemaV1.Props<unknown, object>;
  /** @internal */
  readonly [asFieldType]: FieldType<object, unknown>;
}

/** A schema version of any records, whatever it builds them from. */
export type AnySchemaVersion = SchemaVersionProperties & ((input: never) => object);

/**
 * A declared version of a schema: a function that builds its records.
 *
 * @typeParam R - The type of its records.
 * @typeParam I - The type of what it builds them from.
 */
export interface SchemaVersion<R extends object, I = R> extends SchemaVersionProperties {
  /**
   * Builds a record: frozen, with every declared field, inherited ones first. Absent and undefined fields are null, undeclared ones
   * are dropped. The parent's assignments and checks run first, then these.
   *
   * @param input - A value for each field; those that may be null, or that an assignment fills, may be absent.
   * @throws {RecordError} A value does not fit its field, or an assignment threw.
   * @throws {CheckError} A check failed.
   */
  (input: I): R;
  /** Standard Schema: validates one record, synchronously. */
  readonly "~standard": StandardSchemaV1.Props<I, R>;
  /** @internal */
  readonly [asFieldType]: FieldType<R, I>;
}

/** A schema version whose records are of type `R`, whatever it builds them from: what reading verbs take. */
export type SchemaVersionFor<R extends object> = AnySchemaVersion & ((input: never) => R);

/** The type of a schema version's records. */
export type RecordOf<V> = V extends (input: never) => infer R ? R : never;
/** The type of what a schema version builds records from. */
export type RecordInputOf<V> = V extends (input: infer I) => unknown ? I : never;

/**
 * What a version of a schema is declared by.
 *
 * @typeParam P - The parent.
 * @typeParam F - The own field types by name.
 * @typeParam A - The names of the fields with an assignment.
 */
export interface VersionDeclaration<P, F extends FieldLikes, A extends keyof F> {
  /** A version of another schema, whose fields, assignments and checks are inherited. */
  readonly extends?: P;
  /** Own fields in order. A field of the parent may be declared again with a narrower type, never a wider one. */
  readonly fields?: F;
  /**
   * Computes fields, in the order of the fields: each sees the fields above it processed, itself and those below as given, or null. It must give
   * the same again for its own result, since it runs whenever the record is read.
   */
  readonly assign?: { readonly [K in A]: (values: AssignmentInput<RecordOf<P>, F>) => InputOf<F[K]> | OutputOf<F[K]> };
  /** Named conditions on the whole record, checked in order after the parent's. */
  readonly checks?: Readonly<Record<string, Check<Inherit<RecordOf<P>, OwnRecord<F>>>>>;
}
