/** The page of documentation on PyTorch, from what a run found. */

export interface CaseResult {
  readonly family: string;
  readonly title: string;
  /** The kinds of modules that PyTorch computed with. */
  readonly modules: readonly string[];
  /** Differences as parts of the largest value; null where PyTorch's weights are refused. */
  readonly toTorch: number;
  readonly fromTorch: number | null;
}

function figure(value: number | null): string {
  if (value === null) return "refused";
  return value === 0 ? "exact" : value.toExponential(1);
}

/** A page without the figures, which differ a little from machine to machine. */
export function withoutFigures(page: string): string {
  return page.replace(/\b\d\.\de[+-]\d+|\bexact(?= \|)/g, "#");
}

/** Markdown: each model, and by how much TensorFlow.js and PyTorch differ with the same weights. */
export function torchPage(results: readonly CaseResult[], torch: string, tolerance: number): string {
  const differences = results.flatMap(({ toTorch, fromTorch }) => [toTorch, fromTorch ?? 0]);
  const rows = results.map(({ family, title, modules, toTorch, fromTorch }, i) => {
    const isFirst = results[i - 1]?.family !== family;
    const cells = [isFirst ? `**${family}**` : "", title, modules.join(", "), figure(toTorch), figure(fromTorch)];
    return `| ${cells.join(" | ")} |`;
  });
  return `# PyTorch

What PyTorch ${torch} makes of weights that \`fetchWeights(model, { layout: "torch" })\` and \`toSafetensors\` wrote, and TensorFlow.js of those that PyTorch wrote.
Written by \`npm run conformance:torch -- -u\`; do not edit.

\`npm run conformance:torch\` runs all of it in a virtual environment of its own, which takes 6 GB on Linux, or with the Python that \`LEGOLAS_FLUX_TORCH_PYTHON\` names.
It is no part of \`npm run conformance\` or of \`.ci/run\`. PyTorch computes on the CPU.

Each model is built in TensorFlow.js with random weights and statistics, and in PyTorch as the module that its users write. **To PyTorch**: the module takes the
file with \`load_state_dict(load_file(path), strict=True)\`. **From PyTorch**: a module with PyTorch's own initialisation, trained for three steps, is saved with
\`save_file(module.state_dict(), path)\` and loaded with \`fromSafetensors\` and \`loadWeights\`. Both then compute the same inputs.

${results.length} models; the largest difference is **${figure(Math.max(...differences))}** of the largest output, and ${tolerance.toExponential()} fails the run.
The figures are those of the run that wrote this page.

| | TensorFlow.js | PyTorch | to PyTorch | from PyTorch |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

"refused": PyTorch's module has a scale or an offset that the layer was built without, and that training has moved.

## Also run

- Tensors of each element type that both have, bfloat16 and float16 among them, bit by bit in both directions; float8 and complex numbers are refused by name.
- Shards with an index, as \`huggingface_hub.save_torch_state_dict\` writes them.
- The Python of [docs/guide/from-python.md](guide/from-python.md), with the page's TypeScript in between.
- What is refused or warned of because PyTorch computes something else does differ: a GRU (the same but for the place of its reset gate), bilinear interpolation,
  hardSigmoid.

## Not run

GPUs, other versions of PyTorch, and training on in the other framework.
`;
}
