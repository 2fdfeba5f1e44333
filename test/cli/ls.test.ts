import { mkdirSync, writeFileSync } from "node:fs";
import { ModelV1, writeModelRow, writeModelRows } from "legolas-flux";
import { describe, expect, it } from "vitest";
import { serve } from "../engine/range-server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { denseWeights, hostile, obeyed, RunV1, writeHostile, writeRun } from "./models.ts";
import { runCli, runCliIn } from "./run-cli.ts";

const folder = temporaryFolder();

async function writeRuns(): Promise<void> {
  const accuracies = [0.5, 0.98, null, 0.75];
  for (const [i, accuracy] of accuracies.entries()) {
    const note = i === 0 ? "first" : i === 1 ? "best so far" : null;
    await writeRun(folder.at(`run-${i + 1}.cli.model.arrow`), { epoch: i + 1, accuracy, seed: i % 2, note });
  }
}

/** The epochs that a command line lists, in their order. */
async function epochs(...flags: string[]): Promise<number[]> {
  const { out } = await runCli("ls", folder.at(), "--json", ...flags);
  return (JSON.parse(out) as { columns: { epoch: number } }[]).map(({ columns }) => columns.epoch);
}

describe("ls", () => {
  it("lists checkpoints with their simple columns, and those inside records", async () => {
    await writeRuns();
    const { code, out, err } = await runCli("ls", folder.at());
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.split("\n").slice(0, 2)).toEqual([
      "path                   config.seed  config.rate  epoch  accuracy  note",
      "run-1.cli.model.arrow            0         0.25      1       0.5  first",
    ]);
    expect(out).toMatch(/run-3\.cli\.model\.arrow +0 +0\.25 +3 +missing +missing\n/);
  });

  it("gives every column as JSON, and what the file is", async () => {
    await writeRuns();
    const [first] = JSON.parse((await runCli("ls", folder.at(), "--json")).out);
    expect(first).toMatchObject({
      path: folder.at("run-1.cli.model.arrow"),
      index: 0,
      schema: "cli.model@1>legolas-flux.model@1",
      columns: { architecture_version: null, config: { seed: 0, rate: 0.25 }, epoch: 1, accuracy: 0.5, note: "first" },
    });
    expect(first.bytes).toBeGreaterThan(1000);
  });

  it("sorts by columns, missing values last", async () => {
    await writeRuns();
    expect(await epochs("--sort", "-accuracy")).toEqual([2, 4, 1, 3]);
    expect(await epochs("--sort", "accuracy")).toEqual([1, 4, 2, 3]);
    expect(await epochs("--sort", "config.seed,-epoch")).toEqual([3, 1, 4, 2]);
    expect(await epochs("--sort", "-path", "--limit", "2")).toEqual([4, 3]);
  });

  it.each([
    ["epoch > 3", [4]],
    ["epoch>=2&&epoch<4", [2, 3]],
    ["accuracy == 0.98", [2]],
    ["accuracy < 0.98", [1, 4]],
    ["accuracy <= 0.98", [1, 2, 4]],
    ["accuracy == missing", [3]],
    ["accuracy != null && note = 'first'", [1]],
    ["note ~ 'best*' || config.seed == 0", [1, 2, 3]],
    ["!(epoch == 1 || epoch == 2)", [3, 4]],
    ["!(epoch == 1) && epoch < 3", [2]],
    ["epoch == 1 || epoch == 2 && accuracy > 0.9", [1, 2]],
    ["`config.seed` == 1", [2, 4]],
    ['note == "best so far"', [2]],
    ["note > 3", []],
    ["epoch == '1'", []],
    ["path ~ '*run-3*'", [3]],
    ["schema == 'cli.model@1' && bytes > 1e3 && index == 0", [1, 2, 3, 4]],
    ["epoch > -1 && epoch < 1.5", [1]],
    ["3 < epoch", [4]],
    ["true == (epoch == 2)", [2]],
  ])("keeps the rows for which %s", async (condition, expected) => {
    await writeRuns();
    expect(await epochs("--where", condition)).toEqual(expected);
  });

  it("says that no row is as --where wants it", async () => {
    await writeRuns();
    const { code, out, err } = await runCli("ls", folder.at(), "--where", "epoch > 100");
    expect([code, out]).toEqual([0, ""]);
    expect(err).toMatch(/^note: none of 4 rows is as --where wants it\n$/);
  });

  it.each([
    ["--where", "epoch >", /expected a column or a value at character 8/],
    ["--where", "(epoch > 3", /expected "\)"/],
    ["--where", "epoch > 3 4", /expected &&, \|\| or the end/],
    ["--where", "epoch # 3", /expected a column, a value or an operator at character 7/],
    ["--where", "process.exit(7)", /expected &&, \|\| or the end/],
    [
      "--where",
      "epok > 3",
      /no row has a column "epok"; there are path, index, schema, bytes, architecture_version, config/,
    ],
    ["--where", "(".repeat(5000), /at most 100 parentheses/],
    ["--sort", "-acuracy", /--sort: no row has a column "acuracy"/],
    ["--columns", "constructor", /no row has a column "constructor"/],
    ["--limit", "few", /Give a whole number/],
  ])("ends with code 2 for %s %s", async (option, value, message) => {
    await writeRuns();
    expect(await runCli("ls", folder.at(), option, value)).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(message),
    });
  });

  it("shows the columns that are asked for", async () => {
    await writeRuns();
    const { out } = await runCli("ls", folder.at(), "--columns", "epoch,config,path", "-n", "1");
    expect(out).toMatch(/^epoch {2}config +path\n {4}1 {2}\{ seed: 0, rate: 0\.25 \} {2}run-1\.cli\.model\.arrow\n$/);
  });

  it("tells files of many rows and of different schemas apart", async () => {
    await writeModelRows(
      folder.at("a.arrow"),
      [1, 2].map((architecture_version) => ({ weights: denseWeights(1), architecture_version })),
    );
    await writeModelRow(folder.at("b.arrow"), RunV1({ weights: null, config: { seed: 1, rate: 1 } }));
    const { out } = await runCli("ls", folder.at());
    expect(out).toMatch(/path +index +schema +architecture_version/);
    expect(out).toMatch(/a\.arrow +1 +legolas-flux\.model@1 +2 /);
    expect(out).toMatch(/b\.arrow +0 +cli\.model@1 +missing +1 +1/);
  });

  it("lists what it can read, and ends with code 3 for the rest", async () => {
    await writeRuns();
    writeFileSync(folder.at("broken.arrow"), "ARROW1");
    const { code, out, err } = await runCli("ls", folder.at());
    expect(code).toBe(3);
    expect(out.split("\n")).toHaveLength(6);
    expect(err).toMatch(/^error: .*broken\.arrow: /);
    expect(await runCli("ls", folder.at("none"))).toMatchObject({ code: 3, out: "" });
    mkdirSync(folder.at("empty"));
    expect(await runCli("ls", folder.at("empty"))).toMatchObject({ code: 1, out: "" });
    expect(await runCli("ls", folder.at(), "--where", "epoch > 100")).toMatchObject({ code: 3, out: "" });
  });

  it("takes globs and addresses", async () => {
    await writeRuns();
    const { out } = await runCli("ls", folder.at("**/run-[12]*"), "--json");
    expect(JSON.parse(out)).toHaveLength(2);
    const server = await serve(folder.bytes("run-4.cli.model.arrow"));
    const listed = JSON.parse((await runCli("ls", server.address, "--json")).out);
    await server.close();
    expect(listed).toMatchObject([{ path: server.address, columns: { epoch: 4 } }]);
  });

  it("fits a terminal, and says which columns do not", async () => {
    await writeModelRow(folder.at("wide.arrow"), ModelV1({ weights: null }), undefined, {});
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`column_${i}`, `value ${i}`]));
    await writeModelRow(folder.at("wide.arrow"), { weights: null, ...many });
    const { out } = await runCliIn({ width: 80 }, "ls", folder.at());
    const [header = "", row = ""] = out.split("\n");
    expect(Math.max(header.length, row.length)).toBeLessThanOrEqual(80);
    expect(out).toMatch(/not shown: column_\d+, .*column_19 \(--columns chooses\)\n$/);
    expect((await runCli("ls", folder.at())).out).toContain("column_19");
  });

  it("obeys no file", async () => {
    await writeHostile(folder.at(`a\u001b[31m.arrow`));
    for (const flags of [[], ["--json"], ["--columns", hostile]]) {
      const { code, out, err } = await runCli("ls", folder.at(), ...flags);
      expect(code).toBe(0);
      expect(out + err).not.toMatch(obeyed);
    }
  });
});
