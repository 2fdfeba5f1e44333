/** Random models of TensorFlow.js, as descriptions from which the same model can be built again. */
import fc from "fast-check";
import { arbitraryLayer } from "./arbitrary-layer.ts";
import { Dice } from "./dice.ts";
import {
  buildLayer,
  everyLayer,
  type InputPlan,
  type LayerPlan,
  type ModelPlan,
  type NodePlan,
  withInner,
} from "./model-plan.ts";

type Shape = readonly number[];

export interface ModelOptions {
  /** Gives every layer a name of its own. Default: some have one, some the default. */
  readonly isNamed?: boolean;
  /** Which layers may occur. Default: all. */
  readonly accepts?: (layer: LayerPlan) => boolean;
}

/** No tensor has more elements. */
const maxElements = 150;

/** Names that users give, some of which look like default ones. */
const givenNames = ["conv", "block1/conv", "features.0", "dense_1", "my_Dense3", "x"] as const;

/** Grows a model layer by layer. */
class Planner {
  readonly inputs: InputPlan[];
  readonly layers: LayerPlan[] = [];
  readonly nodes: NodePlan[] = [];
  /** What each layer was called on. */
  private readonly callShapes: string[] = [];
  private readonly tensors: Shape[];

  constructor(
    inputs: readonly InputPlan[],
    private readonly isSequential: boolean,
    private readonly options: ModelOptions,
    private readonly names: Names,
  ) {
    this.inputs = [...inputs];
    this.tensors = inputs.map(({ shape }) => shape);
  }

  get last(): number {
    return this.tensors.length - 1;
  }

  shapeOf(tensor: number): Shape {
    return this.tensors[tensor] ?? [];
  }

  /** Adds what the dice say, if it fits. */
  step(dice: Dice, depth: number): void {
    const isBranch = !this.isSequential && dice.oneIn(3);
    const source = isBranch ? dice.below(this.tensors.length) : this.last;
    const shape = this.shapeOf(source);
    if (this.inputs[source]?.vocabulary) return;
    if (!this.isSequential && dice.oneIn(4) && this.merge(dice, source)) return;
    if (dice.oneIn(8) && this.share(dice, source)) return;
    const isModel = depth > 0 && dice.oneIn(8);
    const plan = isModel ? this.nested(dice, shape, depth) : arbitraryLayer(dice, shape);
    if (plan) this.add(this.names.give(plan, dice, this.options), [source]);
  }

  /** Calls a new layer; does nothing where TensorFlow.js would refuse it or its output is too large. */
  add(plan: LayerPlan, inputs: readonly number[]): boolean {
    const shapes = inputs.map((input) => this.shapeOf(input));
    if (!this.isAccepted(plan)) return false;
    const shape = shapeAfter(plan, shapes);
    if (shape === null) return false;
    this.layers.push(plan);
    this.callShapes.push(JSON.stringify(shapes));
    this.call(this.layers.length - 1, inputs, shape);
    return true;
  }

  private isAccepted(plan: LayerPlan): boolean {
    const { accepts = () => true } = this.options;
    return [...withInner(plan)].every(accepts);
  }

  /** What no layer has taken, so that nothing is in vain. */
  plan(name: string | null): ModelPlan {
    const taken = new Set(this.nodes.flatMap(({ inputs }) => inputs));
    const ends = this.tensors.map((_, tensor) => tensor).filter((tensor) => !taken.has(tensor));
    const outputs = this.isSequential ? [this.last] : ends.filter((tensor) => tensor >= this.inputs.length);
    const { inputs, layers, nodes, isSequential } = this;
    return { isSequential, inputs, layers, nodes, outputs, ...(name !== null && { name }) };
  }

  private call(layer: number, inputs: readonly number[], shape: Shape): void {
    this.nodes.push({ layer, inputs });
    this.tensors.push(shape);
  }

  /** Calls a layer once more, on data of the same shape. */
  private share(dice: Dice, source: number): boolean {
    const shapes = JSON.stringify([this.shapeOf(source)]);
    const known = this.callShapes.flatMap((own, layer) => (own === shapes && !this.isEmbedding(layer) ? [layer] : []));
    const layer = known[dice.below(Math.max(1, known.length))];
    if (layer === undefined) return false;
    const output = this.nodes.findIndex((node) => node.layer === layer) + this.inputs.length;
    this.call(layer, [source], this.shapeOf(output));
    return true;
  }

  /** Nothing but indices goes into it. */
  private isEmbedding(layer: number): boolean {
    return this.layers[layer]?.type === "embedding";
  }

  /** Joins tensors that fit one another. */
  private merge(dice: Dice, source: number): boolean {
    const other = dice.below(this.tensors.length);
    // TensorFlow.js disposes tensors too early that a layer joins with themselves.
    if (other === source || this.inputs[other]?.vocabulary) return false;
    const isConcatenation = dice.oneIn(2);
    const rank = this.shapeOf(source).length;
    const axis = dice.oneIn(2) ? -1 : dice.upTo(Math.max(1, rank));
    const plan = isConcatenation
      ? { type: "concatenate", config: { axis } }
      : { type: dice.pick(["add", "multiply", "average", "maximum", "minimum"]), config: {} };
    return this.add(plan, [source, other]);
  }

  /** A model of its own for data of a shape, or for each step of it. */
  private nested(dice: Dice, shape: Shape, depth: number): LayerPlan | null {
    const isTimed = shape.length > 1 && dice.oneIn(2);
    const planner = new Planner([{ shape: isTimed ? shape.slice(1) : shape }], dice.oneIn(2), this.options, this.names);
    for (let left = dice.upTo(3); left > 0; left--) planner.step(dice, depth - 1);
    const graph = planner.plan(this.names.model());
    if (graph.outputs.length !== 1 || graph.nodes.length === 0) return null;
    const model = { type: "model", config: {}, graph };
    return isTimed ? { type: "timeDistributed", config: {}, inner: model } : model;
  }
}

/** Names that are unique in the whole model. */
class Names {
  private count = 0;
  private readonly left = [...givenNames];

  give(plan: LayerPlan, dice: Dice, { isNamed = false }: ModelOptions): LayerPlan {
    if (plan.graph) return plan;
    const name = isNamed ? `n${this.count++}` : dice.oneIn(3) ? this.left.shift() : undefined;
    const inner = plan.inner && this.give(plan.inner, dice, { isNamed });
    return { ...plan, config: { ...plan.config, ...(name && { name }) }, ...(inner && { inner }) };
  }

  model(): string {
    return `m${this.count++}`;
  }
}

/** Null where TensorFlow.js refuses the input, or the output is empty or large. */
function shapeAfter(plan: LayerPlan, shapes: readonly Shape[]): Shape | null {
  try {
    const batched = shapes.map((shape) => [null, ...shape]);
    const layer = buildLayer(plan);
    // Merge layers know from being built whether they must broadcast.
    if (batched.length > 1) layer.build(batched);
    const [first = []] = batched;
    const found = layer.computeOutputShape(batched.length > 1 ? batched : first).slice(1) as number[];
    const elements = found.reduce((total, length) => total * length, 1);
    return found.length > 0 && found.length < 5 && elements > 0 && elements <= maxElements ? found : null;
  } catch {
    return null;
  }
}

/** Lengths of the axes of an input, smaller where there are more of them. */
function inputShape(dice: Dice): number[] {
  const rank = dice.pick([1, 3, 2, 3, 4]);
  const longest = rank < 3 ? 6 : rank === 3 ? 4 : 3;
  return Array.from({ length: rank }, () => dice.upTo(longest));
}

function planModel([first = [], ...steps]: readonly (readonly number[])[], options: ModelOptions): ModelPlan | null {
  const dice = new Dice(first);
  const isSequential = dice.oneIn(2);
  const names = new Names();
  const count = isSequential || !dice.oneIn(4) ? 1 : 2;
  const inputs = Array.from({ length: count }, (): InputPlan => {
    return dice.oneIn(8) ? { shape: [dice.upTo(4)], vocabulary: dice.upTo(5) } : { shape: inputShape(dice) };
  });
  const planner = new Planner(inputs, isSequential, options, names);
  for (const [i, { vocabulary }] of inputs.entries()) {
    if (!vocabulary) continue;
    const embedding = { type: "embedding", config: { inputDim: vocabulary, outputDim: dice.upTo(4) } };
    planner.add(names.give(embedding, dice, options), [i]);
  }
  for (const step of steps) planner.step(new Dice(step), 2);
  if (!hasWeights(planner.plan(null))) {
    planner.add(names.give({ type: "dense", config: { units: 1 } }, dice, options), [planner.last]);
  }
  const plan = planner.plan(null);
  const taken = new Set(plan.nodes.flatMap((node) => node.inputs));
  return plan.outputs.length > 0 && inputs.every((_, i) => taken.has(i)) ? plan : null;
}

function hasWeights(plan: ModelPlan): boolean {
  const weighty = /^(dense|embedding|conv|depthwise|separable|batch|simpleRNN|lstm|gru)/;
  return [...everyLayer(plan)].some(({ type }) => weighty.test(type));
}

/** A model plan that messages show as JSON. */
export class RandomModel {
  constructor(readonly plan: ModelPlan) {}

  [fc.toStringMethod](): string {
    return JSON.stringify(this.plan);
  }
}

/** Random Sequential and functional models. */
export function arbitraryModel(options: ModelOptions = {}): fc.Arbitrary<RandomModel> {
  const numbers = fc.array(fc.noBias(fc.nat()), { minLength: 1, maxLength: 40, size: "max" });
  return fc
    .array(numbers, { minLength: 3, maxLength: 10, size: "max" })
    .map((steps) => planModel(steps, options))
    .filter((plan) => plan !== null)
    .map((plan) => new RandomModel(plan));
}
