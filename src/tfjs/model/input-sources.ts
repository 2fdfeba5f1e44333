/** From which layers the layers of a model take their input. */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs";
import { findLayerEntry } from "../../layouts/layer-entries.ts";
import { inputsOf, outputsOf } from "./data-orders.ts";
import { asHolder, type Layer } from "./model-layers.ts";

/** The first output of a layer; null for other outputs and what comes from outside the model. */
type InputSource = Layer | null;

/**
 * What each layer takes as its first input, in all calls, seen through nested models and through dropout, which PyTorch has between the
 * layers of a recurrent module.
 */
export function findInputSources(model: LayersModel): ReadonlyMap<Layer, ReadonlySet<InputSource>> {
  const found = new Map<Layer, Set<InputSource>>();
  throughModel(
    model,
    model.inputs.map(() => null),
    found,
  );
  return found;
}

function throughModel(
  model: LayersModel,
  inputs: readonly InputSource[],
  found: Map<Layer, Set<InputSource>>,
): InputSource[] {
  const known = new Map<SymbolicTensor, InputSource>(model.inputs.map((tensor, i) => [tensor, inputs[i] ?? null]));
  // A stack of our own: models may be deeper than that of calls.
  const pending = [...model.outputs];
  for (let tensor = pending.at(-1); tensor !== undefined; tensor = pending.at(-1)) {
    const own = inputsOf(tensor);
    const unknown = known.has(tensor) ? [] : own.filter((input) => !known.has(input));
    if (unknown.length > 0) pending.push(...unknown);
    else {
      pending.pop();
      if (known.has(tensor)) continue;
      const sources = throughLayer(
        tensor.sourceLayer,
        own.map((input) => known.get(input) ?? null),
        found,
      );
      for (const [i, output] of outputsOf(tensor).entries()) known.set(output, sources[i] ?? null);
    }
  }
  return model.outputs.map((tensor) => known.get(tensor) ?? null);
}

function throughLayer(
  layer: Layer,
  inputs: readonly InputSource[],
  found: Map<Layer, Set<InputSource>>,
): readonly InputSource[] {
  if (asHolder(layer).layers) return throughModel(layer as unknown as LayersModel, inputs, found);
  const torch = findLayerEntry(layer.getClassName())?.torch;
  if (torch && "type" in torch && torch.type === "Dropout") return inputs;
  found.set(layer, new Set([...(found.get(layer) ?? []), inputs[0] ?? null]));
  return [layer];
}
