/** Training that goes on from a file equals training through. */
import * as tf from "@tensorflow/tfjs";
import {
  appendModelRows,
  decodeModelRow,
  encodeModelRow,
  InputError,
  ModelV1,
  openModelRows,
  readModelRow,
  TrainingStateMismatchError,
  WeightsMismatchError,
  writeModelRow,
  writeModelRows,
} from "legolas-flux";
import { decodeTable, schema, t } from "legolas-flux/legolas";
import {
  fetchTrainingState,
  fetchWeights,
  loadWeights,
  ModelCheckpoint,
  type ResumedTraining,
  resumeTraining,
  TrainingStateV1,
} from "legolas-flux/tfjs";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readWith } from "../helpers/read-with.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});
beforeEach(() => tf.disposeVariables());

const folder = temporaryFolder();

const optimizers: Readonly<Record<string, () => tf.Optimizer>> = {
  sgd: () => tf.train.sgd(0.05),
  momentum: () => tf.train.momentum(0.05, 0.9),
  nesterov: () => tf.train.momentum(0.05, 0.9, true),
  adagrad: () => tf.train.adagrad(0.05),
  adadelta: () => tf.train.adadelta(0.05, 0.95),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.5),
  "centered rmsprop": () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-12, true),
  adam: () => tf.train.adam(0.01),
  "an optimizer of one's own": () => new OwnOptimizer(0.05, 0.9),
};

/** Of a class whose slots are known from its tensors alone. */
class OwnOptimizer extends tf.MomentumOptimizer {
  static override get className(): string {
    return "Own";
  }
}

/** A model with everything that could be mixed up: equal shapes, moving statistics, a frozen layer before trained ones. */
function makeModel(optimizer: tf.Optimizer): tf.Sequential {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 3 });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [4], units: 4, activation: "tanh", kernelInitializer, trainable: false }),
      tf.layers.batchNormalization({ momentum: 0.8 }),
      tf.layers.dense({ units: 4, activation: "tanh", kernelInitializer }),
      tf.layers.dense({ units: 4, kernelInitializer }),
      tf.layers.dense({ units: 1, kernelInitializer }),
    ],
  });
  model.compile({ optimizer, loss: "meanSquaredError", metrics: ["mae"] });
  return model;
}

const inputs = (): tf.Tensor2D => tf.randomUniform([48, 4], -1, 1, "float32", 7) as tf.Tensor2D;
const outputs = (): tf.Tensor2D => tf.tidy(() => inputs().square().sum(1, true) as tf.Tensor2D);

async function train(model: tf.Sequential, epochs: number, more: Partial<tf.ModelFitArgs> = {}): Promise<tf.History> {
  const xs = inputs();
  const ys = outputs();
  const history = await model.fit(xs, ys, { batchSize: 8, shuffle: false, verbose: 0, epochs, ...more });
  tf.dispose([xs, ys]);
  return history;
}

const valuesOf = (model: tf.LayersModel): number[][] =>
  model.layers.flatMap((layer) => layer.getWeights()).map((w) => [...w.dataSync()]);

/** Trains three epochs with a checkpoint, and gives the path of the last. */
async function trainAndSave(make: () => tf.Optimizer): Promise<string> {
  const filepath = folder.at("{epoch:02d}.model.arrow");
  const model = makeModel(make());
  await train(model, 3, {
    callbacks: new ModelCheckpoint({ filepath, monitor: "loss", includeOptimizer: true, seed: 7 }),
  });
  model.dispose();
  return folder.at("03.model.arrow");
}

describe.each(Object.keys(optimizers))("%s", (name) => {
  const make = optimizers[name]!;

  it("goes on bit for bit as if it had never stopped", async () => {
    const through = makeModel(make());
    const whole = await train(through, 6);
    expect(valuesOf(through).flat().every(Number.isFinite)).toBe(true);
    const path = await trainAndSave(make);

    const model = makeModel(make());
    const resumed = await resumeTraining(model, path);
    expect(resumed).toMatchObject({ epoch: 3, batch: 0, iteration: 18, seed: 7 });
    expect(resumed.history).toEqual({ loss: whole.history.loss?.slice(0, 3), mae: whole.history.mae?.slice(0, 3) });
    const rest = await train(model, 6, { initialEpoch: resumed.epoch });
    expect(rest.history.loss).toEqual(whole.history.loss?.slice(3));
    expect(valuesOf(model)).toEqual(valuesOf(through));
  });

  it("does not go on so from the weights alone, unless it keeps nothing", async () => {
    const through = makeModel(make());
    await train(through, 6);
    const model = makeModel(make());
    const path = await trainAndSave(make);
    await loadWeights(model, (await readModelRow(path, ModelV1)).weights);
    await train(model, 6, { initialEpoch: 3 });
    const keepsNothing = name === "sgd" || name === "adadelta";
    if (keepsNothing) expect(valuesOf(model)).toEqual(valuesOf(through));
    else expect(valuesOf(model)).not.toEqual(valuesOf(through));
  });
});

describe("what is stored", () => {
  it("names the slots after layers, and says which optimizer it was", async () => {
    const path = await trainAndSave(optimizers.adam!);
    const [stored] = decodeTable(folder.bytes("03.model.arrow"), { schemaVersion: ModelV1 }).column("training_state");
    expect(stored).toMatchObject({ optimizer: "Adam", iteration: 18, epoch: 3, batch: 0, seed: 7 });
    expect(JSON.parse((stored as { optimizer_config: string }).optimizer_config)).toMatchObject({ learningRate: 0.01 });
    const names = (stored as { slots_names: string[] }).slots_names.map((text) => text.replace(/\d+\//, "/"));
    const variables = [
      ...["batch_normalization_BatchNormalization/gamma", "batch_normalization_BatchNormalization/beta"],
      ...["dense_Dense/kernel", "dense_Dense/bias", "dense_Dense/kernel", "dense_Dense/bias"],
      ...["dense_Dense/kernel", "dense_Dense/bias"],
    ];
    expect(names).toEqual([...variables.map((text) => `${text}/m`), ...variables.map((text) => `${text}/v`)]);
    expect(path).toMatch(/03.model.arrow$/);
  });

  it("is a nullable struct column without extension name, which readers of the schema ignore", async () => {
    const path = await trainAndSave(optimizers.adam!);
    const table = decodeTable(folder.bytes("03.model.arrow"));
    const field = table.schema.fields.find((candidate) => candidate.name === "training_state");
    expect(field).toMatchObject({ nullable: true, type: { kind: "struct" } });
    expect(field?.metadata.size).toBe(0);
    expect(table.schemaVersion).toBe(ModelV1);
    expect(Object.keys(await readModelRow(path, ModelV1))).toEqual(["weights", "architecture_version"]);
  });

  it.each(Object.entries(readWith))("is read by %s", async (_, read) => {
    await trainAndSave(optimizers.adam!);
    const [state] = read(new Uint8Array(folder.bytes("03.model.arrow"))).training_state as [Record<string, unknown>];
    expect(state).toMatchObject({ optimizer: "Adam", iteration: 18n, epoch: 3n, seed: 7n });
  });

  it("survives tables of many rows, where it may be missing from later ones", async () => {
    const RunV1 = schema("resume-run.model").version(1, { extends: ModelV1, fields: { note: t.string } });
    const model = makeModel(tf.train.adam(0.01));
    const rows: object[] = [];
    for (const epoch of [1, 2]) {
      await train(model, epoch, { initialEpoch: epoch - 1 });
      rows.push({
        weights: await fetchWeights(model),
        note: `${epoch}`,
        training_state: await fetchTrainingState(model, { epoch }),
      });
    }
    const path = folder.at("run.model.arrow");
    const without = RunV1({ weights: await fetchWeights(model), note: "none" });
    for (const format of ["file", "stream"] as const) {
      await writeModelRows(path, rows, RunV1, { format });
      await appendModelRows(path, [without, { ...without, training_state: null }, rows[1]!]);
      const table = await openModelRows(path, RunV1);
      expect(table.numRows).toBe(5);
      await table.close();
      const states = decodeTable(folder.bytes("run.model.arrow")).column("training_state") as ({
        epoch: number;
      } | null)[];
      expect(states.map((state) => state?.epoch ?? null)).toEqual([1, 2, null, null, 2]);
      for (const read of Object.values(readWith)) {
        const columns = read(new Uint8Array(folder.bytes("run.model.arrow")));
        expect((columns.training_state as unknown[]).map((state) => state === null)).toEqual([
          false,
          false,
          true,
          true,
          false,
        ]);
      }
    }
  });

  it("is a record of legolas-flux.training-state@1, also before the first step", async () => {
    const model = makeModel(tf.train.sgd(0.1));
    const state = await fetchTrainingState(model, { epoch: 0 });
    expect(TrainingStateV1(state)).toMatchObject({ optimizer: "SGD", iteration: 0, slots: null, seed: null });
    const bytes = encodeModelRow({ weights: await fetchWeights(model), training_state: state }, ModelV1);
    await expect(resumeTraining(model, bytes)).resolves.toMatchObject({ epoch: 0, iteration: 0, history: {} });
    expect(decodeModelRow(bytes)).not.toHaveProperty("training_state");
  });
});

async function failure(run: Promise<unknown>): Promise<Error> {
  return run.then(
    () => expect.unreachable("it must throw"),
    (error: unknown) => error as Error,
  );
}

describe("what does not fit", () => {
  async function expectUntouched(model: tf.Sequential, source: string | Uint8Array): Promise<Error> {
    await train(model, 1);
    const before = valuesOf(model);
    const state = await fetchTrainingState(model, { epoch: 1 });
    const error = await failure(resumeTraining(model, source));
    expect(valuesOf(model)).toEqual(before);
    expect(await fetchTrainingState(model, { epoch: 1 })).toEqual(state);
    return error;
  }

  it("another class of optimizer", async () => {
    const error = await expectUntouched(makeModel(tf.train.momentum(0.05, 0.9)), await trainAndSave(optimizers.adam!));
    expect(error).toBeInstanceOf(TrainingStateMismatchError);
    expect((error as TrainingStateMismatchError).mismatches).toEqual([
      { what: "optimizer", expected: "Momentum", found: "Adam" },
    ]);
  });

  it("another configuration, of which all differences are listed", async () => {
    const path = await trainAndSave(optimizers.adam!);
    const error = await expectUntouched(makeModel(tf.train.adam(0.02, 0.8)), path);
    expect((error as TrainingStateMismatchError).mismatches).toEqual([
      { what: "learningRate", expected: "0.02", found: "0.01" },
      { what: "beta1", expected: "0.8", found: "0.9" },
    ]);
    expect(error.message).toMatch(
      /nothing was restored:\n {2}learningRate: expected 0.02, found 0.01[\s\S]*optimizerConfig: false/,
    );
    const model = makeModel(tf.train.adam(0.02, 0.8));
    await expect(resumeTraining(model, path, { optimizerConfig: false })).resolves.toMatchObject({ epoch: 3 });
    expect(model.optimizer.getConfig()).toMatchObject({ learningRate: 0.02 });
  });

  it("other layers frozen, or other shapes", async () => {
    const path = await trainAndSave(optimizers.adam!);
    const frozen = makeModel(tf.train.adam(0.01));
    frozen.layers[2]!.trainable = false;
    frozen.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError", metrics: ["mae"] });
    const { mismatches } = (await expectUntouched(frozen, path)) as TrainingStateMismatchError;
    expect(mismatches.length).toBeGreaterThan(4);

    const wide = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
    wide.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError", metrics: ["mae"] });
    const error = (await expectUntouched(wide, path)) as TrainingStateMismatchError;
    expect(error.mismatches).toHaveLength(16);
    expect(error.mismatches[0]?.expected).toMatch(/dense_Dense\d+\/kernel\/m of shape \[4, 1\]/);
  });

  it("weights of another model under the same optimizer state", async () => {
    const named = (name: string): tf.Sequential => {
      const layers = [
        tf.layers.dense({ name: "fixed", inputShape: [4], units: name === "a" ? 3 : 5, trainable: false }),
        tf.layers.globalAveragePooling1d({}),
      ];
      const model = tf.sequential({
        layers: [
          layers[0]!,
          tf.layers.reshape({ targetShape: [-1, 1] }),
          layers[1]!,
          tf.layers.dense({ name: "out", units: 1 }),
        ],
      });
      model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError", metrics: ["mae"] });
      return model;
    };
    const model = named("a");
    await train(model, 1);
    const bytes = encodeModelRow(
      { weights: await fetchWeights(model), training_state: await fetchTrainingState(model, { epoch: 1 }) },
      ModelV1,
    );
    expect(await expectUntouched(named("b"), bytes)).toBeInstanceOf(WeightsMismatchError);
  });

  it("a file without a state, an uncompiled model, and Adamax, which TensorFlow.js cannot save", async () => {
    const model = makeModel(tf.train.adam(0.01));
    const path = folder.at("weights.model.arrow");
    await writeModelRow(path, ModelV1({ weights: await fetchWeights(model) }));
    const without = await failure(resumeTraining(model, path));
    expect(without).toBeInstanceOf(InputError);
    expect(without.message).toMatch(/"training_state"[\s\S]*includeOptimizer: true/);

    const uncompiled = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
    expect((await failure(fetchTrainingState(uncompiled, { epoch: 1 }))).message).toMatch(/expected a compiled model/);

    const adamax = makeModel(tf.train.adamax(0.01));
    const error = await failure(resumeTraining(adamax, await trainAndSave(optimizers.adam!)));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(
      /optimizer Adamax[\s\S]*not implemented for Adamax yet[\s\S]*Compile the model with adam/,
    );
    const callbacks = new ModelCheckpoint({ filepath: folder.at("x.arrow"), includeOptimizer: true });
    const before = valuesOf(adamax);
    expect((await failure(train(adamax, 1, { callbacks }))).message).toMatch(/optimizer Adamax/);
    expect(valuesOf(adamax)).toEqual(before);
  });

  it("other names, unless told to go by position", async () => {
    const named = (name: string): tf.Sequential => {
      const model = tf.sequential({ layers: [tf.layers.dense({ name, inputShape: [4], units: 1 })] });
      model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError", metrics: ["mae"] });
      return model;
    };
    const model = named("old");
    await train(model, 2);
    const training_state = await fetchTrainingState(model, { epoch: 2 });
    const bytes = encodeModelRow({ weights: await fetchWeights(model), training_state }, ModelV1);
    const error = (await expectUntouched(named("new"), bytes)) as TrainingStateMismatchError;
    expect(error.mismatches.map(({ expected, found }) => [expected, found])).toContainEqual([
      "new/kernel/m of shape [4, 1]",
      "old/kernel/m of shape [4, 1]",
    ]);
    const renamed = named("new");
    await resumeTraining(renamed, bytes, { names: false });
    await train(renamed, 3, { initialEpoch: 2 });
    await train(model, 3, { initialEpoch: 2 });
    expect(valuesOf(renamed)).toEqual(valuesOf(model));
  });

  it("counts that cannot be", async () => {
    const model = makeModel(tf.train.sgd(0.1));
    const training_state = await fetchTrainingState(model, { epoch: -1 });
    const bytes = encodeModelRow({ weights: await fetchWeights(model), training_state }, ModelV1);
    expect((await expectUntouched(model, bytes)).message).toMatch(
      /training_state.epoch: expected a number >= 0, found -1/,
    );
  });

  it("a state whose slots were lost", async () => {
    const model = makeModel(tf.train.adam(0.01));
    await train(model, 1);
    const state = await fetchTrainingState(model, { epoch: 1, history: { loss: [0.5] } });
    const row = { weights: await fetchWeights(model), training_state: { ...state, slots: null } };
    const error = await expectUntouched(makeModel(tf.train.adam(0.01)), encodeModelRow(row, ModelV1));
    expect(error).toBeInstanceOf(TrainingStateMismatchError);
    expect((error as TrainingStateMismatchError).mismatches).toHaveLength(16);
    expect((error as TrainingStateMismatchError).mismatches[0]?.found).toBeNull();
  });
});

describe("memory", () => {
  it("leaks no tensor, keeps no old slot, and disposes no variable of the user", async () => {
    const path = await trainAndSave(optimizers.adam!);
    const own = tf.variable(tf.scalar(1));
    const model = makeModel(tf.train.adam(0.01));
    await train(model, 1);
    const { numTensors } = tf.memory();
    for (let i = 0; i < 3; i++) await resumeTraining(model, path);
    await fetchTrainingState(model, { epoch: 1 });
    await failure(resumeTraining(model, new Uint8Array(3)));
    expect(tf.memory().numTensors).toBe(numTensors);
    await train(model, 2, { initialEpoch: 1 });
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(own.dataSync()[0]).toBe(1);
  });
});

describe("a run in pieces", () => {
  it("carries history, seed and the best value from piece to piece", async () => {
    const filepath = folder.at("{epoch:02d}.model.arrow");
    const options = { filepath, monitor: "loss", includeOptimizer: true, saveBestOnly: true, saveLast: true } as const;
    const through = makeModel(tf.train.adam(0.01));
    const whole = await train(through, 6);
    let resumed: ResumedTraining | undefined;
    for (const end of [2, 4, 6]) {
      const model = makeModel(tf.train.adam(0.01));
      if (end > 2) resumed = await resumeTraining(model, folder.at("last.model.arrow"));
      const checkpoint = new ModelCheckpoint({ ...options, ...(resumed ? { resumed } : { seed: 11 }) });
      await train(model, end, { initialEpoch: end - 2, callbacks: checkpoint });
      model.dispose();
    }
    const model = makeModel(tf.train.adam(0.01));
    const end = await resumeTraining(model, folder.at("last.model.arrow"));
    expect(end).toMatchObject({ epoch: 6, seed: 11 });
    expect(end.history.loss).toEqual(whole.history.loss);
    expect(valuesOf(model)).toEqual(valuesOf(through));
  });

  it("does not take a worse epoch for the best after resuming", async () => {
    const path = await trainAndSave(optimizers.adam!);
    const model = makeModel(tf.train.adam(0.01));
    const resumed = await resumeTraining(model, path);
    const history = { loss: [0.5, 1e-9, 0.4] };
    const checkpoint = new ModelCheckpoint({
      filepath: folder.at("best.model.arrow"),
      monitor: "loss",
      saveBestOnly: true,
      resumed: { ...resumed, history },
    });
    await train(model, 5, { initialEpoch: 3, callbacks: checkpoint });
    expect(checkpoint.bestModelPath).toBeNull();
    expect(folder.entries()).not.toContain("best.model.arrow");
  });
});
