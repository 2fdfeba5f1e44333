import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { FlatArray, ModelV1, openModelRows, readModelRow, Weights, writeModelRow, writeModelRows } from "legolas-flux";
import { encodeTable, type RecordOf, readTable, schema, t, writeTable } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { denseWeights, hostile, RunV1, writeRun } from "./models.ts";
import { runCli } from "./run-cli.ts";

const folder = temporaryFolder();
const golden = "test/golden/julia";

async function writeRuns(count: number): Promise<void> {
  for (let i = 1; i <= count; i++) {
    await writeRun(
      folder.at(`run-${i}.cli.model.arrow`),
      { epoch: i, step: i, note: i % 2 ? "odd" : null },
      { checksum: true },
    );
  }
}

describe("cat and split", () => {
  it("join files to a table that Legolas reads, and take it apart to the same rows", async () => {
    await writeRuns(3);
    const joined = folder.at("all.cli.model.arrow");
    const out = await runCli("cat", folder.at("run-*.arrow"), "-o", joined, "--checksum");
    expect(out).toEqual({ code: 0, out: `${joined}: 3 rows of 3 files\n`, err: "" });
    const table = await readTable(joined);
    const records = table.records() as RecordOf<typeof RunV1>[];
    expect(table.schemaVersion).toBe(RunV1);
    expect(records.map(({ epoch, note, config }) => [epoch, note, config.seed])).toEqual([
      [1, "odd", 5],
      [2, null, 5],
      [3, "odd", 5],
    ]);
    expect(records[2]?.weights).toMatchObject({ names: ["dense/kernel", "dense/bias"], layout: "tfjs" });
    const split = await runCli("split", joined, "-o", folder.at("out"), "--template", "epoch-{epoch}", "--json");
    expect(JSON.parse(split.out)).toEqual([1, 2, 3].map((epoch) => folder.at("out", `epoch-${epoch}.cli.model.arrow`)));
    for (const i of [1, 2, 3]) {
      const pair = [folder.at(`run-${i}.cli.model.arrow`), folder.at("out", `epoch-${i}.cli.model.arrow`)];
      expect(await runCli("diff", ...pair)).toMatchObject({ code: 0 });
    }
    expect(await runCli("validate", folder.at("out"), joined)).toMatchObject({ code: 0 });
  });

  it("keep schema, types, metadata and provider of files that nobody declares", async () => {
    const joined = folder.at("loose.arrow");
    const files = ["loose_all_missing", "loose_all_set"].map((name) => `${golden}/${name}.arrow`);
    expect(await runCli("cat", ...files, "-o", joined, "--compression", "lz4")).toMatchObject({ code: 0 });
    const { rows, schema: own, compression, columns } = JSON.parse((await runCli("inspect", "--json", joined)).out);
    expect(own.identifier).toBe("oracle.extended-loose@1>legolas-flux.model@1");
    expect(compression).toBe("lz4");
    expect(columns.find(({ name }: { name: string }) => name === "id").type).toBe("binary[16] (JuliaLang.UUID)?");
    expect(rows[0].values).toMatchObject({ name: null, id: null, config: null });
    expect(rows[1].values).toMatchObject({ name: "n", config: { seed: 8 }, commit_sha: "c" });
    const provided = folder.at("provided.arrow");
    await runCli("cat", `${golden}/metadata.arrow`, "-o", provided);
    const [before, after] = await Promise.all(
      [`${golden}/metadata.arrow`, provided].map((path) => openModelRows(path)),
    );
    expect(after?.table.provider).toEqual(before?.table.provider);
    expect(after?.table.schema.metadata.get("note")).toBe(before?.table.schema.metadata.get("note"));
    await Promise.all([before?.close(), after?.close()]);
  });

  it("drop the provider where the files record several, or several versions of one", async () => {
    const write = (name: string, version: string): string => {
      const provider = { name: "models", version };
      writeFileSync(folder.at(name), encodeTable([{ weights: null }], ModelV1, { provider }));
      return folder.at(name);
    };
    const files = [write("a.arrow", "1.0.0"), write("b.arrow", "1.0.0"), write("c.arrow", "2.0.0")];
    for (const [joined, provider] of [
      [files.slice(0, 2), { name: "models", version: "1.0.0" }],
      [files, null],
    ] as const) {
      const out = folder.at("joined.arrow");
      expect(await runCli("cat", ...joined, "-o", out, "--force")).toMatchObject({ code: 0, err: "" });
      expect((await readTable(out)).provider).toEqual(provider);
    }
  });

  it("take rows of tables of many, streams, and missing weights", async () => {
    const joined = folder.at("joined.arrow");
    const files = ["three_rows", "missing_weights", "stream_zstd"].map((name) => `${golden}/${name}.arrow`);
    expect((await runCli("cat", ...files, "-o", joined, "--stream", "--json")).out).toContain('"rows": 5');
    const { rows, format } = JSON.parse((await runCli("inspect", "--json", joined)).out);
    expect(format).toBe("stream");
    expect(rows.map(({ weights }: { weights: { weights: unknown } }) => weights.weights !== null)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  it.each([
    [
      "schemas differ",
      ["digits.arrow", "extended.arrow"],
      [],
      /expected the schema of .*digits\.arrow, digits\.model@1.*, found oracle\.extended@1/,
    ],
    [
      "types differ",
      ["field_string.arrow", "field_symbol.arrow", "field_uuid.arrow"],
      [],
      /column "value": expected string.*, as in the files before, found binary\[16\]/,
    ],
    [
      "a type cannot be kept",
      ["field_period.arrow"],
      [],
      /duration\(second\) .* becomes duration\(millisecond\).*Pass --retype/,
    ],
    ["weights cannot be read", ["eltype_int128.arrow"], [], /"weights" cannot be read/],
    ["a value cannot be held", ["int64_extremes.arrow"], [], /expected int64 \(a safe integer\)/],
    ["the name is none", ["digits.arrow"], ["--name", "No Name"], /expected name@version/],
  ])("refuse where %s, and write nothing", async (_, names, flags, message) => {
    const files = names.map((name) => `${golden}/${name}`);
    const { code, err } = await runCli("cat", ...files, "-o", folder.at("out.arrow"), ...flags);
    expect(code).toBe(3);
    expect(err).toMatch(message);
    expect(folder.entries()).toEqual([]);
  });

  it("write the nearest type where that is allowed", async () => {
    expect(await runCli("cat", `${golden}/field_period.arrow`, "-o", folder.at("out.arrow"), "--retype")).toMatchObject(
      { code: 0 },
    );
  });

  it("never replace a file unless told to, nor one that is read", async () => {
    await writeRuns(2);
    const [first, second] = [folder.at("run-1.cli.model.arrow"), folder.at("run-2.cli.model.arrow")];
    const before = readFileSync(second);
    expect(await runCli("cat", first, "-o", second)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/it exists\. .*--force/),
    });
    expect(await runCli("cat", first, second, "-o", second, "--force")).toMatchObject({
      code: 3,
      err: expect.stringMatching(/one of the files to join/),
    });
    expect(readFileSync(second).equals(before)).toBe(true);
    expect(await runCli("cat", first, "-o", second, "--force")).toMatchObject({ code: 0 });
    expect((await readModelRow(second, RunV1)).epoch).toBe(1);
    expect(await runCli("split", first, "-o", folder.at(), "--template", "run-2")).toMatchObject({ code: 3 });
  });

  it("ask for what is missing", async () => {
    await writeRuns(1);
    expect(await runCli("cat", folder.at("run-1.cli.model.arrow"))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/required option '-o/),
    });
    expect(await runCli("cat", folder.at("none*"), "-o", folder.at("x"))).toMatchObject({ code: 1 });
  });

  it("give rows paths that stay in the folder, each its own", async () => {
    const NamedV1 = schema("cli.named").version(1, { extends: ModelV1, fields: { name: t.string } });
    const names = ["../../escape", hostile, ".hidden", "x".repeat(300)];
    await writeModelRows(
      folder.at("named.arrow"),
      names.map((name) => NamedV1({ weights: null, name })),
    );
    const { code, out } = await runCli(
      "split",
      folder.at("named.arrow"),
      "-o",
      folder.at("out"),
      "--template",
      "{name}",
    );
    expect(code).toBe(0);
    expect(out.split("\n").filter(Boolean)).toHaveLength(4);
    expect(
      readdirSync(folder.at("out")).every((name) => /^[\p{L}\p{N}_][\p{L}\p{N}._-]*\.cli\.named\.arrow$/u.test(name)),
    ).toBe(true);
    const same = await runCli("split", folder.at("named.arrow"), "-o", folder.at("two"), "--template", "all");
    expect(same).toMatchObject({ code: 2, err: expect.stringMatching(/two rows would go to .*put \{row\} in it/) });
    await writeModelRows(
      folder.at("cases.arrow"),
      ["Épsilon", "other", "épsilon"].map((name) => NamedV1({ weights: null, name })),
    );
    const cases = await runCli("split", folder.at("cases.arrow"), "-o", folder.at("two"), "--template", "{name}");
    expect(cases).toMatchObject({
      code: 2,
      err: expect.stringMatching(/two rows would go to \S*Épsilon\S* and \S*épsilon\S*, one file where case/),
    });
    const none = await runCli("split", folder.at("named.arrow"), "-o", folder.at("two"), "--template", "{nome}");
    expect(none).toMatchObject({
      code: 2,
      err: expect.stringMatching(/there is no column "nome"; there are architecture_version, name, row, stem/),
    });
    expect(folder.entries()).toEqual(["cases.arrow", "named.arrow", "out"]);
  });

  it("keep wide columns of every type that can be kept", async () => {
    const RichV1 = schema("cli.rich").version(1, {
      extends: ModelV1,
      fields: {
        when: t.datetime,
        day: t.date,
        blob: t.bytes,
        map: t.map(t.string, t.vector(t.float64)),
        u: t.union(t.int64, t.string),
        f: t.fixed(t.int16, 2),
        h: t.float16,
        big: t.bigint,
      },
    });
    const row = {
      weights: new Weights([new FlatArray(Uint8Array.of(1, 0), [2], "bool")]),
      when: new Date(5),
      day: "2024-02-29",
      blob: Uint8Array.of(1, 2),
      map: new Map([["a", [1, 2]]]),
      u: "text",
      f: [1, 2],
      h: 0.5,
      big: 7n,
    };
    await writeTable(folder.at("rich.arrow"), [row], RichV1);
    const bytes = readFileSync(folder.at("rich.arrow")).toString("latin1").replaceAll("cli.rich@1", "cli.poor@1");
    writeFileSync(folder.at("poor.arrow"), Buffer.from(bytes, "latin1"));
    expect(await runCli("cat", folder.at("poor.arrow"), "-o", folder.at("out.arrow"))).toMatchObject({
      code: 0,
      err: "",
    });
    expect((await runCli("diff", folder.at("poor.arrow"), folder.at("out.arrow"))).out).toContain("No differences.");
    await writeModelRow(folder.at("again.arrow"), { weights: denseWeights(1) });
  });
});
