/** Every layer whose weights can be converted. */
import { conv1d, conv2d, conv2dTranspose, conv3d, conv3dTranspose } from "./convolution.ts";
import { dense } from "./dense.ts";
import { depthwiseConv2d, separableConv2d } from "./depthwise-convolution.ts";
import { embedding } from "./embedding.ts";
import type { LayerEntry } from "./layer-entry.ts";
import { batchNormalization, layerNormalization } from "./normalization.ts";
import { parameterlessLayers } from "./parameterless.ts";
import { gruCell, lstmCell, simpleRnnCell } from "./recurrent.ts";

/** In the order of the documentation. */
export const layerEntries: readonly LayerEntry[] = [
  dense,
  embedding,
  conv1d,
  conv2d,
  conv3d,
  conv2dTranspose,
  conv3dTranspose,
  depthwiseConv2d,
  separableConv2d,
  batchNormalization,
  layerNormalization,
  simpleRnnCell,
  lstmCell,
  gruCell,
  ...parameterlessLayers,
];

const builtIn = new Map(layerEntries.flatMap((entry) => entry.classNames.map((name) => [name, entry] as const)));
const registered = new Map<string, LayerEntry>();

/** What a class of layers says of its weights; undefined where nobody registered it. */
export function findLayerEntry(className: string): LayerEntry | undefined {
  return registered.get(className) ?? builtIn.get(className);
}

/**
 * Declares how the weights of a layer of one's own stand in other frameworks. A later entry for a class takes the place of an earlier one,
 * of those that come with this package too.
 *
 * @param entry - What the family of layers says of itself.
 */
export function registerLayer(entry: LayerEntry): void {
  for (const className of entry.classNames) registered.set(className, entry);
}
