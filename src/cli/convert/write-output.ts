/** Models written in every format. */

import { toNpz } from "../../formats/npz/to-npz.ts";
import { writeModelJson } from "../../formats/tfjs-files/write-model-json.ts";
import { toRowWeights } from "../../formats/to-row-weights.ts";
import { type LazyWeights, type Weights, writeModelRow } from "../../index.ts";
import type { AnySchemaVersion } from "../../legolas.ts";
import { toSafetensors } from "../../safetensors.ts";
import { rowOfTexts, type Texts } from "./column-texts.ts";
import type { Location } from "./format.ts";
import { named } from "./open-input.ts";

export interface OutputModel {
  readonly weights: Weights | LazyWeights;
  readonly texts: Texts;
  /** The contents of the model.json that the weights are of, where it is known. */
  readonly model: Readonly<Record<string, unknown>> | null;
}

export interface OutputOptions {
  readonly schemaVersion: AnySchemaVersion | null;
  readonly set: readonly string[];
  readonly compression?: "lz4" | "zstd";
  readonly checksum: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { readonly bytes: number }) => void;
}

/** Writes a model. @returns What is worth knowing. */
export async function writeOutput(
  { format, path }: Location,
  given: OutputModel,
  options: OutputOptions,
): Promise<string[]> {
  if (format === "arrow") return writeArrow(path, given, options);
  const [weights, metadata] = named(given.weights, given.texts);
  const { signal, onProgress } = options;
  if (format === "safetensors") await toSafetensors(weights, path, { metadata, signal, onProgress });
  else if (format === "npz") await toNpz(weights, path, { metadata, signal, onProgress });
  else {
    await writeModelJson(weights, path, { metadata, model: given.model, signal, onProgress });
    if (!given.model) {
      return ["there is no model in it: tf.loadLayersModel needs one, which --topology takes from another model.json"];
    }
  }
  return [];
}

async function writeArrow(path: string, { weights, texts }: OutputModel, options: OutputOptions): Promise<string[]> {
  const { schemaVersion, columns, undeclared, metadata, notes } = rowOfTexts(texts, options.schemaVersion, options.set);
  const { compression, checksum, signal, onProgress } = options;
  const all = await toRowWeights(weights, compression === undefined && !checksum);
  const record = schemaVersion({ ...columns, weights: all } as never) as object;
  await writeModelRow(path, { ...record, ...undeclared }, schemaVersion, {
    metadata,
    checksum,
    signal,
    onProgress,
    ...(compression && { compression }),
  });
  return [...notes];
}
