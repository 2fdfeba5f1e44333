/**
 * Weights whose elements are still where they are stored: in a file, behind an address, in a Blob.
 */
import type { TypedArray } from "../arrow/array-data.ts";
import { InputError } from "../errors.ts";
import { type ByteSource, readInto } from "../io/byte-source.ts";
import type { ByteRange } from "../io/read-plan.ts";
import { formatValue } from "../legolas/format-value.ts";
import { type ArraySpan, toFlatArray, unpackBits } from "./decode-weights.ts";
import { allocateElements, copyElements, type ElementType } from "./element-type.ts";
import { FlatArray } from "./flat-array.ts";
import { placeOf, planReads } from "./read-groups.ts";
import { arrayLabel, Weights } from "./weights.ts";
import { checkDigest, type WeightsParts } from "./weights-companions.ts";

/** What is known of an array before its elements are read. */
export interface ArrayInfo {
  readonly index: number;
  readonly name: string | null;
  readonly size: readonly number[];
  readonly elementType: ElementType;
  /** Bytes of the elements as they are stored; bools may share the first and the last with their neighbours. */
  readonly byteLength: number;
  /** Position of the first element in the source, or null where it is compressed or in a dictionary. */
  readonly byteOffset: number | null;
}

const readsAtOnce = 4;

/** Where elements stand that are loaded already: no read is planned for them. */
const nowhere: ByteRange = { position: 0, length: 0 };

/** Weights that are read when asked for. */
export class LazyWeights {
  readonly names: readonly string[] | null;
  readonly layout: string | null;
  readonly dtypes: readonly string[];
  /** The size of each array. */
  readonly sizes: readonly (readonly number[])[];
  /** The digests stored with the arrays, `crc32:xxxxxxxx` each; null where there are none. */
  readonly checksums: readonly string[] | null;

  /** For those who open files; use {@link openModelRow}. */
  constructor(
    private readonly source: ByteSource,
    private readonly spans: readonly ArraySpan[],
    { names, layout, dtypes, checksums }: WeightsParts,
  ) {
    this.names = names;
    this.layout = layout;
    this.dtypes = dtypes ?? spans.map(({ type }) => type);
    this.sizes = spans.map(({ size }) => size);
    this.checksums = checksums;
  }

  get length(): number {
    return this.spans.length;
  }

  /** What is known of each array. */
  list(): ArrayInfo[] {
    return this.spans.map((span, index) => {
      const place = placeOf(span);
      const byteLength = place?.length ?? toFlatArray(span).vec.byteLength;
      const { size, type: elementType } = span;
      return {
        index,
        name: this.names?.[index] ?? null,
        size,
        elementType,
        byteLength,
        byteOffset: place?.position ?? null,
      };
    });
  }

  /**
   * Reads one array.
   *
   * @param index - From 0.
   * @param into - If given, filled with the elements, and the `vec` of the result; of the array's length and its element type's class.
   * @throws {InputError} There is no such array, or `into` does not fit it.
   * @throws {FormatError} The elements do not have the digest that was stored with them.
   * @throws {SourceError} They cannot be read.
   */
  async read(index: number, into?: TypedArray): Promise<FlatArray> {
    const span = this.spans[index];
    if (!span) {
      throw new InputError({
        subject: "array",
        expected: `an index from 0 to ${this.length - 1}`,
        found: String(index),
      });
    }
    const array = into ? this.wrap(into, index) : this.allocate(index);
    await this.fill([index], () => array);
    return array;
  }

  /** Reads all arrays into new memory. @throws {FormatError | SourceError} As {@link read}. */
  async readAll(): Promise<Weights> {
    const arrays = this.spans.map((_, index) => this.allocate(index));
    await this.fill(arrays.keys(), (index) => arrays[index] as FlatArray);
    return new Weights(arrays, this);
  }

  /**
   * Reads all arrays into ones that exist already, largest reads straight into their memory.
   *
   * @param targets - One of the array's size and element type for each; `null` for those that get memory of their own.
   * @param onRead - Called with each array once it is complete, in any order.
   */
  async readInto(
    targets: readonly (FlatArray | null)[],
    onRead: (index: number, array: FlatArray) => void,
  ): Promise<void> {
    await this.fill(this.spans.keys(), (index) => targets[index] ?? this.allocate(index), onRead);
  }

  private allocate(index: number): FlatArray {
    const { type, from, to, size } = this.spanAt(index);
    return new FlatArray(allocateElements(type, to - from), size, type);
  }

  private wrap(into: TypedArray, index: number): FlatArray {
    const { type, from, to, size } = this.spanAt(index);
    const wanted = allocateElements(type, 0).constructor;
    if (into.constructor === wanted && into.length === to - from) return new FlatArray(into, size, type);
    throw new InputError({
      subject: this.label(index),
      expected: `a ${wanted.name} of ${to - from} elements to read into`,
      found: formatValue(into),
    });
  }

  private label(index: number): string {
    return arrayLabel(index, this.names?.[index]);
  }

  private async fill(
    indices: Iterable<number>,
    targetOf: (index: number) => FlatArray,
    onRead: (index: number, array: FlatArray) => void = () => {},
  ): Promise<void> {
    const wanted = [...indices];
    const places = wanted.map((index) => placeOf(this.spanAt(index)) ?? nowhere);
    const finish = (index: number, array: FlatArray): void => {
      const expected = this.checksums?.[index];
      if (expected !== undefined) checkDigest(array, expected, this.label(index));
      onRead(index, array);
    };
    for (const [i, index] of wanted.entries()) {
      if (places[i]?.length !== 0) continue;
      const array = targetOf(index);
      if (array.length > 0) copyElements(array.vec, toFlatArray(this.spanAt(index)).vec);
      finish(index, array);
    }
    await forEachAtOnce(planReads(places), readsAtOnce, async (group) => {
      const [first] = group.indices;
      const index = wanted[first as number] as number;
      if (group.indices.length === 1 && this.spanAt(index).type !== "bool") {
        const array = targetOf(index);
        await readInto(this.source, group.position, bytesOf(array));
        return finish(index, array);
      }
      const bytes = await this.source.readAt(group.position, group.length);
      for (const i of group.indices) {
        const member = wanted[i] as number;
        const array = targetOf(member);
        const { position, length } = places[i] as ByteRange;
        const start = position - group.position;
        copyStored(bytes.subarray(start, start + length), this.spanAt(member), array);
        finish(member, array);
      }
    });
  }

  private spanAt(index: number): ArraySpan {
    return this.spans[index] as ArraySpan;
  }
}

/** Copies the elements of a span from the bytes that they stand in. */
function copyStored(bytes: Uint8Array, { type, from }: ArraySpan, array: FlatArray): void {
  if (type === "bool") (array.vec as Uint8Array).set(unpackBits(bytes, from & 7, (from & 7) + array.length));
  else bytesOf(array).set(bytes);
}

function bytesOf({ vec }: FlatArray): Uint8Array {
  return new Uint8Array(vec.buffer, vec.byteOffset, vec.byteLength);
}

async function forEachAtOnce<T>(items: readonly T[], atOnce: number, run: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (const item of rest) await run(item);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
