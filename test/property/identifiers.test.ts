import fc from "fast-check";
import {
  DeclarationError,
  formatIdentifier,
  parseIdentifier,
  type SchemaVersionId,
  schema,
} from "legolas-flux/legolas";
import { describe, expect, it, vi } from "vitest";

const alphabet = [..."abcdefghijklmnopqrstuvwxyz0123456789.-"];
const names = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: 12 });
const versions = fc.oneof(fc.nat(20), fc.maxSafeNat());
const ids: fc.Arbitrary<SchemaVersionId> = fc.record({ name: names, version: versions }, { noNullPrototype: true });
const chains = fc.array(ids, { minLength: 1, maxLength: 5 });
const spaces = fc.constantFrom("", " ", "  ", "\t");

const format = (chain: readonly SchemaVersionId[]): string => chain.map(formatIdentifier).join(">");

vi.setConfig({ testTimeout: 60_000 });

describe("identifiers", () => {
  it("give what they were formatted from", () => {
    fc.assert(
      fc.property(chains, (chain) => {
        expect(parseIdentifier(format(chain))).toEqual(chain);
      }),
      { numRuns: 500 },
    );
  });

  it("give the same text again once parsed", () => {
    fc.assert(
      fc.property(chains, (chain) => {
        const text = format(chain);
        expect(format(parseIdentifier(text))).toBe(text);
      }),
    );
  });

  it("may have spaces around >", () => {
    const parts = fc.array(fc.tuple(ids, spaces, spaces), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, (list) => {
        const text = list.map(([id, before, after]) => `${before}${formatIdentifier(id)}${after}`).join(">");
        expect(parseIdentifier(text)).toEqual(list.map(([id]) => id));
      }),
    );
  });

  it("are either refused or parsed into parts that format to the same text, whatever the text", () => {
    const outcomes = { parsed: 0, refused: 0 };
    const pieces = fc.constantFrom(
      "a",
      "b.c",
      "-",
      "@",
      "1",
      "007",
      ">",
      " ",
      "A",
      "_",
      "é",
      "\n",
      "99999999999999999999",
    );
    // Valid text with a piece put somewhere, which may keep it valid, and text of no form at all.
    const nearlyValid = fc.tuple(chains, fc.nat(), fc.oneof(pieces, fc.constant(""))).map(([chain, at, piece]) => {
      const text = format(chain);
      const position = at % (text.length + 1);
      return text.slice(0, position) + piece + text.slice(position);
    });
    const texts = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), nearlyValid);
    fc.assert(
      fc.property(texts, (text) => {
        let parsed: SchemaVersionId[];
        try {
          parsed = parseIdentifier(text);
        } catch (error) {
          expect(error).toBeInstanceOf(DeclarationError);
          expect(String(error)).toContain("expected name@version");
          outcomes.refused += 1;
          return;
        }
        outcomes.parsed += 1;
        const normal = text.replaceAll(/\s*>\s*|^\s+|\s+$/g, (found) => (found.includes(">") ? ">" : ""));
        expect(format(parsed)).toBe(normal.replaceAll(/@0+(?=\d)/g, "@"));
        for (const { name, version } of parsed) {
          expect(name).toMatch(/^[a-z0-9.-]+$/);
          expect(Number.isSafeInteger(version) && version >= 0).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
    expect(outcomes.parsed).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(250);
  });

  it("of declared versions name every ancestor, their own first", () => {
    fc.assert(
      fc.property(fc.uniqueArray(ids, { minLength: 1, maxLength: 4, selector: ({ name }) => name }), (chain) => {
        const declare = ([own, ...ancestors]: SchemaVersionId[]): ReturnType<ReturnType<typeof schema>["version"]> => {
          const { name, version } = own as SchemaVersionId;
          const parent = ancestors.length > 0 ? { extends: declare(ancestors) } : {};
          return schema(name).version(version, parent, { replace: true });
        };
        expect(declare(chain).identifier).toBe(format(chain));
      }),
    );
  });
});
