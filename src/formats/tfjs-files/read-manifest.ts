/** The manifest of a model's weights: which arrays stand in which files. */
import { FormatError } from "../../errors.ts";
import { formatValue } from "../../legolas/format-value.ts";
import { listIn, objectIn, textIn } from "./checked-json.ts";
import { readWeightSpec, subjectOf, type WeightSpec } from "./weight-spec.ts";

/** Arrays without gaps in files that are read one after the other. */
export interface WeightGroup {
  /** Relative to the folder of model.json. */
  readonly paths: readonly string[];
  readonly specs: readonly WeightSpec[];
  readonly byteLength: number;
}

/**
 * Reads `weightsManifest`.
 *
 * @throws {FormatError} It is not well-formed, names a weight or a file twice, or a file outside the folder.
 * @throws {UnsupportedTypeError} A weight is text or complex.
 */
export function readManifest(value: unknown): readonly WeightGroup[] {
  const groups = listIn(value, "weightsManifest").map((group, i) => readGroup(group, `weightsManifest, group ${i}`));
  checkOnce(
    groups.flatMap(({ paths }) => paths),
    (path) => `file ${formatValue(path)}`,
  );
  checkOnce(
    groups.flatMap(({ specs }) => specs.map(({ name }) => name)),
    subjectOf,
  );
  return groups;
}

function readGroup(value: unknown, subject: string): WeightGroup {
  const group = objectIn(value, subject);
  const paths = listIn(group.paths, `${subject}: paths`).map((path) => checkPath(textIn(path, `${subject}: paths`)));
  const specs = listIn(group.weights, `${subject}: weights`).map((entry, i) =>
    readWeightSpec(entry, `${subject}, weight ${i}`),
  );
  return { paths, specs, byteLength: specs.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}

/** A manifest from a stranger must not lead to other files than those that came with it. */
function checkPath(path: string): string {
  const parts = path.split("/");
  const isInside = !/[\\:?#%\0]/.test(path) && parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (isInside) return path;
  throw new FormatError({
    subject: `weightsManifest, file ${formatValue(path)}`,
    expected: "a file in the folder of model.json, or in one of its folders",
    found: "another path",
    remedy: "Put the files of weights beside model.json and name them so",
  });
}

function checkOnce(names: readonly string[], subjectFor: (name: string) => string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (!seen.has(name)) seen.add(name);
    else {
      throw new FormatError({
        subject: `weightsManifest, ${subjectFor(name)}`,
        expected: "it once",
        found: "it again",
        remedy: "The manifest is damaged: save or convert the model again",
      });
    }
  }
}
