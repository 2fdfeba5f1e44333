import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { ModelV1, writeModelRow, writeModelRows } from "legolas-flux";
import { schema, t, writeTable } from "legolas-flux/legolas";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { denseWeights, hostile, obeyed, RunV1, writeRun } from "./models.ts";
import { runCli } from "./run-cli.ts";

const folder = temporaryFolder();
const golden = "test/golden/julia";
const entry = pathToFileURL("src/legolas.ts").href;
const main = pathToFileURL("src/index.ts").href;

/** A schema of this process, written to a file under another name that only a description or module declares. */
const StoredV1 = schema("cli.stored").version(1, {
  extends: ModelV1,
  fields: { epoch: t.int64, name: t.string, rate: t.float32 },
});

async function renamed(path: string, row: object, name: string, checksum = false): Promise<void> {
  await writeModelRow(path, row, StoredV1, { checksum });
  const bytes = readFileSync(path);
  const text = bytes.toString("latin1").replaceAll("cli.stored@1", name);
  writeFileSync(path, Buffer.from(text, "latin1"));
}

const good = { weights: denseWeights(1), epoch: 1, name: "a", rate: 0.5 };

describe("validate", () => {
  it("says that files are whole, and of which schema", async () => {
    await writeRun(folder.at("a.arrow"), {}, { checksum: true });
    const { code, out, err } = await runCli("validate", folder.at("a.arrow"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toBe(`ok   ${folder.at("a.arrow")}  cli.model@1, 1 row, 2 checksums\n`);
    expect(await runCli("validate", "-q", folder.at("a.arrow"))).toEqual({ code: 0, out: "", err: "" });
  });

  it("tells of every array whose values were changed", async () => {
    const path = folder.at("a.arrow");
    await writeRun(path, {}, { checksum: true });
    const { list } = JSON.parse((await runCli("inspect", "--json", path)).out).rows[0].weights.weights;
    const bytes = readFileSync(path);
    for (const { offset } of list) bytes[offset] = (bytes[offset] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const { code, out } = await runCli("validate", path);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^FAIL .*\n +array 0 \(dense\/kernel\): expected the digest crc32:\w{8}, found crc32:\w{8}\..*\n +array 1 \(dense\/bias\)/,
    );
    const report = JSON.parse((await runCli("validate", "--json", path)).out);
    expect(report).toMatchObject({
      ok: false,
      checksums: 2,
      problems: [
        { kind: "checksum", row: 0 },
        { kind: "checksum", row: 0 },
      ],
    });
  });

  it("tells of every violation at once", async () => {
    const WrongV1 = schema("cli.wrong").version(1, {
      fields: { epoch: t.string, name: t.optional(t.string), rate: t.float64 },
    });
    const rows = [{ epoch: "1", name: null, rate: 1 }];
    await writeTable(folder.at("wrong.arrow"), rows, WrongV1);
    const { code, out } = await runCli(
      "validate",
      "--json",
      "--schema",
      await storedModule(),
      "--as",
      "cli.stored@1",
      folder.at("wrong.arrow"),
    );
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      schema: "cli.wrong@1",
      checkedAs: "cli.stored@1",
      problems: [
        { kind: "violation", field: "epoch", expected: "int64", found: "string" },
        { kind: "violation", field: "rate", expected: "float32", found: "float64" },
        { kind: "violation", field: "name", expected: "string", found: "string? with 1 missing values" },
      ],
    });
  });

  it("tells of missing values where none may be missing", async () => {
    const LooseV1 = schema("cli.loose").version(1, {
      fields: { epoch: t.optional(t.int64), name: t.string, rate: t.float32 },
    });
    const rows = [1, null, null].map((epoch) => ({ epoch, name: "a", rate: 1 }));
    await writeTable(folder.at("loose.arrow"), rows, LooseV1);
    const { code, out } = await runCli(
      "validate",
      "--schema",
      await storedModule(),
      "--as",
      "cli.stored@1",
      folder.at("loose.arrow"),
    );
    expect(code).toBe(1);
    expect(out.match(/field "epoch": expected int64, found int64\? with 2 missing values/g)).toHaveLength(1);
  });

  it("runs the checks of a module's declarations on each row", async () => {
    writeFileSync(
      folder.at("checked.mjs"),
      `import { schema, t } from ${JSON.stringify(entry)};
       import { ModelV1 } from ${JSON.stringify(main)};
       export const CheckedV1 = schema("cli.checked").version(1, {
         extends: ModelV1,
         fields: { epoch: t.int64 },
         checks: { "epoch is not negative": ({ epoch }) => epoch >= 0 },
       });`,
    );
    await writeModelRows(
      folder.at("runs.arrow"),
      [-1, 2, -3].map((epoch) => ({ weights: null, epoch })),
      schema("cli.unchecked").version(1, { extends: ModelV1, fields: { epoch: t.int64 } }),
    );
    const { code, out } = await runCli(
      "validate",
      "--schema",
      folder.at("checked.mjs"),
      "--as",
      "cli.checked@1",
      folder.at("runs.arrow"),
    );
    expect(code).toBe(1);
    expect(out).toMatch(/row 0: .*check "epoch is not negative" failed/);
    expect(out).toMatch(/row 2: .*check "epoch is not negative" failed/);
    expect(out).not.toContain("row 1:");
  });

  it("finds what is broken in any mutilated file, without stopping at one file", async () => {
    await writeRun(folder.at("a.arrow"));
    await writeRun(folder.at("b.arrow"));
    writeFileSync(folder.at("a.arrow"), readFileSync(folder.at("a.arrow")).subarray(0, 900));
    const { code, out } = await runCli("validate", folder.at());
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL .*a\.arrow\n +Arrow data .*The file was cut off.*\nok +.*b\.arrow/);
    expect(await runCli("validate", folder.at("a.arrow"), folder.at("none.arrow"))).toMatchObject({ code: 3 });
  });

  it("gives up on a file that declares billions of rows, none of which can be read", async () => {
    const bytes = readFileSync(`${golden}/three_rows_lz4.arrow`);
    bytes[0x474] = 0x40;
    writeFileSync(folder.at("rows.arrow"), bytes);
    const { code, out } = await runCli("validate", folder.at("rows.arrow"));
    expect(code).toBe(1);
    expect(out).toMatch(
      /274,877,906,947 rows[\s\S]*in a batch of 274877906947[\s\S]*note: stopped after 1000 problems/,
    );
  });

  it("reads all of Julia's files, and says what it did not check", async () => {
    const { code, out } = await runCli("validate", "--json", `${golden}/digits.arrow`);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      checkedAs: "legolas-flux.model@1",
      notes: [
        expect.stringMatching(
          /digits\.model@1>legolas-flux\.model@1 is not declared: it was checked as legolas-flux\.model@1 only/,
        ),
      ],
    });
  });

  it("does not take a table without a schema for one of Legolas", async () => {
    const path = folder.at("a.arrow");
    await renamed(path, good, "cli.stored@x");
    expect(await runCli("validate", path)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/expected name@version/),
    });
  });

  it("escapes what stands in a file", async () => {
    const OddV1 = schema("cli.odd").version(1, { fields: { [hostile]: t.any } });
    await writeTable(folder.at("odd.arrow"), [{ [hostile]: 1 }], OddV1);
    const { out, err } = await runCli(
      "validate",
      "--schema",
      await storedModule(),
      "--as",
      "cli.stored@1",
      folder.at("odd.arrow"),
    );
    expect(out + err).not.toMatch(obeyed);
  });
});

/** A module that declares the schema of {@link StoredV1} again, from the same sources. */
async function storedModule(): Promise<string> {
  const path = folder.at("stored.mjs");
  writeFileSync(
    path,
    `import { schema, t } from ${JSON.stringify(entry)};
     import { ModelV1 } from ${JSON.stringify(main)};
     export const StoredV1 = schema("cli.stored").version(1, { extends: ModelV1, fields: { epoch: t.int64, name: t.string, rate: t.float32 } });`,
  );
  return path;
}

describe("--schema", () => {
  let description = "";
  beforeAll(async () => {
    description = (await runCli("schema", "export", "examples/digits/digits-row.ts", "--name", "digits.model@1")).out;
  });

  it("export writes a module's declaration as JSON, and names the code that it leaves out", async () => {
    const { code, out, err } = await runCli("schema", "export", await storedModule());
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(JSON.parse(out).versions.at(-1)).toEqual({
      version: "cli.stored@1",
      extends: "legolas-flux.model@1",
      fields: [
        { name: "epoch", type: "int64" },
        { name: "name", type: "string" },
        { name: "rate", type: "float32" },
      ],
    });
    const digits = await runCli("schema", "export", "examples/digits/digits-row.ts", "--name", "digits.model@1");
    expect(digits.err).toContain(
      'note: digits-config@1: code is left out: assignment of "seed", assignment of "dropout_rate"',
    );
    expect(digits.out).toBe(description);
  });

  it("export asks which version is meant where a module has several", async () => {
    expect(await runCli("schema", "export", "examples/digits/digits-row.ts")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/it declares digits-config@1, digits\.model@1: choose one with --name/),
    });
  });

  it("takes what export wrote of a file whose schema nobody declares", async () => {
    const path = folder.at("a.arrow");
    await renamed(path, good, "cli.alien1@1");
    const exported = await runCli("schema", "export", path);
    expect(exported.code).toBe(0);
    writeFileSync(folder.at("alien.json"), exported.out);
    const ok = await runCli("validate", "--schema", folder.at("alien.json"), path);
    expect(ok).toMatchObject({ code: 0, out: expect.stringMatching(/cli\.alien1@1, 1 row/) });
    await writeModelRow(folder.at("b.arrow"), { weights: null, epoch: "x", name: "a" }, ModelV1);
    const bad = await runCli(
      "validate",
      "--schema",
      folder.at("alien.json"),
      "--as",
      "cli.alien1@1",
      folder.at("b.arrow"),
    );
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(
      /field "epoch": expected int64, found string\n +field "rate": expected float32, but there is no such column/,
    );
  });

  it("makes a schema that it does not declare a problem", async () => {
    const { code, out } = await runCli("validate", "--schema", await storedModule(), `${golden}/extended.arrow`);
    expect(code).toBe(1);
    expect(out).toContain("--schema declares others");
  });

  it.each([
    ["no.json", null, /ENOENT/],
    ["bad.json", "{", /JSON.*Pass a description that `legolas-flux schema export` wrote/],
    ["other.json", "[]", /schema description: expected an object, found an array of 0/],
    [
      "hostile.json",
      JSON.stringify({
        format: "legolas-flux schema description 1",
        versions: [{ version: "a@1", extends: null, fields: [{ name: "x", type: "vector<\u001b[31m" }] }],
      }),
      /expected a type such as int64/,
    ],
    ["empty.mjs", "export const x = 1;", /it exports no schema version/],
    ["throws.mjs", "throw new Error('no \u001b[31m luck');", /importing .* failed: no \\u001b\[31m luck/],
  ])("refuses %s with code 3", async (name, content, message) => {
    if (content !== null) writeFileSync(folder.at(name), content);
    const { code, err } = await runCli("validate", "--schema", folder.at(name), `${golden}/digits.arrow`);
    expect(code).toBe(3);
    expect(err).toMatch(message);
    expect(err).not.toMatch(obeyed);
  });

  it("--as wants a version that is declared", async () => {
    const { code, err } = await runCli("validate", "--as", "none@1", `${golden}/digits.arrow`);
    expect(code).toBe(2);
    expect(err).toMatch(/--as none@1: there is no such schema version; declared are legolas-flux\.model@1/);
    expect(RunV1.name).toBe("cli.model");
  });
});
