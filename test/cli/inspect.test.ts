import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { FlatArray, ModelV1, Weights, writeModelRow, writeModelRows } from "legolas-flux";
import { schema, t, writeTable } from "legolas-flux/legolas";
import { afterEach, describe, expect, it } from "vitest";
import { type RangeServer, serve } from "../engine/range-server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { denseWeights, HostileV1, hostile, obeyed, writeHostile, writeRun } from "./models.ts";
import { runCli, runCliIn } from "./run-cli.ts";

const folder = temporaryFolder();
const golden = "test/golden/julia";

describe("inspect", () => {
  it("shows file, schema, columns, parameters and the tree of arrays", async () => {
    const path = folder.at("a.cli.model.arrow");
    await writeRun(path, { epoch: 3, accuracy: 0.875, note: 'say "hi"' }, { checksum: true });
    const { code, out, err } = await runCli("inspect", path);
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out).toContain("schema    cli.model@1 > legolas-flux.model@1\n");
    expect(out).toMatch(/accuracy +float32\? +0\.875\n/);
    expect(out).toMatch(/config +struct<seed: int64, rate: float32> \(.*\) +\{ seed: 5, rate: 0\.25 \}\n/);
    expect(out).toContain('"say \\"hi\\""');
    expect(out).toContain("in total   15 in 2 arrays\n");
    expect(out).toContain("in memory  60 bytes\n");
    expect(out).toContain("layout     tfjs\n");
    expect(out).toContain("checksums  stored\n");
    expect(out).toMatch(/ 0-1 {2}dense +2 arrays +60\n +0 {4}kernel {2}float32 {2}\(3, 4\) +48 +[\d,]+\n/);
    expect(out).not.toContain("weights_names");
  });

  it("gives the same as JSON, with types, offsets and groups", async () => {
    const path = folder.at("a.cli.model.arrow");
    await writeRun(path, { epoch: 3, accuracy: 0.875 });
    const { code, out } = await runCli("inspect", "--json", path);
    const report = JSON.parse(out);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      source: path,
      bytes: readFileSync(path).length,
      format: "file",
      compression: null,
      rowCount: 1,
      schema: {
        identifier: "cli.model@1>legolas-flux.model@1",
        version: "cli.model@1",
        ancestors: ["legolas-flux.model@1"],
      },
      provider: null,
    });
    const [row] = report.rows;
    expect(row.values).toEqual({
      architecture_version: null,
      config: { seed: 5, rate: 0.25 },
      epoch: 3,
      accuracy: 0.875,
      note: null,
    });
    expect(row.weights.weights).toMatchObject({
      parameters: 15,
      memoryBytes: 60,
      layout: "tfjs",
      byType: { float32: { arrays: 2, parameters: 15 } },
      byGroup: { dense: { arrays: 2, parameters: 15 } },
    });
    const [kernel] = row.weights.weights.list;
    expect(kernel).toMatchObject({
      index: 0,
      name: "dense/kernel",
      type: "float32",
      size: [3, 4],
      shape: [4, 3],
      bytes: 48,
    });
    const stored = readFileSync(path).subarray(kernel.offset, kernel.offset + 48);
    expect(new Float32Array(new Uint8Array(stored).buffer)[11]).toBe(11);
  });

  it("adds statistics, a histogram and digests where values are asked for", async () => {
    const path = folder.at("odd.model.arrow");
    const values = Float32Array.of(0, 1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY);
    const halves = new FlatArray(Uint16Array.of(0x3c00, 0xc000), [2], "float16");
    await writeModelRow(path, { weights: new Weights([new FlatArray(values, [6])]) }, undefined, { checksum: true });
    const text = await runCli("inspect", "--stats", "--digest", path);
    expect(text.out).toMatch(
      /index {2}min {2}max {2}mean {4}std {2}zeros {2}NaN {2}Inf {2}histogram\n +0 {4}0 {4}3 {3}1\.5 {2}1\.118 {6}1 {4}1 {4}1 {2}█/,
    );
    expect(text.out).toContain(new FlatArray(values, [6]).checksum());
    const json = JSON.parse((await runCli("inspect", "--stats", "--json", path)).out);
    expect(json.rows[0].weights.weights.list[0].statistics).toMatchObject({
      min: 0,
      max: 3,
      mean: 1.5,
      zeros: 1,
      nan: 1,
      inf: 1,
    });
    await writeModelRow(path, { weights: new Weights([halves]) });
    const half = JSON.parse((await runCli("inspect", "--stats", "--json", path)).out);
    expect(half.rows[0].weights.weights.list[0].statistics).toMatchObject({ min: -2, max: 1, mean: -0.5, std: 1.5 });
  });

  it("summarizes the rows of a table of many, and shows one in full", async () => {
    const path = folder.at("many.model.arrow");
    const rows = Array.from({ length: 25 }, (_, i) => ({
      weights: i === 1 ? null : denseWeights(i),
      architecture_version: i,
    }));
    await writeModelRows(path, rows);
    const { out } = await runCli("inspect", path);
    expect(out).toContain("rows      25\n");
    expect(out).toMatch(/\n +1 +1 {2}missing\n +2 +2 +2 +15\n/);
    expect(out).toContain("… 5 more rows: --limit N, or --json\n");
    expect((await runCli("inspect", "--row", "24", path)).out).toMatch(
      /architecture_version +int64\? +24\n[\s\S]*Arrays/,
    );
    expect(JSON.parse((await runCli("inspect", "--json", path)).out).rows).toHaveLength(25);
    expect(await runCli("inspect", "--row", "25", path)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/an index from 0 to 24, found 25/),
    });
  });

  it.each(readdirSync(golden).filter((name) => name.endsWith(".arrow")))(
    "reads %s, which Julia wrote under a schema unknown here",
    async (name) => {
      const text = await runCliIn({ width: 80 }, "inspect", `${golden}/${name}`);
      expect(text).toMatchObject({ code: 0, err: "" });
      expect(text.out).toContain(`${golden}/${name}`);
      const json = await runCli("inspect", "--json", "--stats", `${golden}/${name}`);
      expect(json).toMatchObject({ code: 0, err: "" });
      expect(JSON.parse(json.out).schema.identifier).toMatch(/@\d/);
    },
  );

  it("says which columns it does not read", async () => {
    const { out } = await runCli("inspect", `${golden}/eltype_complex_float32_.arrow`);
    expect(out).toMatch(/weights +weights of struct<re: float32, im: float32> +\(not read\)\n/);
    expect(out).not.toContain("Parameters");
  });

  it("reads any Arrow table, without weights or a schema of models", async () => {
    const PlainV1 = schema("cli.plain").version(1, { fields: { weights: t.float64, architecture_version: t.string } });
    await writeTable(folder.at("plain.arrow"), [{ weights: 0.5, architecture_version: "x" }], PlainV1);
    const { code, out } = await runCli("inspect", folder.at("plain.arrow"));
    expect(code).toBe(0);
    expect(out).toMatch(/weights +float64 +0\.5\n/);
  });

  it("shows other columns in the form of weights", async () => {
    const EmaV1 = schema("cli.ema").version(1, { extends: ModelV1, fields: { ema: t.weights } });
    await writeModelRow(folder.at("ema.arrow"), { weights: denseWeights(1), ema: denseWeights(2) }, EmaV1);
    const { out } = await runCli("inspect", folder.at("ema.arrow"));
    expect(out).toContain('Parameters in "ema"');
    const { rows } = JSON.parse((await runCli("inspect", "--json", folder.at("ema.arrow"))).out);
    expect(rows[0].weights.ema.parameters).toBe(15);
  });
});

describe("hostile files", () => {
  it.each([["text"], ["JSON"]])("do not reach the terminal in %s", async (form) => {
    const path = folder.at("hostile.arrow");
    await writeHostile(path);
    const args = ["inspect", "--stats", path, ...(form === "JSON" ? ["--json"] : [])];
    const { code, out } = await runCliIn({ width: 120 }, ...args);
    expect(code).toBe(0);
    expect(out).not.toMatch(obeyed);
    expect(out).toContain("\\u001b[31mb");
    if (form === "JSON") expect(JSON.parse(out).rows[0].values[hostile]).toBe(hostile);
    expect(HostileV1.fields[hostile]?.text).toBe("string");
  });

  it.each(["inspect", "validate", "ls", "cat", "split"])(
    "%s refuses what is no Arrow, with a message that obeys nobody",
    async (command) => {
      const path = folder.at("evil\u001b[31m.arrow");
      writeFileSync(path, "\u001b[2J<html>");
      const output = command === "cat" || command === "split" ? ["-o", folder.at("out")] : [];
      const { code, err, out } = await runCli(command, path, ...output);
      expect(code).toBe(command === "validate" ? 1 : 3);
      expect(err + out).toContain("expected an Arrow IPC file or stream");
      expect(err + out).not.toMatch(obeyed);
    },
  );

  it("are refused when cut off anywhere, with code 3", async () => {
    const path = folder.at("a.arrow");
    await writeRun(path);
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length; length += 97) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(await runCli("inspect", path)).toMatchObject({
        code: 3,
        out: "",
        err: expect.stringMatching(/^error: .*a\.arrow: /),
      });
    }
  });
});

describe("sources", () => {
  let server: RangeServer | null = null;
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  it("of an address are read by range, no value among them", async () => {
    const path = folder.at("large.model.arrow");
    const array = new FlatArray(new Float32Array(2 ** 20), [2 ** 20]);
    await writeModelRow(path, { weights: new Weights([array], { names: ["w"] }) });
    server = await serve(readFileSync(path));
    const { code, out } = await runCli("inspect", server.address);
    expect(code).toBe(0);
    expect(out).toContain("1,048,576 in 1 array");
    expect(server.sent).toBeLessThan(200_000);
  });

  it("may be folders and globs, whose JSON is a list; one that fails does not stop the others", async () => {
    await writeRun(folder.at("b.arrow"));
    await writeRun(folder.at("a.arrow"));
    writeFileSync(folder.at("c.arrow"), "nothing of use");
    writeFileSync(folder.at("notes.txt"), "not asked for");
    for (const argument of [folder.at(), folder.at("*.arrow")]) {
      const { code, out, err } = await runCli("inspect", "--json", argument);
      const reports = JSON.parse(out) as { source: string; error?: { name: string } }[];
      expect(code).toBe(3);
      expect(reports.map(({ source }) => source)).toEqual(
        ["a", "b", "c"].map((name) => expect.stringContaining(`${name}.arrow`)),
      );
      expect(reports[2]?.error?.name).toBe("FormatError");
      expect(err).toMatch(/c\.arrow: source \(at byte 0\)/);
    }
  });

  it("that do not exist are told apart from folders and globs without files", async () => {
    expect(await runCli("inspect", folder.at("none.arrow"))).toMatchObject({
      code: 3,
      err: expect.stringMatching(/ENOENT.*Check the path/),
    });
    expect(await runCli("inspect", folder.at("*.arrow"))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/there is no file to read/),
    });
    expect(await runCli("inspect", folder.at())).toMatchObject({ code: 1 });
  });

  it("whose names look like globs are files first", async () => {
    await writeRun(folder.at("a[1].arrow"));
    expect(await runCli("inspect", folder.at("a[1].arrow"))).toMatchObject({ code: 0 });
  });
});

describe("the terminal", () => {
  it.each([80, 120])("of %i columns holds every line of columns and statistics", async (width) => {
    const path = folder.at("long.model.arrow");
    const arrays = Array.from({ length: 300 }, (_, i) => new FlatArray(Float32Array.of(i / 7, -1e-9, 3e12), [3]));
    const names = arrays.map((_, i) => `encoder/block_with_a_long_name_${i >> 2}/attention_output/kernel_${i}`);
    await writeModelRow(path, { weights: new Weights(arrays, { names }), note: "x".repeat(500) });
    const { out } = await runCliIn({ width }, "inspect", "--stats", path);
    const tooLong = out
      .split("\n")
      .filter((line) => [...line].length > width && !line.startsWith("Arrays") && !line.includes("long.model"));
    expect(tooLong).toEqual([]);
  });

  it("gets colours only if it shows them", async () => {
    await writeRun(folder.at("a.arrow"));
    expect((await runCliIn({ hasColours: true }, "inspect", folder.at("a.arrow"))).out).toContain(
      "\u001b[1mColumns\u001b[22m",
    );
    expect((await runCli("inspect", folder.at("a.arrow"))).out).not.toContain("\u001b");
  });

  it("shows groups folded at a depth", async () => {
    await writeRun(folder.at("a.arrow"));
    const { out } = await runCli("inspect", "--depth", "1", folder.at("a.arrow"));
    expect(out).toMatch(/dense +2 arrays/);
    expect(out).not.toMatch(/ kernel /);
  });
});

describe("wrong calls", () => {
  it.each([
    [["inspect"], /missing required argument 'file'/],
    [["inspekt", "a"], /Did you mean inspect\?/],
    [["inspect", "--row", "-1", "a"], /Give a whole number/],
    [["inspect", "--wrong", "a"], /unknown option '--wrong'/],
    [[], /Usage: legolas-flux/],
  ])("%j end with code 2", async (args, message) => {
    expect(await runCli(...args)).toMatchObject({ code: 2, out: "", err: expect.stringMatching(message) });
  });

  it("are not help and version, which go to stdout", async () => {
    const help = await runCli("inspect", "--help");
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toContain("Examples:\n  $ legolas-flux inspect my_model.model.arrow");
    expect(await runCli("--version")).toMatchObject({ code: 0, out: "1.2.3\n" });
    expect((await runCli("--help")).out).toContain("  3  a file could not be read or written");
  });
});
