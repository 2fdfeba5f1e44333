/** Models of every format, opened for reading. */
import { fromNpz } from "../../formats/npz/from-npz.ts";
import { openModelJson } from "../../formats/tfjs-files/open-model-json.ts";
import { LazyWeights, MissingWeightsError, openModelRows, RowCountError, Weights } from "../../index.ts";
import { openSafetensors } from "../../safetensors.ts";
import { inexactColumns } from "../cat/inexact-values.ts";
import { type ColumnOptions, columnTexts, type Texts } from "./column-texts.ts";
import type { Format, Location } from "./format.ts";

/** A model on its way from one format to another. */
export interface Input {
  readonly weights: Weights | LazyWeights;
  /** What stands beside the weights. */
  readonly texts: Texts;
  /** The contents of model.json, where it is one. */
  readonly model: Readonly<Record<string, unknown>> | null;
  /** What is worth knowing. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

export interface InputOptions extends ColumnOptions {
  readonly row: number | null;
  /** What the weights follow, whatever the file says. */
  readonly layout: string | null;
  readonly signal: AbortSignal;
}

const quantizationKey = "legolas-flux.quantization";
const namesKey = "legolas-flux.names";
const nothing = async (): Promise<void> => {};

/** Opens a model; of formats that allow it, only what stands beside the weights is read. */
export async function openInput({ format, path }: Location, options: InputOptions): Promise<Input> {
  const input = await openers[format](path, options);
  const { [namesKey]: names, ...texts } = input.texts;
  return { ...input, texts, weights: renamed(input.weights, names !== undefined, options.layout) };
}

/** @param isNameless - The names were given for a format that needs some. */
function renamed(weights: Weights | LazyWeights, isNameless: boolean, layout: string | null): Weights | LazyWeights {
  if (!isNameless && layout === null) return weights;
  const parts = { names: isNameless ? null : weights.names, layout: layout ?? weights.layout, dtypes: weights.dtypes };
  return weights instanceof Weights ? new Weights(weights, parts) : weights.with(parts);
}

/** Names for formats that need some, with the text that says that there were none. They are numpy's own for arrays without. */
export function named(weights: Weights | LazyWeights, texts: Texts): readonly [Weights | LazyWeights, Texts] {
  if (weights.names !== null) return [weights, texts];
  const names = Array.from({ length: weights.length }, (_, i) => `arr_${i}`);
  const { layout, dtypes } = weights;
  const given = weights instanceof Weights ? new Weights(weights, { names, layout, dtypes }) : weights.with({ names });
  return [given, { ...texts, [namesKey]: "none" }];
}

const openers: Readonly<Record<Format, (path: string, options: InputOptions) => Promise<Input>>> = {
  arrow: openArrow,
  safetensors: async (path, { signal }) => {
    const { weights, metadata, close } = await openSafetensors(path, { signal });
    return { weights, texts: withoutLayout(metadata), model: null, notes: [], close };
  },
  npz: async (path, { signal }) => {
    const { weights, metadata } = await fromNpz(path, { signal });
    return { weights, texts: metadata, model: null, notes: [], close: nothing };
  },
  tfjs: openTfjs,
};

/** The layout is known of the weights; how a safetensors file says it is written again with them. */
function withoutLayout({ "legolas-flux.layout": _, ...metadata }: Texts): Texts {
  const { format, ...others } = metadata;
  return format === "pt" ? others : metadata;
}

async function openArrow(path: string, { row: index, signal, ...options }: InputOptions): Promise<Input> {
  const table = await openModelRows<object>(path, undefined, { validate: false, signal });
  try {
    if (index === null && table.numRows !== 1) throw new RowCountError(table.numRows);
    const { row, weights } = await table.row(index ?? 0);
    if (weights === null) throw new MissingWeightsError("convert");
    const values = row as Readonly<Record<string, unknown>>;
    const plain = Object.keys(values).filter(
      (name) => !(values[name] instanceof LazyWeights) && !options.drop.includes(name),
    );
    const inexact = await inexactColumns({ source: path, table: table.table }, plain, signal);
    const texts = columnTexts({ source: path, table: table.table, values, inexact }, options);
    return { weights, texts, model: null, notes: [], close: table.close };
  } catch (error) {
    await table.close();
    throw error;
  }
}

async function openTfjs(path: string, { signal }: InputOptions): Promise<Input> {
  const { weights, isInLayerOrder, quantizations, model, metadata, close } = await openModelJson(path, { signal });
  const notes: string[] = [];
  if (!isInLayerOrder) {
    notes.push(
      "the layers of the model are not known, so the arrays are in the order of the file, trainable ones first",
    );
  }
  if (quantizations.size === 0) return { weights, texts: metadata, model, notes, close };
  notes.push(
    `${quantizations.size} arrays were quantized to integers; they are converted as the numbers that TensorFlow.js computes with`,
  );
  const texts = { ...metadata, [quantizationKey]: JSON.stringify(Object.fromEntries(quantizations)) };
  return { weights, texts, model, notes, close };
}
