/** A model of TensorFlow.js and the module of PyTorch that computes the same. */
import * as tf from "@tensorflow/tfjs";
import type { InputPlan } from "../../../helpers/model-plan.ts";

export interface TorchCase {
  /** Its group on the page. */
  readonly family: string;
  /** What stands in TensorFlow.js, for the page. */
  readonly title: string;
  /** What makes the module in the folder python. */
  readonly module: string;
  /** Makes the one that PyTorch trains, where that is another one. */
  readonly ownModule?: string;
  readonly build: () => tf.LayersModel;
  readonly inputs: readonly InputPlan[];
  /** Which layer is which module; by default they have the same names. */
  readonly modules?: Readonly<Record<string, string>>;
  /** Indices of sequences of unequal length, with 0 behind their end. */
  readonly isPadded?: boolean;
  /** Data with spatial axes goes to PyTorch with its channels moved before them, and comes back so. */
  readonly isChannelsFirst: boolean;
  /** What the conversion warns of; by default nothing. */
  readonly warning?: RegExp;
  /** Where only one direction is exact; loading refuses what PyTorch trained otherwise. */
  readonly refusesTrained?: RegExp;
}

type Options = Partial<
  Pick<TorchCase, "modules" | "ownModule" | "isPadded" | "isChannelsFirst" | "warning" | "refusesTrained">
> & {
  readonly vocabulary?: number;
};

/** The cases of one family. */
export class Family {
  readonly cases: TorchCase[] = [];

  constructor(private readonly name: string) {}

  /** A chain of layers. @param makeLayers - Layers of their own at each call: each is built once for each direction. */
  chain(
    title: string,
    module: string,
    shape: readonly number[],
    makeLayers: () => readonly tf.layers.Layer[],
    options: Options = {},
  ): void {
    const build = (): tf.LayersModel => {
      const input = tf.input({ shape: [...shape] });
      const output = makeLayers().reduce((tensor, layer) => layer.apply(tensor) as tf.SymbolicTensor, input);
      return tf.model({ inputs: input, outputs: output });
    };
    this.graph(title, module, [shape], build, options);
  }

  /** Any other model. */
  graph(
    title: string,
    module: string,
    shapes: readonly (readonly number[])[],
    build: () => tf.LayersModel,
    { vocabulary, ...options }: Options = {},
  ): void {
    const inputs = shapes.map((shape) => ({ shape, ...(vocabulary !== undefined && { vocabulary }) }));
    this.cases.push({ family: this.name, title, module, build, inputs, isChannelsFirst: false, ...options });
  }
}
