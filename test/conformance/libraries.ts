/** The libraries that read what this package writes, and what they are known to make of it. */
import type { WrittenFile } from "./written-file.ts";

/** A deviation from reading every value as it is; seen otherwise, it fails the run. */
interface KnownDeviation {
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

const hasUnion = feature("unions");
const hasMap = ({ name }: WrittenFile): boolean => /map/.test(name);
const isPacked = ({ name }: WrittenFile): boolean => /compression.*elements/.test(name);

/** A map read as a list of structs. */
function mapsAsStructs(values: readonly unknown[]): readonly unknown[] {
  return values.map((value) => {
    if (!Array.isArray(value)) return value;
    return value.map((entry) => (Array.isArray(entry) ? { key: entry[0], value: entry[1] } : entry));
  });
}

export const libraries: readonly Library[] = [
  { name: "pyarrow", language: "python", package: "pyarrow", deviations: [], copies: [] },
  {
    name: "pandas",
    language: "python",
    package: "pandas",
    reads: (file) => file.format === "file" && (file.isWeights || file.feature.startsWith("a schema")),
    deviations: [],
    copies: [],
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
    deviations: [{ of: hasUnion, refuses: /Union/, note: "refused: no unions" }],
    copies: [],
  },
  {
    name: "DuckDB",
    language: "python",
    package: "duckdb",
    deviations: [
      { of: hasUnion, refuses: /Union/, note: "refused: no dense unions" },
      {
        of: ({ name }) => /float16/.test(name),
        refuses: /Unsupported Internal Arrow Type e/,
        note: "refused: no float16",
      },
    ],
    copies: [],
  },
  {
    name: "apache-arrow",
    language: "node",
    package: "apache-arrow",
    deviations: [{ of: isPacked, refuses: /codec not found/, note: "refused: needs a codec of yours" }],
    copies: [],
  },
  {
    name: "flechette",
    language: "node",
    package: "@uwdata/flechette",
    deviations: [{ of: isPacked, refuses: /Missing compression codec/, note: "refused: needs a codec of yours" }],
    copies: [],
  },
  {
    name: "arrow-rs",
    language: "node",
    package: "parquet-wasm",
    reads: ({ format }) => format === "stream",
    deviations: [{ of: isPacked, refuses: /requires the (lz4|zstd) feature/, note: "refused: built without codecs" }],
    copies: [],
  },
  {
    name: "nodejs-polars",
    language: "node",
    package: "nodejs-polars",
    deviations: [
      { of: hasUnion, refuses: /Union/, note: "refused: no unions" },
      { of: hasMap, as: mapsAsStructs, note: "as lists of structs" },
    ],
    copies: [],
  },
];
