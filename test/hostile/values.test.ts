/** Values that storage does not have: refused when they are written, or kept; never changed without a word. */
import { decodeModelRow, encodeModelRow, FlatArray, ModelV1, Weights, type WeightsOptions } from "legolas-flux";
import { decodeTable, encodeTable, isLegolasError, schema, t } from "legolas-flux/legolas";
import { describe, expect, it } from "vitest";

interface Case {
  readonly what: string;
  readonly value: unknown;
  readonly write: () => Uint8Array;
  readonly read: (bytes: Uint8Array) => unknown;
}

const half = "half \ud800 pair";
const array = new FlatArray(Float32Array.of(1), [1]);
const EmptyV1 = schema("test.no-fields").version(1, {});

/** A value in a column that the schema does not declare, alone or with others. */
function undeclared(what: string, ...values: unknown[]): Case {
  return {
    what,
    value: values,
    write: () =>
      encodeTable(
        values.map((value) => ({ value })),
        EmptyV1,
      ),
    read: (bytes) => decodeTable(bytes).column("value"),
  };
}

function ofWeights(what: string, options: WeightsOptions, value: (weights: Weights) => unknown): Case {
  const weights = new Weights([array], options);
  return {
    what,
    value: value(weights),
    write: () => encodeModelRow({ weights }),
    read: (bytes) => value(decodeModelRow(bytes).weights as Weights),
  };
}

function nested(depth: number): Case {
  let type: Parameters<typeof t.vector>[0] = t.int8;
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) [type, value] = [t.vector(type), [value]];
  const DeepV1 = schema("test.very-deep").version(1, { fields: { deep: type } });
  return {
    what: "a nesting deeper than readers allow",
    value: [value],
    write: () => encodeTable([{ deep: value }], DeepV1),
    read: (bytes) => decodeTable(bytes).column("deep"),
  };
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;
const bools = new Weights([new FlatArray(Uint8Array.of(2, 0), [2], "bool")]);

const cases: readonly Case[] = [
  {
    what: "a bool that is neither 0 nor 1",
    value: [2, 0],
    write: () => encodeModelRow({ weights: bools }),
    read: (bytes) => [...(decodeModelRow(bytes).weights?.at(0)?.vec ?? [])],
  },
  ofWeights("half a surrogate pair in a name of weights", { names: [half] }, ({ names }) => names),
  ofWeights("half a surrogate pair in a layout", { layout: half }, ({ layout }) => layout),
  ofWeights("half a surrogate pair in a dtype", { dtypes: [half] }, ({ dtypes }) => dtypes),
  {
    what: "half a surrogate pair in the name of a column",
    value: [half],
    write: () => encodeTable([{ [half]: 1 }], EmptyV1),
    read: (bytes) => decodeTable(bytes).columnNames,
  },
  {
    what: "half a surrogate pair in metadata",
    value: half,
    write: () => encodeModelRow(ModelV1({}), ModelV1, { metadata: { note: half } }),
    read: (bytes) => decodeTable(bytes).metadata.get("note"),
  },
  undeclared("half a surrogate pair", half),
  undeclared("half a surrogate pair as a key", { [half]: 1 }),
  undeclared("an integer beyond 64 bits", 2n ** 70n),
  undeclared("a function", encodeTable),
  undeclared("a symbol", Symbol.iterator),
  undeclared("an instance of a class", new (class Thing {})()),
  undeclared("an invalid date", new Date(Number.NaN)),
  undeclared("a cycle", cycle),
  undeclared("a typed array of large integers", [2n ** 64n - 1n], BigUint64Array.of(1n)),
  undeclared("a list with null among numbers", [1, null, 2]),
  undeclared("a sparse duration", { value: 2n ** 63n, unit: "second" }),
  undeclared(
    "durations whose common unit is too fine",
    { value: 2n ** 60n, unit: "second" },
    { value: 1n, unit: "nanosecond" },
  ),
  undeclared("maps of several kinds", new Map<unknown, unknown>([[1, "a"]]), new Map<unknown, unknown>([["b", 2]])),
  nested(70),
];

describe("a value that storage does not have is refused when it is written, or comes back as it was", () => {
  it("in enough forms", () => {
    expect(cases).toHaveLength(20);
  });

  it.each(cases)("$what", ({ value, write, read }) => {
    let bytes: Uint8Array;
    try {
      bytes = write();
    } catch (error) {
      expect(isLegolasError(error), String(error)).toBe(true);
      return;
    }
    expect(read(bytes)).toEqual(value);
  });
});
