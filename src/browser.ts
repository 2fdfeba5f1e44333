/**
 * Models that a browser keeps, and downloads; with the verbs that read and write them.
 *
 * @module legolas-flux/browser
 */
export { downloadFile, downloadTarget } from "./browser/download.ts";
export {
  type ListedFile,
  type ModelStore,
  openModelStore,
  type StoredFile,
  type StoreOptions,
} from "./browser/model-store.ts";
export type { FileFacts, StoreKind } from "./browser/stored-files.ts";
export { StorageQuotaError } from "./errors.ts";
export { readModelRow, writeModelRow } from "./weights/model-row.ts";
export { openModelRow } from "./weights/open-model-rows.ts";
