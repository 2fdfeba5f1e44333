/**
 * Schemas, records and tables: declaring what columns a table has, building and checking its rows, reading and writing it.
 *
 * @module legolas-flux/legolas
 */
export { loadCodecs } from "./arrow/codecs/body-compression.ts";
export {
  type BytesForm,
  type DataType,
  type DictionaryEncoding,
  type Field,
  type FloatType,
  formatType,
  type IntType,
  type Metadata,
  type Schema as ArrowSchema,
  type TimeUnit,
  type UnsupportedType,
} from "./arrow/data-type.ts";
export { declareFromDescription } from "./description/declare-from-description.ts";
export { describeColumns } from "./description/describe-columns.ts";
export { describeSchema } from "./description/describe-schema.ts";
export type { SchemaDescription, VersionDescription } from "./description/schema-description.ts";
export {
  CheckError,
  CodecNotLoadedError,
  DeclarationError,
  type ErrorFacts,
  FormatError,
  InputError,
  isLegolasError,
  LegolasError,
  RecordError,
  type SchemaProvider,
  SourceError,
  UnknownSchemaError,
  UnsupportedTypeError,
  type Violation,
  ViolationError,
} from "./errors.ts";
export type { ByteSink, SinkOpener, Target } from "./io/byte-sink.ts";
export type { ByteSource, Source, SourceOpener } from "./io/byte-source.ts";
export type { Progress, ProgressOptions, TransferOptions } from "./io/transfer-options.ts";
export { type Schema, schema } from "./legolas/declare.ts";
export type { EncodeOptions } from "./legolas/encode-rows.ts";
export type { FieldLike, FieldType, Refinement } from "./legolas/fields/field-type.ts";
export type { FieldLikes, FieldTypes, InputOf, OutputOf, StructInput, StructOutput } from "./legolas/fields/struct.ts";
export type { Duration } from "./legolas/fields/temporal.ts";
export { gather, locations, materialize } from "./legolas/gather.ts";
export { formatIdentifier, parseIdentifier, type SchemaVersionId } from "./legolas/identifier.ts";
export { construct, lift, recordEquals, recordMerge, schemaVersionOf } from "./legolas/record.ts";
export { declared, lookup } from "./legolas/registry.ts";
export type {
  AnySchemaVersion,
  AssignmentInput,
  Declaration,
  Inherit,
  OwnInput,
  OwnRecord,
  RecordInputOf,
  RecordOf,
  SchemaVersion,
  SchemaVersionFor,
  SchemaVersionProperties,
  VersionDeclaration,
} from "./legolas/schema-version.ts";
export { extractSchemaVersion, type LegolasTable, type TableOptions } from "./legolas/table.ts";
export {
  decodeTable,
  encodeTable,
  type ReadTableOptions,
  readTable,
  type WriteOptions,
  writeTable,
} from "./legolas/table-io.ts";
export { compliesWith, findViolation, findViolations, type TableOrSchema, validate } from "./legolas/violations.ts";
export { t } from "./t.ts";
