import { DeclarationError, formatIdentifier, parseIdentifier, schema } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";

describe("parseIdentifier", () => {
  test.each([
    ["a@1", [{ name: "a", version: 1 }]],
    ["digits.model@0", [{ name: "digits.model", version: 0 }]],
    ["legolas-flux.model@12", [{ name: "legolas-flux.model", version: 12 }]],
    [
      "a@1>b@2",
      [
        { name: "a", version: 1 },
        { name: "b", version: 2 },
      ],
    ],
    [
      "child@1>parent@2>grandparent@1",
      [
        { name: "child", version: 1 },
        { name: "parent", version: 2 },
        { name: "grandparent", version: 1 },
      ],
    ],
  ])("lists the schema versions of %s, the table's own first", (identifier, expected) => {
    expect(parseIdentifier(identifier)).toEqual(expected);
  });

  test("allows spaces around >", () => {
    expect(parseIdentifier(" a@1 > b@2  >c@3")).toEqual(parseIdentifier("a@1>b@2>c@3"));
  });

  test.each([
    "",
    "a",
    "a@",
    "@1",
    "a@-1",
    "a@1.5",
    "a@1>",
    ">a@1",
    "a@1>>b@1",
    "a@1>b",
    "A@1",
    "a b@1",
    "a_b@1",
    "a@1@2",
    "a @1",
    "a@1\n>b",
    "a@one",
    "a@99999999999999999999",
  ])("refuses %j and names it", (identifier) => {
    expect(() => parseIdentifier(identifier)).toThrow(DeclarationError);
    expect(() => parseIdentifier(identifier)).toThrow(
      `schema identifier: expected name@version, or child@1>parent@1, found ${JSON.stringify(identifier)}. ` +
        "Names have lowercase letters, digits, - and .; versions are integers >= 0",
    );
  });

  test("is the inverse of formatIdentifier", () => {
    const parts = parseIdentifier("child.one@1>parent-two@20");
    expect(parts.map(formatIdentifier).join(">")).toBe("child.one@1>parent-two@20");
  });
});

describe("schema names", () => {
  test.each(["a", "0", "digits.model", "legolas-flux.model", "a.b-c.9"])("may be %j", (name) => {
    expect(schema(name).name).toBe(name);
  });

  test.each(["", "A", "a b", "a_b", "a@1", "a>b", "ä", "a\n", "digits/model"])("may not be %j", (name) => {
    expect(() => schema(name)).toThrow(DeclarationError);
    expect(() => schema(name)).toThrow(
      `schema name: expected lowercase letters, digits, - and ., found ${JSON.stringify(name)}. ` +
        'Choose a name such as "digits.model"',
    );
  });

  test("never conflict: the same schema may be asked for again", () => {
    expect(schema("asked.twice").name).toBe(schema("asked.twice").name);
  });
});

describe("version numbers", () => {
  test.each([0, 1, 2 ** 31])("may be %d", (version) => {
    expect(schema("version-numbers").version(version).version).toBe(version);
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("may not be %d", (version) => {
    expect(() => schema("version-numbers").version(version)).toThrow(DeclarationError);
    expect(() => schema("version-numbers").version(version)).toThrow(
      `version of schema "version-numbers": expected an integer >= 0, found ${version}`,
    );
  });
});
