/**
 * The tensors that an optimizer keeps for the variables it trains, such as Adam's moments.
 *
 * Idea: TensorFlow.js names them after process-wide counters and restores them by position alone. Here each is called after its variable's layer,
 * `layerName/localName/slot`, in the order of the layers, and put at the optimizer's position for that variable.
 */
import type { LayersModel, LayerVariable, Optimizer, Tensor } from "@tensorflow/tfjs";
import { InputError } from "../../errors.ts";
import { listVariables } from "../model/model-layers.ts";

/** A tensor as optimizers give and take it. */
export type NamedTensor = Awaited<ReturnType<Optimizer["getWeights"]>>[number];

/** The slots that each optimizer of TensorFlow.js keeps once it has made a step, in its order. */
const slotsByClass: Readonly<Record<string, (config: Readonly<Record<string, unknown>>) => readonly string[]>> = {
  SGD: () => [],
  Momentum: () => ["momentum"],
  Adagrad: () => ["accumulator"],
  Adadelta: () => ["accum_grad", "accum_var"],
  RMSProp: ({ centered }) => (centered === true ? ["rms", "momentum", "mg"] : ["rms", "momentum"]),
  Adam: () => ["m", "v"],
};

/** The slots of an optimizer, or null where its class is not one of TensorFlow.js's. */
export function slotsOf(optimizer: Optimizer): readonly string[] | null {
  return slotsByClass[optimizer.getClassName()]?.(optimizer.getConfig()) ?? null;
}

/** The slots of an optimizer of another class, by the ends of its tensors' names. */
export function slotsInNames(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.slice(name.lastIndexOf("/") + 1)))];
}

/** The optimizer a model was compiled with. @throws {InputError} It is not compiled. */
export function optimizerOf(model: LayersModel): Optimizer {
  const { optimizer } = model as { readonly optimizer?: Optimizer };
  if (optimizer) return optimizer;
  throw new InputError({
    subject: "model",
    expected: "a compiled model",
    found: "one without an optimizer",
    remedy: "Call model.compile({ optimizer, loss }) first",
  });
}

/** A variable that the optimizer trains. */
export interface TrainedVariable {
  /** `layerName/localName`. */
  readonly name: string;
  /** The name by which TensorFlow.js registers it, unique in the process. */
  readonly registeredName: string;
  readonly shape: readonly number[];
  /** Its position in the optimizer's lists. */
  readonly position: number;
}

/** What models keep of compiling; a Sequential passes it on to the model of its layers. */
interface Compiled {
  readonly collectedTrainableWeights?: readonly LayerVariable[];
  readonly model?: Compiled;
}

/** The variables that were trainable when the model was compiled, in the order of the layers. */
export function trainedVariables(model: LayersModel): TrainedVariable[] {
  // What the training function goes by; layers that are frozen later stay in it until the model is compiled again.
  const compiled = model as unknown as Compiled;
  const trained =
    compiled.collectedTrainableWeights ?? compiled.model?.collectedTrainableWeights ?? model.trainableWeights;
  return listVariables(model).flatMap(({ name, variable }) => {
    const position = trained.indexOf(variable);
    // It is a tf.Variable, whose name TensorFlow.js keeps unique.
    const { name: registeredName } = variable.read() as Tensor & { readonly name: string };
    return position < 0 ? [] : [{ name, registeredName, shape: variable.shape as number[], position }];
  });
}

/** An optimizer's live tensors. */
export interface OptimizerTensors {
  readonly iteration: number;
  /** The optimizer's own, in its order: not to be disposed. */
  readonly slots: readonly NamedTensor[];
}

/** The tensors of an optimizer. @throws {InputError} TensorFlow.js does not give them, as of Adamax. */
export async function readTensors(optimizer: Optimizer): Promise<OptimizerTensors> {
  const [iteration, ...slots] = await getWeights(optimizer);
  if (iteration === undefined) throw cannotSave(optimizer, new Error("it gives no iteration"));
  const [value = 0] = await iteration.tensor.data();
  // A new tensor, other than the slots.
  iteration.tensor.dispose();
  return { iteration: value, slots };
}

async function getWeights(optimizer: Optimizer): Promise<NamedTensor[]> {
  try {
    return await optimizer.getWeights();
  } catch (cause) {
    throw cannotSave(optimizer, cause);
  }
}

function cannotSave(optimizer: Optimizer, cause: unknown): InputError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InputError(
    {
      subject: `optimizer ${optimizer.getClassName()}`,
      expected: "one whose state TensorFlow.js can save",
      found: `one that it cannot (${reason})`,
      remedy:
        "Compile the model with adam, rmsprop, momentum, adagrad, adadelta or sgd, or save without includeOptimizer",
    },
    { cause },
  );
}

/** A slot by its name. */
export interface NamedSlot {
  /** `layerName/localName/slot`. */
  readonly name: string;
  readonly slot: string;
  readonly variable: TrainedVariable;
  /** Its position in the optimizer's list. */
  readonly position: number;
}

/** Slots of every variable, slot by slot and in each in the order of the layers. */
export function nameSlots(slots: readonly string[], variables: readonly TrainedVariable[]): NamedSlot[] {
  return slots.flatMap((slot, i) =>
    variables.map((variable) => ({
      name: `${variable.name}/${slot}`,
      slot,
      variable,
      position: i * variables.length + variable.position,
    })),
  );
}
