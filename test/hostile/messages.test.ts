/**
 * What errors say.
 *
 * Idea: a message names the thing, says what was expected and what was found, and what to do next; each class is provoked by its usual
 * cause and read.
 */
import * as tf from "@tensorflow/tfjs";
import * as main from "legolas-flux";
import {
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  fetchWeights,
  isLegolasError,
  type LegolasError,
  loadWeights,
  ModelV1,
  openModelRow,
  readModelRow,
  Weights,
  writeModelRow,
} from "legolas-flux";
import * as legolas from "legolas-flux/legolas";
import {
  construct,
  decodeTable,
  encodeTable,
  parseIdentifier,
  schema,
  schemaVersionOf,
  t,
  validate,
} from "legolas-flux/legolas";
import { fetchWeights as fetchModelWeights, fetchTrainingState, resumeTraining } from "legolas-flux/tfjs";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../helpers/julia-fixtures.ts";

const array = new FlatArray(Float32Array.of(1, 2, 3), [3]);
const weights = new Weights([array], { names: ["bias"] });
const row = encodeModelRow({ weights });
const KV1 = schema("test.k").version(1, {
  fields: { k: t.int64, name: t.optional(t.string) },
  checks: { "k is not negative": ({ k }) => k >= 0 },
});
const untyped = <T>(value: unknown): T => value as T;

interface Provocation {
  readonly kind: string;
  readonly cause: string;
  readonly run: () => unknown;
  /** What the message must hold: the thing, what was expected, what was found, and a word of what to do. */
  readonly says: readonly (string | RegExp)[];
}

function provoke(kind: string, cause: string, run: () => unknown, ...says: (string | RegExp)[]): Provocation {
  return { kind, cause, run, says };
}

const declarations: readonly Provocation[] = [
  provoke(
    "DeclarationError",
    "a schema name",
    () => schema("My Model"),
    "schema name",
    "lowercase",
    '"My Model"',
    "Choose",
  ),
  provoke("DeclarationError", "a version", () => schema("test.v").version(-1), "test.v", "integer >= 0", "-1", "Start"),
  provoke(
    "DeclarationError",
    "an identifier",
    () => parseIdentifier("a"),
    "schema identifier",
    "name@version",
    '"a"',
    "Names",
  ),
  provoke(
    "DeclarationError",
    "another declaration",
    () => schema("test.k").version(1, { fields: { k: t.int8 } }),
    "test.k@1",
    "the declaration it already has",
    "a different one",
    "version 2",
  ),
  provoke(
    "DeclarationError",
    "a wider field",
    () => schema("test.wider").version(1, { extends: KV1, fields: { k: t.string } }),
    'test.wider@1: field "k"',
    "int64 as in test.k@1, or narrower",
    "found string",
    "never widen",
  ),
  provoke(
    "DeclarationError",
    "no field type",
    () => schema("test.untyped").version(1, { fields: { k: untyped("int64") } }),
    'field "k"',
    "a field type such as t.int64",
    "int64",
    "See t",
  ),
  provoke(
    "DeclarationError",
    "the name of a companion",
    () => schema("test.taken").version(1, { extends: ModelV1, fields: { weights_names: t.string } }),
    '"weights_names"',
    "another name",
    "Rename",
  ),
  provoke(
    "DeclarationError",
    "an assignment without a field",
    () => schema("test.assign").version(1, { assign: untyped({ x: () => 1 }) }),
    'assignment "x"',
    "a field declared by this version",
    "no such field",
    "Declare",
  ),
];

const records: readonly Provocation[] = [
  provoke("RecordError", "a value of another type", () => KV1({ k: untyped("1") }), "test.k@1", '"k"', "int64", '"1"'),
  provoke("RecordError", "an absent value", () => KV1(untyped({})), '"k"', "int64", "missing (null)"),
  provoke(
    "RecordError",
    "an unsafe integer",
    () => KV1({ k: 2 ** 53 }),
    '"k"',
    "safe integer",
    "9007199254740992",
    "t.bigint",
  ),
  provoke("RecordError", "no record", () => KV1(untyped([1])), "test.k@1", "an object with k, name", "an array of 1"),
  provoke("RecordError", "a value by itself", () => construct(t.uuid, "x"), "value", "uuid", '"x"'),
  provoke("RecordError", "half a surrogate", () => construct(t.string, "\ud800"), "well-formed", "toWellFormed"),
  provoke("RecordError", "a row of a table", () => encodeTable([{ k: 1 }, { k: 0.5 }], KV1), '"1.k"', "int64", "0.5"),
  provoke(
    "RecordError",
    "no weights",
    () => ModelV1({ weights: untyped([1]) }),
    '"weights"',
    "Weights",
    "an array of 1",
    "fetchWeights",
  ),
  provoke(
    "CheckError",
    "a check",
    () => KV1({ k: -1 }),
    "test.k@1",
    'check "k is not negative"',
    "k: -1",
    "Give values",
  ),
  provoke(
    "InputError",
    "no record to ask",
    () => schemaVersionOf({}),
    "schemaVersionOf",
    "a record",
    "an object with no keys",
    "Build",
  ),
  provoke("InputError", "a row that is none", () => encodeTable(untyped([5]), KV1), "row 0", "a record", "5"),
];

const arrays: readonly Provocation[] = [
  provoke(
    "InputError",
    "a vec",
    () => new FlatArray(untyped([1]), [1]),
    "FlatArray: vec",
    "typed array",
    "an array of 1",
  ),
  provoke(
    "InputError",
    "a vec of another type",
    () => new FlatArray(Float32Array.of(1), [1], "int8"),
    "vec",
    "int8",
    "Float32Array",
  ),
  provoke(
    "InputError",
    "a size",
    () => new FlatArray(Float32Array.of(1), [-1]),
    "FlatArray: size",
    "integers >= 0",
    "[-1]",
  ),
  provoke(
    "InputError",
    "elements",
    () => new FlatArray(Float32Array.of(1), [2, 3]),
    "6 elements for size (2, 3)",
    "found 1",
    "product",
  ),
  provoke(
    "InputError",
    "an array of weights",
    () => new Weights(untyped([1])),
    "array 0",
    "a FlatArray",
    "number",
    "Wrap",
  ),
  provoke("InputError", "names", () => new Weights([array], { names: [] }), "names", "one for each of 1 arrays", "0"),
  provoke(
    "InputError",
    "a tensor",
    () => fetchWeights({ w: { data: Float32Array.of(1), shape: [2] } }),
    '"w"',
    "2 elements",
    "1",
  ),
  provoke(
    "InputError",
    "a TensorFlow.js model",
    () => fetchWeights({ getWeights: () => [], layers: [] }),
    "model",
    "a tree of objects and typed arrays",
    "TensorFlow.js model",
    "legolas-flux/tfjs",
  ),
  provoke(
    "InputError",
    "a first array without elements",
    () => encodeModelRow({ weights: new Weights([]) }),
    '"weights"',
    "Julia",
    "no arrays",
    "null",
  ),
  provoke(
    "LossyConversionError",
    "promotion",
    () => encodeModelRow({ weights: new Weights([new FlatArray(Int32Array.of(2 ** 24 + 1), [1]), array]) }),
    "array 0",
    "int32 values that float32 can hold",
    "16777217 at element 0, which would become 16777216",
    "lossy",
  ),
  provoke("MissingWeightsError", "null", () => loadWeights({}, null), "loadWeights", "missing (null)", "row.weights"),
  provoke(
    "WeightsMismatchError",
    "a size",
    () => loadWeights({ bias: new Float32Array(4) }, weights),
    "1 of 1 arrays do not fit the model",
    "[0] bias: expected size (4), found size (3)",
    "nothing was loaded",
    "same architecture",
  ),
  provoke(
    "WeightsMismatchError",
    "a count",
    () => loadWeights({}, weights),
    "the model has 0 arrays, the weights 1",
    "[0] bias: expected no array, found size (3)",
    "same architecture",
  ),
  provoke(
    "LayoutError",
    "another layout",
    () => loadWeights({ bias: new Float32Array(3) }, new Weights([array], { layout: "tfjs" }), { layout: "flux" }),
    "loadWeights",
    "the layout of flux",
    "the layout of tfjs",
    "load them with",
  ),
];

const bytes: readonly Provocation[] = [
  provoke(
    "FormatError",
    "no Arrow file",
    () => decodeModelRow(new TextEncoder().encode("<html></html>")),
    "source",
    "Arrow IPC",
    "HTML",
    "Check",
  ),
  provoke(
    "FormatError",
    "a cut",
    () => decodeModelRow(row.subarray(0, 99)),
    "Arrow data (at byte",
    "the end of the data",
    "cut off",
  ),
  provoke(
    "InputError",
    "no bytes",
    () => decodeModelRow(untyped("model.arrow")),
    "bytes",
    "Uint8Array",
    /found .*(string|model\.arrow)/,
    "readModelRow",
  ),
  provoke(
    "InputError",
    "a column",
    () => decodeTable(row).column("epoch"),
    '"epoch"',
    "one of weights",
    "no such column",
  ),
  provoke(
    "RowCountError",
    "two rows",
    () => decodeModelRow(encodeTable([{}, {}], ModelV1)),
    "model row",
    "exactly one row",
    "2 rows",
    "readTable",
  ),
  provoke(
    "CodecNotLoadedError",
    "compressed bytes",
    () => decodeModelRow(bytesOf("simple_lz4.arrow")),
    "lz4 codec is not loaded",
    "loadCodecs()",
  ),
  provoke(
    "CodecNotLoadedError",
    "compression",
    () => encodeModelRow({ weights }, ModelV1, { compression: "zstd" }),
    "zstd",
    "loadCodecs()",
  ),
  provoke(
    "UnknownSchemaError",
    "a schema",
    () => decodeModelRow(bytesOf("bar.arrow")),
    '"example.bar@1"',
    "not declared",
    "Import",
  ),
  provoke(
    "ViolationError",
    "columns",
    () => validate(decodeTable(row, { validate: false }), KV1),
    "does not comply with test.k@1",
    'field "k": expected int64, but there is no such column',
    "The table's columns are: weights:",
    "accepting",
  ),
  provoke(
    "UnsupportedTypeError",
    "complex numbers",
    () => decodeTable(bytesOf("eltype_complex_float32_.arrow"), { schemaVersion: ModelV1 }).records(),
    '"weights',
    "can hold",
    /found .*struct/,
    "Convert",
  ),
];

const asynchronous: readonly Provocation[] = [
  provoke(
    "SourceError",
    "a file that is not there",
    () => readModelRow("/no/such/file"),
    '"/no/such/file"',
    "ENOENT",
    "Check the path",
  ),
  provoke("SourceError", "a folder", () => readModelRow("/"), '"/"', "not a file", "one file"),
  provoke(
    "SourceError",
    "a path through a file",
    () => writeModelRow("/dev/null/x/y.arrow", { weights }),
    "/dev/null",
    "ENOTDIR",
  ),
  provoke(
    "SourceError",
    "a file URL with a host",
    () => readModelRow("file://host/x"),
    '"file://host/x"',
    "Pass a path",
  ),
  provoke("InputError", "no source", () => readModelRow(untyped(5)), "source", "a path, URL", "number"),
  provoke(
    "InputError",
    "an address as target",
    () => writeModelRow("https://a.b/c", { weights }),
    "target",
    "a path",
    "https://a.b/c",
    "send",
  ),
  provoke(
    "InputError",
    "no target",
    () => writeModelRow(untyped(null), { weights }),
    "target",
    "a path",
    "null",
    "encodeModelRow",
  ),
];

/** Opens a row whose source fails as soon as its elements are read. */
async function loadFromFailingSource(): Promise<void> {
  let fails = false;
  const handle = await openModelRow({
    location: "a failing source",
    size: row.length,
    readAt: async (position, length) => {
      if (fails) throw new Error("the cable was pulled");
      return row.slice(position, position + length);
    },
  });
  fails = true;
  if (handle.weights) await loadWeights({ bias: new Float32Array(3) }, handle.weights, { inPlace: true });
}

const lazy = provoke(
  "PartialLoadError",
  "a source that fails half-way",
  loadFromFailingSource,
  "loadWeights",
  "stopped after 0 of 1 arrays",
  "the cable was pulled",
  "Load again",
);

/** A training state of one optimizer, and a model that was compiled with another. */
async function resumeWithOtherOptimizer(): Promise<void> {
  tf.enableProdMode();
  await tf.setBackend("cpu");
  const compiled = (optimizer: tf.Optimizer): tf.Sequential => {
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] });
    model.compile({ optimizer, loss: "meanSquaredError" });
    return model;
  };
  const model = compiled(tf.train.sgd(0.1));
  const training_state = await fetchTrainingState(model, { epoch: 1 });
  const bytes = encodeModelRow({ weights: await fetchModelWeights(model), training_state });
  await resumeTraining(compiled(tf.train.momentum(0.1, 0.9)), bytes);
}

const resumed = provoke(
  "TrainingStateMismatchError",
  "another optimizer",
  resumeWithOtherOptimizer,
  "nothing was restored",
  "optimizer: expected Momentum, found SGD",
  "compile the model as it was",
);

const converted = provoke(
  "LayerConversionError",
  "a layer that Flux has otherwise",
  () => {
    const layers = [tf.layers.lstm({ inputShape: [2, 1], units: 1, name: "memory" })];
    return fetchModelWeights(tf.sequential({ layers }), { layout: "flux" });
  },
  "cannot be converted exactly between TensorFlow.js and Flux",
  'layer "memory" (LSTM): recurrentActivation is "hardSigmoid"',
  'Build the layer with recurrentActivation: "sigmoid"',
  "Change these layers and convert again",
);

const all = [...declarations, ...records, ...arrays, ...bytes, ...asynchronous, lazy, resumed, converted];

async function caught({ run }: Provocation): Promise<LegolasError> {
  try {
    await run();
  } catch (error) {
    if (isLegolasError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("every error", () => {
  it("class is provoked", () => {
    const exported = [...Object.entries(main), ...Object.entries(legolas)]
      .filter(([name, value]) => name.endsWith("Error") && typeof value === "function" && name !== "isLegolasError")
      .map(([name]) => name);
    // A full store takes a browser: test/browser/stores.browser.ts reads that message.
    const elsewhere = ["LegolasError", "StorageQuotaError"];
    const provoked = new Set([...all.map(({ kind }) => kind), ...elsewhere]);
    expect(all.length).toBe(53);
    expect([...new Set(exported)].filter((name) => !provoked.has(name))).toEqual([]);
  });

  it.each(all)("names the thing, what was expected and found: $kind for $cause", async (provocation) => {
    const error = await caught(provocation);
    expect(error.name).toBe(provocation.kind);
    expect(error).toBeInstanceOf(main.LegolasError);
    for (const part of provocation.says) {
      if (typeof part === "string") expect(error.message).toContain(part);
      else expect(error.message).toMatch(part);
    }
    expect(error.message).not.toMatch(/undefined|\[object|NaN|\.\.$|: ,|,,/);
    expect(error.message.length).toBeLessThan(1000);
  });

  it("says what to do next, unless giving what was expected is all there is to do", async () => {
    const silent = await Promise.all(
      all.map(async (provocation) => {
        const { expected, found, remedy = "" } = (await caught(provocation)).facts;
        const isPlain =
          ["RecordError", "InputError"].includes(provocation.kind) && expected !== undefined && found !== undefined;
        return remedy.length < 5 && !isPlain ? [`${provocation.kind} for ${provocation.cause}`] : [];
      }),
    );
    expect(silent.flat()).toEqual([]);
  });

  it("keeps its cause, if it has one, and its facts", async () => {
    const error = await caught(asynchronous[0] as Provocation);
    expect((error.cause as { code?: string }).code).toBe("ENOENT");
    expect(error).toMatchObject({ code: "ENOENT", location: "/no/such/file" });
    for (const provocation of all)
      expect((await caught(provocation)).message).toContain((await caught(provocation)).facts.subject);
  });
});
