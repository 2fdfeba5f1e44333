/** Weights in another framework's order and axes, by way of the model that they are of. */
import { isLegolasError, type LazyWeights, type Weights } from "../../index.ts";
import type { ConversionOptions } from "../../tfjs.ts";
import { UsageError } from "../exit-code.ts";

export const layouts = ["flux", "tfjs", "torch"] as const;
export type Layout = (typeof layouts)[number];

export interface LayoutConversion {
  readonly to: Layout;
  /** The contents of a model.json, or null where none is known. */
  readonly model: Readonly<Record<string, unknown>> | null;
  /** What `loadWeights` and `fetchWeights` take. */
  readonly options: ConversionOptions;
}

/**
 * Builds the model, loads the weights into it and fetches them again.
 *
 * @throws {UsageError} The model is not known, cannot be built, or TensorFlow.js is not installed.
 * @throws {LegolasError} The weights are not those of the model, or a layer has no exact counterpart.
 */
export async function convertLayout(
  weights: Weights | LazyWeights,
  { to, model, options }: LayoutConversion,
): Promise<Weights> {
  const from = weights.layout ?? "flux";
  const topology = model?.modelTopology ?? (model && "class_name" in model ? model : null);
  if (!topology) {
    throw new UsageError(
      `--layout ${to}: what has to be permuted from "${from}" depends on the layers; pass the model with --topology model.json`,
    );
  }
  const { tf, tfjs } = await loadTfjs();
  const built = await build(tf, topology);
  try {
    await tfjs.loadWeights(built, weights, options);
    return await tfjs.fetchWeights(built, { layout: to, ...options });
  } finally {
    built.dispose();
  }
}

type Tfjs = typeof import("@tensorflow/tfjs");

async function loadTfjs(): Promise<{ tf: Tfjs; tfjs: typeof import("../../tfjs.ts") }> {
  try {
    const tf = await import("@tensorflow/tfjs");
    // Its greeting is for those who compute with it.
    tf.enableProdMode();
    await tf.ready();
    return { tf, tfjs: await import("../../tfjs.ts") };
  } catch (cause) {
    if (isLegolasError(cause)) throw cause;
    throw new UsageError("--layout builds the model, for which TensorFlow.js is needed: npm install @tensorflow/tfjs");
  }
}

async function build(tf: Tfjs, topology: unknown): Promise<import("@tensorflow/tfjs").LayersModel> {
  try {
    return await tf.models.modelFromJSON(topology as never);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--topology: TensorFlow.js cannot build the model: ${reason}`);
  }
}
