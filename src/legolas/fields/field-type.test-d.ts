import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Weights } from "legolas-flux";
import { construct, type Duration, type FieldType, schema, t } from "legolas-flux/legolas";
import { describe, expectTypeOf, test } from "vitest";

/** The type of a field type's values. */
type Output<F> = F extends FieldType<infer T, unknown> ? T : never;
/** The type of what it takes for one. */
type Input<F> = F extends { readonly "~input": infer I } ? I : never;

const PointV1 = schema("point").version(1, { fields: { x: t.int64, label: t.optional(t.string) } });
type PointV1 = { readonly x: number; readonly label: string | null };

describe("field types of single values", () => {
  test("have numbers", () => {
    expectTypeOf<Output<typeof t.int8 | typeof t.uint32 | typeof t.int64 | typeof t.integer>>().toEqualTypeOf<number>();
    expectTypeOf<
      Output<typeof t.float16 | typeof t.float32 | typeof t.float64 | typeof t.real>
    >().toEqualTypeOf<number>();
    expectTypeOf<Input<typeof t.float32>>().toEqualTypeOf<number>();
  });

  test("have other values", () => {
    expectTypeOf<Output<typeof t.bigint>>().toEqualTypeOf<bigint>();
    expectTypeOf<Input<typeof t.bigint>>().toEqualTypeOf<bigint | number>();
    expectTypeOf<Output<typeof t.bool>>().toEqualTypeOf<boolean>();
    expectTypeOf<Output<typeof t.string | typeof t.symbol | typeof t.uuid>>().toEqualTypeOf<string>();
    expectTypeOf<Output<typeof t.bytes>>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<Output<typeof t.date>>().toEqualTypeOf<string>();
    expectTypeOf<Input<typeof t.date>>().toEqualTypeOf<string | Date>();
    expectTypeOf<Output<typeof t.datetime>>().toEqualTypeOf<Date>();
    expectTypeOf<Output<typeof t.time | typeof t.duration>>().toEqualTypeOf<Duration>();
    expectTypeOf<Output<typeof t.any>>().toEqualTypeOf<unknown>();
    expectTypeOf<Output<typeof t.weights>>().toEqualTypeOf<Weights | null>();
    expectTypeOf<Input<typeof t.weights>>().toEqualTypeOf<Weights | null | undefined>();
  });
});

describe("field types of several values", () => {
  test("t.optional adds null to the values, null and undefined to the input", () => {
    const type = t.optional(t.date);
    expectTypeOf<Output<typeof type>>().toEqualTypeOf<string | null>();
    expectTypeOf<Input<typeof type>>().toEqualTypeOf<string | Date | null | undefined>();
  });

  test("t.vector and t.fixed have read-only arrays, and take anything like one", () => {
    const vector = t.vector(t.optional(t.bigint));
    expectTypeOf<Output<typeof vector>>().toEqualTypeOf<readonly (bigint | null)[]>();
    expectTypeOf<Input<typeof vector>>().toEqualTypeOf<ArrayLike<bigint | number | null | undefined>>();
    const fixed = t.fixed(t.float32, 3);
    expectTypeOf<Output<typeof fixed>>().toEqualTypeOf<readonly number[]>();
    construct(fixed, new Float32Array(3));
    // @ts-expect-error elements are numbers
    construct(fixed, ["1", "2", "3"]);
    // @ts-expect-error a length is a number
    t.fixed(t.float32, "3");
  });

  test("t.struct has its keys, read-only, and takes objects without the optional ones", () => {
    const type = t.struct({ x: t.int64, at: t.optional(t.date), inner: t.struct({ items: t.vector(t.bool) }) });
    expectTypeOf<Output<typeof type>>().toEqualTypeOf<{
      readonly x: number;
      readonly at: string | null;
      readonly inner: { readonly items: readonly boolean[] };
    }>();
    construct(type, { x: 1, inner: { items: [] } });
    construct(type, { x: 1, at: undefined, inner: { items: [true] } });
    // @ts-expect-error x is not optional
    construct(type, { inner: { items: [] } });
    // @ts-expect-error items are booleans
    construct(type, { x: 1, inner: { items: [1] } });
  });

  test("t.map has read-only Maps", () => {
    const type = t.map(t.string, t.optional(t.int64));
    expectTypeOf<Output<typeof type>>().toEqualTypeOf<ReadonlyMap<string, number | null>>();
    expectTypeOf<Input<typeof type>>().toEqualTypeOf<ReadonlyMap<string, number | null | undefined>>();
    // @ts-expect-error an object is no Map
    construct(type, { a: 1 });
  });

  test("t.union has the values of its members", () => {
    const type = t.union(t.int64, t.string, t.optional(t.date), PointV1);
    expectTypeOf<Output<typeof type>>().toEqualTypeOf<number | string | null | PointV1>();
    // @ts-expect-error no member takes booleans
    construct(type, true);
  });

  test("schema versions stand for their records, and take what these are built from", () => {
    const type = t.vector(PointV1);
    expectTypeOf<Output<typeof type>>().toEqualTypeOf<readonly PointV1[]>();
    construct(type, [{ x: 1 }, PointV1({ x: 2 })]);
    construct(t.optional(PointV1), null);
    // @ts-expect-error x is not optional
    construct(type, [{ label: "a" }]);
  });
});

describe("refined field types", () => {
  test("accepting keeps the values and the input", () => {
    const type = t.int64.accepting(t.string);
    expectTypeOf<Output<typeof type>>().toEqualTypeOf<number>();
    expectTypeOf<Input<typeof type>>().toEqualTypeOf<number>();
  });

  test("as with a function has its results, and keeps the input", () => {
    const type = t.date.as((day) => {
      expectTypeOf(day).toEqualTypeOf<string>();
      return day as `${number}-${number}-${number}`;
    });
    expectTypeOf<Output<typeof type>>().toEqualTypeOf<`${number}-${number}-${number}`>();
    expectTypeOf<Input<typeof type>>().toEqualTypeOf<string | Date>();
  });

  test("as with a Standard Schema has its output", () => {
    const activation = {} as StandardSchemaV1<unknown, "relu" | "tanh">;
    const type = t.optional(t.string.as(activation));
    expectTypeOf<Output<typeof type>>().toEqualTypeOf<"relu" | "tanh" | null>();
  });

  test("as takes functions of the type's values", () => {
    // @ts-expect-error the values are numbers
    t.int64.as((text: string) => text.trim());
  });
});
