/** Tables whose metadata names no schema, names it wrongly, or names one that nobody here declared. */
import { columnFromArray, int32, tableFromColumns, tableToIPC } from "@uwdata/flechette";
import {
  decodeModelRow,
  encodeModelRow,
  FlatArray,
  FormatError,
  ModelV1,
  readModelRow,
  UnknownSchemaError,
  Weights,
} from "legolas-flux";
import { declared, decodeTable, encodeTable, extractSchemaVersion, lookup, schema, t } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../helpers/julia-fixtures.ts";

const weights = new Weights([new FlatArray(Float32Array.of(1, 2), [2])]);

function errorOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

/** Replaces text by other text of the same length in the schema and in the footer. */
function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(bytes);
  expect(Buffer.byteLength(to)).toBe(Buffer.byteLength(from));
  let count = 0;
  for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + 1)) {
    copy.write(to, at);
    count += 1;
  }
  expect(count).toBeGreaterThan(0);
  return new Uint8Array(copy);
}

const identifier = "legolas-flux.model@1";
const row = encodeModelRow({ weights, architecture_version: 2 });
const named = (text: string): Uint8Array => replaced(row, identifier, text.padEnd(identifier.length, " "));

describe("a table without Legolas metadata", () => {
  const keyless = replaced(row, "legolas_schema_qualified", "legolas_schema_forgotten");
  const foreign = tableToIPC(tableFromColumns({ x: columnFromArray([1, 2], int32()) }), {
    format: "file",
  }) as Uint8Array;

  it.each([
    ["of ours under another key", keyless],
    ["of another writer", foreign],
  ])("is refused with what to do instead: %s", (_, bytes) => {
    for (const run of [
      () => decodeTable(bytes),
      () => decodeModelRow(bytes),
      () => extractSchemaVersion(decodeTable(bytes, { validate: false })),
    ]) {
      const error = errorOf(run);
      expect(error).toBeInstanceOf(FormatError);
      expect(error.message).toContain('expected metadata "legolas_schema_qualified" that names its schema');
      expect(error.message).toContain("Pass the schema version to read it as");
      expect(error.message).toContain("{ validate: false }");
    }
  });

  it("is read as the schema version that is passed, or without any", () => {
    expect(decodeModelRow(keyless, ModelV1).architecture_version).toBe(2);
    expect(decodeTable(keyless, { validate: false }).schemaVersion).toBeNull();
    expect(decodeTable(foreign, { validate: false }).records()).toEqual([{ x: 1 }, { x: 2 }]);
    const XV1 = schema("test.x").version(1, { fields: { x: t.int32 } });
    expect(decodeTable(foreign, { schemaVersion: XV1 }).column("x")).toEqual([1, 2]);
  });
});

describe("a malformed identifier", () => {
  const malformed = [
    "",
    " ",
    "model",
    "@1",
    "model@",
    "model@-1",
    "model@1.5",
    "model@one",
    "model@1@2",
    "Model@1",
    "mo del@1",
    "model@1>",
    ">model@1",
    "a@1>>b@1",
    "a@1 b@1",
    "modél@1",
    "model_1@1",
    "m@9007199254740993",
    "../../etc/passwd@1",
    "__proto__@1",
  ];

  it.each(malformed.map((text) => [text.slice(0, identifier.length - 1)]))("is refused by name: %j", (text) => {
    const bytes = replaced(row, identifier, text + " ".repeat(identifier.length - Buffer.byteLength(text)));
    const error = errorOf(() => decodeModelRow(bytes));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain('table metadata "legolas_schema_qualified": expected name@version');
    expect(error.message).toContain("Pass the schema version to read it as");
    expect(decodeModelRow(bytes, ModelV1).architecture_version).toBe(2);
    expect(decodeTable(bytes, { validate: false }).numRows).toBe(1);
  });

  it("is not one with spaces around > or behind", () => {
    const ChildV1 = schema("test.child-of-model").version(1, { extends: ModelV1 });
    const bytes = replaced(encodeModelRow({ weights }, ChildV1), ">legolas-flux.model@1", " > some.model@1      ");
    expect(decodeTable(bytes).schemaVersion).toBe(ChildV1);
    expect(decodeTable(named("legolas-flux.model@1"), {}).schemaVersion).toBe(ModelV1);
  });
});

describe("a schema that is not declared", () => {
  const GoneV1 = schema("test.gone").version(1, { fields: { x: t.int8 } });
  const provider = { name: "their-package", version: "2.0.1" };
  const child = schema("test.orphan").version(3, { extends: ModelV1, fields: { epoch: t.int64 } });
  const undeclared = replaced(encodeTable([{ x: 1 }], GoneV1), "test.gone@1", "test.lost@1");
  const provided = replaced(encodeTable([{ x: 1 }], GoneV1, { provider }), "test.gone@1", "test.lost@1");
  const orphan = replaced(encodeModelRow({ weights, epoch: 4 }, child), "test.orphan@3", "test.nobody@3");

  it("is refused with its name, whether it is not there at all or in another version", () => {
    for (const [bytes, text] of [
      [undeclared, "test.lost@1"],
      [replaced(row, "model@1", "model@7"), "legolas-flux.model@7"],
    ] as const) {
      const error = errorOf(() => decodeTable(bytes)) as UnknownSchemaError;
      expect(error).toBeInstanceOf(UnknownSchemaError);
      expect([error.identifier, error.provider]).toEqual([text, null]);
      expect(error.message).toContain(`schema version "${text}" is not declared in this process`);
      expect(error.message).toContain("Import the module that declares it before reading");
      expect(error.message).toContain("decodeTable(bytes, { validate: false })");
      expect(error.message).not.toContain("ancestor");
    }
  });

  it("is refused with the package that declares it, by our keys or Julia's", () => {
    const julia = replaced(bytesOf("simple.arrow"), identifier, "legolas-lost.model@1");
    expect((errorOf(() => decodeTable(julia)) as UnknownSchemaError).provider?.name).toBe("LegolasFlux");
    const error = errorOf(() => decodeTable(provided)) as UnknownSchemaError;
    expect(error.provider).toEqual(provider);
    expect(error.message).toContain('"test.lost@1" (declared by their-package 2.0.1) is not declared');
    expect(decodeTable(provided, { validate: false }).provider).toEqual(provider);
  });

  it("is refused with an ancestor that is declared, as which it can be read", () => {
    const error = errorOf(() => decodeTable(orphan)) as UnknownSchemaError;
    expect(error).toBeInstanceOf(UnknownSchemaError);
    expect(error.identifier).toBe("test.nobody@3>legolas-flux.model@1");
    expect(error.message).toContain("pass the schema version of its ancestor legolas-flux.model@1 to read it as that");
    const record = decodeModelRow(orphan, ModelV1);
    expect(Object.keys(record)).toEqual(["weights", "architecture_version"]);
    expect([...(record.weights?.at(0)?.vec ?? [])]).toEqual([1, 2]);
  });

  it("is refused by the reading verbs too, and read as they are told", async () => {
    await expect(readModelRow(orphan)).rejects.toThrow(UnknownSchemaError);
    expect((await readModelRow(orphan, ModelV1)).weights?.length).toBe(1);
  });

  it("is read without validation as its columns are", () => {
    const table = decodeTable(undeclared, { validate: false });
    expect([table.schemaVersion, table.column("x"), table.records()]).toEqual([null, [1], [{ x: 1 }]]);
    expect(table.metadata.get("legolas_schema_qualified")).toBe("test.lost@1");
    expect(errorOf(() => extractSchemaVersion(table))).toBeInstanceOf(UnknownSchemaError);
  });

  it("is not declared by names that every object has", () => {
    for (const name of ["__proto__", "constructor", "toString", "size", "get"]) {
      expect([declared(`${name}@1`), lookup(name)]).toEqual([false, undefined]);
      expect(lookup(`${name}@1>${identifier}`)).toBeUndefined();
    }
  });
});

describe("a schema version that is passed", () => {
  it("wins over the one that the file names, if the table complies with it", () => {
    const ChildV1 = schema("test.lenient").version(1, { extends: ModelV1, fields: { note: t.optional(t.string) } });
    const record = decodeModelRow(row, ChildV1);
    expect(Object.entries(record).slice(1)).toEqual([
      ["architecture_version", 2],
      ["note", null],
    ]);
  });
});
