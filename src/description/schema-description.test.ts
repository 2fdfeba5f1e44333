import { isLegolasError, ModelV1 } from "legolas-flux";
import {
  declareFromDescription,
  decodeTable,
  describeColumns,
  describeSchema,
  encodeTable,
  type SchemaDescription,
  schema,
  t,
} from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";

const format = "legolas-flux schema description 1";

/** A description of one version with one field. */
function describing(version: unknown, type: unknown, name: unknown = "x"): unknown {
  return { format, versions: [{ version, extends: null, fields: [{ name, type }] }] };
}

const InnerV1 = schema("describe.inner").version(1, {
  fields: { seed: t.int64 },
  assign: { seed: ({ seed }) => seed ?? 5 },
});

/** Every kind of type, in every place that one may stand. */
const types = {
  numbers: t.struct({ a: t.int8, b: t.uint64, c: t.bigint, d: t.float16, e: t.real, f: t.integer, g: t.bool }),
  texts: t.map(t.string, t.optional(t.symbol)),
  times: t.union(t.date, t.datetime, t.time, t.duration, t.optional(t.uuid)),
  lists: t.vector(t.optional(t.fixed(t.float32, 3))),
  bytes: t.optional(t.bytes),
  record: InnerV1,
  records: t.vector(t.optional(InnerV1)),
  wider: t.float64.accepting(t.float32),
  widerOrNull: t.optional(t.int64.accepting(t.int32)),
  odd: t.struct({ "a: int64, b": t.int64, '"q"?': t.string, "": t.any }),
  moments: t.weights,
  anything: t.any,
  empty: t.struct({}),
};

describe("describeSchema", () => {
  it("describes every type so that it is declared again as it was", () => {
    const OwnV1 = schema("describe.own").version(2, { extends: ModelV1, fields: types });
    const description = describeSchema(OwnV1);
    expect(description.versions.map(({ version }) => version)).toEqual([
      "legolas-flux.model@1",
      "describe.inner@1",
      "describe.own@2",
    ]);
    // Under another name nothing of the first declaration is found.
    const text = JSON.stringify(description)
      .replaceAll("describe.own", "describe.copy")
      .replaceAll("describe.inner", "describe.inner2");
    const copy = declareFromDescription(JSON.parse(text));
    expect(copy.identifier).toBe("describe.copy@2>legolas-flux.model@1");
    const textsOf = ({ fields }: { fields: object }): string =>
      JSON.stringify(Object.entries(fields).map(([name, { text: own, takesNull }]) => [name, own, takesNull]));
    expect(textsOf(copy)).toBe(textsOf(OwnV1).replaceAll("describe.inner", "describe.inner2"));
    expect(describeSchema(copy)).toEqual(JSON.parse(text.replaceAll(/,"omitted":\[[^\]]*\]/g, "")));
  });

  it("names the code that it leaves out, and describes refined types by what they refine", () => {
    const CodedV1 = schema("describe.coded").version(1, {
      extends: InnerV1,
      fields: {
        rate: t.float64.as((rate) => Math.abs(rate)),
        rates: t.optional(t.vector(t.float64.as((rate) => rate))),
      },
      checks: { "rate is small": ({ rate }) => rate < 1 },
    });
    const [inner, own] = describeSchema(CodedV1).versions;
    expect(inner?.omitted).toEqual(['assignment of "seed"']);
    expect(own).toMatchObject({
      fields: [
        { name: "rate", type: "float64" },
        { name: "rates", type: "vector<float64>?" },
      ],
      omitted: ['refinement of "rate"', 'refinement of "rates"', 'check "rate is small"'],
    });
  });

  it("refuses a refinement inside a struct, which has no text", () => {
    const DeepV1 = schema("describe.deep").version(1, { fields: { s: t.struct({ x: t.int64.as((x) => x) }) } });
    expect(() => describeSchema(DeepV1)).toThrow(/describe\.deep@1: field "s"/);
  });
});

describe("describeColumns", () => {
  it("describes what a table has, so that the table complies", () => {
    const RowV1 = schema("describe.row").version(1, {
      extends: ModelV1,
      fields: { ...types, wider: t.float64, widerOrNull: t.optional(t.int64), times: t.datetime },
    });
    const bytes = encodeTable([], RowV1);
    const text = Buffer.from(bytes).toString("latin1").replaceAll("describe.row", "describe.raw");
    const { schema: arrow } = decodeTable(Buffer.from(text, "latin1"), { validate: false });
    const description = describeColumns(arrow);
    const version = declareFromDescription(
      JSON.parse(JSON.stringify(description).replaceAll("describe.inner", "describe.inner3")),
    );
    expect(version.identifier).toBe("describe.raw@1>legolas-flux.model@1");
    expect(version.fields.moments?.text).toBe("weights?");
    expect(Object.keys(version.fields)).not.toContain("moments_names");
    expect(version.fields.odd?.text).toBe('struct<"a: int64, b": int64, "\\"q\\"?": string, "": any>');
    expect(decodeTable(bytes, { schemaVersion: version }).numRows).toBe(0);
  });

  it("leaves out columns whose names no field may have", () => {
    const arrow = decodeTable(encodeTable([{ a: 1, _b: 2, "": 3 }], schema("describe.names").version(1, {})), {
      validate: false,
    }).schema;
    const { versions } = describeColumns(arrow, "describe.names2@1");
    expect(versions[0]?.fields).toEqual([{ name: "a", type: "int64" }]);
  });

  it("keeps ancestors that nobody declares, and wants a name where a table has none", () => {
    const { schema: arrow } = decodeTable(
      encodeTable([{ x: 1 }], schema("describe.x").version(1, { fields: { x: t.int8 } })),
      { validate: false },
    );
    const description = describeColumns(arrow, "child@3>middle@2>legolas-flux.model@1");
    expect(description.versions.map(({ version, extends: parent }) => [version, parent])).toEqual([
      ["legolas-flux.model@1", null],
      ["middle@2", "legolas-flux.model@1"],
      ["child@3", "middle@2"],
    ]);
    expect(() => describeColumns({ ...arrow, metadata: new Map() })).toThrow(/it records none.*my\.model@1/);
    expect(() => describeColumns(arrow, "No")).toThrow(/expected name@version/);
  });
});

describe("declareFromDescription", () => {
  const bad: [string, unknown][] = [
    ["null", null],
    ["text", "x"],
    ["no format", {}],
    ["another format", { format: "2", versions: [] }],
    ["no versions", { format, versions: [] }],
    ["versions that are no list", { format, versions: {} }],
    ["a version that is none", { format, versions: [3] }],
    ["no name", describing(undefined, "int64")],
    ["a name that is none", describing("A B", "int64")],
    ["two names", describing("describe.a@1>describe.b@1", "int64")],
    ["fields that are no list", { format, versions: [{ version: "describe.bad@1", extends: null, fields: {} }] }],
    ["an unknown parent", { format, versions: [{ version: "describe.bad@1", extends: "none@1", fields: [] }] }],
    ["a missing parent", { format, versions: [{ version: "describe.bad@1", fields: [] }] }],
    [
      "a field twice",
      {
        format,
        versions: [
          {
            version: "describe.bad@1",
            extends: null,
            fields: [
              { name: "a", type: "any" },
              { name: "a", type: "any" },
            ],
          },
        ],
      },
    ],
    ["a field's name that is none", describing("describe.bad@1", "int64", 3)],
    ["a private field", describing("describe.bad@1", "int64", "_x")],
    [
      "a wider field than the parent's",
      {
        format,
        versions: [
          {
            version: "describe.bad@1",
            extends: "legolas-flux.model@1",
            fields: [{ name: "architecture_version", type: "string" }],
          },
        ],
      },
    ],
    ["another declaration of ModelV1", describing("legolas-flux.model@1", "int64")],
    ...[
      "",
      "int65",
      "int64 ",
      "vector<int64",
      "vector<>",
      "vector<int64>>",
      "fixed<int64>",
      "fixed<int64, -1>",
      "map<string>",
      "struct<a int64>",
      "struct<a: int64, a: int64>",
      'struct<"a: int64>',
      'struct<"\\x": int64>',
      "weights",
      "none@1",
      "constructor",
      "__proto__",
      "optional",
      "union<int64,string>",
      "?",
      "int64 accepting ",
      `${"vector<".repeat(20_000)}int64`,
      `union<${"int8, ".repeat(200)}int8>`,
    ].map((type): [string, unknown] => [
      `the type ${JSON.stringify(type).slice(0, 40)}`,
      describing("describe.bad@1", type),
    ]),
  ];

  it.each(bad)("refuses %s with a typed error", (_, description) => {
    let error: unknown = null;
    try {
      declareFromDescription(description);
    } catch (caught) {
      error = caught;
    }
    expect(isLegolasError(error) && error.name).toBe("DeclarationError");
  });

  it("declares a field of any name that a column may have", () => {
    const version = declareFromDescription(describing("describe.proto@1", "int64?", "constructor"));
    expect(Object.keys(version.fields)).toEqual(["constructor"]);
    expect(declareFromDescription(describing("describe.proto@1", "int64?", "constructor") as SchemaDescription)).toBe(
      version,
    );
  });
});
