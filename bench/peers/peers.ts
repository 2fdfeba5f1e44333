import type { Prepared } from "../measure.ts";
import type { Peer } from "./peer.ts";

/** The peers by name, each loaded only in the process that measures it. */
export const peers: readonly { readonly name: string; readonly file: string; readonly load: () => Promise<Peer> }[] = [
  {
    name: "safetensors (minimal)",
    file: "safetensors",
    load: async () => (await import("./safetensors.ts")).safetensors,
  },
  { name: "flechette", file: "flechette", load: async () => (await import("./flechette.ts")).flechette },
  { name: "apache-arrow", file: "apache-arrow", load: async () => (await import("./apache-arrow.ts")).apacheArrow },
  { name: "TensorFlow.js io", file: "tfjs", load: async () => (await import("./tfjs.ts")).tfjs },
];

/** Runs an operation once, outside any measurement. */
export async function runOnce(operation: Promise<Prepared>): Promise<void> {
  const ready = await operation;
  await ready.run();
  await ready.end();
}
