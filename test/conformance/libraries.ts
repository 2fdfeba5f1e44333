/** The libraries that read what this package writes, and what they are known to make of it. */
import { decodeTable, type Field } from "legolas-flux/legolas";
import type { WrittenFile } from "./written-file.ts";

/** A deviation from reading every value as it is; seen otherwise, it fails the run. */
export interface KnownDeviation {
  /** The files it is about, and no others. */
  readonly of: (file: WrittenFile) => boolean;
  /** What stands in the table. */
  readonly note: string;
  /** What the library says where it refuses. */
  readonly refuses?: RegExp;
  /** How it sees the values of a column, where it reads. */
  readonly as?: (values: readonly unknown[], column: string) => readonly unknown[];
}

export interface Library {
  readonly name: string;
  readonly language: "python" | "node";
  /** Its package, whose version stands in the documentation. */
  readonly package: string;
  /** Files it is asked to read; by default all. */
  readonly reads?: (file: WrittenFile) => boolean;
  /** The columns it makes something of; by default all. */
  readonly columns?: readonly string[];
  readonly deviations: readonly KnownDeviation[];
  /** Deviations of tables that it wrote again, as we read them. */
  readonly copies: readonly KnownDeviation[];
}

const feature =
  (...features: readonly string[]) =>
  (file: WrittenFile): boolean =>
    features.includes(file.feature);

const titled =
  (pattern: RegExp) =>
  ({ name }: WrittenFile): boolean =>
    pattern.test(name);

const hasUnion = feature("unions");
const isCompressed = feature("compression: lz4", "compression: zstd");

/** Whether a value is somewhere in a column. */
const holds =
  (sought: unknown) =>
  ({ columns }: WrittenFile): boolean => {
    const isIn = (value: unknown): boolean => {
      if (typeof value !== "object" || value === null) return Object.is(value, sought);
      return Object.values(value).some(isIn);
    };
    return isIn(columns);
  };

/** Whether a value is a map of texts as this suite writes them: pairs, and not a list of such lists. */
function isMap(value: readonly unknown[]): boolean {
  return value.every((entry) => Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string");
}

/** Maps at any depth as the lists of structs that they are in the format. */
function mapsAsStructs(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapsAsStructs(item)]));
  }
  return isMap(value) ? value.map(([key, item]) => ({ key, value: mapsAsStructs(item) })) : value.map(mapsAsStructs);
}

/** A map, or one that is missing, as polars for Node reads it. */
function emptyMap(value: unknown): unknown {
  return value === null ? [] : mapsAsStructs(value);
}

/** The same for the maps in a list, or of a struct's field `inner`. */
function emptyMapsWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(emptyMap);
  return value === null ? null : { ...value, inner: emptyMap((value as { inner: unknown }).inner) };
}

/** Whether a table has a column, or a part of one, of a type. */
const hasType =
  (...kinds: readonly Field["type"]["kind"][]) =>
  ({ bytes }: WrittenFile): boolean => {
    const isOne = ({ type, children }: Field): boolean => kinds.includes(type.kind) || children.some(isOne);
    return decodeTable(bytes, { validate: false }).schema.fields.some(isOne);
  };

/** pandas has no integers that may be missing. */
function asFloats(values: readonly unknown[], column: string): readonly unknown[] {
  if (column !== "architecture_version" || !values.includes(null)) return values;
  return values.map((value) => (value === null ? null : Number(value)));
}

/** Whether pandas makes floats of the integers of a model row. */
function hasMissingVersion({ columns: { architecture_version: versions } }: WrittenFile): boolean {
  return versions === undefined || versions.includes(null);
}

export const libraries: readonly Library[] = [
  { name: "pyarrow", language: "python", package: "pyarrow", deviations: [], copies: [] },
  {
    name: "pandas",
    language: "python",
    package: "pandas",
    reads: (file) => file.format === "file" && (file.isWeights || file.feature.startsWith("a schema")),
    deviations: [
      { of: hasMissingVersion, as: asFloats, note: "`architecture_version` as floats where some are missing" },
    ],
    copies: [
      {
        of: hasMissingVersion,
        refuses: /architecture_version.*float64/s,
        note: "refused: `architecture_version` became float64",
      },
      { of: holds(Number.NaN), refuses: /not null/, note: "refused: NaN among the elements became null" },
    ],
  },
  {
    name: "numpy",
    language: "python",
    package: "numpy",
    reads: ({ isWeights }) => isWeights,
    columns: ["weights"],
    deviations: [],
    copies: [],
  },
  {
    name: "polars",
    language: "python",
    package: "polars",
    deviations: [{ of: hasUnion, refuses: /Union/, note: "refused: has no unions" }],
    copies: [
      { of: feature("UUIDs"), refuses: /expected .*uuid.*found .*binary/s, note: "refused: UUIDs became binary" },
    ],
  },
  {
    name: "DuckDB",
    language: "python",
    package: "duckdb",
    deviations: [
      { of: hasUnion, refuses: /Union/, note: "refused: takes no dense unions" },
      { of: titled(/float16/), refuses: /Unsupported Internal Arrow Type e/, note: "refused: takes no float16" },
      {
        of: (file) => file.feature === "durations" && holds(-(2n ** 63n))(file),
        refuses: /Could not convert Interval/,
        note: "refused beyond 292,000 years",
      },
    ],
    copies: [
      { of: feature("UUIDs"), refuses: /expected .*uuid.*found .*binary/s, note: "refused: UUIDs became binary" },
      {
        of: feature("durations"),
        refuses: /expected .*duration.*found .*interval/s,
        note: "refused: durations became intervals",
      },
    ],
  },
  {
    name: "apache-arrow",
    language: "node",
    package: "apache-arrow",
    deviations: [{ of: isCompressed, refuses: /codec not found/, note: "refused: needs a codec of yours" }],
    copies: [],
  },
  {
    name: "flechette",
    language: "node",
    package: "@uwdata/flechette",
    deviations: [{ of: isCompressed, refuses: /Missing compression codec/, note: "refused: needs a codec of yours" }],
    copies: [],
  },
  {
    name: "arrow-rs",
    language: "node",
    package: "parquet-wasm",
    reads: ({ format }) => format === "stream",
    deviations: [
      {
        of: titled(/compression.*elements/),
        refuses: /requires the (lz4|zstd) feature/,
        note: "refused: built without codecs",
      },
    ],
    copies: [],
  },
  {
    name: "nodejs-polars",
    language: "node",
    package: "nodejs-polars",
    deviations: [
      { of: hasUnion, refuses: /Union/, note: "refused: has no unions" },
      {
        of: titled(/^maps-map-in-.*null/),
        as: (values) => values.map(emptyMapsWithin),
        note: "maps as lists of structs, missing ones as empty",
      },
      {
        of: titled(/^maps-.*null/),
        as: (values) => values.map(emptyMap),
        note: "maps as lists of structs, missing ones as empty",
      },
      { of: hasType("map"), as: (values) => values.map(mapsAsStructs), note: "maps as lists of structs" },
    ],
    copies: [
      {
        of: hasType("map", "fixedSizeBinary"),
        refuses: /expected (.*map.* found .*struct|.*uuid.* found .*(large binary|binary view))/s,
        note: "refused: maps became lists of structs, UUIDs binary",
      },
    ],
  },
];
