/**
 * Models as rows: weights, files of them, and every error. Files are read and written at paths in Node, and everywhere at addresses, in memory and
 * in whatever gives or takes bytes.
 *
 * @module legolas-flux
 */
export type { TypedArray } from "./arrow/array-data.ts";
export { loadCodecs } from "./arrow/codecs/body-compression.ts";
export {
  CheckError,
  CodecNotLoadedError,
  DeclarationError,
  type ErrorFacts,
  FormatError,
  InputError,
  isLegolasError,
  LayerConversionError,
  type LayerProblem,
  LayoutError,
  LegolasError,
  LossyConversionError,
  MissingWeightsError,
  PartialLoadError,
  RecordError,
  RowCountError,
  type SchemaProvider,
  SourceError,
  StorageQuotaError,
  type TrainingStateMismatch,
  TrainingStateMismatchError,
  UnknownSchemaError,
  UnsupportedTypeError,
  type Violation,
  ViolationError,
  type WeightsMismatch,
  WeightsMismatchError,
} from "./errors.ts";
export type { ByteSink, SinkOpener, Target } from "./io/byte-sink.ts";
export type { ByteSource, Source, SourceOpener } from "./io/byte-source.ts";
export type { Progress, ProgressOptions, TransferOptions } from "./io/transfer-options.ts";
export type { EncodeOptions } from "./legolas/encode-rows.ts";
export type { AnySchemaVersion, SchemaVersionFor } from "./legolas/schema-version.ts";
export type { WriteOptions } from "./legolas/table-io.ts";
export { appendModelRows } from "./weights/append-model-rows.ts";
export type { ElementType } from "./weights/element-type.ts";
export { type FetchOptions, fetchWeights } from "./weights/fetch-weights.ts";
export { FlatArray } from "./weights/flat-array.ts";
export { type ArrayInfo, LazyWeights } from "./weights/lazy-weights.ts";
export { type FileLister, type ListedRow, type ListOptions, listModelRows } from "./weights/list-model-rows.ts";
export { type LazyLoadOptions, type LoadOptions, loadWeights } from "./weights/load-weights.ts";
export { ModelV1 } from "./weights/model.ts";
export { decodeModelRow, encodeModelRow, readModelRow, writeModelRow } from "./weights/model-row.ts";
export { readModelRows, writeModelRows } from "./weights/model-rows.ts";
export {
  type ModelRowHandle,
  type ModelRowsHandle,
  type OpenOptions,
  openModelRow,
  openModelRows,
  type TableFacts,
} from "./weights/open-model-rows.ts";
export { Weights, type WeightsOptions } from "./weights/weights.ts";
