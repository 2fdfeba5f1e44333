import { ModelV1 } from "legolas-flux";
import { DeclarationError, type FieldLike, schema, t } from "legolas-flux/legolas";
import { describe, expect, test } from "vitest";
import { newSchemaName } from "../../test/contract/support.ts";

/** Declares a parent with a field and a child that declares it again, and gives the child. */
function redeclare(parent: FieldLike, child: FieldLike) {
  const ParentV1 = schema(newSchemaName()).version(1, { fields: { x: parent } });
  return schema(newSchemaName()).version(1, { extends: ParentV1, fields: { x: child } });
}

const NestedV1 = schema("declare.nested").version(1, { fields: { seed: t.int64 } });

describe("a schema version", () => {
  const ParentV2 = schema("declare.parent").version(2, { fields: { a: t.int64, b: t.string } });
  const ChildV1 = schema("declare.child").version(1, {
    extends: ParentV2,
    fields: { c: t.bool, b: t.string },
    assign: { c: ({ c }) => c ?? true },
    checks: { "a is positive": ({ a }) => a > 0 },
  });

  test("has its name, number, parent, and an identifier with all its ancestors", () => {
    const GrandchildV3 = schema("declare.grandchild").version(3, { extends: ChildV1 });
    expect([ParentV2.name, ParentV2.version, ParentV2.parent]).toEqual(["declare.parent", 2, null]);
    expect(ParentV2.identifier).toBe("declare.parent@2");
    expect(ChildV1.parent).toBe(ParentV2);
    expect(ChildV1.identifier).toBe("declare.child@1>declare.parent@2");
    expect(GrandchildV3.identifier).toBe("declare.grandchild@3>declare.child@1>declare.parent@2");
  });

  test("lists all fields, inherited ones first, then its own in order", () => {
    expect(Object.entries(ChildV1.fields).map(([name, { text }]) => `${name}: ${text}`)).toEqual([
      "a: int64",
      "b: string",
      "c: bool",
    ]);
  });

  test("keeps its own declaration apart from what it inherits", () => {
    expect(Object.keys(ChildV1.declaration.fields)).toEqual(["c", "b"]);
    expect(Object.keys(ChildV1.declaration.assign)).toEqual(["c"]);
    expect(Object.keys(ChildV1.declaration.checks)).toEqual(["a is positive"]);
  });

  test("may declare nothing of its own", () => {
    const EmptyV1 = schema("declare.empty").version(1);
    expect(EmptyV1.fields).toEqual({});
    expect(EmptyV1({})).toEqual({});
    expect(schema("declare.heir").version(1, { extends: ParentV2 }).fields).toEqual(ParentV2.fields);
  });

  test("is frozen, and so are its fields", () => {
    expect(Object.isFrozen(ChildV1)).toBe(true);
    expect(Object.isFrozen(ChildV1.fields)).toBe(true);
    expect(Object.isFrozen(ChildV1.declaration)).toBe(true);
  });

  test("stands for its records wherever a field type may stand", () => {
    const HolderV1 = schema("declare.holder").version(1, { fields: { own: NestedV1, many: t.vector(NestedV1) } });
    expect(HolderV1.fields.own?.text).toBe("declare.nested@1");
    expect(HolderV1.fields.many?.text).toBe("vector<declare.nested@1>");
  });

  test("is not changed by later changes of the objects it was declared with", () => {
    const fields: Record<string, FieldLike> = { x: t.int64 };
    const checks: Record<string, () => boolean> = {};
    const FirstV1 = schema("declare.copied").version(1, { fields, checks });
    fields.y = t.string;
    checks.never = () => false;
    expect(Object.keys(FirstV1.fields)).toEqual(["x"]);
    expect(FirstV1({ x: 1 })).toEqual({ x: 1 });
  });
});

describe("a child may redeclare a field as a narrower type", () => {
  test.each<[string, FieldLike, FieldLike]>([
    ["the same", t.int64, t.int64],
    ["optional to required", t.optional(t.int64), t.int64],
    ["real to float32", t.real, t.float32],
    ["real to int64", t.real, t.int64],
    ["real to integer", t.real, t.integer],
    ["integer to uint8", t.integer, t.uint8],
    ["optional real to float16", t.optional(t.real), t.float16],
    ["optional real to optional float64", t.optional(t.real), t.optional(t.float64)],
    ["any to string", t.any, t.string],
    ["any to weights", t.any, t.weights],
    ["any to a record", t.any, NestedV1],
    ["any to optional vector", t.any, t.optional(t.vector(t.bool))],
    ["union to a member", t.union(t.int64, t.string), t.string],
    ["union to a narrower member", t.union(t.real, t.string), t.int8],
    ["union to a smaller union", t.union(t.int64, t.string, t.bool), t.union(t.string, t.int64)],
    ["union with an optional to an optional member", t.union(t.int64, t.optional(t.string)), t.optional(t.string)],
    ["vector of real to vector of float32", t.vector(t.real), t.vector(t.float32)],
    ["vector of optional to vector of required", t.vector(t.optional(t.int64)), t.vector(t.int64)],
    ["vector of vectors", t.vector(t.vector(t.any)), t.vector(t.vector(t.string))],
    ["vector to a list of fixed length", t.vector(t.int64), t.fixed(t.int64, 3)],
    ["a type to a refinement of it", t.int64, t.int64.as((x) => x)],
    ["real to a refined float32", t.real, t.float32.as((x) => x)],
    ["an optional to a refinement of it", t.optional(t.int64), t.optional(t.int64).as((x) => x)],
    ["an optional refinement to the refinement", t.optional(t.int64.as(Math.abs)), t.int64.as(Math.abs)],
    ["a type that reads more columns to the plain type", t.int64.accepting(t.int32), t.int64],
  ])("%s", (_, parent, child) => {
    const ChildV1 = redeclare(parent, child);
    expect(Object.keys(ChildV1.fields)).toEqual(["x"]);
    expect(ChildV1.fields.x).toBe(ChildV1.declaration.fields.x);
  });
});

describe("a child may not widen a field", () => {
  test.each<[string, FieldLike, FieldLike]>([
    ["required to optional", t.int64, t.optional(t.int64)],
    ["float32 to real", t.float32, t.real],
    ["int64 to integer", t.int64, t.integer],
    ["integer to real", t.integer, t.real],
    ["string to any", t.string, t.any],
    ["a member to its union", t.string, t.union(t.int64, t.string)],
    ["union to another union", t.union(t.int64, t.string), t.union(t.string, t.bool)],
    ["union to a type outside it", t.union(t.int64, t.string), t.bool],
    ["vector of float32 to vector of real", t.vector(t.float32), t.vector(t.real)],
    ["vector of required to vector of optional", t.vector(t.int64), t.vector(t.optional(t.int64))],
    ["a list of fixed length to a vector", t.fixed(t.int64, 3), t.vector(t.int64)],
    ["a list of fixed length to one of another", t.fixed(t.int64, 3), t.fixed(t.int64, 4)],
    ["int64 to int32, another type", t.int64, t.int32],
    ["int8 to int64, another type", t.int8, t.int64],
    ["float64 to float32, another type", t.float64, t.float32],
    ["int64 to bigint, another JavaScript value", t.int64, t.bigint],
    ["string to symbol", t.string, t.symbol],
    ["int64 to the same that reads columns the parent does not", t.int64, t.int64.accepting(t.int32)],
    ["optional to another optional", t.optional(t.int64), t.optional(t.string)],
    ["record to another record", NestedV1, schema("declare.other").version(1, { fields: { seed: t.int64 } })],
    ["struct to another struct", t.struct({ a: t.int64 }), t.struct({ b: t.int64 })],
    ["a refinement to what it refines", t.int64.as((x) => Math.abs(x)), t.int64],
    ["an optional's refinement to the optional", t.optional(t.int64).as((x) => x && 1), t.optional(t.int64)],
    ["an optional's refinement to the type inside", t.optional(t.int64).as((x) => x && 1), t.int64],
    ["a union's refinement to a member", t.union(t.int64, t.string).as(() => 1), t.string],
    ["an optional refinement to what it refines", t.optional(t.int64.as(Math.abs)), t.int64],
    ["a refinement of a type that reads more to the type", t.int64.accepting(t.int32).as(Math.abs), t.int64],
    ["a vector's refinement to the vector", t.vector(t.int64).as((x) => x.slice(0, 1)), t.vector(t.int64)],
  ])("%s", (_, parent, child) => {
    expect(() => redeclare(parent, child)).toThrow(DeclarationError);
  });

  test("and the message names the field, the parent and both types", () => {
    const ParentV1 = schema("declare.narrow").version(1, { fields: { accuracy: t.float32 } });
    const widen = () =>
      schema("declare.wide").version(1, { extends: ParentV1, fields: { accuracy: t.optional(t.float32) } });
    expect(widen).toThrow(
      'declare.wide@1: field "accuracy": expected float32 as in declare.narrow@1, or narrower, found float32?. ' +
        "A child may narrow its parent's field, never widen it",
    );
  });

  test("of a grandparent either", () => {
    const GrandparentV1 = schema("declare.line").version(1, { fields: { x: t.string } });
    const ParentV1 = schema("declare.line.parent").version(1, { extends: GrandparentV1 });
    const widen = () =>
      schema("declare.line.child").version(1, { extends: ParentV1, fields: { x: t.optional(t.string) } });
    expect(widen).toThrow("expected string as in declare.line.parent@1>declare.line@1, or narrower");
  });
});

describe("a declaration is refused", () => {
  test("that extends a version of the same schema", () => {
    const FirstV1 = schema("declare.same").version(1, { fields: { x: t.int64 } });
    const extend = () => schema("declare.same").version(2, { extends: FirstV1 });
    expect(extend).toThrow(DeclarationError);
    expect(extend).toThrow("declare.same@2: expected a parent of another schema, found declare.same@1");
  });

  test.each([
    ["_hidden", 'declare.names@1: field "_hidden": expected a name without a leading _, found "_hidden"'],
    ["__proto__", 'declare.names@1: field "__proto__": expected a name without a leading _, found "__proto__"'],
    ["", "declare.names@1: field: expected a name, found an empty one"],
  ])("whose field is called %j", (name, message) => {
    const declare = () => schema("declare.names").version(1, { fields: { [name]: t.int64 } });
    expect(declare).toThrow(DeclarationError);
    expect(declare).toThrow(message);
  });

  test.each(["weights_names", "weights_layout", "weights_dtypes", "weights_checksums"])(
    "whose field %s would stand where the companions of weights do",
    (name) => {
      const beside = () => schema("declare.beside").version(1, { fields: { weights: t.weights, [name]: t.string } });
      const inherited = () => schema("declare.below").version(1, { extends: ModelV1, fields: { [name]: t.string } });
      for (const declare of [beside, inherited]) expect(declare).toThrow(DeclarationError);
      expect(beside).toThrow(`declare.beside@1: field "${name}": expected another name`);
      expect(beside).toThrow(`Rename it: "${name}" holds what belongs to "weights"`);
    },
  );

  test("whose struct has such a field", () => {
    expect(() => t.struct({ weights: t.weights, weights_names: t.string })).toThrow(DeclarationError);
  });

  test("but not for a companion's name where no weights have it", () => {
    const FineV1 = schema("declare.fine").version(1, { fields: { own: t.weights, weights_names: t.string } });
    expect(Object.keys(FineV1.fields)).toEqual(["own", "weights_names"]);
  });

  test("whose field has no type", () => {
    const notAType: FieldLike = JSON.parse('"int64"');
    const declare = () => schema("declare.untyped").version(1, { fields: { x: notAType } });
    expect(declare).toThrow(DeclarationError);
    expect(declare).toThrow(
      'declare.untyped@1: field "x": expected a field type such as t.int64, or a schema version, found int64',
    );
  });

  test.each(["{}", '"declare.parent@1"', "5", '{ "identifier": "a@1", "fields": {} }'])(
    "that extends %s, no version",
    (text) => {
      const declare = () => schema(newSchemaName()).version(1, { extends: JSON.parse(text) });
      expect(declare).toThrow(DeclarationError);
    },
  );

  test("that assigns a field which it does not declare itself", () => {
    const ParentV1 = schema("declare.assigned").version(1, { fields: { x: t.int64 } });
    const declare = () =>
      schema("declare.assigning").version(1, {
        extends: ParentV1,
        fields: { y: t.int64 },
        // @ts-expect-error x is a field of the parent, and this version does not declare it again
        assign: { x: () => 1 },
      });
    expect(declare).toThrow(DeclarationError);
    expect(declare).toThrow('declare.assigning@1: assignment "x": expected a field declared by this version');
  });
});

describe("declaring a version again", () => {
  const declareOnce = (name: string) =>
    schema(name).version(1, {
      fields: { x: t.int64, y: t.optional(t.string) },
      assign: { x: ({ x }) => x ?? 1 },
      checks: { "x is not negative": ({ x }) => x >= 0 },
    });

  test("identically gives the existing version", () => {
    const name = newSchemaName();
    expect(declareOnce(name)).toBe(declareOnce(name));
  });

  test("identically with schema versions for types gives the existing version", () => {
    const name = newSchemaName();
    const declare = () => schema(name).version(1, { extends: ModelV1, fields: { config: NestedV1 } });
    expect(declare()).toBe(declare());
  });

  const declarations: [string, (name: string) => unknown][] = [
    ["another type", (name) => schema(name).version(1, { fields: { x: t.int32 } })],
    ["another field", (name) => schema(name).version(1, { fields: { x: t.int64, y: t.int64 } })],
    ["another order", (name) => schema(name).version(1, { fields: { y: t.int64, x: t.int64 } })],
    ["a parent", (name) => schema(name).version(1, { extends: ModelV1, fields: { x: t.int64 } })],
    ["an assignment", (name) => schema(name).version(1, { fields: { x: t.int64 }, assign: { x: () => 1 } })],
    ["a check", (name) => schema(name).version(1, { fields: { x: t.int64 }, checks: { positive: ({ x }) => x > 0 } })],
    ["a refinement", (name) => schema(name).version(1, { fields: { x: t.int64.as(Math.abs) } })],
    ["a wider table", (name) => schema(name).version(1, { fields: { x: t.int64.accepting(t.int32) } })],
  ];

  test.each(declarations)("with %s throws and says what to do", (_, declare) => {
    const name = newSchemaName();
    schema(name).version(1, { fields: { x: t.int64 } });
    expect(() => declare(name)).toThrow(DeclarationError);
    expect(() => declare(name)).toThrow(
      `${name}@1: expected the declaration it already has in this process, found a different one. ` +
        "Declare version 2 for the change, or pass { replace: true } while developing",
    );
  });

  test("with a function of another text throws", () => {
    const name = newSchemaName();
    schema(name).version(1, { fields: { x: t.int64 }, assign: { x: () => 1 } });
    expect(() => schema(name).version(1, { fields: { x: t.int64 }, assign: { x: () => 2 } })).toThrow(DeclarationError);
  });

  test("with another Standard Schema throws, as they compare by identity", () => {
    const name = newSchemaName();
    const refinement = trimming();
    const FirstV1 = schema(name).version(1, { fields: { x: t.string.as(refinement) } });
    expect(schema(name).version(1, { fields: { x: t.string.as(refinement) } })).toBe(FirstV1);
    expect(() => schema(name).version(1, { fields: { x: t.string.as(trimming()) } })).toThrow(DeclarationError);
  });

  test("with { replace: true } replaces it", () => {
    const name = newSchemaName();
    const OldV1 = schema(name).version(1, { fields: { x: t.int64 } });
    const NewV1 = schema(name).version(1, { fields: { x: t.string } }, { replace: true });
    expect(NewV1).not.toBe(OldV1);
    expect(NewV1({ x: "new" })).toEqual({ x: "new" });
    expect(schema(name).version(1, { fields: { x: t.string } })).toBe(NewV1);
  });

  test("after a declaration that was refused finds nothing in its way", () => {
    const name = newSchemaName();
    expect(() => schema(name).version(1, { fields: { _x: t.int64 } })).toThrow(DeclarationError);
    expect(schema(name).version(1, { fields: { x: t.int64 } }).identifier).toBe(`${name}@1`);
  });

  test("of another number is a version of its own", () => {
    const name = newSchemaName();
    const FirstV1 = schema(name).version(1, { fields: { x: t.int64 } });
    const SecondV2 = schema(name).version(2, { fields: { x: t.string } });
    expect(FirstV1({ x: 1 })).toEqual({ x: 1 });
    expect(SecondV2({ x: "a" })).toEqual({ x: "a" });
  });
});

/** A Standard Schema of its own at each call. */
function trimming() {
  return {
    "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value: String(value).trim() }) },
  } as const;
}
