/** Folders of a test's own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

export interface TemporaryFolder {
  /** A path in the folder. */
  at(...names: string[]): string;
  /** Names of all entries, hidden ones included, in order. */
  entries(): string[];
  bytes(name: string): Buffer;
}

/** A folder that is new for each test of the suite and removed after it. */
export function temporaryFolder(): TemporaryFolder {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "legolas-flux-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return {
    at: (...names) => join(folder, ...names),
    entries: () => readdirSync(folder).sort(),
    bytes: (name) => readFileSync(join(folder, name)),
  };
}
