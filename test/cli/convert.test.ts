/** `legolas-flux convert`: through every format and back, bit for bit or not at all. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { FlatArray, ModelV1, openModelRow, readModelRow, Weights, writeModelRow, writeModelRows } from "legolas-flux";
import { schema, t } from "legolas-flux/legolas";
import { fromSafetensors, toSafetensors } from "legolas-flux/safetensors";
import { fetchWeights, loadWeights } from "legolas-flux/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { fromNpz } from "../../src/formats/npz/from-npz.ts";
import { arbitraryMixedWeights, arbitraryWeights } from "../helpers/arbitrary-weights.ts";
import { everyType } from "../helpers/arrays-of-every-type.ts";
import { expectSameWeights } from "../helpers/expect-same-weights.ts";
import { serveFolder } from "../helpers/serve-folder.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { loadModel, saveModel } from "../helpers/tfjs-files.ts";
import { denseWeights, HostileV1, hostile, obeyed, RunV1, writeHostile, writeRun } from "./models.ts";
import { runCli, runCliIn } from "./run-cli.ts";

const folder = temporaryFolder();

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

/** Converts, and expects that it went well. */
async function convert(...args: string[]): Promise<string> {
  const { code, err } = await runCli("convert", ...args);
  expect(err.replace(/^note: .*\n/gm, "")).toBe("");
  expect(code).toBe(0);
  return err;
}

async function refused(...args: string[]): Promise<{ code: number; err: string }> {
  const { code, out, err } = await runCli("convert", ...args);
  expect(out).toBe("");
  expect(code).toBeGreaterThan(1);
  return { code, err };
}

const paths = (): Record<"arrow" | "safetensors" | "npz" | "tfjs" | "back", string> => ({
  arrow: folder.at("a.model.arrow"),
  safetensors: folder.at("a.safetensors"),
  npz: folder.at("a.npz"),
  tfjs: folder.at("tfjs", "model.json"),
  back: folder.at("back.model.arrow"),
});

const tensorTypes = ["float32", "float16", "int32", "bool"];

describe("every element type comes back in every bit", () => {
  const cases = everyType.arrays
    .filter(({ length }) => length > 0)
    .flatMap((array) =>
      (["safetensors", "npz", "tfjs"] as const)
        .filter((format) => format !== "tfjs" || tensorTypes.includes(array.elementType))
        .map((format) => [array.elementType, format, array] as const),
    );
  it.each(cases)("%s through %s", async (_, format, array) => {
    const { arrow, back, [format]: path } = paths();
    const weights = new Weights([array, array], { names: ["layer/a", "layer/b"], layout: "tfjs" });
    await writeModelRow(arrow, ModelV1({ weights, architecture_version: 3 }));
    await convert(arrow, path);
    await convert(path, back);
    const row = await readModelRow(back);
    expectSameWeights(row.weights as Weights, weights);
    expect(row.architecture_version).toBe(3);
    expect(readFileSync(back).equals(readFileSync(arrow))).toBe(true);
  });

  it("all of them, in files that keep a type for each, between these", async () => {
    const { safetensors, npz } = paths();
    await toSafetensors(everyType, safetensors, { metadata: { note: "größer" } });
    await convert(safetensors, npz);
    const read = await fromNpz(npz);
    expectSameWeights(read.weights, everyType);
    expect(read.metadata).toEqual({ note: "größer" });
    await convert(npz, folder.at("b.safetensors"));
    expect(readFileSync(folder.at("b.safetensors")).equals(readFileSync(safetensors))).toBe(true);
  });

  it("any weights of one type, with or without names", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryWeights, fc.boolean(), async (given, hasNames) => {
        const names = hasNames ? given.arrays.map((_, i) => `n${i}`) : null;
        const weights = new Weights(given, { names, layout: given.layout ?? "flux" });
        const { arrow, safetensors, npz, back } = paths();
        await writeModelRow(arrow, { weights }, ModelV1);
        await convert(arrow, safetensors, "--force");
        await convert(safetensors, npz, "--force");
        await convert(npz, back, "--force");
        expectSameWeights((await readModelRow(back)).weights as Weights, weights);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it("any weights of several types, or they are refused with the array and the reason", async () => {
    let converted = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryMixedWeights, async (given) => {
        const weights = new Weights(given, { names: given.arrays.map((_, i) => `n${i}`), layout: "torch" });
        const { safetensors, arrow } = paths();
        await toSafetensors(weights, safetensors);
        const { code, err } = await runCli("convert", safetensors, arrow, "--force");
        if (code === 0) {
          converted += 1;
          await convert(arrow, folder.at("b.safetensors"), "--force");
          expect(readFileSync(folder.at("b.safetensors")).equals(readFileSync(safetensors))).toBe(true);
        } else {
          expect(code).toBe(3);
          expect(err).toMatch(/^error: (array \d+ \(n\d+\)|bool array): expected .*, found /);
        }
      }),
      { numRuns: 80 },
    );
    expect(converted).toBeGreaterThan(10);
  }, 60_000);

  it("float16 and bfloat16 beside float64 come back by their types before promotion", async () => {
    const { safetensors, arrow } = paths();
    const arrays = [
      new FlatArray(new Float64Array([0.1, -0, Number.NaN]), [3]),
      new FlatArray(new Uint16Array([0x3e00, 0x8000, 0x7e00, 1]), [4], "float16"),
      new FlatArray(new Float32Array([1.5, -0]), [2]),
    ];
    const dtypes = ["float64", "float16", "bfloat16"];
    await toSafetensors(new Weights(arrays, { names: ["a", "b", "c"], layout: "torch", dtypes }), safetensors);
    await convert(safetensors, arrow);
    const { weights } = await readModelRow(arrow);
    expect(weights?.elementType).toBe("float64");
    expect(weights?.dtypes).toEqual(dtypes);
    await convert(arrow, folder.at("b.safetensors"));
    expect(readFileSync(folder.at("b.safetensors")).equals(readFileSync(safetensors))).toBe(true);
    await convert(arrow, paths().npz);
    expect((await fromNpz(paths().npz)).weights.dtypes).toEqual(dtypes);
  });

  it("what one row cannot hold is refused: large integers beside floats, NaNs with bits of their own", async () => {
    const { npz, safetensors, arrow } = paths();
    const large = new FlatArray(new BigUint64Array([2n ** 64n - 1n]), [1]);
    const float = new FlatArray(new Float32Array([1]), [1]);
    await toSafetensors(new Weights([float, large], { names: ["a", "b"] }), safetensors);
    expect((await refused(safetensors, arrow)).err).toMatch(/array 1 \(b\).*18446744073709551615/);
    const marked = new FlatArray(new Uint16Array([0x7e01]), [1], "float16");
    await toSafetensors(new Weights([float, marked], { names: ["a", "b"] }), safetensors);
    expect((await refused(safetensors, arrow)).err).toMatch(/array 1 \(b\).*NaN with bits of its own at element 0/);
    await convert(safetensors, npz);
    expect(folder.entries().filter((name) => name.endsWith(".arrow"))).toEqual([]);
  });
});

describe("columns", () => {
  it.each(["safetensors", "npz", "tfjs"] as const)("of a schema of one's own go through %s", async (format) => {
    const { arrow, back, [format]: path } = paths();
    const row = RunV1({
      weights: denseWeights(1),
      config: { seed: 7, rate: 0.1 },
      epoch: 3,
      accuracy: Number.NaN,
      note: '"quoted" 3 größer\n',
    });
    await writeModelRow(arrow, row, undefined, { metadata: { machine: "mine" } });
    await convert(arrow, path);
    await convert(path, back);
    expect(readFileSync(back).equals(readFileSync(arrow))).toBe(true);
    expect(await readModelRow(back, RunV1)).toEqual(row);
  });

  it("stand as texts that people read", async () => {
    const { arrow, safetensors } = paths();
    await writeRun(arrow, { epoch: 3, note: "fine" });
    await convert(arrow, safetensors);
    const { metadata } = await fromSafetensors(safetensors);
    expect(metadata).toMatchObject({ epoch: "3", accuracy: "0.5", note: "fine", config: '{"seed":5,"rate":0.25}' });
  });

  it("of every kind come back, and weights inside a column are refused until it is dropped", async () => {
    const AllV1 = schema("convert.all").version(1, {
      extends: ModelV1,
      fields: {
        big: t.bigint,
        small: t.float16,
        bytes: t.bytes,
        when: t.datetime,
        day: t.date,
        id: t.uuid,
        long: t.duration,
        at: t.time,
        map: t.map(t.string, t.vector(t.float64)),
        kind: t.symbol,
        tagged: t.struct({ $number: t.string }),
        maybe: t.vector(t.optional(t.bool)),
      },
    });
    const { arrow, back, npz } = paths();
    const row = AllV1({
      weights: denseWeights(1),
      big: 2n ** 53n - 1n,
      small: -0,
      bytes: new Uint8Array([0, 255]),
      when: new Date(5),
      day: "2024-02-29",
      id: "12345678-1234-1234-1234-123456789abc",
      long: { value: 5n, unit: "millisecond" },
      at: { value: 6n, unit: "nanosecond" },
      map: new Map([["a", [Number.POSITIVE_INFINITY, -0, 0.1]]]),
      kind: "yes",
      tagged: { $number: "3" },
      maybe: [true, null],
    } as never);
    await writeModelRow(arrow, row);
    await convert(arrow, npz);
    await convert(npz, back);
    expect(await readModelRow(back, AllV1)).toEqual(row);

    const StateV1 = schema("convert.state").version(1, {
      extends: ModelV1,
      fields: { epoch: t.int64, state: t.optional(t.struct({ slots: t.weights })) },
    });
    const withState = StateV1({ weights: denseWeights(1), epoch: 4, state: { slots: denseWeights(2) } } as never);
    await writeModelRow(folder.at("s.arrow"), withState);
    expect((await refused(folder.at("s.arrow"), folder.at("s.npz"))).err).toMatch(/"state" cannot be read/);
    await convert(folder.at("s.arrow"), folder.at("s.npz"), "--drop", "state");
    expect((await fromNpz(folder.at("s.npz"))).metadata).toMatchObject({ epoch: "4" });
    expect(await refused(folder.at("s.arrow"), folder.at("t.npz"), "--drop", "stat")).toMatchObject({ code: 2 });
  });

  it("that no schema declares come back, or are refused where their type would not", async () => {
    const { arrow, npz, back } = paths();
    const row = {
      weights: denseWeights(1),
      architecture_version: 1,
      extra: "text",
      count: 4,
      ratio: 0.5,
      flags: [true],
    };
    await writeModelRow(arrow, row, ModelV1);
    await convert(arrow, npz);
    await convert(npz, back);
    expect(readFileSync(back).equals(readFileSync(arrow))).toBe(true);
    const SmallV1 = schema("convert.small").version(1, {
      extends: ModelV1,
      fields: { small: t.int8, none: t.optional(t.int8) },
    });
    const small = SmallV1({ weights: denseWeights(1), small: 3 });
    await writeModelRow(folder.at("b.arrow"), small, ModelV1);
    const { err } = await refused(folder.at("b.arrow"), folder.at("b.npz"));
    expect(err).toMatch(/"small": int8 becomes int64; "none": int8 becomes null/);
    await convert(folder.at("b.arrow"), folder.at("b.npz"), "--retype");
    await convert(folder.at("b.arrow"), folder.at("c.npz"), "--drop", "small", "--drop", "none");
  });

  it("with a NaN that has bits of its own are refused, unless that may become a plain one", async () => {
    const { arrow, npz } = paths();
    const LossV1 = schema("convert.loss").version(1, { extends: ModelV1, fields: { loss: t.float32 } });
    await writeModelRow(arrow, LossV1({ weights: denseWeights(1), loss: 1.234_567 }));
    const bytes = readFileSync(arrow);
    bytes.writeUInt32LE(0x7fc0_0bad, bytes.indexOf(Buffer.from(Float32Array.of(1.234_567).buffer)));
    writeFileSync(arrow, bytes);
    expect((await refused(arrow, npz)).err).toMatch(/"loss": a NaN with bits of its own/);
    await convert(arrow, npz, "--retype");
  });

  it("of an Arrow table that names no schema are those of a model", async () => {
    const { arrow, npz } = paths();
    await writeModelRow(arrow, ModelV1({ weights: denseWeights(1) }));
    const bytes = readFileSync(arrow);
    const at = bytes.indexOf("legolas_schema_qualified");
    for (let i = at; i >= 0; i = bytes.indexOf("legolas_schema_qualified")) bytes.write("x", i);
    writeFileSync(arrow, bytes);
    await convert(arrow, npz);
    expectSameWeights((await fromNpz(npz)).weights, denseWeights(1));
  });

  it("are made of other programs' texts where the schema has them, and set on request", async () => {
    const { safetensors, arrow } = paths();
    const declarations = folder.at("schema.json");
    await writeRun(folder.at("run.arrow"));
    writeFileSync(declarations, (await runCli("schema", "export", folder.at("run.arrow"))).out);
    const metadata = { format: "pt", epoch: "12", accuracy: "high", author: "someone" };
    await toSafetensors(denseWeights(1), safetensors, { metadata });
    const notes = await convert(
      ...[safetensors, arrow, "--schema", declarations],
      ...["--set", 'config={"seed": 9, "rate": 0.5}', "--set", "note=made by hand"],
    );
    expect(notes).toMatch(/"accuracy": expected a value of type float32\?.*kept as metadata/);
    const handle = await openModelRow(arrow, RunV1);
    expect(handle.row).toMatchObject({
      epoch: 12,
      accuracy: null,
      note: "made by hand",
      config: { seed: 9, rate: 0.5 },
    });
    expect(handle.table.schema.metadata.get("author")).toBe("someone");
    expect(handle.table.schema.metadata.get("accuracy")).toBe("high");
    await handle.close();
    const other = folder.at("b.arrow");
    expect((await refused(safetensors, other, "--set", "epoch=3")).err).toMatch(
      /--set epoch=3: .*architecture_version/,
    );
    await convert(safetensors, other, "--set", "architecture_version=2");
    expect((await readModelRow(other, ModelV1)).architecture_version).toBe(2);
  });

  it("of files that an attacker wrote obey nobody", async () => {
    const { arrow, npz, back } = paths();
    await writeHostile(arrow);
    const first = await runCli("convert", arrow, npz);
    expect(first.out + first.err).not.toMatch(obeyed);
    expect(first.code).toBe(3);
    const { safetensors } = paths();
    expect(first.err).toMatch(/found a column and metadata/);
    const { record, close } = await openModelRow(arrow, HostileV1);
    await writeModelRow(arrow, await record());
    await close();
    await convert(arrow, safetensors);
    await convert(safetensors, back);
    expect((await readModelRow(back)).weights?.names?.[0]).toBe(hostile);
  });
});

function makeModel(): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [5, 5, 1], filters: 2, kernelSize: 3, name: "conv" }),
      tf.layers.batchNormalization({ name: "norm", epsilon: 1e-5 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, name: "head" }),
    ],
  });
  (model.layers[0] as tf.layers.Layer).trainable = false;
  return model;
}

describe("models of TensorFlow.js", () => {
  it("load into a model from a row, and from a row into TensorFlow.js", async () => {
    const { arrow, tfjs } = paths();
    const model = makeModel();
    const saved = await saveModel(model, folder.at("saved"), 64);
    await convert(folder.at("saved"), arrow);
    const expected = await fetchWeights(model);
    const { weights } = await readModelRow(arrow);
    expectSameWeights(weights as Weights, expected);
    await loadWeights(makeModel(), weights);
    await convert(arrow, tfjs, "--topology", saved);
    expectSameWeights(await fetchWeights(await loadModel(tfjs)), expected);
    expect(await convert(arrow, folder.at("plain", "model.json"))).toMatch(/there is no model in it/);
  });

  it.each(["flux", "torch"] as const)("are permuted to the layout %s and back on request", async (layout) => {
    const { arrow, back, npz, tfjs } = paths();
    const model = makeModel();
    const saved = await saveModel(model, folder.at("saved"));
    await convert(saved, npz, "--layout", layout);
    expectSameWeights((await fromNpz(npz)).weights, await fetchWeights(model, { layout, onWarning: () => {} }));
    await convert(saved, arrow, "--layout", layout);
    await convert(arrow, tfjs, "--layout", "tfjs", "--topology", saved);
    expectSameWeights(await fetchWeights(await loadModel(tfjs)), await fetchWeights(model));
    await convert(arrow, back);
    expect((await readModelRow(back)).weights?.layout).toBe(layout);
  });

  it("take the names that PyTorch has, and Flux's of its versions", async () => {
    const { safetensors, arrow, tfjs } = paths();
    const make = (): tf.LayersModel =>
      tf.sequential({
        layers: [
          tf.layers.lstm({ inputShape: [3, 2], units: 2, name: "memory", recurrentActivation: "sigmoid" }),
          tf.layers.dense({ units: 3, name: "head" }),
        ],
      });
    const model = make();
    const saved = await saveModel(model, folder.at("saved"));
    const modules = ["--module", "memory=lstm", "--module", "head=fc.0"];
    await convert(saved, safetensors, "--layout", "torch", ...modules);
    const { names } = (await fromSafetensors(safetensors)).weights;
    expect(names).toContain("fc.0.weight");
    expect(names).toContain("lstm.weight_ih_l0");
    await convert(safetensors, tfjs, "--layout", "tfjs", "--topology", saved, ...modules);
    expectSameWeights(await fetchWeights(await loadModel(tfjs)), await fetchWeights(model));
    await convert(saved, arrow, "--layout", "flux", "--flux-version", "0.16");
    const { weights } = await readModelRow(arrow);
    expectSameWeights(weights as Weights, await fetchWeights(model, { layout: "flux", fluxVersion: "0.16" }));
    expect(await refused(saved, folder.at("a.npz"), "--layout", "torch", "--module", "head")).toMatchObject({
      code: 2,
    });
    expect(await refused(saved, folder.at("a.npz"), "--module", "head=x")).toMatchObject({ code: 2 });
  });

  it("integers are converted as the numbers they stand for, and what they were is recorded", async () => {
    const { arrow, safetensors } = paths();
    const quantization = { dtype: "uint8", scale: 0.5, min: -1 };
    const weights = [{ name: "a/b", shape: [2], dtype: "float32", quantization }];
    mkdirSync(folder.at("q"));
    writeFileSync(folder.at("q", "w.bin"), new Uint8Array([0, 4]));
    writeFileSync(folder.at("q", "model.json"), JSON.stringify({ weightsManifest: [{ paths: ["w.bin"], weights }] }));
    expect(await convert(folder.at("q"), arrow)).toMatch(/1 arrays were quantized/);
    expect([...((await readModelRow(arrow)).weights?.at(0)?.vec ?? [])]).toEqual([-1, 1]);
    await convert(arrow, safetensors);
    const { metadata } = await fromSafetensors(safetensors);
    expect(JSON.parse(metadata["legolas-flux.quantization"] as string)).toEqual({ "a/b": quantization });
  });

  it("refuses what it cannot know", async () => {
    const { arrow, safetensors, tfjs, npz } = paths();
    await writeModelRow(arrow, ModelV1({ weights: denseWeights(1) }));
    const unknown = await refused(arrow, safetensors, "--layout", "torch");
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.err).toMatch(/depends on the layers; pass the model with --topology/);
    await toSafetensors(new Weights(denseWeights(1), { names: ["a", "b"], layout: "unknown" }), safetensors);
    expect(await refused(safetensors, npz, "--layout", "torch")).toMatchObject({ code: 2 });
    expect((await refused(safetensors, tfjs)).err).toMatch(/expected weights of the layout "tfjs", found "unknown"/);
    await convert(safetensors, npz, "--from-layout", "torch");
    expect((await fromNpz(npz)).weights.layout).toBe("torch");
    writeFileSync(folder.at("odd.json"), '{"class_name": "Nothing", "config": {}}');
    expect((await refused(arrow, npz, "--layout", "flux", "--topology", folder.at("odd.json"), "--force")).err).toMatch(
      /cannot build the model/,
    );
  });
});

describe("files", () => {
  it("are told by their content, whatever they are called", async () => {
    const { arrow, safetensors, npz, back } = paths();
    await writeModelRow(folder.at("x.bin"), ModelV1({ weights: denseWeights(1) }), undefined, { format: "stream" });
    await convert(folder.at("x.bin"), safetensors);
    await convert(safetensors, npz);
    writeFileSync(folder.at("y.arrow"), readFileSync(npz));
    await convert(folder.at("y.arrow"), arrow);
    writeFileSync(folder.at("z"), readFileSync(safetensors));
    await convert(folder.at("z"), back);
    expectSameWeights((await readModelRow(back)).weights as Weights, denseWeights(1));
  });

  it("in shards are read by their index or their directory", async () => {
    const sharded = new URL("../golden/safetensors/sharded/", import.meta.url).pathname;
    await convert(sharded, paths().npz);
    expect((await fromNpz(paths().npz)).weights.length).toBeGreaterThan(1);
    expect(await refused(paths().npz, folder.at("m.safetensors.index.json"))).toMatchObject({ code: 2 });
  });

  it("behind addresses are read, with the files that they name", async () => {
    const { arrow, npz } = paths();
    const weights = new Weights(denseWeights(1), { names: ["a/k", "a/b"], layout: "tfjs" });
    await writeModelRow(arrow, ModelV1({ weights }));
    await convert(arrow, npz);
    await convert(arrow, folder.at("web folder", "model.json"));
    const server = await serveFolder(folder.at());
    try {
      for (const [i, path] of ["a.model.arrow", "a.npz", "web%20folder/model.json?v=2"].entries()) {
        const back = folder.at(`${i}.model.arrow`);
        await convert(`${server.address}/${path}`, back);
        expectSameWeights((await readModelRow(back)).weights as Weights, weights);
      }
      expect((await refused(`${server.address}/missing.npz`, folder.at("x.arrow"))).err).toMatch(/404/);
    } finally {
      await server.close();
    }
  });

  it("stay as they were when the command is interrupted", async () => {
    const { arrow } = paths();
    await writeModelRow(arrow, ModelV1({ weights: denseWeights(1) }));
    for (const name of ["a.safetensors", "a.npz", "tfjs/model.json", "b.arrow"]) {
      const { code, err } = await runCliIn({ signal: AbortSignal.abort() }, "convert", arrow, folder.at(name));
      expect(err).toBe("error: interrupted\n");
      expect(code).toBe(130);
    }
    expect(folder.entries()).toEqual(["a.model.arrow"]);
  });

  it("that exist are replaced with --force only", async () => {
    const { arrow, npz } = paths();
    await writeModelRow(arrow, ModelV1({ weights: denseWeights(1) }));
    await convert(arrow, npz);
    const refusal = await refused(arrow, npz);
    expect(refusal.code).toBe(3);
    expect(refusal.err).toMatch(/it exists.*--force/);
    await convert(arrow, npz, "--force");
    await convert(npz, folder.at("tfjs"), "--force").catch(() => {});
    await convert(npz, `${folder.at("out")}/`);
    expect(await refused(npz, `${folder.at("out")}/`)).toMatchObject({ code: 3 });
  });

  it("of many rows want a row", async () => {
    const table = folder.at("many.arrow");
    const rows = [1, 2].map((step) => ModelV1({ weights: denseWeights(step), architecture_version: step }));
    await writeModelRows(table, rows);
    expect((await refused(table, paths().npz)).code).toBe(3);
    await convert(table, paths().npz, "--row", "1");
    expectSameWeights((await fromNpz(paths().npz)).weights, denseWeights(2));
  });

  it("without weights are refused", async () => {
    await writeModelRow(paths().arrow, ModelV1({ weights: null }));
    expect((await refused(paths().arrow, paths().npz)).err).toMatch(/missing/);
  });

  it.each([
    ["there is nothing", ["missing.npz", "a.arrow"], 3, /missing\.npz/],
    ["no format", ["good.arrow", "a.txt"], 2, /its format is not known/],
    ["an option for another format", ["good.arrow", "a.npz", "--set", "x=1"], 2, /nothing to do for --set/],
    [
      "a compressed archive of ours",
      ["good.arrow", "a.npz", "--compression", "lz4"],
      2,
      /nothing to do for --compression/,
    ],
    ["a layout that is none", ["good.arrow", "a.npz", "--layout", "keras"], 2, /Allowed choices are flux, tfjs, torch/],
    ["a damaged archive", ["bad.npz", "a.arrow"], 3, /ZIP archive/],
    ["a damaged row", ["bad.arrow", "a.npz"], 3, /Arrow/],
    ["a damaged model.json", ["bad.json", "a.npz"], 3, /model\.json: expected JSON/],
    ["damaged safetensors", ["bad.safetensors", "a.npz"], 3, /safetensors/],
    ["an empty directory", ["empty", "a.npz"], 2, /no model\.json/],
  ] as const)("refused: %s", async (_, args, code, message) => {
    await writeModelRow(folder.at("good.arrow"), ModelV1({ weights: denseWeights(1) }));
    for (const name of ["bad.npz", "bad.arrow", "bad.json", "bad.safetensors"]) writeFileSync(folder.at(name), "PK?");
    mkdirSync(folder.at("empty"));
    const [from, to, ...flags] = args;
    const outcome = await refused(folder.at(from), folder.at(to), ...flags);
    expect(outcome.err).toMatch(message);
    expect(outcome.code).toBe(code);
    expect(folder.entries().filter((name) => name.startsWith("a."))).toEqual([]);
  });

  it("are told of as JSON", async () => {
    const { arrow, npz } = paths();
    await writeModelRow(arrow, ModelV1({ weights: denseWeights(1) }));
    const { out } = await runCli("convert", arrow, npz, "--json");
    expect(JSON.parse(out)).toEqual({ input: arrow, output: npz, from: "arrow", to: "npz", arrays: 2, layout: "tfjs" });
  });
});
