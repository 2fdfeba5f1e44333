/** What is known of weights without their values, and with them where asked for. */
import type { ArrayInfo, LazyWeights } from "../index.ts";
import { type ArrayStatistics, statisticsOf } from "./array-statistics.ts";

export interface ArrayReport {
  readonly index: number;
  readonly name: string | null;
  /** Before promotion, where it was another one. */
  readonly type: string;
  readonly storedType: string;
  /** In column-major order, as on disk. */
  readonly size: readonly number[];
  /** The same for row-major readers: the reverse. */
  readonly shape: readonly number[];
  /** As stored; of a compressed array, in memory. */
  readonly bytes: number;
  /** In the file; null where it is compressed. */
  readonly offset: number | null;
  readonly digest?: string;
  readonly statistics?: ArrayStatistics;
}

export interface Tally {
  readonly arrays: number;
  readonly parameters: number;
}

export interface WeightsReport extends Tally {
  /** As the file marks it; null where it does not, which means Flux's. */
  readonly layout: string | null;
  /** Of all arrays once they are loaded. */
  readonly memoryBytes: number;
  readonly byType: Readonly<Record<string, Tally>>;
  /** By the beginning of their names, up to where those differ; empty where there are no names. */
  readonly byGroup: Readonly<Record<string, Tally>>;
  readonly checksums: boolean;
  readonly list?: readonly ArrayReport[];
}

export interface ValueOptions {
  readonly stats: boolean;
  readonly digest: boolean;
  /** Called after each array that was read. */
  readonly onRead: (bytes: number) => void;
}

const bytesOfType = (type: string): number => (type === "bool" ? 1 : Number(/\d+$/.exec(type)?.[0] ?? 8) / 8);

function lengthOf(size: readonly number[]): number {
  return size.reduce((total, dimension) => total * dimension, 1);
}

/** The path of a name: layers and what is inside them. */
export function pathOf(name: string): string[] {
  return name.split(name.includes("/") ? "/" : ".");
}

/** Groups of arrays: names up to the first part in which they differ. Null where an array has no name. */
function groupsOf(infos: readonly ArrayInfo[]): (info: ArrayInfo) => string | null {
  const paths = infos.map(({ name }) => pathOf(name ?? ""));
  const [first = []] = paths;
  const shared = first.findIndex((part, i) => paths.some((path) => path.length <= i + 2 || path[i] !== part));
  return ({ name }) => {
    if (name === null) return null;
    const parts = Math.max(shared, 0) + 1;
    return pathOf(name)
      .slice(0, parts)
      .join(name.includes("/") ? "/" : ".");
  };
}

function tallyBy(infos: readonly ArrayInfo[], keyOf: (info: ArrayInfo) => string | null): Record<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const info of infos) {
    const key = keyOf(info);
    if (key === null) continue;
    const { arrays, parameters } = tallies.get(key) ?? { arrays: 0, parameters: 0 };
    tallies.set(key, { arrays: arrays + 1, parameters: parameters + lengthOf(info.size) });
  }
  return Object.fromEntries(tallies);
}

/** The report of weights without the list of their arrays. */
export function summarizeWeights(weights: LazyWeights): WeightsReport {
  const infos = weights.list();
  const parameters = infos.reduce((sum, { size }) => sum + lengthOf(size), 0);
  return {
    arrays: infos.length,
    parameters,
    layout: weights.layout,
    memoryBytes: infos.reduce((sum, { size, elementType }) => sum + lengthOf(size) * bytesOfType(elementType), 0),
    byType: tallyBy(infos, ({ index, elementType }) => weights.dtypes[index] ?? elementType),
    byGroup: tallyBy(infos, groupsOf(infos)),
    checksums: weights.checksums !== null,
  };
}

/** The whole report; values are read array by array, and only if asked for. */
export async function reportWeights(weights: LazyWeights, options: ValueOptions): Promise<WeightsReport> {
  const list: ArrayReport[] = [];
  for (const { index, name, size, elementType, byteLength, byteOffset } of weights.list()) {
    list.push({
      index,
      name,
      type: weights.dtypes[index] ?? elementType,
      storedType: elementType,
      size,
      shape: size.toReversed(),
      bytes: byteLength,
      offset: byteOffset,
      ...(await valuesOf(weights, index, options)),
    });
    options.onRead(byteLength);
  }
  return { ...summarizeWeights(weights), list };
}

async function valuesOf(
  weights: LazyWeights,
  index: number,
  { stats, digest }: ValueOptions,
): Promise<Partial<Pick<ArrayReport, "digest" | "statistics">>> {
  if (!stats && !digest) return {};
  const array = await weights.read(index);
  return { ...(digest && { digest: array.checksum() }), ...(stats && { statistics: statisticsOf([array]) }) };
}
