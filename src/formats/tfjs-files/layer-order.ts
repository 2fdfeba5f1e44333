/**
 * The order in which `legolas-flux/tfjs` walks the weights of a model, from the model's configuration alone.
 *
 * Idea: files list trainable weights first and then all others, in the order of the layers; sorting them by layer, with the weights of each
 * layer as they were, gives back the list of each layer.
 */
import { isObject, type JsonObject } from "./checked-json.ts";

const maxDepth = 64;

/**
 * For each place the index of the weight that stands there.
 *
 * @param topology - `modelTopology` of model.json.
 * @returns Null where the configuration does not have the layer of every weight.
 */
export function layerOrder(names: readonly string[], topology: unknown): readonly number[] | null {
  const ranks = new Map<string, number>();
  const root = isObject(topology) && isObject(topology.model_config) ? topology.model_config : topology;
  if (isObject(root)) for (const layer of childrenOf(root)) addLayer(layer, ranks, 0);
  const ranked = names.map((name) => rankOf(name, ranks));
  if (ranked.includes(null)) return null;
  return [...names.keys()].sort((a, b) => (ranked[a] as number) - (ranked[b] as number) || a - b);
}

/** Of the layer whose name, which may have slashes, begins the weight's. */
function rankOf(name: string, ranks: ReadonlyMap<string, number>): number | null {
  for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
    const rank = ranks.get(name.slice(0, end));
    if (rank !== undefined) return rank;
  }
  return null;
}

/** Those that a layer holds come before it, as a wrapper may have weights of its own. */
function addLayer(layer: JsonObject, ranks: Map<string, number>, depth: number): void {
  if (depth > maxDepth) return;
  for (const held of childrenOf(layer)) addLayer(held, ranks, depth + 1);
  const config = isObject(layer.config) ? layer.config : {};
  const name = config.name ?? layer.name;
  if (typeof name === "string" && !ranks.has(name)) ranks.set(name, ranks.size);
}

/** The layers of a model, of old Sequential ones too, and the layer or the cells that another one holds. */
function childrenOf({ config }: JsonObject): readonly JsonObject[] {
  if (Array.isArray(config)) return config.filter(isObject);
  if (!isObject(config)) return [];
  const { layers, layer, cell, cells } = config;
  return [...(Array.isArray(layers) ? layers : []), layer, cell, ...(Array.isArray(cells) ? cells : [])].filter(
    isObject,
  );
}
