/** Values in the manifest's notation, as JavaScript values. */
import { lookup } from "legolas-flux/legolas";

interface Tagged {
  readonly $type: string;
  readonly value: unknown;
  readonly values: unknown;
  readonly fields: unknown;
  readonly repr: string;
}

/** Julia's types that JSON lacks. */
const readers: Readonly<Record<string, (tagged: Tagged) => unknown>> = {
  Symbol: ({ value }) => value,
  UUID: ({ value }) => value,
  Date: ({ value }) => value,
  DateTime: ({ value }) => new Date(`${value}Z`),
  Millisecond: ({ value }) => ({ value: BigInt(value as number), unit: "millisecond" }),
  Second: ({ value }) => ({ value: BigInt(value as number), unit: "second" }),
  // Arrow has no unit of days.
  Day: ({ value }) => ({ value: BigInt(value as number) * 86_400n, unit: "second" }),
  Char: ({ value }) => (value as string).codePointAt(0),
  Nothing: () => null,
  Array: ({ values }) => values,
  Dict: ({ value }) => new Map(value as [unknown, unknown][]),
  DigitsConfigV1: ({ fields }) => fromJulia(fields),
  Rational: ({ value }) => {
    const [num, den] = (value as string).split("//");
    return { num: Number(num), den: Number(den) };
  },
  Tuple: ({ value }) => {
    const items = value as unknown[];
    const isUniform = new Set(items.map((item) => typeof item)).size === 1;
    return isUniform ? items : Object.fromEntries(items.map((item, i) => [String(i + 1), item]));
  },
};

function readSchemaVersion({ repr }: Tagged): string | undefined {
  const [, name, version] = /^SchemaVersion\("(.+)", (\d+)\)$/.exec(repr) ?? [];
  return lookup(`${name}@${version}`)?.identifier;
}

/** What a column of Julia's value is read as where its field has no declared type. */
export function fromJulia(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJulia);
  if (typeof value !== "object" || value === null) return value;
  if (!("$type" in value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJulia(item)]));
  const tagged = value as Tagged;
  if (tagged.$type.startsWith("Legolas.SchemaVersion")) return readSchemaVersion(tagged);
  const read = readers[tagged.$type];
  if (!read) throw new Error(`fromJulia: no reader of ${tagged.$type}`);
  return read(tagged);
}
