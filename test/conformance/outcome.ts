/** What a library made of a file, as its process writes it down. */
export interface Outcome {
  /** How reading failed; then nothing else is said. */
  readonly error?: string;
  readonly columns?: Readonly<Record<string, readonly unknown[]>>;
  /** Arrow types of the columns as pyarrow prints them. */
  readonly types?: Readonly<Record<string, string>>;
  /** Element types of all arrays of weights, as numpy names them. */
  readonly elementTypes?: readonly string[];
  /** Whether the library wrote the table again; the copy has the same name in a folder of the library's. */
  readonly copy?: { readonly error?: string };
}

/** What a process reads, and with which libraries. */
export interface ManifestEntry {
  readonly name: string;
  readonly format: "file" | "stream";
  readonly compression: "lz4" | "zstd" | null;
  readonly readers: readonly string[];
}

/** A file by Python that this package would not write. */
export interface ForeignFile {
  readonly title: string;
  readonly feature: string;
  readonly writer: string;
  /** Whether its rows are models. */
  readonly model: boolean;
  /** What must be refused by this name; null where everything is read. */
  readonly refused: string | null;
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
}

const oddNumbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];

/** JSON in which bigints and the numbers that JSON lacks are objects. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item) => {
    if (typeof item === "bigint") return { bigint: String(item) };
    const isOdd = typeof item === "number" && oddNumbers.some((odd) => Object.is(odd, item));
    return isOdd ? { number: Object.is(item, -0) ? "-0" : String(item) } : item;
  });
}

export function fromJson(text: string): unknown {
  return JSON.parse(text, (_, item) => {
    if (typeof item?.bigint === "string") return BigInt(item.bigint);
    return typeof item?.number === "string" ? Number(item.number) : item;
  });
}
