/** ModelCheckpoint in real, small trainings. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as tf from "@tensorflow/tfjs";
import { InputError, listModelRows, ModelV1, RecordError, readModelRow, SourceError } from "legolas-flux";
import { readTable, schema, t } from "legolas-flux/legolas";
import { type CheckpointOptions, fetchWeights, ModelCheckpoint, resumeTraining } from "legolas-flux/tfjs";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const DigitsConfigV1 = schema("checkpoint-config").version(1, { fields: { seed: t.int64, dropout_rate: t.float32 } });
const DigitsRowV1 = schema("checkpoint-digits.model").version(1, {
  extends: ModelV1,
  fields: {
    config: DigitsConfigV1,
    epoch: t.optional(t.int64),
    accuracy: t.optional(t.float32),
    val_loss: t.optional(t.float64),
    commit_sha: t.optional(t.string),
  },
});
const config = { seed: 5, dropout_rate: 0.25 };

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const folder = temporaryFolder();
let xs: tf.Tensor2D;
let ys: tf.Tensor2D;
beforeEach(() => {
  xs = tf.randomUniform([32, 3], -1, 1, "float32", 7) as tf.Tensor2D;
  ys = tf.tidy(() => xs.sum(1, true).greater(0).toFloat() as tf.Tensor2D);
});
afterEach(() => {
  vi.restoreAllMocks();
  tf.dispose([xs, ys]);
  tf.disposeVariables();
});

function makeModel(): tf.Sequential {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 3 });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [3], units: 4, activation: "relu", kernelInitializer }),
      tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.5), loss: "binaryCrossentropy", metrics: ["accuracy"] });
  return model;
}

/** Gives each epoch a validation loss of the test's own. */
const scripted = (losses: readonly number[]): tf.CustomCallback =>
  new tf.CustomCallback({
    onEpochEnd: (epoch, logs) => {
      (logs as Record<string, number>).val_loss = losses[epoch] as number;
    },
  });

const trainOn = (model: tf.Sequential, callbacks: tf.CustomCallback[], epochs: number): Promise<tf.History> =>
  model.fit(xs, ys, { batchSize: 8, epochs, shuffle: false, verbose: 0, validationData: [xs, ys], callbacks });

async function trainWith(
  losses: readonly number[],
  options: Omit<CheckpointOptions, "filepath"> & { filepath?: string },
): Promise<ModelCheckpoint> {
  const checkpoint = new ModelCheckpoint({ filepath: folder.at("{epoch:02d}-{val_loss:.2f}.model.arrow"), ...options });
  await trainOn(makeModel(), [scripted(losses), checkpoint], losses.length);
  return checkpoint;
}

async function failure(run: Promise<unknown>): Promise<Error> {
  return run.then(
    () => expect.unreachable("it must throw"),
    (error: unknown) => error as Error,
  );
}

const valuesOf = (model: tf.LayersModel): number[][] => model.getWeights().map((weight) => [...weight.dataSync()]);

describe("what is written", () => {
  it("a row for each epoch, with the weights of its end, fields of row() and of the logs", async () => {
    const after: number[][][] = [];
    const model = makeModel();
    const checkpoint = new ModelCheckpoint({
      filepath: folder.at("runs", "deep", "{epoch:02d}.digits.model.arrow"),
      schema: DigitsRowV1,
      row: async (logs, epoch) => ({
        config,
        commit_sha: `epoch ${epoch} of ${Object.keys(logs)}`,
        architecture_version: 2,
      }),
    });
    const snapshots = new tf.CustomCallback({ onEpochEnd: () => void after.push(valuesOf(model)) });
    const { history } = await trainOn(model, [checkpoint, snapshots], 3);
    const rows = await listModelRows(folder.at("runs", "deep"), { schemaVersion: DigitsRowV1 });
    expect(rows.map(({ path }) => basename(path))).toEqual(
      ["01", "02", "03"].map((name) => `${name}.digits.model.arrow`),
    );
    for (const [i, { path, row }] of rows.entries()) {
      expect(row).toMatchObject({ epoch: i + 1, config, architecture_version: 2 });
      expect(row.accuracy).toBe(Math.fround(history.acc?.[i] as number));
      expect(row.val_loss).toBe(history.val_loss?.[i]);
      expect(row.commit_sha).toBe(`epoch ${i + 1} of val_loss,val_acc,loss,acc,accuracy,val_accuracy`);
      const { weights } = await readModelRow(path, DigitsRowV1);
      expect(weights?.arrays.map(({ vec }) => [...(vec as Float32Array)])).toEqual(after[i]);
      expect(weights?.layout).toBe("tfjs");
    }
    expect(checkpoint.bestModelPath).toBe(rows.at(-1)?.path);
    expect(checkpoint.bestModelScore).toBe(history.val_loss?.at(-1));
    expect(checkpoint.lastModelPath).toBeNull();
  });

  it("in Flux's layout, which resumes and is warned of once", async () => {
    const make = (): tf.Sequential => {
      const layers = [
        tf.layers.dense({ inputShape: [3], units: 4 }),
        tf.layers.batchNormalization(),
        tf.layers.dense({ units: 1 }),
      ];
      const model = tf.sequential({ layers });
      model.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: "meanSquaredError" });
      return model;
    };
    const warnings: string[] = [];
    const onWarning = (warning: string): void => void warnings.push(warning);
    const filepath = folder.at("{epoch}.model.arrow");
    const options = { filepath, includeOptimizer: true, restoreBestWeights: true, monitor: "loss" } as const;
    const checkpoint = new ModelCheckpoint({ ...options, fetch: { layout: "flux", onWarning } });
    const model = make();
    await trainOn(model, [checkpoint], 3);
    expect(warnings.map((warning) => warning.replace(/.*\): (\w+) .*/, "$1"))).toEqual([
      "epsilon",
      "momentum",
      "training",
    ]);
    const { weights } = await readModelRow(checkpoint.bestModelPath ?? "", ModelV1);
    expect(weights?.layout).toBe("flux");
    const resumed = make();
    await resumeTraining(resumed, checkpoint.bestModelPath ?? "", { onWarning });
    expect(valuesOf(resumed)).toEqual(valuesOf(model));
  });

  it("what row() says wins over the logs; what it leaves undefined does not", async () => {
    const checkpoint = new ModelCheckpoint({
      filepath: folder.at("{epoch}.model.arrow"),
      schema: DigitsRowV1,
      row: () => ({ config, accuracy: 0.5, epoch: undefined, val_loss: null }),
    });
    await trainOn(makeModel(), [checkpoint], 1);
    expect(await readModelRow(folder.at("1.model.arrow"), DigitsRowV1)).toMatchObject({
      accuracy: 0.5,
      epoch: 1,
      val_loss: null,
    });
  });

  it("with options for writing", async () => {
    await trainWith([1], { write: { compression: "lz4", checksum: true, metadata: { host: "here" } } });
    const table = await readTable(folder.at("01-1.00.model.arrow"), { validate: false });
    expect(table.metadata.get("host")).toBe("here");
    expect(table.column("weights_checksums")).toEqual([Array(4).fill(expect.stringMatching(/^crc32:[0-9a-f]{8}$/))]);
  });

  it("by fitDataset too, every few epochs", async () => {
    const dataset = tf.data.generator(function* () {
      for (let i = 0; i < 3; i++) yield { xs: tf.ones([4, 3]), ys: tf.ones([4, 1]) };
    });
    const callbacks = new ModelCheckpoint({
      filepath: folder.at("{epoch}-{loss:.3f}.arrow"),
      everyNEpochs: 2,
      saveLast: true,
    });
    await makeModel().fitDataset(dataset, { epochs: 5, verbose: 0, callbacks });
    expect(folder.entries().map((name) => name.split("-")[0])).toEqual(["2", "4", "last.arrow"]);
  });

  it("every few batches, counted across epochs", async () => {
    const checkpoint = new ModelCheckpoint({
      filepath: folder.at("{epoch}-{batch}-{loss:.1e}.arrow"),
      saveFreq: 3,
      monitor: "loss",
      includeOptimizer: true,
    });
    await trainOn(makeModel(), [checkpoint], 3);
    const names = folder.entries();
    expect(names.map((name) => name.slice(0, 3))).toEqual(["1-3", "2-2", "3-1", "3-4"]);
    const states = await Promise.all(names.map((name) => resumeTraining(makeModel(), folder.at(name))));
    // The last batch of an epoch completes it.
    expect(states.map(({ epoch, batch }) => [epoch, batch])).toEqual([
      [0, 3],
      [1, 2],
      [2, 1],
      [3, 0],
    ]);
    expect(states[2]?.history.loss).toHaveLength(2);
  });
});

describe("which files stay", () => {
  it("all without options; the best is known", async () => {
    const checkpoint = await trainWith([0.5, 0.3, 0.4], {});
    expect(folder.entries()).toEqual(["01-0.50.model.arrow", "02-0.30.model.arrow", "03-0.40.model.arrow"]);
    expect(checkpoint.bestModelPath).toBe(folder.at("02-0.30.model.arrow"));
    expect(checkpoint.bestModelScore).toBe(0.3);
  });

  it("with saveBestOnly each that is strictly better than all before", async () => {
    const checkpoint = await trainWith([0.5, 0.5, 0.3, Number.NaN, 0.4, 0.2], { saveBestOnly: true });
    expect(folder.entries()).toEqual(["01-0.50.model.arrow", "03-0.30.model.arrow", "06-0.20.model.arrow"]);
    expect(checkpoint.bestModelScore).toBe(0.2);
  });

  it("with saveBestOnly and one path the best", async () => {
    const filepath = folder.at("best.model.arrow");
    const checkpoint = await trainWith([0.5, 0.3, 0.4], { saveBestOnly: true, filepath, includeOptimizer: true });
    expect(folder.entries()).toEqual(["best.model.arrow"]);
    expect(await resumeTraining(makeModel(), filepath)).toMatchObject({ epoch: 2 });
    expect(checkpoint).toMatchObject({ bestModelPath: filepath, bestModelScore: 0.3 });
  });

  it("with initialValueThreshold none until it is beaten", async () => {
    const checkpoint = await trainWith([0.5, 0.3], { saveBestOnly: true, initialValueThreshold: 0.3 });
    expect(folder.entries()).toEqual([]);
    expect(checkpoint).toMatchObject({ bestModelPath: null, bestModelScore: null });
    await trainWith([0.5, 0.29], { saveBestOnly: true, initialValueThreshold: 0.3 });
    expect(folder.entries()).toEqual(["02-0.29.model.arrow"]);
  });

  it("with saveTopK the best k, and files of others", async () => {
    writeFileSync(folder.at("00-9.00.model.arrow"), "not ours");
    const checkpoint = await trainWith([0.5, 0.3, 0.4, Number.NaN, 0.2, 0.3, 0.9], { saveTopK: 2 });
    expect(folder.entries()).toEqual(["00-9.00.model.arrow", "02-0.30.model.arrow", "05-0.20.model.arrow"]);
    expect(checkpoint.bestModelPath).toBe(folder.at("05-0.20.model.arrow"));
  });

  it("with saveTopK a NaN only until there is a number", async () => {
    const filepath = folder.at("{epoch}.arrow");
    const checkpoint = await trainWith([Number.NaN, Number.NaN], { saveTopK: 1, filepath });
    expect(folder.entries()).toEqual(["1.arrow"]);
    expect(checkpoint.bestModelPath).toBeNull();
    await trainWith([Number.NaN, 5, Number.NaN], { saveTopK: 1, filepath: folder.at("again-{epoch}.arrow") });
    expect(folder.entries()).toEqual(["1.arrow", "again-2.arrow"]);
  });

  it("with mode max the largest, and by the name of accuracy too", async () => {
    const filepath = folder.at("{epoch}.arrow");
    expect((await trainWith([0.5, 0.9, 0.7], { saveTopK: 1, mode: "max", filepath })).bestModelScore).toBe(0.9);
    expect(folder.entries()).toEqual(["2.arrow"]);
    const checkpoint = await trainWith([1, 1, 1], { saveTopK: 1, monitor: "val_accuracy", filepath });
    expect(checkpoint.bestModelScore).toBeGreaterThan(0.4);
    expect(() => new ModelCheckpoint({ filepath, monitor: "reward" })).toThrow(
      /"reward"[\s\S]*mode: "min" or mode: "max"/,
    );
  });

  it("with saveTopK: 0 none but the last", async () => {
    const checkpoint = await trainWith([0.5, 0.3, 0.4], { saveTopK: 0, saveLast: true, includeOptimizer: true });
    expect(folder.entries()).toEqual(["last.model.arrow"]);
    expect(checkpoint.bestModelPath).toBeNull();
    expect(checkpoint.lastModelPath).toBe(folder.at("last.model.arrow"));
    expect(await resumeTraining(makeModel(), folder.at("last.model.arrow"))).toMatchObject({ epoch: 3 });
  });

  it("under one name, with saveTopK, beside each other", async () => {
    const filepath = folder.at("kept.model.arrow");
    const checkpoint = await trainWith([0.5, 0.4, 0.3, 0.2], { saveTopK: 2, filepath });
    expect(folder.entries()).toEqual(["kept-v1.model.arrow", "kept.model.arrow"]);
    expect(checkpoint.bestModelScore).toBe(0.2);
    const row = await readModelRow(checkpoint.bestModelPath as string, ModelV1);
    expect(row.weights).not.toBeNull();
  });

  it("of an earlier run are overwritten under the same name", async () => {
    writeFileSync(folder.at("01-0.50.model.arrow"), "old");
    await trainWith([0.5], {});
    await expect(readModelRow(folder.at("01-0.50.model.arrow"), ModelV1)).resolves.toBeDefined();
  });
});

describe("restoreBestWeights", () => {
  it("works with early stopping, which cannot do it", async () => {
    const model = makeModel();
    const losses = [0.5, 0.3, 0.4, 0.45, 0.5, 0.6];
    const after: number[][][] = [];
    const checkpoint = new ModelCheckpoint({
      filepath: folder.at("{epoch}.arrow"),
      saveTopK: 0,
      restoreBestWeights: true,
    });
    const snapshots = new tf.CustomCallback({ onEpochEnd: () => void after.push(valuesOf(model)) });
    const stopping = tf.callbacks.earlyStopping({ monitor: "val_loss", patience: 2 }) as unknown as tf.CustomCallback;
    const { epoch } = await trainOn(model, [scripted(losses), snapshots, stopping, checkpoint], losses.length);
    expect(epoch).toEqual([0, 1, 2, 3]);
    expect(valuesOf(model)).toEqual(after[1]);
    expect(after[3]).not.toEqual(after[1]);
  });

  it("leaves the model alone where nothing beat the threshold", async () => {
    const model = makeModel();
    const options = { filepath: folder.at("{epoch}.arrow"), restoreBestWeights: true, initialValueThreshold: 0.1 };
    await trainOn(model, [scripted([0.5, 0.3]), new ModelCheckpoint(options)], 2);
    const through = makeModel();
    await trainOn(through, [], 2);
    expect(valuesOf(model)).toEqual(valuesOf(through));
  });
});

describe("writing and training overlap", () => {
  it("the file appears while the next epoch runs", async () => {
    const path = folder.at("1.arrow");
    const seen: boolean[] = [];
    const watch = new tf.CustomCallback({
      onBatchBegin: async (batch) => {
        const isSecondEpoch = checkpoint.params.epochs === 2 && epoch === 1;
        if (isSecondEpoch && batch === 0) seen.push(existsSync(path));
        if (!isSecondEpoch || batch !== 2) return;
        for (let i = 0; i < 500 && !existsSync(path); i++) await sleep(10);
        seen.push(existsSync(path));
      },
      onEpochBegin: (current) => {
        epoch = current;
      },
    });
    let epoch = 0;
    const checkpoint = new ModelCheckpoint({ filepath: folder.at("{epoch}.arrow") });
    await trainOn(makeModel(), [watch, checkpoint], 2);
    expect(seen).toEqual([false, true]);
    expect(folder.entries()).toEqual(["1.arrow", "2.arrow"]);
  });

  it("and proceed without anyone waiting for it, while batch follows upon batch", async () => {
    const path = folder.at("1.arrow");
    const deadline = Date.now() + 20_000;
    let epochs = 0;
    let batches = 0;
    const dataset = tf.data.generator(function* () {
      epochs += 1;
      // The second epoch goes on until the file of the first is there.
      for (let i = 0; epochs === 1 ? i < 2 : !existsSync(path) && Date.now() < deadline; i++) {
        batches += 1;
        yield { xs: tf.ones([2, 3]), ys: tf.ones([2, 1]) };
      }
    });
    const callbacks = [new ModelCheckpoint({ filepath: folder.at("{epoch}.arrow") })];
    await makeModel().fitDataset(dataset, { epochs: 2, verbose: 0, callbacks });
    expect(Date.now()).toBeLessThan(deadline);
    expect(batches).toBeGreaterThan(2);
  }, 30_000);

  it("where training throws, close() waits for the file", async () => {
    const checkpoint = new ModelCheckpoint({ filepath: folder.at("{epoch}.arrow") });
    const bomb = new tf.CustomCallback({
      onEpochBegin: (epoch) => {
        if (epoch === 1) throw new Error("lost power");
      },
    });
    expect((await failure(trainOn(makeModel(), [bomb, checkpoint], 3))).message).toBe("lost power");
    expect(checkpoint.bestModelPath).toBeNull();
    await checkpoint.close();
    expect(checkpoint.bestModelPath).toBe(folder.at("1.arrow"));
    await expect(readModelRow(folder.at("1.arrow"), ModelV1)).resolves.toBeDefined();
  });

  it("stopTraining within an epoch saves it as last only, as an epoch in progress", async () => {
    const model = makeModel();
    const stop = new tf.CustomCallback({
      onBatchEnd: (batch) => {
        if (epoch === 1 && batch === 1) model.stopTraining = true;
      },
      onEpochBegin: (current) => {
        epoch = current;
      },
    });
    let epoch = 0;
    const options = { filepath: folder.at("{epoch}-{val_loss:.2f}.arrow"), saveLast: true, includeOptimizer: true };
    const checkpoint = new ModelCheckpoint(options);
    await trainOn(model, [stop, scripted([0.5, 0.1]), checkpoint], 3);
    expect(folder.entries()).toEqual(["1-0.50.arrow", "last.arrow"]);
    const resumed = await resumeTraining(makeModel(), folder.at("last.arrow"));
    expect(resumed).toMatchObject({ epoch: 1, batch: 2, iteration: 6 });
    expect(resumed.history.loss).toHaveLength(1);
  });
});

describe("failures", () => {
  it("a file that cannot be written rejects fit at the end of the next epoch; older files and the model stay", async () => {
    mkdirSync(folder.at("02.arrow"));
    const model = makeModel();
    const checkpoint = new ModelCheckpoint({ filepath: folder.at("{epoch:02d}.arrow"), saveTopK: 1 });
    let epochs = 0;
    const count = new tf.CustomCallback({ onEpochEnd: () => void epochs++ });
    const error = await failure(trainOn(model, [count, scripted([0.5, 0.4, 0.3, 0.2]), checkpoint], 4));
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(/02\.arrow" failed: it is not a file/);
    expect(epochs).toBe(3);
    expect(folder.entries()).toEqual(["01.arrow", "02.arrow"]);
    expect(checkpoint.bestModelPath).toBe(folder.at("01.arrow"));
    await expect(checkpoint.close()).resolves.toBeUndefined();
    // It can go on, also with the same checkpoint.
    await model.fit(xs, ys, {
      epochs: 6,
      initialEpoch: 5,
      verbose: 0,
      validationData: [xs, ys],
      callbacks: [scripted(Array(6).fill(0.1)), checkpoint],
    });
    expect(folder.entries()).toEqual(["02.arrow", "06.arrow"]);
  });

  it("the last file's failure rejects fit, or close() where training threw", async () => {
    mkdirSync(folder.at("1.arrow"));
    const checkpoint = new ModelCheckpoint({ filepath: folder.at("{epoch}.arrow") });
    expect(await failure(trainOn(makeModel(), [checkpoint], 1))).toBeInstanceOf(SourceError);
    const bomb = new tf.CustomCallback({
      onEpochEnd: () => {
        throw new Error("lost power");
      },
    });
    const again = new ModelCheckpoint({ filepath: folder.at("{epoch}.arrow") });
    expect((await failure(trainOn(makeModel(), [again, bomb], 1))).message).toBe("lost power");
    await sleep(50);
    expect(await failure(again.close())).toBeInstanceOf(SourceError);
    await expect(again.close()).resolves.toBeUndefined();
  });

  it("row() and the schema's own errors surface", async () => {
    const filepath = folder.at("{epoch}.arrow");
    const missing = new ModelCheckpoint({ filepath, schema: DigitsRowV1, row: () => ({}) });
    const error = await failure(trainOn(makeModel(), [missing], 1));
    expect(error).toBeInstanceOf(RecordError);
    expect(error.message).toMatch(/field "config"/);
    const wrong = new ModelCheckpoint({
      filepath,
      schema: DigitsRowV1,
      row: () => ({ config: { ...config, seed: 0.5 } }),
    });
    expect((await failure(trainOn(makeModel(), [wrong], 1))).message).toMatch(/field "config.seed": expected int64/);
    const throwing = new ModelCheckpoint({ filepath, row: () => Promise.reject(new Error("no git")) });
    expect((await failure(trainOn(makeModel(), [throwing], 1))).message).toBe("no git");
    expect(folder.entries()).toEqual([]);
  });

  it("a metric that is not there is refused with those that are, and validation metrics before training", async () => {
    const filepath = folder.at("{epoch}.arrow");
    const wrong = new ModelCheckpoint({ filepath, monitor: "val_lossy" });
    expect((await failure(trainOn(makeModel(), [wrong], 1))).message).toMatch(
      /monitor "val_lossy": expected one of val_loss, val_acc, loss, acc, accuracy, val_accuracy/,
    );
    const named = new ModelCheckpoint({ filepath: folder.at("{epoch}-{f1:.2f}.arrow") });
    expect((await failure(trainOn(makeModel(), [named], 1))).message).toMatch(
      /\{f1\}: expected one of epoch, val_loss/,
    );
    for (const options of [{ filepath: folder.at("{val_loss}.arrow") }, { filepath, saveBestOnly: true }]) {
      let batches = 0;
      const count = new tf.CustomCallback({ onBatchBegin: () => void batches++ });
      const callbacks = [new ModelCheckpoint(options), count];
      const error = await failure(makeModel().fit(xs, ys, { verbose: 0, callbacks }));
      expect(error.message).toMatch(/"val_loss": expected a metric that the training has[\s\S]*validationData/);
      expect(batches).toBe(0);
    }
    const inBatches = new ModelCheckpoint({ filepath, saveFreq: 2, monitor: "val_loss" });
    expect((await failure(trainOn(makeModel(), [inBatches], 1))).message).toMatch(/saveFreq in batches/);
    // Without a need for it, the default metric may be missing.
    await makeModel().fit(xs, ys, { verbose: 0, callbacks: new ModelCheckpoint({ filepath }) });
    expect(folder.entries()).toEqual(["1.arrow"]);
  });

  it("a metric missing in a batch rejects at the epoch's end, and leaves no tensors", async () => {
    const model = makeModel();
    const checkpoint = new ModelCheckpoint({ filepath: folder.at("{nothing}.arrow"), saveFreq: 1 });
    await trainOn(model, [], 1);
    const { numTensors } = tf.memory();
    expect((await failure(trainOn(model, [checkpoint], 1))).message).toMatch(
      /\{nothing\}: expected one of epoch, batch, loss, acc/,
    );
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it("behind a plain object, for which TensorFlow.js takes the class apart, it says what to do", async () => {
    const checkpoint = new ModelCheckpoint({ filepath: folder.at("{epoch}.arrow") });
    const callbacks = [{ onEpochEnd: () => {} }, checkpoint] as unknown as tf.CustomCallbackArgs[];
    const error = await failure(makeModel().fit(xs, ys, { verbose: 0, callbacks }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/new tf\.CustomCallback/);
  });

  it.each<[string, object]>([
    ["filepath", { filepath: "" }],
    ["filepath", { filepath: 7 }],
    ["filepath", { filepath: "last.arrow", saveLast: true }],
    ["mode", { mode: "mean" }],
    ["saveTopK", { saveTopK: -2 }],
    ["saveTopK", { saveTopK: 1.5 }],
    ["saveFreq", { saveFreq: 0 }],
    ["saveFreq", { saveFreq: "batch" }],
    ["everyNEpochs", { everyNEpochs: 0 }],
    ["initialValueThreshold", { initialValueThreshold: Number.NaN }],
    ["schema", { schema: DigitsConfigV1 }],
    ["schema", { schema: { name: "x" } }],
  ])("the option %s: %o is refused", (option, options) => {
    const make = (): ModelCheckpoint => new ModelCheckpoint({ filepath: "{epoch}.arrow", ...options });
    expect(make).toThrow(InputError);
    expect(make).toThrow(`ModelCheckpoint: ${option}`);
  });

  it("a schema with a column of the training state's name is refused", () => {
    const TakenV1 = schema("checkpoint-taken.model").version(1, {
      extends: ModelV1,
      fields: { training_state: t.int64 },
    });
    const options = { filepath: "{epoch}.arrow", schema: TakenV1 } as const;
    expect(() => new ModelCheckpoint({ ...options, includeOptimizer: true })).toThrow(/no field "training_state"/);
    expect(() => new ModelCheckpoint(options)).not.toThrow();
  });
});

describe("talking and memory", () => {
  it("prints a line for each save, only if asked to", async () => {
    const print = vi.spyOn(console, "log").mockImplementation(() => {});
    await trainWith([0.5, 0.3], {});
    expect(print).not.toHaveBeenCalled();
    await trainWith([0.5, 0.75, 0.25], { verbose: 1, saveBestOnly: true });
    expect(print.mock.calls.flat()).toEqual([
      `epoch 1: val_loss 0.5, the best, saved to ${folder.at("01-0.50.model.arrow")}`,
      "epoch 2: val_loss 0.75, best 0.5, not saved",
      `epoch 3: val_loss 0.25, the best, saved to ${folder.at("03-0.25.model.arrow")}`,
    ]);
  });

  it("leaks no tensor and disposes no variable of the user, on success and on failure", async () => {
    const own = tf.variable(tf.scalar(1));
    const model = makeModel();
    model.compile({ optimizer: tf.train.adam(0.01), loss: "binaryCrossentropy", metrics: ["accuracy"] });
    await trainOn(model, [], 1);
    const { numTensors } = tf.memory();
    const options = { saveTopK: 2, includeOptimizer: true, saveLast: true, restoreBestWeights: true } as const;
    const filepath = folder.at("{epoch}-{val_loss:.2f}.arrow");
    await trainOn(model, [scripted([3, 1, 2, 4]), new ModelCheckpoint({ filepath, ...options })], 4);
    expect(tf.memory().numTensors).toBe(numTensors);
    await trainOn(
      model,
      [new ModelCheckpoint({ filepath: folder.at("{epoch}-{batch}.arrow"), saveFreq: 2, includeOptimizer: true })],
      2,
    );
    expect(tf.memory().numTensors).toBe(numTensors);
    const neverValidated = new ModelCheckpoint({ filepath: folder.at("{epoch}.arrow"), saveBestOnly: true });
    await failure(model.fit(xs, ys, { verbose: 0, callbacks: neverValidated }));
    expect(tf.memory().numTensors).toBe(numTensors);
    mkdirSync(folder.at("1.arrow"));
    await failure(trainOn(model, [new ModelCheckpoint({ filepath: folder.at("{epoch}.arrow") })], 3));
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(own.dataSync()[0]).toBe(1);
    await expect(fetchWeights(model)).resolves.toHaveLength(4);
  });
});
