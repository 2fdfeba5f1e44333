import * as models from "legolas-flux";
import * as legolas from "legolas-flux/legolas";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newSchemaName } from "../../test/contract/support.ts";

const { declared, isLegolasError, lookup, schema, t } = legolas;

describe("lookup", () => {
  const ParentV1 = schema("registry.parent").version(1, { fields: { x: t.int64 } });
  const ChildV1 = schema("registry.child").version(1, { extends: ParentV1 });

  test("gives a declared version by name and number", () => {
    expect(lookup("registry.parent@1")).toBe(ParentV1);
    expect(lookup("registry.child@1")).toBe(ChildV1);
  });

  test("goes by the first part of a longer identifier", () => {
    expect(lookup(ChildV1.identifier)).toBe(ChildV1);
    expect(lookup(" registry.child@1 > unheard.of@7")).toBe(ChildV1);
  });

  test.each(["registry.child@2", "registry.unknown@1", "registry.child", "", "toString", "__proto__"])(
    "gives undefined for %j, which is not declared",
    (identifier) => {
      expect(lookup(identifier)).toBeUndefined();
    },
  );

  test("gives the replacement of a replaced version", () => {
    const name = newSchemaName();
    schema(name).version(1, { fields: { x: t.int64 } });
    const NewV1 = schema(name).version(1, { fields: { x: t.string } }, { replace: true });
    expect(lookup(`${name}@1`)).toBe(NewV1);
  });
});

test("declared tells whether a version is declared", () => {
  const name = newSchemaName();
  expect(declared(`${name}@1`)).toBe(false);
  schema(name);
  expect(declared(`${name}@1`)).toBe(false);
  schema(name).version(1);
  expect(declared(`${name}@1`)).toBe(true);
  expect(declared(`${name}@2`)).toBe(false);
});

describe("a second copy of the package in the process", () => {
  afterEach(() => vi.resetModules());

  /** Loads the modules again, as a second copy in node_modules would be. */
  async function loadSecondCopy() {
    vi.resetModules();
    const copy = { legolas: await import("legolas-flux/legolas"), models: await import("legolas-flux") };
    expect(copy.legolas.schema).not.toBe(schema);
    return copy;
  }

  test("shares the registry, under a Symbol.for key of globalThis", async () => {
    const second = await loadSecondCopy();
    const name = newSchemaName();
    const OwnV1 = schema(name).version(1, { fields: { x: t.int64 } });
    expect(second.legolas.lookup(`${name}@1`)).toBe(OwnV1);
    expect(Reflect.get(globalThis, Symbol.for("legolas-flux.registry")).get(`${name}@1`)).toBe(OwnV1);
  });

  test("gets the existing version for an identical declaration, its own ModelV1 included", async () => {
    const second = await loadSecondCopy();
    const name = newSchemaName();
    const declare = ({ schema, t }: typeof legolas) => schema(name).version(1, { fields: { x: t.optional(t.int64) } });
    expect(declare(second.legolas)).toBe(declare(legolas));
    expect(second.models.ModelV1).toBe(models.ModelV1);
  });

  test("may not declare a version differently", async () => {
    const second = await loadSecondCopy();
    const name = newSchemaName();
    schema(name).version(1, { fields: { x: t.int64 } });
    const differ = () => second.legolas.schema(name).version(1, { fields: { x: second.legolas.t.string } });
    expect(differ).toThrow("expected the declaration it already has in this process");
  });

  test("may not declare a version with another Standard Schema, though it is the first that each copy meets", async () => {
    const second = await loadSecondCopy();
    const name = newSchemaName();
    const standardSchema = () =>
      ({ "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } }) as const;
    schema(name).version(1, { fields: { x: t.string.as(standardSchema()) } });
    const differ = () =>
      second.legolas.schema(name).version(1, { fields: { x: second.legolas.t.string.as(standardSchema()) } });
    expect(differ).toThrow("expected the declaration it already has in this process");
  });

  test("may extend, nest and read what this one declares", async () => {
    const second = await loadSecondCopy();
    const ParentV1 = schema(newSchemaName()).version(1, { fields: { x: t.int64 } });
    const ChildV1 = second.legolas.schema(newSchemaName()).version(1, {
      extends: ParentV1,
      fields: { nested: ParentV1, items: second.legolas.t.vector(t.string) },
    });
    const record = ChildV1({ x: 1, nested: { x: 2 }, items: ["a"] });
    const [read] = legolas.decodeTable(second.legolas.encodeTable([record], ChildV1)).records();
    expect(read).toEqual({ x: 1, nested: { x: 2 }, items: ["a"] });
  });

  test("knows the records of this one by their brand", async () => {
    const second = await loadSecondCopy();
    const OwnV1 = schema(newSchemaName()).version(1, { fields: { x: t.int64 } });
    const record = OwnV1({ x: 1 });
    expect(second.legolas.schemaVersionOf(record)).toBe(OwnV1);
    expect(second.legolas.recordEquals(record, OwnV1({ x: 1 }))).toBe(true);
    expect(second.legolas.recordMerge(record, { x: 2 })).toEqual({ x: 2 });
  });

  test("knows the errors of this one", async () => {
    const second = await loadSecondCopy();
    const error = new second.legolas.CheckError("a@1", "check", "{}");
    expect(error).not.toBeInstanceOf(legolas.LegolasError);
    expect(isLegolasError(error)).toBe(true);
  });

  test("writes and loads models with its own weights", async () => {
    const { fetchWeights, loadWeights, ModelV1, encodeModelRow, decodeModelRow } = (await loadSecondCopy()).models;
    const row = ModelV1({ weights: fetchWeights({ w: new Float32Array([1, 2]) }) });
    const model = { w: new Float32Array(2) };
    loadWeights(model, decodeModelRow(encodeModelRow(row), ModelV1).weights);
    expect(model.w).toEqual(new Float32Array([1, 2]));
  });
});
