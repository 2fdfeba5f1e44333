/** What the page and its worker say to each other: plain values, every text as it stands in the file unless said otherwise. */
import type { ArrayStatistics } from "../../src/inspection/array-statistics.ts";
import type { ArrayDifference } from "../../src/inspection/compare-arrays.ts";
import type { WeightsReport } from "../../src/inspection/weights-report.ts";

/** A file that somebody chose, an address, or the name of a file that this browser keeps. */
export type FileSource = File | string | { readonly kept: string };

/** A file that this browser keeps. */
export interface KeptFile {
  readonly name: string;
  readonly size: number;
  /** When it was kept, in milliseconds since 1970. */
  readonly modified: number;
}

/** Of bytes; the total is what is known so far. */
export type OnBytes = (progress: { readonly bytes: number; readonly totalBytes: number }) => void;

/** What a call gives: errors are values, for a message between threads would strip them. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure };

export interface Failure {
  /** The class of the error. */
  readonly name: string;
  readonly message: string;
}

export interface ColumnSummary {
  readonly name: string;
  readonly type: string;
  /** For people, escaped; null where the column is not read. */
  readonly value: string | null;
}

/** Metadata of a file, and one of its rows. */
export interface FileSummary {
  /** By which later calls name the file. */
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly format: string;
  readonly schema: { readonly version: string; readonly ancestors: readonly string[] } | null;
  readonly provider: string | null;
  readonly metadata: readonly (readonly [key: string, value: string])[];
  readonly columns: readonly ColumnSummary[];
  readonly rowCount: number;
  /** Null where the table has no rows. */
  readonly row: number | null;
  /** By column; null where they are missing. */
  readonly weights: readonly (readonly [column: string, weights: WeightsReport | null])[];
}

/** An array of an open file. */
export interface ArrayPlace {
  readonly file: number;
  readonly column: string;
  readonly index: number;
}

/** Which axes of a convolution's kernel, in row-major order, are its output channels, its input channels and its space. */
export type KernelOrder = "channels first" | "channels last";

/** How the elements of an array are laid out as a picture. */
export type PictureKind = "matrix" | KernelOrder;

/** Numbers in a grid, row by row. */
export interface Picture {
  readonly kind: PictureKind;
  readonly width: number;
  readonly height: number;
  /** NaN for cells without an element, Infinity for those with one that is not finite. */
  readonly cells: Float32Array;
  /** The largest |cell| but for outliers: where colours are full. Never zero. */
  readonly full: number;
  /** What rows, columns and cells are. */
  readonly caption: string;
}

/** What is shown of an array. */
export interface ArrayView {
  readonly place: ArrayPlace;
  readonly statistics: ArrayStatistics;
  readonly elements: number;
  /** How many of them were read. */
  readonly read: number;
  readonly pieces: number;
  readonly picture: Picture | null;
  /** The kinds of pictures that the array can be shown as. */
  readonly kinds: readonly PictureKind[];
  readonly milliseconds: number;
}

export type PairStatus = "same" | "changed" | "resized" | "only in A" | "only in B";

/** An array of two files, or of one of them. */
export interface PairRow {
  readonly name: string;
  readonly status: PairStatus;
  readonly a: ArrayPlace | null;
  readonly b: ArrayPlace | null;
  /** Row-major. */
  readonly shapeA: readonly number[] | null;
  readonly shapeB: readonly number[] | null;
  /** Null where there is nothing to compare. */
  readonly difference: ArrayDifference | null;
  /** How many elements of each were read, if not all. */
  readonly sampled: number | null;
}

export interface Comparison {
  readonly pairs: readonly PairRow[];
  readonly matchedBy: "name" | "position";
  readonly columns: readonly { readonly name: string; readonly a: string | null; readonly b: string | null }[];
}

/** Both arrays of a pair, and the picture of B - A. */
export interface PairView {
  readonly a: ArrayView;
  readonly b: ArrayView;
  readonly difference: Picture | null;
}

/** A value of a run: what is shown, and what it is sorted and drawn by. */
export interface RunValue {
  /** For people, escaped. */
  readonly text: string;
  readonly number: number | null;
}

export interface Run {
  /** Position in the list of sources. */
  readonly source: number;
  readonly name: string;
  readonly row: number;
  readonly values: Readonly<Record<string, RunValue>>;
}

export interface Runs {
  /** Names of the columns with simple values, in the order of their first appearance. */
  readonly columns: readonly string[];
  readonly runs: readonly Run[];
  readonly failures: readonly { readonly name: string; readonly error: Failure }[];
}

/** The colours of a picture, for the page's appearance. */
export type Appearance = "light" | "dark";

/** What the worker does. Of reads for the page, a new one ends the one before. */
export interface ViewerWorker {
  /** Reads metadata only, but for an address that gives only the whole file. */
  open(source: FileSource, row: number, onProgress: OnBytes): Promise<Outcome<FileSummary>>;
  close(file: number): Promise<void>;
  view(place: ArrayPlace, kind: PictureKind | null): Promise<Outcome<ArrayView>>;
  paint(picture: Picture, appearance: Appearance): Promise<ImageBitmap>;
  compare(a: number, b: number, onProgress: (done: number, all: number) => void): Promise<Outcome<Comparison>>;
  viewPair(a: ArrayPlace, b: ArrayPlace, kind: PictureKind | null): Promise<Outcome<PairView>>;
  /** Keeps a file in this browser, byte for byte, in the place of the one of its name. */
  keep(source: File | string, onProgress: OnBytes): Promise<Outcome<void>>;
  listKept(): Promise<Outcome<readonly KeptFile[]>>;
  removeKept(name: string): Promise<Outcome<void>>;
  listRuns(sources: readonly FileSource[], onProgress: (done: number) => void): Promise<Outcome<Runs>>;
}
