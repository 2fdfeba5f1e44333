/** What callers without types may pass as arguments, options aside: refused by an error of this package, never a TypeError. */
import { inspect } from "node:util";
import {
  type ByteSink,
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  fetchWeights,
  isLegolasError,
  listModelRows,
  loadWeights,
  ModelV1,
  openModelRow,
  openModelRows,
  readModelRow,
  Weights,
  writeModelRow,
} from "legolas-flux";
import * as legolas from "legolas-flux/legolas";
import { decodeSafetensors, encodeSafetensors, openSafetensors } from "legolas-flux/safetensors";
import { expect, it } from "vitest";

const { schema, t } = legolas;
type Call = (...given: never[]) => unknown;

const strangers: readonly unknown[] = [
  ...[undefined, null, 5, 1n, "x", Symbol("s"), true, () => 1, class Own {}],
  ...[{}, [], new Map(), new Date(0), { signal: new AbortController().signal }, new Float32Array(2), ModelV1],
];

const row = ModelV1({ weights: new Weights([new FlatArray(new Float32Array([1]), [1])]) });
const bytes = encodeModelRow(row);
const table = legolas.decodeTable(bytes, { schemaVersion: ModelV1 });

const nothing = async (): Promise<void> => {};
const nowhere: ByteSink = { location: "nowhere", write: nothing, close: nothing, abort: nothing };

/** Calls with a stranger in each place. */
const calls: Readonly<Record<string, (stranger: never) => unknown>> = {
  ...Object.fromEntries(
    [
      "compliesWith construct declared declareFromDescription decodeTable describeColumns describeSchema encodeTable",
      "extractSchemaVersion findViolation findViolations formatIdentifier gather locations lookup materialize",
      "parseIdentifier recordEquals recordMerge schema schemaVersionOf validate",
    ]
      .join(" ")
      .split(" ")
      .map((name) => [
        name,
        (stranger) => ((legolas as unknown as Record<string, Call>)[name] as Call)(stranger, stranger),
      ]),
  ),
  decodeModelRow,
  "decodeModelRow(bytes, …)": (stranger) => decodeModelRow(bytes, stranger),
  encodeModelRow,
  "encodeModelRow(row, …)": (stranger) => encodeModelRow(row, stranger),
  readModelRow,
  "readModelRow(bytes, …)": (stranger) => readModelRow(bytes, stranger),
  openModelRow,
  "openModelRow(bytes, …)": (stranger) => openModelRow(bytes, stranger),
  openModelRows,
  "openModelRows(bytes, …, { validate: false })": (stranger) => openModelRows(bytes, stranger, { validate: false }),
  // A text is a path, and would become a file.
  "writeModelRow(…)": (stranger) => typeof stranger === "string" || writeModelRow(stranger, row),
  "writeModelRow(…, row, …)": (stranger) => writeModelRow(nowhere, row, stranger),
  listModelRows: (stranger) => listModelRows([stranger]),
  "decodeTable(bytes, …)": (stranger) => legolas.decodeTable(bytes, { schemaVersion: stranger }),
  "encodeTable([row], …)": (stranger) => legolas.encodeTable([row], stranger),
  "validate(table, …)": (stranger) => legolas.validate(table, stranger),
  "table.column": (stranger) => table.column(stranger),
  fetchWeights,
  "loadWeights(…)": (stranger) => loadWeights(stranger, stranger),
  "loadWeights([], …)": (stranger) => loadWeights([], stranger),
  FlatArray: (stranger) => new FlatArray(stranger, stranger),
  Weights: (stranger) => new Weights(stranger),
  "Weights([…])": (stranger) => new Weights([stranger]),
  ModelV1,
  "schema(name).version(…)": (stranger) => schema("arguments.of-any-kind").version(stranger),
  "schema(name).version(1, …)": (stranger) => schema("arguments.of-any-kind").version(1, stranger),
  "t.optional": t.optional,
  "t.vector": t.vector,
  "t.fixed": (stranger) => t.fixed(t.int64, stranger),
  "t.map": (stranger) => t.map(stranger, stranger),
  "t.struct": t.struct,
  "t.union": t.union as Call,
  "t.int64.accepting": (stranger) => t.int64.accepting(stranger),
  "t.int64.as": (stranger) => legolas.construct(t.int64.as(stranger), 1),
  decodeSafetensors,
  encodeSafetensors,
  openSafetensors,
};

async function failureOf(run: () => unknown): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    if (!isLegolasError(error)) return `${error}`;
    return error.message.includes("[object") ? `a message that says nothing: ${error.message}` : null;
  }
}

it.each(Object.entries(calls))(
  "%s takes anything, or refuses it by an error that says what is wrong",
  async (_, call) => {
    const failures: Record<string, string> = {};
    for (const stranger of strangers) {
      const failure = await failureOf(() => call(stranger as never));
      if (failure !== null) failures[inspect(stranger, { depth: 0 })] = failure;
    }
    expect(failures).toEqual({});
  },
);
