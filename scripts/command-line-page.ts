/** The guide to the command line, with the output that each command has. */
import { join } from "node:path";
import { FlatArray, Weights, writeModelRow } from "legolas-flux";
import { DigitsRowV1 } from "../examples/digits/digits-row.ts";

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

type Run = (...args: string[]) => Promise<Outcome>;

/** Weights that look trained, the same on every machine. */
function weightsAt(epoch: number): Weights {
  const noise = (seed: number, length: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => (((i + seed) * 7919) % 1009) / 1009 - 0.5 + epoch / 64);
  const arrays = [
    new FlatArray(noise(1, 288), [32, 1, 3, 3]),
    new FlatArray(noise(2, 32), [32]),
    new FlatArray(noise(3, 320), [10, 32]),
    new FlatArray(new Float32Array(10), [10]),
  ];
  const names = ["conv/kernel", "conv/bias", "dense/kernel", "dense/bias"];
  return new Weights(arrays, { names, layout: "tfjs" });
}

async function writeRuns(folder: string): Promise<void> {
  for (const [i, accuracy] of [0.875, 0.9375, 0.96875, 0.953125].entries()) {
    const row = DigitsRowV1({ weights: weightsAt(i + 1), config: { seed: 5 }, epoch: i + 1, accuracy });
    await writeModelRow(join(folder, `runs/epoch-${i + 1}.digits.model.arrow`), row, undefined, { checksum: true });
  }
}

/** The words of a command, those between quotes as one. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/**
 * Markdown, made by running every command of the guide.
 *
 * @param folder - Empty; the files of the guide are written to it.
 * @param run - Runs a command line in the folder, in a process of its own: which schemas are declared must not depend on others.
 * @param damage - Changes one value of a file at a path.
 */
export async function commandLinePage(
  folder: string,
  run: Run,
  { damage, save }: { damage: (path: string) => void; save: (path: string, text: string) => void },
): Promise<string> {
  await writeRuns(folder);
  const show = async (command: string, cut = 60): Promise<string> => {
    const [, called = command, target = null] = /^(.*) > (\S+\.json)$/.exec(command) ?? [];
    const { code, out, err } = await run(...wordsOf(called));
    if (target) save(join(folder, target), out);
    const text = (target ? err : out + err).trimEnd();
    const lines = text === "" ? [] : text.split("\n");
    const more = lines.length > cut ? ["…"] : [];
    const ending = code === 0 ? [] : [`$ echo $?`, String(code)];
    return ["```console", `$ npx legolas-flux ${command}`, ...lines.slice(0, cut), ...more, ...ending, "```"].join(
      "\n",
    );
  };
  const parts = [
    `# The command line

\`npx legolas-flux\` looks at files of weights, checks, compares, lists and joins them, whatever their schema and whoever wrote them. The package
brings it along: nothing else is installed, and programs that import the package never load it. Every command has \`--help\` with examples, and
\`--json\`: one JSON value on stdout with stable names, for \`jq\` and scripts. The text is for people and may change.

Files are named by paths, globs (in quotes, if the shell shall leave them), directories (the \`.arrow\` files in them) and, where they are only read,
http(s) addresses. Values are read only by what is about values, array by array; of a file behind an address, only the ranges that are needed.

| exit code | |
|---|---|
| 0 | all is well |
| 1 | the answer is no: violations, differences, no file found |
| 2 | the command was called wrongly |
| 3 | a file could not be read or written |

Results go to stdout, errors and progress to stderr. Colours show on a terminal only, and never with \`NO_COLOR\` set. Whatever stands in a file is
escaped: no name and no text in it reaches the terminal as a control character.

The outputs below are those of the commands: a test runs them.

## inspect: what stands in a file
`,
    await show("inspect runs/epoch-3.digits.model.arrow"),
    `
\`--depth N\` folds the tree. \`--stats\` reads all values; \`--digest\` adds the CRC-32 of each array, the one that \`checksum: true\` stores.
Of a table of many rows each is summarized on a line, and \`--row N\` shows one.
`,
    await show("inspect --stats --depth 1 runs/epoch-3.digits.model.arrow"),
    `
In JSON, \`size\` is column-major, as on disk, and \`shape\` its reverse for row-major readers:
`,
    await show("inspect --json runs/epoch-3.digits.model.arrow", 24),
    `
## ls: checkpoints as a table

Every simple column is listed, those inside records with a dot. \`--columns\` chooses, \`--sort\` takes several columns and \`-\` for descending ones.
`,
    await show("ls runs --sort -accuracy"),
    `
\`--where\` compares columns with values by \`== != < <= > >=\` or \`~\` (a pattern with \`*\` and \`?\`), joined by \`&& || ! ( )\`. A number means the float32
next to it where the column has float32. A missing value is neither smaller nor greater than any other, and equal to \`missing\` only.
`,
    await show("ls runs --where 'epoch > 1 && accuracy < 0.96' --columns path,epoch,accuracy,bytes"),
    `
The best file, for a script: \`npx legolas-flux ls runs --sort -accuracy --limit 1 --json | jq -r '.[0].path'\`.

## diff: what changed

Columns, and arrays matched by name where both sides have a name for each, else by position. NaN is the same as NaN and as nothing else.
`,
    await show("diff runs/epoch-3.digits.model.arrow runs/epoch-4.digits.model.arrow"),
    `
Arrays whose elements differ by at most \`--tolerance\` are the same. Rows of tables of many are chosen by \`--row N\`, or \`--row N:M\` for each side.

## validate: whether files are whole

Structure, columns against the schema, each row's values, assignments and checks, and the digests that are stored: every problem at once.
`,
  ];
  parts.push(await show("validate runs"));
  parts.push(`
A schema that the command does not know is declared by \`--schema\`: a JavaScript module that exports it (TypeScript where Node.js strips types, from
22.18 on), or a description in JSON, which needs no code. \`schema export\` writes one, from a module or from the columns of a file; code (assignments,
checks, refinements) is no part of it.
`);
  parts.push(await show("schema export runs/epoch-3.digits.model.arrow > digits.json"));
  damage(join(folder, "runs/epoch-2.digits.model.arrow"));
  parts.push(await show("validate --schema digits.json runs"));
  parts.push(`
\`--as digits.model@1\` checks files as that, whatever they say they are. \`-q\` tells only of files with problems.

## cat and split: many rows in one file, and back

The schema need not be declared anywhere; names, types, bits, metadata and layout stay as they are, of columns that it does not declare too. What
cannot is refused by name: units of time but Julia's, dictionaries, 64-bit offsets, views, binary data, NaNs with bits of their own. \`--retype\` writes those as the nearest
type. Existing files are replaced only with \`--force\`, and only when the new one is complete.
`);
  parts.push(await show("cat 'runs/epoch-[134].*' -o run.digits.model.arrow --checksum"));
  parts.push(await show("split run.digits.model.arrow -o again --template 'epoch-{epoch}'"));
  parts.push(`
## convert: safetensors, npz, model.json

What is read is told by its content, what is written by its name: \`.arrow\`, \`.safetensors\` (also models in shards, by their index, which are read only), \`.npz\`, a
\`model.json\` or its directory. Names, element types, columns and every bit of every value come back, or the conversion is refused with the reason.
`);
  parts.push(await show("convert runs/epoch-3.digits.model.arrow digits.safetensors"));
  parts.push(await show("convert digits.safetensors digits.npz"));
  parts.push(await show("convert digits.npz back.digits.model.arrow"));
  parts.push(await show("diff runs/epoch-3.digits.model.arrow back.digits.model.arrow"));
  parts.push(`
Columns become texts beside the weights (\`__metadata__\`, the comment of an archive, \`userDefinedMetadata\`) with a description of their schema, so that they
become the same columns again. Texts of other programs become columns where \`--schema\` has them, and metadata of the table otherwise; \`--set epoch=3\` sets a
column, \`--drop training_state\` leaves one out.

The order and the axes of arrays are recorded, not changed, unless \`--layout\` asks for \`flux\`, \`torch\` or \`tfjs\`. What has to be permuted depends on the layers, so the
model is needed: that of the model.json that is read, or of \`--topology model.json\`. TensorFlow.js has to be installed for it.
`);
  parts.push(await show("convert runs/epoch-3.digits.model.arrow for-julia.digits.model.arrow --layout flux"));
  return `${parts.join("\n")}\n`;
}
