import { writeFileSync } from "node:fs";
import { FlatArray, ModelV1, Weights, writeModelRow, writeModelRows } from "legolas-flux";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { denseWeights, obeyed, writeHostile, writeRun } from "./models.ts";
import { runCli } from "./run-cli.ts";

const folder = temporaryFolder();

interface Pair {
  readonly status: string;
  readonly a: { readonly name: string } | null;
  readonly b: { readonly name: string } | null;
  readonly difference: {
    readonly max: number | string;
    readonly mean: number;
    readonly nan: number;
    readonly differing: number;
  } | null;
}

async function pairs(
  a: Weights,
  b: Weights,
  ...flags: string[]
): Promise<{ code: number; arrays: Pair[]; matchedBy: string }> {
  await writeModelRow(folder.at("a.arrow"), ModelV1({ weights: a }));
  await writeModelRow(folder.at("b.arrow"), ModelV1({ weights: b }));
  const { code, out } = await runCli("diff", "--json", ...flags, folder.at("a.arrow"), folder.at("b.arrow"));
  return { code, ...JSON.parse(out).weights[0] };
}

const array = (...values: number[]): FlatArray => new FlatArray(Float32Array.from(values), [values.length]);

describe("diff", () => {
  it("says that files are the same", async () => {
    await writeRun(folder.at("a.arrow"));
    await writeRun(folder.at("b.arrow"), {}, { checksum: true, compression: "zstd" });
    const { code, out } = await runCli("diff", folder.at("a.arrow"), folder.at("b.arrow"));
    expect(code).toBe(0);
    expect(out).toMatch(/5 columns the same\n[\s\S]*2 arrays identical\n\nNo differences\.\n$/);
  });

  it("tells of columns and arrays that differ, and how far", async () => {
    await writeRun(folder.at("a.arrow"), { epoch: 1, step: 1, note: "x" });
    await writeRun(folder.at("b.arrow"), { epoch: 2, step: 1.5 });
    const { code, out } = await runCli("diff", folder.at("a.arrow"), folder.at("b.arrow"));
    expect(code).toBe(1);
    expect(out).toMatch(/changed {2}epoch +1 {4}2\n/);
    expect(out).toMatch(/changed {2}note +"x" {2}missing\n/);
    expect(out).toMatch(/changed +0 {2}dense\/kernel {2}float32 \(3, 4\) +5\.5 +2\.75 +11\n/);
    expect(out).toMatch(/changed +1 {2}dense\/bias {4}float32 \(3\) +0\.5 +0\.3333 +2\n/);
    expect(out).toContain("They differ.");
  });

  it("takes arrays within a tolerance for the same", async () => {
    const [a, b] = [denseWeights(1), denseWeights(1.000001)];
    const near = await pairs(a, b, "--tolerance", "1e-4");
    expect(near).toMatchObject({ code: 0, arrays: [{ status: "within tolerance" }, { status: "within tolerance" }] });
    expect((await pairs(a, b, "--tolerance", "1e-7")).code).toBe(1);
    expect((await pairs(a, b)).code).toBe(1);
  });

  it("matches by name, and tells what was added, removed, moved, resized and retyped", async () => {
    const a = new Weights([array(1), array(2), array(3, 4), array(5), array(6)], {
      names: ["same", "gone", "grown", "m", "typed"],
    });
    const doubles = new FlatArray(Float64Array.of(6), [1]);
    const b = new Weights([array(1), array(3, 4, 5), array(7), doubles, array(5)], {
      names: ["same", "grown", "new", "typed", "m"],
    });
    const { code, arrays, matchedBy } = await pairs(a, b);
    expect(code).toBe(1);
    expect(matchedBy).toBe("name");
    const found = arrays.map(({ status, a: left, b: right }) => [(left ?? right)?.name, status]);
    expect(Object.fromEntries(found)).toEqual({
      same: "identical",
      gone: "removed",
      grown: "resized",
      m: "moved",
      typed: "retyped",
      new: "added",
    });
  });

  it("matches by position where names are missing or not unique", async () => {
    const named = new Weights([array(1), array(2)], { names: ["x", "x"] });
    const { code, arrays, matchedBy } = await pairs(named, new Weights([array(1), array(3)]));
    expect({ code, matchedBy }).toEqual({ code: 1, matchedBy: "index" });
    expect(arrays.map(({ status }) => status)).toEqual(["identical", "changed"]);
  });

  it("takes NaN for the same as NaN, and for nothing else, at any tolerance", async () => {
    const a = new Weights([array(Number.NaN, 1), array(Number.NaN, 1), array(Number.POSITIVE_INFINITY)]);
    const b = new Weights([array(Number.NaN, 1), array(2, 1.5), array(Number.NEGATIVE_INFINITY)]);
    const { code, arrays } = await pairs(a, b, "--tolerance", "10");
    expect(code).toBe(1);
    expect(arrays[0]?.status).toBe("identical");
    expect(arrays[1]).toMatchObject({ status: "changed", difference: { nan: 1, max: 0.5, mean: 0.5, differing: 2 } });
    expect(arrays[2]).toMatchObject({ status: "changed", difference: { max: "Infinity" } });
  });

  it("compares 64-bit integers beyond the floats exactly", async () => {
    const integers = (value: bigint): Weights => new Weights([new FlatArray(BigInt64Array.of(value), [1])]);
    const { arrays } = await pairs(integers(2n ** 62n), integers(2n ** 62n + 1n));
    expect(arrays[0]?.difference?.max).toBe(1);
  });

  it("wants a row of tables of many", async () => {
    await writeModelRows(
      folder.at("many.arrow"),
      [1, 2].map((step) => ({ weights: denseWeights(step) })),
    );
    const path = folder.at("many.arrow");
    expect(await runCli("diff", path, path)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/has 2 rows: choose one with --row N/),
    });
    expect(await runCli("diff", "--row", "1", path, path)).toMatchObject({ code: 0 });
    expect(await runCli("diff", "--row", "0:1", path, path)).toMatchObject({ code: 1 });
    expect(await runCli("diff", "--row", "0:1:2", path, path)).toMatchObject({ code: 2 });
    expect(await runCli("diff", "--row", "7", path, path)).toMatchObject({ code: 3 });
  });

  it("says where layouts and schemas differ, and weights are missing", async () => {
    await writeModelRow(folder.at("a.arrow"), ModelV1({ weights: denseWeights(1) }));
    const flux = new Weights(denseWeights(1).arrays, { layout: "flux", names: ["dense/kernel", "dense/bias"] });
    await writeModelRow(folder.at("b.arrow"), ModelV1({ weights: flux }));
    expect(await runCli("diff", folder.at("a.arrow"), folder.at("b.arrow"))).toMatchObject({
      code: 1,
      out: expect.stringMatching(/layout: tfjs → flux/),
    });
    await writeRun(folder.at("b.arrow"));
    expect((await runCli("diff", folder.at("a.arrow"), folder.at("b.arrow"))).out).toContain(
      "schema: legolas-flux.model@1 → cli.model@1>legolas-flux.model@1",
    );
    await writeModelRow(folder.at("b.arrow"), ModelV1({ weights: null }));
    expect((await runCli("diff", folder.at("a.arrow"), folder.at("b.arrow"))).out).toMatch(
      /removed +0 {2}dense\/kernel/,
    );
  });

  it("obeys no file", async () => {
    await writeHostile(folder.at("a.arrow"));
    await writeRun(folder.at("b.arrow"));
    for (const flags of [[], ["--json"]]) {
      const { code, out } = await runCli("diff", ...flags, folder.at("a.arrow"), folder.at("b.arrow"));
      expect(code).toBe(1);
      expect(out).not.toMatch(obeyed);
    }
    expect(await runCli("diff", folder.at("a.arrow"), folder.at("none"))).toMatchObject({ code: 3 });
  });
});

it("says which of the two files cannot be read", async () => {
  await writeModelRow(folder.at("a.arrow"), ModelV1({ weights: denseWeights(1) }));
  writeFileSync(folder.at("b.arrow"), "{}");
  const { err } = await runCli("diff", folder.at("a.arrow"), folder.at("b.arrow"));
  expect(err).toContain(`reading "${folder.at("b.arrow")}" failed: source (at byte 0): expected an Arrow IPC file`);
});
