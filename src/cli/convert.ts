/** `legolas-flux convert`: weights from one format to another. */
import { type Command, Option } from "commander";
import type { WriteFlags } from "./cat/write-rows.ts";
import { addWriteOptions } from "./cat.ts";
import { type Layout, layouts } from "./convert/convert-layout.ts";
import type { ExitCode } from "./exit-code.ts";
import { countOption } from "./options.ts";
import type { Output } from "./output.ts";

export interface ConvertFlags extends WriteFlags {
  readonly row?: number;
  readonly layout?: Layout;
  readonly fromLayout?: Layout;
  readonly topology?: string;
  readonly module: readonly string[];
  readonly fluxVersion?: "0.14" | "0.16";
  readonly schema?: string;
  readonly as?: string;
  readonly set: readonly string[];
  readonly drop: readonly string[];
  readonly json: boolean;
}

const examples = `
Formats, by the content of what is read and the name of what is written:
  .arrow           a row of a table of models; --row picks one of many
  .safetensors     also .safetensors.index.json and its shards, which are read only
  .npz             numpy's savez; columns stand in the comment of the archive
  model.json       TensorFlow.js: weights only; also its directory

Names, element types and columns come back as they were, or the conversion is refused. Columns become texts (__metadata__), and
texts columns where the schema has them. The order and the axes of arrays are recorded, not changed, unless --layout asks for it.

Examples:
  $ legolas-flux convert digits.model.arrow digits.safetensors
  $ legolas-flux convert model.safetensors.index.json big.model.arrow --schema runs.ts --set epoch=3
  $ legolas-flux convert saved_model/model.json digits.model.arrow --layout flux   # for Julia
  $ legolas-flux convert digits.model.arrow out/model.json --layout tfjs --topology saved_model/model.json
  $ legolas-flux convert weights.npz model.safetensors --from-layout torch`;

export function addConvert(program: Command, output: Output, finish: (code: ExitCode) => void): void {
  const collect = (value: string, values: readonly string[]): string[] => [...values, value];
  const command = program
    .command("convert")
    .summary("convert between model rows, safetensors, npz and model.json")
    .description("Converts weights between formats, exactly or not at all.")
    .argument("<in>", "path or http(s) address; of a model.json also its directory")
    .argument("<out>", "path")
    .option("--row <n>", "the row of a table of many, from 0", countOption)
    .addOption(new Option("--layout <layout>", "convert to the order and axes of this framework").choices(layouts))
    .addOption(
      new Option("--from-layout <layout>", "what the arrays follow, where the file does not say").choices(layouts),
    )
    .option("--topology <file>", "a model.json whose model the weights are of, for --layout and to write model.json")
    .option("--module <layer=module>", "what a layer is called in PyTorch; may be given again", collect, [])
    .addOption(new Option("--flux-version <v>", "of Flux's layout: 0.14 for 0.12 up to 0.14").choices(["0.14", "0.16"]))
    .option("--schema <file>", "a module or a description of the schema to write, for .arrow")
    .option("--as <name@version>", "which schema version of --schema")
    .option("--set <column=value>", "set a column; may be given again", collect, [])
    .option("--drop <column>", "leave a column out; may be given again", collect, []);
  addWriteOptions(command)
    .option("--json", "one JSON value: what was written", false)
    .addHelpText("after", examples)
    .action(async (input: string, target: string, flags: ConvertFlags) => {
      // The formats' own libraries are loaded by this command only.
      const { convert } = await import("./convert/convert.ts");
      finish(await convert(input, target, flags, output));
    });
}
