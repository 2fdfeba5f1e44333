/** Damaged files that once were neither read nor refused as they should be, and a short run of the fuzzer. */
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { examine, failureOf } from "../../scripts/fuzz/examine.ts";
import { examineLazily } from "../../scripts/fuzz/examine-lazily.ts";
import { Fuzzer } from "../../scripts/fuzz/fuzzer.ts";
import { loadSubjects, type Subject } from "../../scripts/fuzz/subjects.ts";

interface Case {
  /** What the file has. */
  readonly rule: string;
  /** What `decodeModelRow` makes of it now, or `decodeTable` where it holds no model row. */
  readonly outcome: "read" | "refused";
  readonly subject: string;
  readonly how: readonly string[];
  readonly isModel: boolean;
  readonly base64: string;
}

const folder = new URL("./corpus/", import.meta.url);
const cases = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Case);

const smoke = { seed: 2026, mutants: 2000, timeoutMs: 60_000 };

let subjects: readonly Subject[] = [];
beforeAll(async () => {
  subjects = await loadSubjects();
});

const titled = cases.map((one) => [`with ${one.rule} is ${one.outcome}`, one] as const);

describe("a file", () => {
  it.each(titled)("%s", async (_, { outcome, base64, isModel }) => {
    const bytes = new Uint8Array(Buffer.from(base64, "base64"));
    const found = await examine(bytes, isModel);
    expect((found.model ?? found.table).kind).toBe(outcome);
    expect(failureOf(found, found, { length: bytes.length, hasDigests: false })).toBe(null);
    const { failure, agreement } = await examineLazily({ bytes, isModel, readAs: null });
    expect(failure).toBe(null);
    if (outcome === "refused") expect(agreement).toBe("both refused");
  });
});

describe("the fuzzer", () => {
  it("meets no failure in well-formed files, and reads the same by ranges", async () => {
    const agreements = new Set<string>();
    for (const { name, bytes, isModel, readAs } of subjects) {
      const { table, model } = await examine(bytes, isModel);
      expect([table.kind, model?.kind], name).not.toContain("failed");
      const { failure, agreement } = await examineLazily({ bytes, isModel, readAs });
      expect(failure, name).toBe(null);
      agreements.add(agreement);
    }
    expect(agreements).toContain("same values");
  });

  it(`meets no failure in ${smoke.mutants} mutants`, { timeout: smoke.timeoutMs }, async () => {
    const { failures, mutants } = await new Fuzzer(subjects, smoke.seed).run(0, smoke.mutants);
    expect(failures).toEqual([]);
    expect(mutants).toBe(smoke.mutants);
  });

  it("makes the same mutant of the same seed and number", () => {
    const fuzzers = [new Fuzzer(subjects, 1), new Fuzzer(subjects, 1)] as const;
    for (let number = 0; number < 100; number++) {
      const [a, b] = [fuzzers[0].mutant(number), fuzzers[1].mutant(number)];
      expect(b.how).toEqual(a.how);
      expect(Buffer.compare(a.bytes, b.bytes), `mutant ${number}`).toBe(0);
    }
  });
});
