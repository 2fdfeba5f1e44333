import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModelRow } from "legolas-flux";
import { afterEach, describe, expect, it } from "vitest";
import { callIn, inChromium } from "./in-chromium.ts";
import * as stores from "./pages/stores.ts";
import { privateBytes, type StartedChromium, startChromium } from "./start-chromium.ts";

const chromium = inChromium<typeof stores>("stores");

describe.each(["opfs", "indexeddb"] as const)("a store in %s", (kind) => {
  it("gives a model back after the page was loaded again", async () => {
    await chromium.run("save", kind, "best", 7);
    await chromium.page.reload();
    expect(await chromium.run("read", kind, "best")).toBe(7);
  });

  it("lists names, sizes and dates, replaces, and removes", async () => {
    const before = Date.now();
    expect(await chromium.run("list", kind)).toEqual([]);
    await chromium.run("save", kind, "b", 1);
    await chromium.run("save", kind, "a", 2);
    await chromium.run("save", kind, "b", 3);
    const size = encodeModelRow(stores.makeRow(3)).length;
    const listed = await chromium.run("list", kind);
    expect(listed).toMatchObject([
      { name: "a", size },
      { name: "b", size },
    ]);
    for (const { modified } of listed) expect(modified).toBeGreaterThanOrEqual(before - 1);
    expect(await chromium.run("read", kind, "b")).toBe(3);
    await chromium.run("remove", kind, "a");
    await chromium.run("remove", kind, "never there");
    expect((await chromium.run("list", kind)).map(({ name }) => name)).toEqual(["b"]);
    expect(await chromium.run("leftovers", kind)).toEqual([]);
  });

  it("says which file is not there", async () => {
    const failure = await chromium.run("readFailure", kind, "none");
    expect(failure).toMatchObject({ name: "SourceError", code: "NotFoundError" });
    expect(failure).toHaveProperty("message", expect.stringMatching(/^opening "runs\/none" failed: .*store\.list\(\)/));
  });

  it("lists the columns of many files without their weights, sorted and chosen", async () => {
    await chromium.run("saveNumbered", kind, 150);
    const { names, accuracies, first } = await chromium.run("listColumns", kind);
    expect(names).toHaveLength(149);
    expect(names[0]).toBe("run-107");
    expect(accuracies).toEqual([...(accuracies as number[])].sort((a, b) => b - a));
    expect(first).toBe(0);
    expect(await chromium.run("list", kind)).toHaveLength(150);
  });

  it("takes rows one by one", async () => {
    expect(await chromium.run("saveMany", kind, 12)).toEqual([...Array(12).keys()]);
  });

  it("keeps the old file, or none, when saving is aborted", async () => {
    expect(await chromium.run("abortSaving", kind, "new", 9_000_000)).toBe("enough");
    expect(await chromium.run("list", kind)).toEqual([]);
    await chromium.run("save", kind, "best", 5);
    expect(await chromium.run("abortSaving", kind, "best", 9_000_000)).toBe("enough");
    expect(await chromium.run("read", kind, "best")).toBe(5);
    expect(await chromium.run("leftovers", kind)).toEqual([]);
  });

  it("keeps the old file when the page is closed half-way, and cleans up with the next save", async () => {
    await chromium.run("save", kind, "best", 5);
    const other = await chromium.openAnother();
    await chromium.runIn(other, "saveWithoutEnd", kind, "best", 6);
    await chromium.runIn(other, "saveWithoutEnd", kind, "fresh", 6);
    const names = async (): Promise<string[]> => (await chromium.run("list", kind)).map(({ name }) => name);
    expect(await names()).toEqual(["best"]);
    await other.close();
    expect(await names()).toEqual(["best"]);
    expect(await chromium.run("read", kind, "best")).toBe(5);
    await chromium.run("save", kind, "fresh", 6);
    await chromium.run("save", kind, "best", 7);
    expect(await chromium.run("read", kind, "fresh")).toBe(6);
    expect(await chromium.run("read", kind, "best")).toBe(7);
    expect(await chromium.run("leftovers", kind)).toEqual([]);
  });

  it("never shows a mixture while two pages save and one reads", async () => {
    const pages = [await chromium.openAnother(), await chromium.openAnother()];
    await chromium.run("save", kind, "best", 0);
    const saving = pages.map((page, i) => chromium.runIn(page, "saveOften", kind, "best", i + 1, 15));
    const found = await chromium.run("readOften", kind, "best", 60);
    await Promise.all(saving);
    expect(found.filter((version) => !([0, 1, 2, "replaced"] as unknown[]).includes(version))).toEqual([]);
    expect([1, 2]).toContain(await chromium.run("read", kind, "best"));
    expect(await chromium.run("leftovers", kind)).toEqual([]);
  });

  it("says that a file was replaced while it was read", async () => {
    const failure = await chromium.run("readReplaced", kind);
    expect(failure).toMatchObject({ name: "SourceError" });
    expect(failure).toHaveProperty("message", expect.stringMatching(/was replaced or removed.*Open it again/));
  });

  it("takes any usable name, and refuses the others", async () => {
    const usable = ["é 模型.arrow", 'a:b*?"<>|', "...", "con", "x.", "__proto__", "a".repeat(200), "-1"];
    for (const [i, name] of usable.entries()) await chromium.run("save", kind, name, i + 1);
    expect((await chromium.run("list", kind)).map(({ name }) => name)).toEqual([...usable].sort());
    for (const [i, name] of usable.entries()) expect(await chromium.run("read", kind, name)).toBe(i + 1);
    const refused = [
      "",
      ".",
      "..",
      "../x",
      "a/b",
      "a\\b",
      "a\0",
      "a\nb",
      "\ud800",
      "a".repeat(201),
      "é".repeat(101),
      "x.crswap",
    ];
    for (const name of refused) {
      for (const verb of ["saveFailure", "readFailure", "removeFailure"] as const)
        expect(await chromium.run(verb, kind, name)).toMatchObject({ name: "InputError" });
      expect(await chromium.run("openFailure", name, kind)).toMatchObject({ name: "InputError" });
    }
  });

  it("downloads what is stored, byte for byte", async () => {
    await chromium.run("save", kind, "best", 4);
    const downloading = chromium.page.waitForEvent("download");
    const steps = await chromium.run("downloadStored", kind, "best", "best.model.arrow");
    const download = await downloading;
    expect(download.suggestedFilename()).toBe("best.model.arrow");
    expect(Buffer.compare(readFileSync(await download.path()), encodeModelRow(stores.makeRow(4)))).toBe(0);
    expect(steps.at(-1)).toBe(1);
  });
});

it("downloads a row, byte for byte", async () => {
  const downloading = chromium.page.waitForEvent("download");
  await chromium.run("download", "iris.model.arrow");
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("iris.model.arrow");
  expect(Buffer.compare(readFileSync(await download.path()), encodeModelRow(stores.makeRow(4)))).toBe(0);
});

it("takes OPFS, or IndexedDB where the browser cannot write to OPFS, and stays there", async () => {
  expect(await chromium.run("defaultKind")).toBe("opfs");
  expect(await chromium.run("openFailure", "runs", "disk" as never)).toMatchObject({ name: "InputError" });
});

it("takes IndexedDB where the page may not have OPFS, but not for a failure that may pass", async () => {
  expect(await chromium.run("kindAfter", "SecurityError")).toBe("indexeddb");
  await chromium.page.reload();
  expect(await chromium.run("kindAfter", "UnknownError")).toMatchObject({ name: "SourceError", code: "UnknownError" });
});

it("stays in IndexedDB, where it began because the browser could not write to OPFS", async () => {
  expect(await chromium.run("defaultKind", true)).toBe("indexeddb");
  expect(await chromium.run("refusedOpfs")).toMatchObject({
    name: "SourceError",
    message: expect.stringMatching(/^opening the store "runs" failed: this browser cannot write files/),
  });
  await chromium.page.reload();
  expect(await chromium.run("defaultKind")).toBe("indexeddb");
});

describe.each(["opfs", "indexeddb"] as const)("a store in %s on disk", (kind) => {
  const profiles: string[] = [];
  const running: StartedChromium[] = [];
  const start = async (profile: string): Promise<StartedChromium> => {
    const started = await startChromium(profile);
    running.push(started);
    return started;
  };
  const newProfile = (): string => {
    profiles.push(mkdtempSync(join(tmpdir(), "legolas-flux-profile-")));
    return profiles.at(-1) as string;
  };
  afterEach(async () => {
    for (const started of running.splice(0)) await started.kill();
    for (const profile of profiles.splice(0)) rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  it("keeps the old file when the browser is killed half-way", async () => {
    const profile = newProfile();
    const first = await start(profile);
    const page = await first.open(chromium.origin);
    await callIn(page, "stores", "save", [kind, "best", 5]);
    await callIn(page, "stores", "saveWithoutEnd", [kind, "best", 6]);
    await callIn(page, "stores", "saveWithoutEnd", [kind, "fresh", 6]);
    await first.kill();
    running.length = 0;

    const again = await (await start(profile)).open(chromium.origin);
    expect(await callIn(again, "stores", "leftovers", [kind])).not.toEqual([]);
    expect(await callIn(again, "stores", "list", [kind])).toMatchObject([{ name: "best" }]);
    expect(await callIn(again, "stores", "read", [kind, "best"])).toBe(5);
    await callIn(again, "stores", "save", [kind, "best", 6]);
    await callIn(again, "stores", "save", [kind, "fresh", 7]);
    expect(await callIn(again, "stores", "read", [kind, "best"])).toBe(6);
    expect(await callIn(again, "stores", "leftovers", [kind])).toEqual([]);
  });

  it("says how much room is needed and there, keeps the old file, and saves what fits", async () => {
    const started = await start(newProfile());
    const page = await started.open(chromium.origin);
    // Before the first save, for Chromium remembers for a while how much room there was.
    const session = await page.context().newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: chromium.origin, quotaSize: 20_000_000 });
    await callIn(page, "stores", "save", [kind, "best", 5]);
    const failure = await callIn<stores.Failure>(page, "stores", "saveNoise", [kind, "best", 40_000_000]);
    expect(failure).toMatchObject({ name: "StorageQuotaError", code: "QuotaExceededError" });
    const { needed, available, message } = failure;
    expect(needed - 40_000_000).toBeGreaterThan(0);
    expect(needed - 40_000_000).toBeLessThan(5_000);
    expect(available).toBeGreaterThan(5_000_000);
    expect(available).toBeLessThan(20_000_000);
    expect(message).toMatch(
      /^saving "runs\/best" failed: 40\.0 MB are needed, \d+\.\d MB are available.*store\.remove.*persist/,
    );
    expect(await callIn(page, "stores", "read", [kind, "best"])).toBe(5);
    expect(await callIn(page, "stores", "leftovers", [kind])).toEqual([]);
    await callIn(page, "stores", "save", [kind, "best", 6]);
    expect(await callIn(page, "stores", "read", [kind, "best"])).toBe(6);
  });

  it("saves and reads a model of 400 MB in a fraction of the memory", async () => {
    const started = await start(newProfile());
    const page = await started.open(chromium.origin);
    await callIn(page, "stores", "save", [kind, "best", 5]);
    await callIn(page, "stores", "remove", [kind, "best"]);
    const before = privateBytes(started.pid);
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, privateBytes(started.pid));
    }, 20);
    const arrays = 50;
    const { size, sum } = await callIn<{ size: number; sum: number }>(page, "stores", "saveLarge", [kind, arrays]);
    clearInterval(watch);
    expect(size).toBeGreaterThan(arrays * 8_000_000);
    expect(sum).toBe(arrays * 2_000_000);
    expect(most - before).toBeLessThan(250_000_000);
  });
});
