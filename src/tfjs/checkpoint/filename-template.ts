/** File names with placeholders, such as `runs/{epoch:02d}-{val_loss:.2f}.digits.model.arrow`. Source: Keras and Python's `str.format`. */
import { InputError } from "../../errors.ts";
import { formatNumber, type NumberFormat } from "./format-number.ts";

interface Placeholder extends NumberFormat {
  readonly name: string;
}

type Part = string | Placeholder;

const token = /\{\{|\}\}|\{([^{}:]*)(?::([^{}]*))?\}|[{}]/g;
const formatSpec = /^(0?)(\d*)(?:\.(\d+))?([defg]?)$/;

/** A path with placeholders. */
export class FilenameTemplate {
  private readonly parts: readonly Part[];

  /** @throws {InputError} A placeholder is not closed, has no name, or a format that is not known. */
  constructor(readonly template: string) {
    this.parts = parse(template);
  }

  /** The names of the placeholders. */
  get names(): readonly string[] {
    return this.parts.flatMap((part) => (typeof part === "string" ? [] : [part.name]));
  }

  /** The path for these values. @throws {InputError} One is missing, or not an integer where `d` prints it. */
  format(values: Readonly<Record<string, number>>): string {
    return this.parts.map((part) => (typeof part === "string" ? part : this.print(part, values))).join("");
  }

  /**
   * What follows the last placeholder in the file's name from its first point on, such as `.digits.model.arrow`; without placeholders,
   * from the first point of the name on.
   */
  get suffix(): string {
    const tail = this.parts.at(-1) ?? "";
    if (typeof tail !== "string") return "";
    const name = tail.slice(tail.lastIndexOf("/") + 1);
    const isWholeName = name.length < tail.length || this.parts.length === 1;
    const point = name.indexOf(".", isWholeName ? 1 : 0);
    return point < 0 ? "" : name.slice(point);
  }

  /** The path of a file with a name of its own, in the folder above the first placeholder. */
  sibling(name: string): string {
    const [head = ""] = this.parts;
    const folder = typeof head === "string" ? head.slice(0, head.lastIndexOf("/") + 1) : "";
    return folder + name + this.suffix;
  }

  private print({ name, ...format }: Placeholder, values: Readonly<Record<string, number>>): string {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      throw new InputError({
        subject: `filepath "${this.template}": {${name}}`,
        expected: `one of ${Object.keys(values).join(", ")}`,
        found: "no such value at this save",
        remedy: name.startsWith("val_")
          ? "Pass validationData or validationSplit to fit; with saveFreq in batches there are no validation metrics"
          : "Use the names of the training's logs",
      });
    }
    if (format.type === "d" && !Number.isInteger(value)) {
      throw new InputError({
        subject: `filepath "${this.template}": {${name}:…d}`,
        expected: "an integer",
        found: String(value),
        remedy: `Print it with digits after the point: {${name}:.4f}`,
      });
    }
    return formatNumber(value, format);
  }
}

function parse(template: string): Part[] {
  const parts: Part[] = [];
  let text = "";
  let end = 0;
  for (const match of template.matchAll(token)) {
    const [found, name, spec] = match;
    text += template.slice(end, match.index);
    end = match.index + found.length;
    if (found === "{{" || found === "}}") text += found.charAt(0);
    else {
      if (text !== "") parts.push(text);
      text = "";
      parts.push(placeholder(template, found, name, spec ?? ""));
    }
  }
  text += template.slice(end);
  if (text !== "") parts.push(text);
  return parts;
}

function placeholder(template: string, found: string, name: string | undefined, spec: string): Placeholder {
  if (name === undefined || name === "") {
    throw new InputError({
      subject: `filepath "${template}"`,
      expected: "placeholders with a name, such as {epoch:02d}",
      found: `"${found}"`,
      remedy: "Write {{ and }} for braces in a name",
    });
  }
  const [matched, zero, width, precision, type] = formatSpec.exec(spec) ?? [];
  const hasNeedlessPrecision = precision !== undefined && (type === "d" || type === "");
  if (matched === undefined || hasNeedlessPrecision || Number(precision ?? 0) > 60 || Number(width ?? 0) > 60) {
    throw new InputError({
      subject: `filepath "${template}": {${name}}`,
      expected: "a format such as 02d, .2f, 8.3e or g",
      found: `"${spec}"`,
    });
  }
  return {
    name,
    type: (type || null) as NumberFormat["type"],
    width: Number(width),
    zeroFill: zero === "0",
    precision: precision === undefined ? null : Number(precision),
  };
}
