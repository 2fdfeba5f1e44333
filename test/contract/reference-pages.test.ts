import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as core from "legolas-flux";
import * as browser from "legolas-flux/browser";
import * as legolas from "legolas-flux/legolas";
import * as safetensors from "legolas-flux/safetensors";
import * as tfjs from "legolas-flux/tfjs";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../docs/reference", import.meta.url));
const pages = new Map(
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
);

const entries = {
  "legolas-flux.md": core,
  "legolas-flux/browser.md": browser,
  "legolas-flux/legolas.md": legolas,
  "legolas-flux/safetensors.md": safetensors,
  "legolas-flux/tfjs.md": tfjs,
};

describe.each(Object.entries(entries))("docs/reference/%s", (name, entry) => {
  const page = pages.get(name) ?? "";

  it("lists every value that its entry exports", () => {
    const listed = page.slice(0, page.indexOf("\n## "));
    expect(Object.keys(entry).filter((key) => !listed.includes(`[${key}](`))).toEqual([]);
  });

  it("has links that lead somewhere", () => {
    const text = page.replace(/```[\s\S]*?```/g, "");
    const targets = [...text.matchAll(/\]\(([^)]*?)(?:#([^)]*))?\)/g)];
    const broken = targets.filter(([, path = "", anchor]) => {
      const target = path === "" ? page : pages.get(relative(folder, join(folder, dirname(name), path)));
      return !target || (anchor !== undefined && !target.includes(`<a id="${anchor}"></a>`));
    });
    expect(targets.length).toBeGreaterThan(10);
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});
