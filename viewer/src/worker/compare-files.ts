/** What differs between two files, array by array. */
import type { LazyWeights } from "legolas-flux";
import { compareArrays } from "../../../src/inspection/compare-arrays.ts";
import type { ArrayPlace, Comparison, PairRow } from "../protocol.ts";
import { fileOf, type OpenFile } from "./open-files.ts";
import { type ArrayOf, countRead, readPair } from "./read-pieces.ts";

interface Side {
  readonly place: ArrayPlace;
  readonly weights: LazyWeights;
  readonly name: string;
  readonly shape: readonly number[];
}

type OnProgress = (done: number, all: number) => void;

/** Compares by name where all arrays of both files have names of their own, else by position. */
export async function compareFiles(
  a: number,
  b: number,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Comparison> {
  const [left, right] = [sidesOf(a), sidesOf(b)];
  const matchedBy = haveNames(left) && haveNames(right) ? "name" : "position";
  // Files of other formats have other names for their only weights.
  const hasOneColumn = [a, b].every((id) => fileOf(id).weights.size === 1);
  const positionOf = ({ column, index }: ArrayPlace): string => (hasOneColumn ? `${index}` : `${column} ${index}`);
  const keyOf = ({ name, place }: Side): string => (matchedBy === "name" ? name : positionOf(place));
  const others = new Map(right.map((side) => [keyOf(side), side]));
  const pairs: PairRow[] = [];
  for (const [done, side] of left.entries()) {
    signal.throwIfAborted();
    onProgress(done, left.length);
    const other = others.get(keyOf(side)) ?? null;
    others.delete(keyOf(side));
    pairs.push(await comparePair(side, other, signal));
  }
  for (const side of others.values()) pairs.push({ ...nothing, ...bOf(side), name: side.name, status: "only in B" });
  return { pairs, matchedBy, columns: columnsOf(fileOf(a), fileOf(b)) };
}

const nothing = { a: null, b: null, shapeA: null, shapeB: null, difference: null, sampled: null } as const;

const bOf = ({ place, shape }: Side): Pick<PairRow, "b" | "shapeB"> => ({ b: place, shapeB: shape });

const arrayOf = ({ weights, place }: Side): ArrayOf => ({ weights, index: place.index });

async function comparePair(side: Side, other: Side | null, signal: AbortSignal): Promise<PairRow> {
  const { name, place, shape } = side;
  const known = { ...nothing, name, a: place, shapeA: shape };
  if (!other) return { ...known, status: "only in A" };
  const both = { ...known, ...bOf(other) };
  if (shape.join() !== other.shape.join()) return { ...both, status: "resized" };
  const [a, b] = await readPair(arrayOf(side), arrayOf(other), signal);
  const difference = compareArrays(a.parts, b.parts);
  const read = countRead(a);
  return {
    ...both,
    status: difference.isSame ? "same" : "changed",
    difference,
    sampled: read < a.elements ? read : null,
  };
}

function sidesOf(file: number): Side[] {
  return [...fileOf(file).weights].flatMap(([column, weights]) =>
    weights.list().map(({ index, name, size }) => ({
      place: { file, column, index },
      weights,
      name: name ?? `array ${index}`,
      shape: size.toReversed(),
    })),
  );
}

function haveNames(sides: readonly Side[]): boolean {
  const names = new Set(sides.map(({ name }) => name));
  return names.size === sides.length && sides.every(({ weights }) => weights.names !== null);
}

function columnsOf(a: OpenFile, b: OpenFile): Comparison["columns"] {
  const valuesOf = ({ summary }: OpenFile): Map<string, string | null> =>
    new Map(
      summary.columns
        .filter(({ name }) => !summary.weights.some(([column]) => column === name))
        .map(({ name, value }) => [name, value]),
    );
  const [left, right] = [valuesOf(a), valuesOf(b)];
  return [...new Set([...left.keys(), ...right.keys()])].map((name) => ({
    name,
    a: left.get(name) ?? null,
    b: right.get(name) ?? null,
  }));
}
