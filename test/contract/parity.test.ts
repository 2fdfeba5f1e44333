/** The tests that docs/PARITY.md refers to exist, each in the file it names. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const page = readFileSync(fileURLToPath(new URL("docs/PARITY.md", root)), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("|") && !/^\|[-|]+\|$/.test(line));
const headers = rows.filter((row) => row.endsWith("| shown by |"));
const references = [...page.matchAll(/`([^`]+\.test(?:-d)?\.ts)` "([^|]+)" \|/g)].map(([, file, name]) => [file, name]);

describe("docs/PARITY.md", () => {
  test("names a test in every row", () => {
    expect(headers.length).toBeGreaterThan(0);
    expect(references.length - (rows.length - headers.length)).toBe(0);
  });

  test.each(references)("refers to a test that exists: %s %j", (file = "", name = "") => {
    expect(readFileSync(fileURLToPath(new URL(file, root)), "utf8")).toContain(`"${name}"`);
  });
});
