/** Files for the tests of the command line. */
import { FlatArray, ModelV1, Weights, type WriteOptions, writeModelRow } from "legolas-flux";
import { schema, t } from "legolas-flux/legolas";

/** What a hostile file holds in every place that holds text. */
export const hostile = "a\u001b[31mb\u0007c\u009b2J\u202ed\ne\u2028f\u0000";

export const RunConfigV1 = schema("cli-config").version(1, { fields: { seed: t.int64, rate: t.float32 } });
export const RunV1 = schema("cli.model").version(1, {
  extends: ModelV1,
  fields: {
    config: RunConfigV1,
    epoch: t.optional(t.int64),
    accuracy: t.optional(t.float32),
    note: t.optional(t.string),
  },
});

export const HostileV1 = schema("cli.hostile").version(1, {
  extends: ModelV1,
  fields: { [hostile]: t.string, nested: t.struct({ [hostile]: t.string }), keys: t.map(t.string, t.int64) },
});

/** Two arrays of a dense layer, filled with multiples of a number. */
export function denseWeights(step: number, names: readonly string[] | null = ["dense/kernel", "dense/bias"]): Weights {
  const kernel = new FlatArray(
    Float32Array.from({ length: 12 }, (_, i) => i * step),
    [3, 4],
  );
  return new Weights([kernel, new FlatArray(Float32Array.of(step, 0, -step), [3])], { names, layout: "tfjs" });
}

export interface Run {
  readonly epoch?: number | null;
  readonly accuracy?: number | null;
  readonly seed?: number;
  readonly step?: number;
  readonly note?: string | null;
}

export async function writeRun(path: string, run: Run = {}, options?: WriteOptions): Promise<void> {
  const { epoch = 1, accuracy = 0.5, seed = 5, step = 1, note = null } = run;
  const row = RunV1({ weights: denseWeights(step), config: { seed, rate: 0.25 }, epoch, accuracy, note });
  await writeModelRow(path, row, undefined, options);
}

export async function writeHostile(path: string): Promise<void> {
  const row = HostileV1({
    weights: denseWeights(1, [hostile, `${hostile}/bias`]),
    [hostile]: hostile,
    nested: { [hostile]: hostile },
    keys: new Map([[hostile, 1]]),
  } as never);
  const provider = { name: hostile, version: hostile };
  await writeModelRow(path, row, undefined, { metadata: { [hostile]: hostile }, provider });
}

/** Characters that a terminal would obey, line ends aside. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;
