/** The page of documentation on other libraries, from what is known of them; the tests show that it is so. */
import { readFileSync } from "node:fs";
import type { KnownDeviation, Library } from "./libraries.ts";
import type { ForeignFile } from "./outcome.ts";
import type { WrittenFile } from "./written-file.ts";

const introduction = `# Conformance

What libraries that nobody here wrote make of our files, and we of theirs, value by value. Written by \`npm run conformance -- -u\`; do not edit.

\`npm run conformance\` runs all of it (two minutes; it needs Node and \`python3\` 3.11 or newer, and installs the pinned versions below into a virtual
environment of its own). Any difference from this page fails the run, whether for the worse or the better.
`;

/** Notes in the order in which they are first needed. */
class Footnotes {
  private readonly notes: string[] = [];

  mark(notes: readonly string[]): string {
    const numbers = notes.map((note) => {
      if (!this.notes.includes(note)) this.notes.push(note);
      return `[${this.notes.indexOf(note) + 1}]`;
    });
    return numbers.length > 0 ? ` ${numbers.join("")}` : "";
  }

  list(): string {
    return this.notes.map((note, i) => `[${i + 1}] ${note}`).join("  \n");
  }
}

function cell(files: readonly WrittenFile[], deviations: readonly KnownDeviation[], footnotes: Footnotes): string {
  if (files.length === 0) return "–";
  const found = files.map((file) => deviations.find(({ of }) => of(file)));
  const refused = found.filter((deviation) => deviation?.refuses).length;
  const notes = [...new Set(found.flatMap((deviation) => (deviation ? [deviation.note] : [])))];
  const word = refused === 0 ? "yes" : refused === files.length ? "no" : "in part";
  return word + footnotes.mark(notes);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function versionOf(library: Library, requirements: string): string {
  if (library.language === "python") {
    return new RegExp(`^${library.package}==(.+)$`, "m").exec(requirements)?.[1] ?? "";
  }
  const url = new URL(`../../node_modules/${library.package}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { version: string }).version;
}

function foreignRows(foreign: readonly ForeignFile[]): (readonly string[])[] {
  const features = [...new Set(foreign.map(({ feature }) => feature))];
  return features.map((feature) => {
    const own = foreign.filter((file) => file.feature === feature);
    const refused = own.flatMap((file) => (file.refused === null ? [] : [file.refused]));
    const outcome = refused.length === 0 ? "read" : `refused by name: ${[...new Set(refused)].join(", ")}`;
    return [feature, [...new Set(own.map(({ writer }) => writer))].join(", "), `${own.length}`, outcome];
  });
}

/** Markdown: each library and what it and we can read. */
export function conformancePage(
  files: readonly WrittenFile[],
  foreign: readonly ForeignFile[],
  libraries: readonly Library[],
): string {
  const requirements = readFileSync(new URL("python/requirements.in", import.meta.url), "utf8");
  const features = [...new Set(files.map(({ feature }) => feature))];
  const asked = (library: Library, feature: string): WrittenFile[] =>
    files.filter((file) => file.feature === feature && (library.reads?.(file) ?? true));
  const copied = (library: Library, feature: string): WrittenFile[] =>
    asked(library, feature).filter((file) => !library.deviations.some(({ of, refuses }) => refuses && of(file)));
  const head = libraries.map((library) => `${library.name}<br>${versionOf(library, requirements)}`);
  const footnotes = new Footnotes();
  const rowsOf = (cellOf: (library: Library, feature: string) => string): string[][] =>
    features.map((feature) => [feature, ...libraries.map((library) => cellOf(library, feature))]);
  const read = rowsOf((library, feature) => cell(asked(library, feature), library.deviations, footnotes));
  const written = rowsOf((library, feature) => cell(copied(library, feature), library.copies, footnotes));
  const torchRequirements = readFileSync(new URL("torch/python/requirements.in", import.meta.url), "utf8");
  const torch = /^torch==(.+)$/m.exec(torchRequirements)?.[1] ?? "";
  const safetensors = /^safetensors==(.+)$/m.exec(requirements)?.[1] ?? "";
  return `${introduction}
## What others read of ours

${files.length} files: each feature as a file and as a stream; each column type alone, in many rows, optional, missing, in lists, structs and maps. "–": not asked.

${table(["", ...head], read)}

arrow-rs is parquet-wasm. DuckDB takes the tables that pyarrow opened: its extension for Arrow files comes from the network. numpy gets the arrays of weights
alone. nodejs-polars reads copies without the names of extension types: it panics on any.

## What we read of theirs

Each of these files, read by the library, written again by it, and read by us as the same schema version: the records are the same.

${table(["", ...head], written)}

${footnotes.list()}

## What only others write

${table(["", "written with", "files", ""], foreignRows(foreign))}

## safetensors

The Python package safetensors ${safetensors} reads our files of each of the twelve element types and writes them again; names, metadata, shapes, types and values are
the same both ways. numpy lacks bfloat16, so it is refused there.

## PyTorch

PyTorch is not part of this run: its wheels for Linux bring several GB for GPUs. It has a command of its own, \`npm run conformance:torch\`, in which PyTorch ${torch}
loads weights of TensorFlow.js models with \`strict=True\` and TensorFlow.js loads PyTorch's, layer by layer; [conformance-torch.md](conformance-torch.md) has the
models and the largest difference that its last recorded run found.

## Not run

R and Julia. Files by Julia's packages are in \`test/golden\`, and what Julia accepts of ours is pinned by \`test/written\`. Lists of more than 2^31 elements are not
written: for the row on LargeList the encoder of lists is told that they are that long, and writes 64-bit offsets.
`;
}
