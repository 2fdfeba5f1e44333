/** Files that the viewer keeps in the browser, from visit to visit. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { encodeModelRow, FlatArray, ModelV1, Weights, writeModelRow } from "legolas-flux";
import { encodeSafetensors } from "legolas-flux/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { servedFiles } from "../../src/cli/view/served-files.ts";
import { serve } from "../engine/range-server.ts";
import { viewerInChromium } from "./viewer-in-chromium.ts";

const folder = mkdtempSync(join(tmpdir(), "legolas-flux-keeping-"));
const at = (name: string): string => join(folder, name);

function weightsOf(value: number, length = 600): Weights {
  return new Weights([new FlatArray(new Float32Array(length).fill(value), [length])], { names: ["dense/kernel"] });
}

beforeAll(async () => {
  mkdirSync(at("other"));
  for (const [i, name] of ["run-1.model.arrow", "run-2.model.arrow", "other/run-1.model.arrow"].entries()) {
    const row = ModelV1({ weights: weightsOf(i + 1), architecture_version: i + 1 });
    await writeModelRow(at(name), row, undefined, i === 1 ? { compression: "zstd" } : {});
  }
  writeFileSync(at("tensors.safetensors"), encodeSafetensors(weightsOf(7)));
  writeFileSync(at("large.model.arrow"), encodeModelRow(ModelV1({ weights: weightsOf(1, 4_000_000) })));
});
const viewer = viewerInChromium(() => servedFiles(folder));
afterAll(() => rmSync(folder, { recursive: true }));

const opened = (name: string): Promise<void> => viewer.page.locator(`h1:text-is("${name}")`).waitFor();
const keep = async (): Promise<void> => {
  await viewer.page.getByRole("button", { name: "Keep in this browser" }).click();
  await viewer.page.getByText("Kept in this browser: the start page lists it.").waitFor();
};
const list = () => viewer.page.getByRole("region", { name: "Kept in this browser" });
const start = (): Promise<void> => viewer.page.getByRole("button", { name: "legolas-flux" }).click();
const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** What this browser keeps, by name: sizes and digests of the files in OPFS. */
async function kept(): Promise<Record<string, string>> {
  return viewer.page.evaluate(async () => {
    const found: Record<string, string> = {};
    const walk = async (directory: FileSystemDirectoryHandle): Promise<void> => {
      for await (const handle of (directory as unknown as { values(): AsyncIterable<FileSystemHandle> }).values()) {
        if (handle.kind === "directory") await walk(handle as FileSystemDirectoryHandle);
        else {
          const bytes = await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer();
          const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
          found[handle.name] = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
        }
      }
    };
    await walk(await navigator.storage.getDirectory());
    return found;
  });
}

describe("a file that is kept", () => {
  it("is there after the page was loaded again, opens, and can be removed", async () => {
    await viewer.open();
    for (const name of ["run-1.model.arrow", "run-2.model.arrow", "tensors.safetensors"]) {
      await viewer.choose(at(name));
      await opened(name);
      await keep();
      await start();
    }
    await viewer.page.reload();
    await list().waitFor();
    const lines = (await list().getByRole("listitem").allInnerTexts()).map((line) => line.split(/\s*\n\s*/));
    expect(lines.map(([name]) => name)).toEqual(["run-1.model.arrow", "run-2.model.arrow", "tensors.safetensors"]);
    for (const [name = "", size, when] of lines) {
      expect(size).toBe(`${(readFileSync(at(name)).length / 1000).toFixed(2)} kB`);
      expect(when).toMatch(/^\d{1,2} [A-Z][a-z]{2,3} 20\d\d, \d\d:\d\d$/);
    }
    for (const [name, mean] of [["run-2.model.arrow", "2"] as const, ["tensors.safetensors", "7"] as const]) {
      await list().getByRole("button", { name, exact: true }).click();
      await viewer.page.getByRole("treeitem", { name: /kernel/ }).click();
      await viewer.page.getByText(/^mean$/).waitFor();
      expect(await viewer.text()).toMatch(new RegExp(`mean\\s+${mean}\\s`));
      expect(await viewer.text()).toMatch(/Kept in this browser\./);
      await start();
    }
    await list().getByRole("button", { name: "Remove run-1.model.arrow" }).click();
    await list().getByText("run-1.model.arrow").waitFor({ state: "detached" });
    await viewer.page.reload();
    await list().waitFor();
    expect(await list().getByRole("listitem").count()).toBe(2);
    expect(Object.keys(await kept()).sort()).toEqual(["run-2.model.arrow", "tensors.safetensors"]);
  });

  it("has the bytes that it had, from a file or an address", async () => {
    await viewer.open();
    await viewer.drop("dropped.model.arrow", readFileSync(at("run-2.model.arrow")));
    await opened("dropped.model.arrow");
    await keep();
    for (const name of ["run-1.model.arrow", "large.model.arrow"]) {
      await viewer.open(`/?url=${encodeURIComponent(`${viewer.origin}/files/${name}`)}`);
      await opened(name);
      await keep();
    }
    expect(await kept()).toEqual({
      "dropped.model.arrow": hashOf(readFileSync(at("run-2.model.arrow"))),
      "run-1.model.arrow": hashOf(readFileSync(at("run-1.model.arrow"))),
      "large.model.arrow": hashOf(readFileSync(at("large.model.arrow"))),
    });
  });

  it("gives way to another one of its name, which is told before", async () => {
    await viewer.open();
    await viewer.choose(at("run-1.model.arrow"));
    await keep();
    await viewer.choose(at("other/run-1.model.arrow"));
    await viewer.page.getByText(/in the place of the file of this name \(.* kB, .*\)/).waitFor();
    await keep();
    expect(await kept()).toEqual({ "run-1.model.arrow": hashOf(readFileSync(at("other/run-1.model.arrow"))) });
  });

  it("is one of a table of runs with the others, and is compared with them", async () => {
    await viewer.open();
    for (const name of ["run-1.model.arrow", "run-2.model.arrow"]) {
      await viewer.choose(at(name));
      await opened(name);
      await keep();
    }
    await viewer.open();
    await viewer.page.getByRole("button", { name: "show as a table of runs" }).click();
    await viewer.page.getByLabel("Mark run-1.model.arrow").check();
    await viewer.page.getByLabel("Mark run-2.model.arrow").check();
    await viewer.page.getByRole("button", { name: "Compare two" }).click();
    await viewer.page.getByText("1 array, matched by name: 1 changed.").waitFor();
    expect(await viewer.textOf(viewer.page.locator(".sides"))).toMatch(/run-1.*run-2/s);
  });

  it("is none where there is no room for it: a card says so, and what was kept stays", async () => {
    await viewer.open();
    const session = await viewer.context.newCDPSession(viewer.page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: viewer.origin, quotaSize: 5_000_000 });
    await viewer.choose(at("run-1.model.arrow"));
    await keep();
    await viewer.choose(at("large.model.arrow"));
    await opened("large.model.arrow");
    await viewer.page.getByRole("button", { name: "Keep in this browser" }).click();
    const card = viewer.page.getByRole("alert");
    await card.waitFor();
    expect(await viewer.textOf(card)).toMatch(
      /^large\.model\.arrow could not be kept: there is no room\. .*\s+saving "viewer\/large\.model\.arrow" failed: 16\.0 MB are needed.*StorageQuotaError/s,
    );
    expect(await viewer.violations()).toEqual([]);
    await viewer.page.reload();
    await list().waitFor();
    expect(
      await list()
        .getByRole("button", { name: /^run-1/ })
        .count(),
    ).toBe(1);
    expect(await list().getByRole("listitem").count()).toBe(1);
  });
});

it("a file of which an address gives only the whole is opened with what has come so far, and kept", async () => {
  const content = readFileSync(at("large.model.arrow"));
  const server = await serve(content, { ignoresRanges: true, headers: { "Access-Control-Allow-Origin": "*" } });
  try {
    await viewer.open();
    await viewer.page.evaluate(() => {
      const said: string[] = [];
      const busy = document.querySelector(".busy") as HTMLElement;
      new MutationObserver(() => said.push(busy.textContent ?? "")).observe(busy, {
        childList: true,
        characterData: true,
        subtree: true,
      });
      Object.assign(window, { said });
    });
    await viewer.page.getByLabel("or open an address").fill(server.address);
    await viewer.page.getByRole("button", { name: "Open", exact: true }).click();
    await opened(basename(server.address));
    const said = await viewer.page.evaluate(() => (window as unknown as { said: string[] }).said);
    expect(said.join("\n")).toMatch(/Opening a\.model\.arrow: \d+(\.\d+)? MB of 16\.0 MB…/);
    await viewer.page.getByRole("treeitem", { name: /kernel/ }).click();
    await viewer.page.getByText(/^mean$/).waitFor();
    expect(await viewer.textOf(viewer.page.locator(".busy"))).toBe("");
    await keep();
    expect(await kept()).toEqual({ "a.model.arrow": hashOf(content) });
  } finally {
    await server.close();
  }
});

describe.each(["light", "dark"] as const)("people with a %s screen", (colorScheme) => {
  it.each([1280, 390])("find nothing that axe objects to, at a width of %i", async (width) => {
    await viewer.page.emulateMedia({ colorScheme });
    await viewer.page.setViewportSize({ width, height: 800 });
    await viewer.open();
    const long = "a-rather-long-name-of-a-run-with-many-words-in-it.2026-11-24.epoch-000123.digits.model.arrow";
    await viewer.drop(long, readFileSync(at("run-2.model.arrow")));
    await opened(long);
    await keep();
    const screens = { kept: await viewer.violations(), list: [""] };
    expect(await viewer.isTooWide()).toBe(false);
    await start();
    await list().waitFor();
    screens.list = await viewer.violations();
    expect(screens).toEqual({ kept: [], list: [] });
    expect(await viewer.isTooWide()).toBe(false);
  });
});
