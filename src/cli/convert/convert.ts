/** What `legolas-flux convert` does. */
import { readModelJson } from "../../formats/tfjs-files/open-model-json.ts";
import type { LazyWeights, Weights } from "../../index.ts";
import { escapeText } from "../../inspection/escape-text.ts";
import { formatBytes, formatOf } from "../../inspection/format-number.ts";
import { checkFree } from "../cat/write-rows.ts";
import type { ConvertFlags } from "../convert.ts";
import { type ExitCode, exitCode, UsageError } from "../exit-code.ts";
import { loadSchema, pickVersion } from "../load-schema.ts";
import { type Output, printError, printJson, printLines } from "../output.ts";
import { Progress } from "../progress.ts";
import { convertLayout } from "./convert-layout.ts";
import { findInput, findOutput, formatNames, type Location } from "./format.ts";
import { type Input, openInput } from "./open-input.ts";
import { writeOutput } from "./write-output.ts";

export async function convert(from: string, to: string, flags: ConvertFlags, output: Output): Promise<ExitCode> {
  const [source, target] = [await findInput(from), await findOutput(to)];
  checkFlags(source, target, flags);
  await checkFree(target.path, flags.force);
  const schemas = flags.schema === undefined ? null : await loadSchema(flags.schema);
  const schemaVersion = schemas && pickVersion(schemas, flags.as, "--as");
  const { signal } = output;
  const { row = null, fromLayout: layout = null, drop, retype } = flags;
  const input = await openInput(source, { row, layout, drop, retype, signal });
  const progress = new Progress(output);
  try {
    for (const note of input.notes) printError(output, `${from}: ${note}`, "note");
    const model = flags.topology === undefined ? input.model : await readModelJson(flags.topology, signal);
    const weights = await inLayout(input, model, flags, output);
    const { set, compression, checksum } = flags;
    const notes = await writeOutput(
      target,
      { weights, texts: input.texts, model },
      {
        schemaVersion,
        set,
        checksum,
        signal,
        onProgress: ({ bytes }) => progress.show(() => `${to}: ${formatBytes(bytes)} written`),
        ...(compression && { compression }),
      },
    );
    progress.end();
    for (const note of notes) printError(output, `${to}: ${note}`, "note");
    report(source, target, weights, flags.json, output);
    return exitCode.ok;
  } finally {
    progress.end();
    await input.close();
  }
}

/** Options that would have no effect are mistakes. */
function checkFlags(source: Location, target: Location, flags: ConvertFlags): void {
  const { row, drop, retype, schema, as, set, compression, checksum, layout, module, fluxVersion } = flags;
  const isFromRow = source.format === "arrow";
  const isToRow = target.format === "arrow";
  const misplaced = [
    !isFromRow && row !== undefined && "--row, which picks a row of an .arrow file",
    !isFromRow && drop.length > 0 && "--drop, which leaves out columns of an .arrow file",
    !isFromRow && retype && "--retype, which is for columns of an .arrow file",
    !isToRow && schema !== undefined && "--schema, which is for .arrow",
    !isToRow && set.length > 0 && "--set, which is for .arrow",
    !isToRow && compression !== undefined && "--compression, which is for .arrow",
    !isToRow && checksum && "--checksum, which is for .arrow",
    layout === undefined && module.length > 0 && "--module without --layout",
    layout === undefined && fluxVersion !== undefined && "--flux-version without --layout",
    schema === undefined && as !== undefined && "--as without --schema",
  ].find((option) => option !== false);
  if (misplaced !== undefined) throw new UsageError(`there is nothing to do for ${misplaced}`);
}

async function inLayout(
  { weights }: Input,
  model: Input["model"],
  { layout: to, module, fluxVersion }: ConvertFlags,
  output: Output,
): Promise<Weights | LazyWeights> {
  if (to === undefined || (weights.layout ?? "flux") === to) return weights;
  if (weights.layout === "unknown") {
    throw new UsageError(`--layout ${to}: the file does not say what its arrays follow; say it with --from-layout`);
  }
  const onWarning = (warning: string): void => printError(output, warning, "note");
  const options = { modules: modulesOf(module), onWarning, ...(fluxVersion && { fluxVersion }) };
  return convertLayout(weights, { to, model, options });
}

function modulesOf(assignments: readonly string[]): Record<string, string> {
  const pairs = assignments.map((assignment) => {
    const [, layer, module] = /^([^=]+)=(.+)$/.exec(assignment) ?? [];
    if (layer === undefined || module === undefined) throw new UsageError(`--module ${assignment}: give layer=module`);
    return [layer, module] as const;
  });
  return Object.fromEntries(pairs);
}

function report(
  source: Location,
  target: Location,
  weights: Weights | LazyWeights,
  isJson: boolean,
  output: Output,
): void {
  const layout = weights.layout ?? "flux";
  const { length } = weights;
  if (isJson) {
    const [from, to] = [source.format, target.format];
    printJson(output, { input: source.path, output: target.path, from, to, arrays: length, layout });
    return;
  }
  const what = `${formatOf(length, "array")} from ${formatNames[source.format]} to ${formatNames[target.format]}`;
  printLines(output, [`${escapeText(target.path)}: ${what}, layout ${escapeText(layout)}`]);
}
