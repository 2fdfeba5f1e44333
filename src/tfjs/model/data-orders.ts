/** Follows the order of data through the graph of a model. */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs";
import { type DataOrder, fromAxes, type OrderedLayer, type OrderRule, open, same } from "../../layouts/data-order.ts";
import { findLayerEntry } from "../../layouts/layer-entries.ts";
import type { Shape } from "../../layouts/layer-entry.ts";
import { asHolder, type Layer, labelOf } from "./model-layers.ts";

/** What a layer receives. */
export interface Reception {
  readonly order: DataOrder;
  readonly inputShape: Shape;
}

/** What each layer of a model receives, cells of recurrent layers included; more than once where it is shared. */
export type Receptions = ReadonlyMap<Layer, readonly Reception[]>;

/** Follows the data from the inputs of a model to its outputs. */
export function followData(model: LayersModel): Receptions {
  const follower = new DataFollower();
  follower.throughModel(
    model,
    model.inputs.map(() => open),
  );
  return follower.receptions;
}

class DataFollower {
  readonly receptions = new Map<Layer, Reception[]>();

  throughModel(model: LayersModel, inputs: readonly DataOrder[]): DataOrder[] {
    const known = new Map(model.inputs.map((tensor, i) => [tensor, inputs[i] ?? open]));
    // A stack of our own: models may be deeper than that of calls.
    const pending = [...model.outputs];
    for (let tensor = pending.at(-1); tensor !== undefined; tensor = pending.at(-1)) {
      const unknown = known.has(tensor) ? [] : inputsOf(tensor).filter((input) => !known.has(input));
      if (unknown.length > 0) pending.push(...unknown);
      else {
        pending.pop();
        if (!known.has(tensor)) this.throughNode(tensor, known);
      }
    }
    return model.outputs.map((tensor) => known.get(tensor) ?? open);
  }

  private throughNode(tensor: SymbolicTensor, known: Map<SymbolicTensor, DataOrder>): void {
    const inputs = inputsOf(tensor);
    const outputs = outputsOf(tensor);
    const orders = this.throughLayer(
      tensor.sourceLayer,
      inputs.map((input) => known.get(input) ?? open),
      inputs.map(({ shape }) => shape),
      outputs.map(({ shape }) => shape),
    );
    for (const [i, output] of outputs.entries()) known.set(output, orders[i] ?? orders[0] ?? open);
  }

  private throughLayer(
    layer: Layer,
    inputs: readonly DataOrder[],
    inputShapes: readonly Shape[],
    outputShapes: readonly Shape[],
  ): DataOrder[] {
    if (inputs.length === 0) return [open];
    const { layers: nested, layer: wrapped, forwardLayer, backwardLayer, cell } = asHolder(layer);
    if (nested) return this.throughModel(layer as unknown as LayersModel, inputs);
    const sequences = [forwardLayer, backwardLayer, cell].filter((part) => part !== undefined);
    // What a bidirectional layer wraps is only the pattern of its halves.
    if (wrapped && sequences.length === 0) return this.throughTime(wrapped, inputs, inputShapes, outputShapes);
    const order = sequences.length > 0 ? sequenceInput(inputs, labelOf(layer)) : (inputs[0] ?? open);
    const [inputShape = []] = inputShapes;
    const rule = sequences.length > 0 ? sequenceOrder : (findLayerEntry(layer.getClassName())?.order ?? unknownOrder);
    const found = rule(sequences.length > 0 ? [order] : inputs, {
      label: labelOf(layer),
      config: layer.getConfig(),
      inputShapes,
      outputShape: outputShapes[0] ?? [],
    });
    // What a layer cannot take concerns its own weights too.
    if (sequences.length === 0) this.receive(layer, found.kind === "mixed" ? found : order, inputShape);
    for (const part of sequences) this.throughCells(part, order, inputShape);
    return [found];
  }

  /** Only the first of stacked cells receives the data itself. */
  private throughCells(part: Layer, order: DataOrder, inputShape: Shape): void {
    const { cell, cells } = asHolder(part);
    if (cell) this.throughCells(cell, order, inputShape);
    else if (cells?.[0]) this.throughCells(cells[0], order, inputShape);
    else this.receive(part, order, inputShape);
  }

  /** A layer, or a model, that takes each step of a sequence by itself. */
  private throughTime(
    wrapped: Layer,
    inputs: readonly DataOrder[],
    inputShapes: readonly Shape[],
    outputShapes: readonly Shape[],
  ): DataOrder[] {
    const withoutTime = (shapes: readonly Shape[]): Shape[] =>
      shapes.map(([batch = null, , ...rest]) => [batch, ...rest]);
    const label = labelOf(wrapped);
    const steps = inputs.map((order) => stepOrder(order, label));
    const orders = this.throughLayer(wrapped, steps, withoutTime(inputShapes), withoutTime(outputShapes));
    const [input = open] = inputs;
    return orders.map((order, i) => sequenceOfSteps(order, input, outputShapes[i]?.length ?? 0, label));
  }

  private receive(layer: Layer, order: DataOrder, inputShape: Shape): void {
    this.receptions.set(layer, [...(this.receptions.get(layer) ?? []), { order, inputShape }]);
  }
}

const otherTime = (label: string): DataOrder => ({
  kind: "mixed",
  problem: `${label} takes steps along an axis that is another in other frameworks`,
  remedy: "Give it sequences with the steps right after the batch",
});

/** The order of one step of a sequence. */
function stepOrder(order: DataOrder, label: string): DataOrder {
  if (order.kind !== "axes") return order;
  const [batch, time, ...rest] = order.axes;
  // Steps of features alone are the same wherever the steps are.
  if (order.axes.length === 3) return same;
  return batch === 0 && time === 1 ? fromAxes([0, ...rest.map((axis) => axis - 1)]) : otherTime(label);
}

/** The order of a sequence whose steps have this one. @param input - That of the sequence from which they were made. */
function sequenceOfSteps(order: DataOrder, input: DataOrder, rank: number, label: string): DataOrder {
  if (order.kind === "axes") return { kind: "axes", axes: [0, 1, ...order.axes.slice(1).map((axis) => axis + 1)] };
  const isMoved = input.kind === "axes" && input.axes.length === 3;
  if (!isMoved || order.kind === "mixed") return order;
  return rank === 3 && order.kind === "same" ? input : otherTime(label);
}

/** What the cells of a recurrent layer receive: besides its sequence there may be states to start from. */
function sequenceInput([input = open, ...states]: readonly DataOrder[], label: string): DataOrder {
  const isMoved = states.some(({ kind }) => kind === "features" || kind === "mixed");
  if (!isMoved) return input;
  const problem = `${label} starts from a state that the other framework has in another order`;
  return { kind: "mixed", problem, remedy: "Permute to channels first before flattening" };
}

const sequenceOrder: OrderRule = ([input = open]) => (input.kind === "mixed" ? input : same);

/** Of layers that nobody described, only what is the same everywhere stays so. */
const unknownOrder: OrderRule = (inputs, { label }: OrderedLayer) =>
  inputs.find(({ kind }) => kind === "mixed") ??
  (inputs.every(({ kind }) => kind === "same" || kind === "open")
    ? same
    : {
        kind: "mixed",
        problem: `${label} does with its data what is not known`,
        remedy: "Describe its class with registerLayer",
      });

interface GraphNode {
  readonly inputTensors: readonly SymbolicTensor[];
  readonly outputTensors: readonly SymbolicTensor[];
}

function nodeOf(tensor: SymbolicTensor): GraphNode | undefined {
  return tensor.sourceLayer.inboundNodes[tensor.nodeIndex];
}

/** What a tensor is computed from; inputs of models name themselves. */
export function inputsOf(tensor: SymbolicTensor): readonly SymbolicTensor[] {
  return nodeOf(tensor)?.inputTensors.filter((input) => input !== tensor) ?? [];
}

/** What was computed with a tensor, itself included. */
export function outputsOf(tensor: SymbolicTensor): readonly SymbolicTensor[] {
  return nodeOf(tensor)?.outputTensors ?? [tensor];
}
