/** A model of a file, ready to tell digits. */
import * as tf from "@tensorflow/tfjs";
// In plain JavaScript, a digit takes a millisecond, and there are no shaders to compile first.
import "@tensorflow/tfjs-backend-cpu";
import { type ModelRowHandle, openModelRow, type Progress } from "legolas-flux";
import { loadWeights } from "legolas-flux/tfjs";
import { imageSide } from "../../../examples/digits/digit-images.ts";
import { DigitsRowV1 } from "../../../examples/digits/digits-row.ts";
import { makeFluxModel } from "../../../examples/digits/make-flux-model.ts";
import { makeModel } from "../../../examples/digits/make-model.ts";

/** Arrays of the convolutional network of LegolasFlux.jl's example. */
const fluxArrays = 14;

export interface Classifier {
  /** What the file says of the model. */
  readonly row: Omit<DigitsRowV1, "weights">;
  readonly schema: string;
  readonly parameters: number;
  /** From a row-major [28, 28] image to the probabilities of the ten digits. */
  classify(image: Float32Array): Float32Array;
  dispose(): void;
}

/**
 * Opens a `digits.model@1` row of one of the two models that the examples have, by range where it is at an address.
 *
 * @throws {LegolasError} It cannot be read, is another schema's, or its weights fit neither model.
 */
export async function openClassifier(
  source: string | File,
  onProgress: (progress: Progress) => void,
): Promise<Classifier> {
  tf.enableProdMode();
  await tf.setBackend("cpu");
  const handle = await openModelRow(source, DigitsRowV1, { onProgress });
  const { row, schemaVersion } = handle;
  const model = await modelOf(handle).finally(() => handle.close());
  const shape = model.inputs[0]?.shape.length === 4 ? [1, imageSide, imageSide, 1] : [1, imageSide * imageSide];
  return {
    row,
    schema: schemaVersion.identifier,
    parameters: model.countParams(),
    classify: (image) =>
      tf.tidy(() => Float32Array.from((model.predict(tf.tensor(image, shape)) as tf.Tensor).dataSync())),
    dispose: () => model.dispose(),
  };
}

async function modelOf({ row, weights }: ModelRowHandle<DigitsRowV1>): Promise<tf.LayersModel> {
  const model = weights?.length === fluxArrays ? makeFluxModel() : makeModel(row.config);
  try {
    await loadWeights(model, weights);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}
