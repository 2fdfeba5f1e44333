import type { StandardSchemaV1 } from "@standard-schema/spec";
import { float64, int32, int64, list, utf8 } from "@uwdata/flechette";
import {
  construct,
  decodeTable,
  encodeTable,
  type FieldType,
  isLegolasError,
  RecordError,
  schema,
  t,
} from "legolas-flux/legolas";
import { describe, expect, test, vi } from "vitest";
import { foreignTable, newSchemaName, readForeign, roundTrip, thrownBy } from "../../../test/contract/support.ts";

/** A Standard Schema, made by hand. */
function standardSchema<T>(
  validate: (value: unknown) => StandardSchemaV1.Result<T> | Promise<StandardSchemaV1.Result<T>>,
): StandardSchemaV1<unknown, T> {
  return { "~standard": { version: 1, vendor: "by hand", validate } };
}

const trimmed = standardSchema((value) =>
  typeof value === "string" ? { value: value.trim() } : { issues: [{ message: "not a string" }] },
);

describe("a field type", () => {
  test.each<[string, FieldType<unknown, unknown>]>([
    ["int64", t.int64],
    ["int64?", t.optional(t.int64)],
    ["vector<string?>", t.vector(t.optional(t.string))],
    ["fixed<float32, 3>", t.fixed(t.float32, 3)],
    ["map<string, any>", t.map(t.string, t.any)],
    ["struct<a: int64, b: bool?>", t.struct({ a: t.int64, b: t.optional(t.bool) })],
    ["union<int64, string>", t.union(t.int64, t.string)],
    ["int64 accepting int32", t.int64.accepting(t.int32)],
    ["weights?", t.weights],
  ])("is called %s in messages", (text, type) => {
    expect(type.text).toBe(text);
  });

  test.each<[boolean, FieldType<unknown, unknown>]>([
    [false, t.int64],
    [true, t.optional(t.int64)],
    [true, t.any],
    [true, t.weights],
    [false, t.union(t.int64, t.string)],
    [true, t.union(t.int64, t.optional(t.string))],
    [false, t.vector(t.optional(t.int64))],
    [true, t.optional(t.int64).accepting(t.string)],
    [true, t.optional(t.int64).as((value) => value)],
  ])("tells whether null is one of its values (%#)", (takesNull, type) => {
    expect(type.takesNull).toBe(takesNull);
  });
});

describe("what is no field type", () => {
  const misspelt: FieldType<unknown, unknown> = Reflect.get(t, "int46");
  const text = JSON.parse('"int64"');

  test.each<[string, () => unknown]>([
    ["t.optional", () => t.optional(misspelt)],
    ["t.vector", () => t.vector(misspelt)],
    ["t.fixed", () => t.fixed(text, 2)],
    ["t.map", () => t.map(t.string, text)],
    ["t.struct", () => t.struct({ x: misspelt })],
    ["t.union", () => t.union(t.int64, text)],
    ["accepting", () => t.int64.accepting(misspelt)],
    ["construct", () => construct(misspelt, 1)],
  ])("is refused by %s with an error of this package", (_, make) => {
    expect(isLegolasError(thrownBy(make))).toBe(true);
  });

  test.each([-1, 1.5, Number.NaN])("is a list of %d elements", (length) => {
    expect(isLegolasError(thrownBy(() => t.fixed(t.int64, length)))).toBe(true);
  });
});

describe("accepting", () => {
  const wide = t.int64.accepting(t.int32).accepting(t.float64);

  test("widens what a table may hold", () => {
    expect(readForeign(wide, { values: [1n, 2n], type: int64() })).toEqual([1, 2]);
    expect(readForeign(wide, { values: [1, 2], type: int32() })).toEqual([1, 2]);
    expect(readForeign(wide, { values: [1, 2], type: float64() })).toEqual([1, 2]);
    expect(() => readForeign(wide, { values: ["1"], type: utf8() })).toThrow(
      "expected int64 accepting int32 accepting float64, found string?",
    );
  });

  test("has the values pass through the type itself", () => {
    expect(() => readForeign(wide, { values: [1, 1.5], type: float64() })).toThrow(
      'field "value.1": expected int64 (a safe integer), found 1.5',
    );
  });

  test("does not widen what a record may hold, nor what is written", () => {
    expect(() => construct<unknown, unknown>(t.string.accepting(t.int64), 1)).toThrow(RecordError);
    const OwnV1 = schema(newSchemaName()).version(1, { fields: { value: wide } });
    const [column] = decodeTable(encodeTable([{ value: 1 }], OwnV1)).data.schema.fields;
    expect(column?.type).toEqual({ kind: "int", bitWidth: 64, signed: true });
  });

  test("serves inside other types", () => {
    const column = { values: [[1, 2]], type: list(int32()) };
    expect(readForeign(t.vector(t.int64.accepting(t.int32)), column)).toEqual([[1, 2]]);
    expect(readForeign(t.optional(t.int64.accepting(t.int32)), { values: [1, null], type: int32() })).toEqual([
      1,
      null,
    ]);
    expect(readForeign(t.optional(t.int64).accepting(t.int32), { values: [1, null], type: int32() })).toEqual([
      1,
      null,
    ]);
  });

  test("takes a schema version for the wider type", () => {
    const OldV1 = schema(newSchemaName()).version(1, { fields: { x: t.int64 } });
    const point = t.struct({ x: t.float64 }).accepting(OldV1);
    const HolderV1 = schema(newSchemaName()).version(1, { fields: { point: OldV1 } });
    const ReaderV1 = schema(newSchemaName()).version(1, { fields: { point } });
    const bytes = encodeTable([{ point: { x: 1 } }], HolderV1);
    expect(decodeTable(bytes, { schemaVersion: ReaderV1 }).records()).toEqual([{ point: { x: 1 } }]);
  });
});

describe("as with a function", () => {
  const even = t.int64.as((value) => {
    if (value % 2 !== 0) throw new RangeError(`${value} is odd`);
    return value;
  });

  test("gives the value to keep", () => {
    expect(
      construct(
        t.string.as((text) => text.trim()),
        "  a ",
      ),
    ).toBe("a");
    expect(construct(even, 2)).toBe(2);
  });

  test("sees only values that its type takes, as the type keeps them", () => {
    const refinement = vi.fn((value: number) => value);
    const type = t.float32.as(refinement);
    expect(() => construct<unknown, unknown>(type, "1")).toThrow("value: expected float32");
    expect(refinement).not.toHaveBeenCalled();
    construct(type, 0.1);
    expect(refinement).toHaveBeenCalledExactlyOnceWith(Math.fround(0.1));
  });

  test("that throws refuses the value, with the cause", () => {
    const OddV1 = schema(newSchemaName()).version(1, { fields: { k: even } });
    const error = thrownBy(() => OddV1({ k: 3 })) as RecordError;
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({
      message: `${OddV1.identifier}: field "k": expected a value that its refinement takes (3 is odd), found 3`,
      path: ["k"],
      value: 3,
    });
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  test("that throws an error of this package refuses the value, naming the field", () => {
    const UuidV1 = schema(newSchemaName()).version(1, { fields: { id: t.string.as((id) => construct(t.uuid, id)) } });
    const error = thrownBy(() => UuidV1({ id: "x" }));
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({ path: ["id"], identifier: UuidV1.identifier });
  });

  test("that is asynchronous is refused", () => {
    const later: FieldType<unknown, number> = t.int64.as(async (value) => value);
    expect(() => construct(later, 1)).toThrow(RecordError);
  });

  test("has its result pass the type again, as that is what the column holds", () => {
    expect(
      construct(
        t.float32.as((value) => value / 3),
        1,
      ),
    ).toBe(Math.fround(1 / 3));
    expect(() =>
      construct(
        t.int8.as((value) => value + 1000),
        1,
      ),
    ).toThrow("found 1001");
    expect(() =>
      construct(
        t.string.as(() => undefined),
        "a",
      ),
    ).toThrow(RecordError);
  });

  test("runs again when a table is read: what is idempotent stays as it is", () => {
    const clamped = t.int64.as((value) => Math.min(value, 10));
    expect(roundTrip(clamped, [5, 50])).toEqual([5, 10]);
    expect(construct(clamped, construct(clamped, 50))).toBe(10);
    expect(readForeign(clamped, { values: [50n], type: int64() })).toEqual([10]);
  });

  test("sees null only where it refines an optional", () => {
    const inside = t.optional(t.int64.as((value) => value + 0));
    const outside = t.optional(t.int64).as((value) => value ?? 7);
    expect(construct(inside, null)).toBeNull();
    expect(construct(outside, null)).toBe(7);
    const OwnV1 = schema(newSchemaName()).version(1, { fields: { id: t.int64, outside } });
    const bytes = foreignTable({ id: { values: [1n, 2n], type: int64() } });
    expect(decodeTable(bytes, { schemaVersion: OwnV1 }).records()).toEqual([
      { id: 1, outside: 7 },
      { id: 2, outside: 7 },
    ]);
    expect(roundTrip(outside, [null, 1])).toEqual([7, 1]);
  });

  test("may follow another refinement", () => {
    const type = t.string.as((text) => text.trim()).as((text) => text.toUpperCase());
    expect(construct(type, " a ")).toBe("A");
  });
});

describe("as with a Standard Schema", () => {
  test("gives the value to keep", () => {
    expect(construct(t.string.as(trimmed), "  a ")).toBe("a");
    expect(roundTrip(t.string.as(trimmed), ["  a "])).toEqual(["a"]);
  });

  test("takes a Standard Schema whose class has it, as some libraries make them", () => {
    class Lowered {
      get "~standard"() {
        return {
          version: 1,
          vendor: "test",
          validate: (value: unknown) => ({ value: String(value).toLowerCase() }),
        } as const;
      }
    }
    expect(construct(t.string.as(new Lowered()), "A")).toBe("a");
  });

  test("takes a Standard Schema that is a function, as some libraries make them", () => {
    const callable = Object.assign(() => "called", trimmed);
    expect(construct(t.string.as(callable), " b ")).toBe("b");
  });

  test("takes a schema version, which is one", () => {
    const PointV1 = schema(newSchemaName()).version(1, { fields: { x: t.int64 } });
    expect(construct(t.struct({ x: t.real }).as(PointV1), { x: 1 })).toEqual({ x: 1 });
    expect(() => construct(t.struct({ x: t.real }).as(PointV1), { x: 1.5 })).toThrow(RecordError);
  });

  test("that has issues refuses the value, with all its messages", () => {
    const strict = standardSchema<string>(() => ({ issues: [{ message: "too short" }, { message: "not a name" }] }));
    const NamedV1 = schema(newSchemaName()).version(1, { fields: { name: t.string.as(strict) } });
    const error = thrownBy(() => NamedV1({ name: "a" }));
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({
      message: `${NamedV1.identifier}: field "name": expected too short; not a name, found "a"`,
      path: ["name"],
    });
  });

  test("that throws refuses the value, with the cause", () => {
    const cause = new TypeError("broken schema");
    const broken = standardSchema<string>(() => {
      throw cause;
    });
    const error = thrownBy(() => construct(t.string.as(broken), "a"));
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({ cause });
  });

  test("that is asynchronous is refused, with what to do", () => {
    const later = standardSchema(async (value) => ({ value: String(value) }));
    expect(() => construct(t.string.as(later), "a")).toThrow(RecordError);
    expect(() => construct(t.string.as(later), "a")).toThrow(
      'value: expected a synchronous Standard Schema, found "a". Use a schema without asynchronous checks',
    );
  });
});
