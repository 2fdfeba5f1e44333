/** The page of documentation on layers, from their entries. */
import type { Step } from "../src/layouts/axis-view.ts";
import { layerEntries } from "../src/layouts/layer-entries.ts";
import type { ForeignArray, ForeignLayer, LayerEntry, LayerFacts, NoCounterpart } from "../src/layouts/layer-entry.ts";

const introduction = `# Layers

Which arrays a layer of TensorFlow.js has in Flux and in PyTorch. Written from the entries in \`src/layouts\` by\n\`npx vitest run test/contract/layers-page.test.ts -u\`; do not edit.

Every array is compared row-major; the size that Flux shows is the reverse of the row-major shape. The steps lead from the variable of
TensorFlow.js to the array of the other framework; loading takes them backwards, bit by bit.

- \`permute(2, 0, 1)\`: the axes in this order.
- \`flip(2, 3)\`: these axes backwards. Flux convolves, the others cross-correlate.
- \`blocks of axis 1 of 3: 1, 0, 2\`: the axis consists of 3 equal blocks (gates), in this order.
- \`merge(0, 1)\`: two axes become one. \`insert(1)\`: a new axis of length 1.
- \`features(0)\`: this axis in the order of the features that the layer receives. It is the same in all frameworks but after images were flattened:
  TensorFlow.js has their channels last, the others first.

Bidirectional layers have the arrays of the layer forwards, then those backwards; stacked cells one after the other; TimeDistributed and
nested models those of the layers they hold. Flux 0.12 to 0.14 is \`fluxVersion: "0.14"\`, the default; 0.15 and 0.16 are \`"0.16"\`.

In PyTorch, recurrent layers that \`modules\` gives one name are its stacked layers (\`num_layers=2\`); arrays that are always the same number may be missing
when loaded. PyTorch itself checks its column: [conformance-torch.md](conformance-torch.md).

`;

/** A layer of which nothing is known, for words that do not depend on one. */
const anyLayer: LayerFacts = {
  label: "",
  className: "",
  config: {},
  inputShape: null,
  shapes: new Map(),
  order: { kind: "open" },
  depth: 0,
  isReverse: false,
  isTrained: false,
};

function formatStep(step: Step | ((layer: LayerFacts) => Step)): string {
  return typeof step === "function" ? step(anyLayer).text : step.text;
}

function formatArray(array: ForeignArray): string {
  const version = array.version ? ` (${array.version === "0.14" ? "up to 0.14" : "from 0.15 on"})` : "";
  if (!("variable" in array)) return `\`${array.name}\`${version}: ${array.text}`;
  const steps = (array.steps ?? []).map(formatStep).join(", ");
  const addend = array.isAddend ? ", added to it" : "";
  return `\`${array.name}\`${version} = ${array.variable}${addend}${steps && `: ${steps}`}`;
}

function formatCounterpart(counterpart: ForeignLayer | NoCounterpart): string {
  if ("reason" in counterpart) return `none: ${counterpart.reason}`;
  return [`**${counterpart.type}**`, ...counterpart.arrays.map(formatArray)].join("<br>");
}

function formatEntry({ classNames, flux, torch, fluxVariants = [], note }: LayerEntry): string {
  const fluxCells = [flux, ...fluxVariants].map(formatCounterpart).join("<br>");
  const cells = [classNames.join(", "), fluxCells, formatCounterpart(torch), note ?? ""];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

const hasArrays = (counterpart: ForeignLayer | NoCounterpart): boolean =>
  "reason" in counterpart || counterpart.arrays.length > 0;

/** Markdown: which arrays each layer has in each framework, and how they differ. */
export function layersPage(): string {
  const rows = layerEntries.filter(({ flux }) => hasArrays(flux)).map(formatEntry);
  const others = layerEntries.filter(({ flux }) => !hasArrays(flux)).flatMap(({ classNames }) => classNames);
  const table = [
    "| TensorFlow.js | Flux | PyTorch | |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    `Layers without weights: ${others.join(", ")}.`,
    "",
  ];
  return introduction + table.join("\n");
}
