/** Random field types, each with its values. */
import fc from "fast-check";
import { type FieldLike, t } from "legolas-flux/legolas";
import { arbitraryPlainWeights, arbitraryText } from "./arbitrary-weights.ts";
import { PointV1 } from "./every-type.ts";

/** A field type and values that it takes for input. */
export interface RandomField {
  readonly type: FieldLike;
  readonly value: fc.Arbitrary<unknown>;
}

function field(type: FieldLike, value: fc.Arbitrary<unknown>): RandomField {
  return { type, value };
}

/** A type as text, for messages. */
export function textOf(type: FieldLike): string {
  return "text" in type ? type.text : (type as unknown as { identifier: string }).identifier;
}

/** Weights bring columns of their own along; what that means for maps and unions is tested by itself. */
const isWeights = ({ type }: RandomField): boolean => /^weights\?*$/.test(textOf(type));

const safe = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3, max: 3 }));
const safeNat = fc.oneof(fc.maxSafeNat(), fc.nat(3));
const duration = (unit: string, value: fc.Arbitrary<bigint>): fc.Arbitrary<unknown> =>
  value.map((count) => ({ value: count, unit }));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** What rounding to -0 means for unions with integers is tested by itself. */
const notRoundedToMinusZero = (value: number): number => (Math.abs(value) < 2 ** -24 && value !== 0 ? 0 : value);
/** Years that ISO text of four digits, and beyond. */
const instants = fc.date({ noInvalidDate: true });

/** Types without parts of other types. */
const simpleFields: readonly RandomField[] = [
  field(t.int8, fc.integer({ min: -128, max: 127 })),
  field(t.int16, fc.integer({ min: -32_768, max: 32_767 })),
  field(t.int32, fc.integer()),
  field(t.int64, safe),
  field(t.uint8, fc.nat(255)),
  field(t.uint16, fc.nat(65_535)),
  field(t.uint32, fc.nat(2 ** 32 - 1)),
  field(t.uint64, safeNat),
  field(t.bigint, int64),
  field(t.float16, fc.float().map(notRoundedToMinusZero)),
  field(t.float32, fc.double().map(notRoundedToMinusZero)),
  field(t.float64, fc.double()),
  field(t.real, fc.oneof(fc.double(), safe)),
  field(t.integer, safe),
  field(t.bool, fc.boolean()),
  field(t.string, arbitraryText),
  field(t.symbol, arbitraryText),
  field(t.uuid, fc.uuid()),
  field(t.bytes, fc.uint8Array({ maxLength: 5 })),
  field(
    t.date,
    fc.oneof(
      instants,
      instants.map((date) => date.toISOString().replace(/T.*/, "")),
    ),
  ),
  field(t.datetime, instants),
  field(t.time, duration("nanosecond", fc.bigInt({ min: 0n, max: 86_399_999_999_999n }))),
  // The unit of times too: a union takes either for the other, and a column has one unit.
  field(t.duration, duration("nanosecond", int64)),
  field(t.weights, fc.option(arbitraryPlainWeights)),
  field(
    PointV1,
    fc.record({ x: fc.integer(), label: fc.option(arbitraryText), path: fc.array(fc.double(), { maxLength: 3 }) }),
  ),
];

const simple: fc.Arbitrary<RandomField> = fc.constantFrom(...simpleFields);
const fieldNames = fc.constantFrom("a", "b", "c", "vec", "size", "item", "key", "1", "naïve", "with space", "a.b");

function vectorOf({ type, value }: RandomField): RandomField {
  return field(t.vector(type), fc.array(value, { maxLength: 4 }));
}

function structOf(entries: readonly (readonly [string, RandomField])[]): RandomField {
  const types = Object.fromEntries(entries.map(([name, { type }]) => [name, type]));
  const values = Object.fromEntries(entries.map(([name, { value }]) => [name, value]));
  return field(t.struct(types), fc.record(values));
}

function optionalOf({ type, value }: RandomField): RandomField {
  return field(t.optional(type), fc.option(value));
}

const keyFields: readonly RandomField[] = [
  field(t.string, arbitraryText),
  field(t.int32, fc.integer()),
  field(t.uuid, fc.uuid()),
];

function mapOf(key: RandomField, { type, value }: RandomField): RandomField {
  const entries = fc.uniqueArray(fc.tuple(key.value, value), { maxLength: 3, selector: ([name]) => name });
  return field(
    t.map(key.type, type),
    entries.map((list) => new Map(list)),
  );
}

/** Field types of any depth, all but unions and `t.any`. */
export const { field: arbitraryField } = fc.letrec<{ field: RandomField }>((tie) => ({
  field: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    simple,
    tie("field").map(optionalOf),
    tie("field").map(vectorOf),
    fc
      .tuple(tie("field"), fc.nat(3))
      .map(([{ type, value }, length]) =>
        field(t.fixed(type, length), fc.array(value, { minLength: length, maxLength: length })),
      ),
    fc
      .uniqueArray(fc.tuple(fieldNames, tie("field")), { minLength: 1, maxLength: 3, selector: ([name]) => name })
      .map(structOf),
    fc
      .tuple(
        fc.constantFrom(...keyFields),
        tie("field").filter((value) => !isWeights(value)),
      )
      .map(([key, value]) => mapOf(key, value)),
  ),
}));

/** Unions of types, of which a value belongs to the first that takes it. */
export const arbitraryUnion: fc.Arbitrary<RandomField> = fc
  .uniqueArray(
    arbitraryField.filter((member) => !isWeights(member)),
    { minLength: 1, maxLength: 3, selector: ({ type }) => textOf(type) },
  )
  .map((members) => field(t.union(...members.map(({ type }) => type)), fc.oneof(...members.map(({ value }) => value))));
