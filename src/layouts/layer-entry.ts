/** What a family of layers says of its weights in each framework. */
import type { Step } from "./axis-view.ts";
import type { DataOrder, OrderRule } from "./data-order.ts";

/** Lengths of axes, batch first; null where any length is allowed. */
export type Shape = readonly (number | null)[];

/** The frameworks that weights are converted for; `"tfjs"` is where they are converted from and to. */
export type ForeignLayout = "flux" | "torch";

/** Versions of Flux whose weights differ: `"0.14"` for 0.12 up to 0.14, `"0.16"` for 0.15 and 0.16. */
export type FluxVersion = "0.14" | "0.16";

/** One layer of a model, or one cell of a recurrent layer. */
export interface LayerFacts {
  /** As messages call it: `layer "conv1" (Conv2D)`. */
  readonly label: string;
  /** The class of TensorFlow.js, such as `Conv2D`. */
  readonly className: string;
  /** Of TensorFlow.js, as `getConfig` gives it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Of its first input, batch included; null where it is not known. */
  readonly inputShape: Shape | null;
  /** The row-major shapes of its variables by local name, such as `kernel`. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** How the order of the data that it receives compares with the other framework's. */
  readonly order: DataOrder;
  /** Of a recurrent layer the number of the stacked cell, from 0; else 0. */
  readonly depth: number;
  /** Whether it is the part of a bidirectional layer that goes backwards. */
  readonly isReverse: boolean;
  /** Whether the model is compiled, so that training may go on. */
  readonly isTrained: boolean;
}

/** An array of another framework that holds a variable of ours, or a part of it. */
export interface HeldArray {
  /** The field; in PyTorch `{depth}` and `{reverse}` stand for the suffixes of recurrent layers. */
  readonly name: string;
  /** Our variable. It is left out where the layer does not have it. */
  readonly variable: string;
  /** From our row-major array to theirs, which is Flux's array with its size reversed. */
  readonly steps?: readonly (Step | ((layer: LayerFacts) => Step))[];
  /** Steps to the same elements under another size, which is read too. */
  readonly also?: readonly Step[];
  /** Theirs is one of several whose sum is ours: written as zeros, added when loaded. */
  readonly isAddend?: boolean;
  /** The only version of Flux that has the array. Default: all have it. */
  readonly version?: FluxVersion;
}

/** An array of another framework that we do not have: always the same number. */
export interface ConstantArray {
  /** The field, as in {@link HeldArray}. */
  readonly name: string;
  /** The number that all its elements are. */
  readonly constant: 0 | 1;
  /** Default: float32. */
  readonly elementType?: "int64";
  /** Row-major, as PyTorch has it; Flux's size is the reverse. */
  readonly shape: (layer: LayerFacts) => readonly number[];
  /** The shape in words, for documentation. */
  readonly text: string;
  /** Whether a layer so configured has it. Default: it always does. */
  readonly when?: (layer: LayerFacts) => boolean;
  /** What to do about other numbers; null where they do not matter. */
  readonly otherwise: string | null;
  /** The only version of Flux that has the array. Default: all have it. */
  readonly version?: FluxVersion;
}

/** An array of another framework: one that holds a variable of ours, or one that we do not have. */
export type ForeignArray = HeldArray | ConstantArray;

/** The same layer in another framework, with its arrays in their order. */
export interface ForeignLayer {
  /** Its name there, such as `Dense` in Flux, `Linear` in PyTorch. */
  readonly type: string;
  /** In the order in which the framework lists them. */
  readonly arrays: readonly ForeignArray[];
}

/** A layer that has no counterpart. */
export interface NoCounterpart {
  /** Why, as text. */
  readonly reason: string;
  /** What to use instead, as text. */
  readonly remedy: string;
}

/** Something in which a layer differs from its counterpart. */
export interface Concern {
  /** False where it may be the same, if the other model is configured so. */
  readonly isRefused: boolean;
  /** In what it differs, as text. */
  readonly problem: string;
  /** What to change, as text. */
  readonly remedy: string;
}

/** What a family of layers says of itself. */
export interface LayerEntry {
  /** The classes of TensorFlow.js. */
  readonly classNames: readonly string[];
  /** The same layer in Flux. */
  readonly flux: ForeignLayer | NoCounterpart;
  /** The same layer in PyTorch. */
  readonly torch: ForeignLayer | NoCounterpart;
  /** Other layers of Flux that may stand for it, for users to name. */
  readonly fluxVariants?: readonly ForeignLayer[];
  /** What becomes of the order of the data. */
  readonly order: OrderRule;
  /** In which ways a layer so configured would compute something else. */
  readonly concerns?: (layer: LayerFacts, layout: ForeignLayout, version: FluxVersion) => readonly Concern[];
  /** What documentation adds, as text. */
  readonly note?: string;
}
