/**
 * Every error this package throws.
 *
 * Idea: one class for each decision a caller can take; typed fields hold the facts, and one function composes them into a
 * message that names the thing, what was expected, what was found, and what to do next. Names are written out, since minifiers rename classes.
 */

const brand: unique symbol = Symbol.for("legolas-flux.error") as never;

/** The facts a message is made of: `subject: expected …, found …. remedy`. What is absent is left out of it. */
export interface ErrorFacts {
  /** The field, file or array that is meant, named as the reader knows it. */
  readonly subject: string;
  /** What would have been right. */
  readonly expected?: string;
  /** What was there instead. */
  readonly found?: string;
  /** A sentence that says what to do next. */
  readonly remedy?: string;
}

function composeMessage({ subject, expected, found, remedy }: ErrorFacts): string {
  const comparison = [expected && `expected ${expected}`, found && `found ${found}`].filter(Boolean).join(", ");
  const statement = comparison ? `${subject}: ${comparison}` : subject;
  const separator = statement.includes("\n") ? "\n" : ". ";
  return escapeControls(remedy ? statement + separator + remedy : statement);
}

/** Text from files may hold what terminals obey; in messages it is only shown. */
function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) =>
    control === "\n" ? control : `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Base of every error of this package; `instanceof` or {@link isLegolasError} recognises it. */
export abstract class LegolasError extends Error {
  /** @internal */
  readonly [brand] = true;
  /** The name of the class, in minified bundles too. */
  override name = "LegolasError";
  /** What was meant, expected and found, and the remedy, as they stand in the message. */
  readonly facts: ErrorFacts;

  constructor(facts: ErrorFacts, options?: ErrorOptions) {
    super(composeMessage(facts), options);
    this.facts = facts;
  }
}

/**
 * Whether a value is an error of this package, thrown by whichever copy of it is loaded.
 *
 * @param value - What was caught.
 */
export function isLegolasError(value: unknown): value is LegolasError {
  return value instanceof Error && brand in value;
}

/** A schema, schema version or identifier is declared wrongly, or differs from an earlier declaration. */
export class DeclarationError extends LegolasError {
  override name = "DeclarationError";
}

/** An argument of a call is not what the call takes. */
export class InputError extends LegolasError {
  override name = "InputError";
}

/** The package that declared a schema, as a file records it. */
export interface SchemaProvider {
  /** The package's name. */
  readonly name: string;
  /** The package's version, as text; `"unknown"` where a file names a package without one. */
  readonly version: string;
}

/** A table names a schema version that this process has not declared. */
export class UnknownSchemaError extends LegolasError {
  override name = "UnknownSchemaError";
  /** What the table names, with ancestors: `digits.model@1>legolas-flux.model@1`. */
  readonly identifier: string;
  /** Who declared it, or null where the file does not say. */
  readonly provider: SchemaProvider | null;

  constructor(details: { identifier: string; provider: SchemaProvider | null; declaredAncestor: string | null }) {
    const { identifier, provider, declaredAncestor } = details;
    const origin = provider ? ` (declared by ${provider.name} ${provider.version})` : "";
    const alternative = declaredAncestor
      ? `, pass the schema version of its ancestor ${declaredAncestor} to read it as that`
      : "";
    super({
      subject: `schema version "${identifier}"${origin} is not declared in this process`,
      remedy: `Import the module that declares it before reading${alternative}, or read the raw table with decodeTable(bytes, { validate: false })`,
    });
    this.identifier = identifier;
    this.provider = provider;
  }
}

/** One disagreement between a table and a schema version. */
export interface Violation {
  /** The name of the declared field. */
  readonly field: string;
  /** The accepted type, as text such as `int64`. */
  readonly expected: string;
  /** The type of the column, as text, or null where the column is absent. */
  readonly found: string | null;
}

/** A table does not comply with a schema version; `violations` lists every disagreement. */
export class ViolationError extends LegolasError {
  override name = "ViolationError";
  /** Of the schema version, with ancestors. */
  readonly identifier: string;
  /** Every disagreement, in the order of the declared fields. */
  readonly violations: readonly Violation[];

  constructor(identifier: string, violations: readonly Violation[], tableSchema: string) {
    const lines = violations.map(({ field, expected, found }) =>
      found === null
        ? `  field "${field}": expected ${expected}, but there is no such column`
        : `  field "${field}": expected ${expected}, found ${found}`,
    );
    super({
      subject: `the table does not comply with ${identifier}:\n${lines.join("\n")}\nThe table's columns are: ${tableSchema}`,
      remedy: "Read it with the schema version it was written with, or widen the field's type with .accepting(...)",
    });
    this.identifier = identifier;
    this.violations = violations;
  }
}

/** A value does not fit its field. */
export class RecordError extends LegolasError {
  override name = "RecordError";
  /** Identifier of the schema version, or null for a value outside one. */
  readonly identifier: string | null;
  /** Where the value stands, outermost first: `["config", "seed"]`. */
  readonly path: readonly (string | number)[];
  /** The value that does not fit, as it was given or read. */
  readonly value: unknown;

  constructor(
    details: {
      identifier: string | null;
      path: readonly (string | number)[];
      expected: string;
      found: string;
      value: unknown;
      remedy?: string;
    },
    options?: ErrorOptions,
  ) {
    const { identifier, path, expected, found, value, remedy } = details;
    const field = path.length > 0 ? `field "${path.join(".")}"` : "value";
    super(
      { subject: identifier ? `${identifier}: ${field}` : field, expected, found, ...(remedy && { remedy }) },
      options,
    );
    this.identifier = identifier;
    this.path = path;
    this.value = value;
  }
}

/** A record breaks a check of its schema version. */
export class CheckError extends LegolasError {
  override name = "CheckError";
  /** Of the schema version whose check it is, with ancestors. */
  readonly identifier: string;
  /** The check's own words, such as `k is not negative`. */
  readonly check: string;

  constructor(identifier: string, check: string, record: string, options?: ErrorOptions) {
    super(
      {
        subject: `${identifier}: check "${check}" failed for ${record}`,
        remedy: "Give values that satisfy the check, or change the check in a new version of the schema",
      },
      options,
    );
    this.identifier = identifier;
    this.check = check;
  }
}

/** Bytes are not what their format says; trying again cannot help. */
export class FormatError extends LegolasError {
  override name = "FormatError";
  /** Position of the trouble, in bytes from the start of the source, or null where no single place is to blame. */
  readonly byteOffset: number | null;

  constructor(facts: ErrorFacts & { byteOffset?: number | null }, options?: ErrorOptions) {
    const { byteOffset = null, subject } = facts;
    super({ ...facts, subject: byteOffset === null ? subject : `${subject} (at byte ${byteOffset})` }, options);
    this.byteOffset = byteOffset;
  }
}

/** Well-formed data of a type that JavaScript or this package cannot hold. */
export class UnsupportedTypeError extends LegolasError {
  override name = "UnsupportedTypeError";
  /** The Arrow type, as text. */
  readonly type: string;

  constructor(subject: string, type: string, remedy: string) {
    super({ subject, expected: "a type this package can hold", found: type, remedy });
    this.type = type;
  }
}

/** A file, address or other source could not be read or written; the cause tells why. */
export class SourceError extends LegolasError {
  override name = "SourceError";
  /** Path or address. */
  readonly location: string;
  /** The system's code, such as `ENOENT` or `ENOSPC`, the name of a browser's error, such as `NotFoundError`, or null. */
  readonly code: string | null;

  constructor(location: string, action: string, cause: unknown, remedy?: string) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super({ subject: `${action} "${location}" failed: ${reason}`, ...(remedy && { remedy }) }, { cause });
    this.location = location;
    this.code = systemCode(cause);
  }
}

function systemCode(cause: unknown): string | null {
  if (cause instanceof DOMException) return cause.name;
  return cause instanceof Error && "code" in cause ? String(cause.code) : null;
}

/** A browser gives a page no more room for what it keeps; what was kept before stays. */
export class StorageQuotaError extends SourceError {
  override name = "StorageQuotaError";
  /** Of what was to be saved, as far as was known. */
  readonly neededBytes: number;
  /** As the browser estimates it; where that contradicts its refusal, what fitted of the file. */
  readonly availableBytes: number;

  constructor(location: string, needed: number, available: number) {
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    const reason = `${megabytes(needed)} are needed, ${megabytes(available)} are available`;
    super(
      location,
      "saving",
      new DOMException(reason, "QuotaExceededError"),
      "Remove models that are not needed (store.remove), or ask for more room with navigator.storage.persist(), which some browsers then give",
    );
    this.neededBytes = needed;
    this.availableBytes = available;
  }
}

/** A table has another number of rows than the call wants. */
export class RowCountError extends LegolasError {
  override name = "RowCountError";
  /** The number of rows that the table has. */
  readonly numRows: number;

  constructor(numRows: number) {
    super({
      subject: "model row",
      expected: "a table of exactly one row",
      found: `${numRows} rows`,
      remedy: "Read tables of many rows with readTable, and pick a row",
    });
    this.numRows = numRows;
  }
}

/** A compressed table met a synchronous call before the codecs were loaded. */
export class CodecNotLoadedError extends LegolasError {
  override name = "CodecNotLoadedError";
  /** `"lz4"` or `"zstd"`. */
  readonly codec: string;

  constructor(codec: string) {
    super({
      subject: `the ${codec} codec is not loaded`,
      remedy: "Call `await loadCodecs()` once before, or use the asynchronous readModelRow and writeModelRow",
    });
    this.codec = codec;
  }
}

/** A conversion between element types would change a value. */
export class LossyConversionError extends LegolasError {
  override name = "LossyConversionError";
}

/** One array that does not fit its place in a model. */
export interface WeightsMismatch {
  /** Position in the list of arrays, from 0. */
  readonly index: number;
  /** Key path in the model, or the array's own name where the model has no such place, or null. */
  readonly name: string | null;
  /** What the model has there, such as `size (3, 4)`, or null where it has no such place. */
  readonly expected: string | null;
  /** What the weights have there, or null where they end before. */
  readonly found: string | null;
}

/** Weights do not fit a model; nothing was loaded. `mismatches` lists every disagreement. */
export class WeightsMismatchError extends LegolasError {
  override name = "WeightsMismatchError";
  /** Every array that does not fit, in the order of the arrays. */
  readonly mismatches: readonly WeightsMismatch[];

  constructor(summary: string, mismatches: readonly WeightsMismatch[], remedy: string) {
    const lines = mismatches.map(
      ({ index, name, expected, found }) =>
        `  [${index}]${name === null ? "" : ` ${name}`}: expected ${expected ?? "no array"}, found ${found ?? "no array"}`,
    );
    super({ subject: `${summary}; nothing was loaded:\n${lines.join("\n")}`, remedy });
    this.mismatches = mismatches;
  }
}

/** Reading straight into a model failed half-way: the arrays of `loaded` are new, all others, but perhaps one, are as they were. */
export class PartialLoadError extends LegolasError {
  override name = "PartialLoadError";
  /** Indices of the arrays that are complete, ascending. */
  readonly loaded: readonly number[];

  constructor(loaded: readonly number[], count: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      {
        subject: `loadWeights: reading stopped after ${loaded.length} of ${count} arrays (${reason})`,
        remedy:
          "Load again from a good source before the model is used; without inPlace a failure leaves the model as it was",
      },
      { cause },
    );
    this.loaded = loaded;
  }
}

/** One thing that a training state has otherwise than the model that should go on from it. */
export interface TrainingStateMismatch {
  /** Such as `optimizer`, `learningRate` or `dense/kernel/m`. */
  readonly what: string;
  /** What the model and its optimizer have, or null where they have no such thing. */
  readonly expected: string | null;
  /** What the training state has, or null where it has no such thing. */
  readonly found: string | null;
}

/** A training state does not fit a model and its optimizer; nothing was restored. `mismatches` lists every disagreement. */
export class TrainingStateMismatchError extends LegolasError {
  override name = "TrainingStateMismatchError";
  /** Every disagreement. */
  readonly mismatches: readonly TrainingStateMismatch[];

  constructor(mismatches: readonly TrainingStateMismatch[]) {
    const lines = mismatches.map(
      ({ what, expected, found }) => `  ${what}: expected ${expected ?? "nothing"}, found ${found ?? "nothing"}`,
    );
    super({
      subject: `the training state does not fit the model and its optimizer; nothing was restored:\n${lines.join("\n")}`,
      remedy:
        "Build and compile the model as it was when the state was saved, with the same layers frozen; to change the optimizer's " +
        "configuration knowingly, pass { optimizerConfig: false }",
    });
    this.mismatches = mismatches;
  }
}

/** Weights follow another framework's order and axis convention than the call can take. */
export class LayoutError extends LegolasError {
  override name = "LayoutError";
}

/** A layer of a model that another framework would not compute in the same way. */
export interface LayerProblem {
  /** Such as `layer "lstm1" (LSTM)`. */
  readonly label: string;
  /** In what it differs, as text. */
  readonly problem: string;
  /** What to change, as text. */
  readonly remedy: string;
}

/** Layers of a model have no exact counterpart in the framework whose layout weights are converted to or from. */
export class LayerConversionError extends LegolasError {
  override name = "LayerConversionError";
  /** Every such layer, in the order of the model. */
  readonly problems: readonly LayerProblem[];

  constructor(framework: string, problems: readonly LayerProblem[]) {
    const lines = problems.map(({ label, problem, remedy }) => `  ${label}: ${problem}. ${remedy}`);
    super({
      subject: `the weights of this model cannot be converted exactly between TensorFlow.js and ${framework}:\n${lines.join("\n")}`,
      remedy: 'Change these layers and convert again; in the layout "tfjs" any model can be saved as it is',
    });
    this.problems = problems;
  }
}

/** The weights of a row are missing (null) where a call needs them. */
export class MissingWeightsError extends LegolasError {
  override name = "MissingWeightsError";
  constructor(verb: string) {
    super({
      subject: `${verb}: the row's weights are missing (null)`,
      remedy: "Check row.weights before loading, or write the row with weights: await fetchWeights(model)",
    });
  }
}
