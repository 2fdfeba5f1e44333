/** What more than one family of layers has to say about its configuration. */
import type { Concern, ForeignLayout, LayerFacts } from "./layer-entry.ts";

export const frameworkNames: Readonly<Record<ForeignLayout, string>> = { flux: "Flux", torch: "PyTorch" };

/** There is no way to configure the other framework's layer so that it computes the same. */
export function refused(problem: string, remedy: string): Concern {
  return { isRefused: true, problem, remedy };
}

/** Whether it computes the same depends on how the other framework's layer is configured. */
export function warned(problem: string, remedy: string): Concern {
  return { isRefused: false, problem, remedy };
}

/** Activations of one name that are different functions. */
export function activationConcerns({ config: { activation } }: LayerFacts, layout: ForeignLayout): Concern[] {
  const framework = frameworkNames[layout];
  if (activation === "gelu" && layout === "flux") {
    return [warned('activation "gelu" is the exact one, Flux\'s the tanh approximation', 'Set activation: "gelu_new"')];
  }
  if (activation === "hardSigmoid" || activation === "hard_sigmoid") {
    return [
      warned(
        `activation "hardSigmoid" is 0.2x + 0.5, ${framework}'s (x + 3) / 6`,
        "Use sigmoid, or compute it in a layer of its own",
      ),
    ];
  }
  return [];
}

/** Steps that recurrent layers of TensorFlow.js skip. @param what - The option or layer that says so, for messages. */
export function maskConcern(what: string, layout: ForeignLayout): Concern {
  const how =
    layout === "torch" ? "Pack sequences there: torch.nn.utils.rnn.pack_padded_sequence" : "Cut sequences there";
  return warned(
    `${what} lets recurrent layers skip steps, ${frameworkNames[layout]} takes them all`,
    `${how}, or leave it out`,
  );
}

/** Whether an option differs from what it should be, for numbers that pass through float32. */
export function differs(value: unknown, expected: number): boolean {
  return typeof value === "number" && Math.abs(value - expected) > 1e-6 * expected;
}
