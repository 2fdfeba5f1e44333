/**
 * Weights whose elements are still where they are stored: in a file, behind an address, in a Blob.
 */
import type { TypedArray } from "../arrow/array-data.ts";
import { InputError, SourceError } from "../errors.ts";
import { forEachAtOnce } from "../for-each-at-once.ts";
import { type ByteSource, readInto } from "../io/byte-source.ts";
import type { ByteRange } from "../io/read-plan.ts";
import { formatValue } from "../legolas/format-value.ts";
import { allocateElements, copyElements, type ElementType } from "./element-type.ts";
import { FlatArray } from "./flat-array.ts";
import { planReads, type ReadGroup } from "./read-groups.ts";
import type { StoredArray } from "./stored-array.ts";
import { arrayLabel, Weights, type WeightsOptions } from "./weights.ts";
import { checkDigest, type WeightsParts } from "./weights-companions.ts";

/** What is known of an array before its elements are read. */
export interface ArrayInfo {
  /** Position in the list of arrays, from 0. */
  readonly index: number;
  /** Null where the arrays have no names. */
  readonly name: string | null;
  /** The length of each dimension, column-major: the reverse of a row-major shape. */
  readonly size: readonly number[];
  /** The type of the elements as they are stored and read. */
  readonly elementType: ElementType;
  /** Bytes of the elements as they are stored; bools may share the first and the last with their neighbours. */
  readonly byteLength: number;
  /** Position of the first element in the source, or null where it is compressed or in a dictionary. */
  readonly byteOffset: number | null;
}

const readsAtOnce = 4;

/** Where elements stand that are loaded already: no read is planned for them. */
const nowhere: ByteRange = { position: 0, length: 0 };

/** Weights that are read when asked for, array by array: those of {@link openModelRow} and of `openSafetensors`. */
export class LazyWeights {
  /** One name for each array, or null where they have none. */
  readonly names: readonly string[] | null;
  /** The framework whose order and axes the arrays follow: `"flux"`, `"tfjs"`, `"torch"`; null for no mark, which is taken for `"flux"`. */
  readonly layout: string | null;
  /** For each array the type it had before promotion; its own element type unless the source says otherwise. */
  readonly dtypes: readonly string[];
  /** The size of each array, column-major: the reverse of a row-major shape. */
  readonly sizes: readonly (readonly number[])[];
  /** The digests stored with the arrays, `crc32:xxxxxxxx` each; null where there are none. */
  readonly checksums: readonly string[] | null;

  /** @internal */
  constructor(
    private readonly source: ByteSource,
    private readonly stored: readonly StoredArray[],
    { names, layout, dtypes, checksums }: WeightsParts,
  ) {
    this.names = names;
    this.layout = layout;
    this.dtypes = dtypes ?? stored.map(({ type }) => type);
    this.sizes = stored.map(({ size }) => size);
    this.checksums = checksums;
  }

  /** The number of arrays. */
  get length(): number {
    return this.stored.length;
  }

  /**
   * The same arrays, which stay where they are stored, with other names, layout or types before promotion.
   *
   * @param parts - What is absent stays as it is; null takes names or layout away.
   */
  with({
    names = this.names,
    layout = this.layout,
    dtypes = this.dtypes,
  }: Pick<WeightsOptions, "names" | "layout" | "dtypes">): LazyWeights {
    return new LazyWeights(this.source, this.stored, { names, layout, dtypes, checksums: this.checksums });
  }

  /** What is known of each array, in order. */
  list(): ArrayInfo[] {
    return this.stored.map((array, index) => {
      const { size, type: elementType, place } = array;
      return {
        index,
        name: this.names?.[index] ?? null,
        size,
        elementType,
        byteLength: place?.length ?? array.loaded?.().vec.byteLength ?? 0,
        byteOffset: place?.position ?? null,
      };
    });
  }

  /**
   * Reads one array, into new memory or into an array that exists.
   *
   * @param index - From 0.
   * @param into - If given, filled with the elements, and the `vec` of the result; of the array's length and its element type's class.
   * @throws {InputError} There is no such array, or `into` does not fit it.
   * @throws {FormatError} The elements do not have the digest that was stored with them.
   * @throws {SourceError} They cannot be read.
   */
  async read(index: number, into?: TypedArray): Promise<FlatArray> {
    this.checkIndex(index);
    const array = into ? this.wrap(into, index) : this.allocate(index);
    await this.fill([index], () => array);
    return array;
  }

  /**
   * Reads some elements of one array, in their column-major order. No digest is checked, for it is of the whole array.
   *
   * @param index - Of the array, from 0.
   * @param from - The first element, from 0.
   * @param to - The one after the last.
   * @returns New memory, of one dimension.
   * @throws {InputError} There is no such array, or it has no such elements.
   * @throws {FormatError | SourceError} As {@link LazyWeights.read}.
   */
  async readPart(index: number, from: number, to: number): Promise<FlatArray> {
    this.checkIndex(index);
    const stored = this.storedAt(index);
    if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && 0 <= from && from <= to && to <= stored.length)) {
      throw new InputError({
        subject: this.label(index),
        expected: `elements from 0 to ${stored.length}`,
        found: `${from} to ${to}`,
      });
    }
    const names = this.names && [this.names[index] as string];
    const parts = { names, layout: this.layout, dtypes: [this.dtypes[index] as string], checksums: null };
    return new LazyWeights(this.source, [stored.part(from, to)], parts).read(0);
  }

  /**
   * Reads some arrays into new memory, neighbours together.
   *
   * @param indices - From 0, in any order.
   * @returns The arrays in the order of the indices.
   * @throws {InputError | FormatError | SourceError} As {@link LazyWeights.read}.
   */
  async readMany(indices: readonly number[]): Promise<FlatArray[]> {
    for (const index of indices) this.checkIndex(index);
    const arrays = new Map(indices.map((index) => [index, this.allocate(index)]));
    await this.fill(arrays.keys(), (index) => arrays.get(index) as FlatArray);
    return indices.map((index) => arrays.get(index) as FlatArray);
  }

  /** Reads all arrays into new memory. @throws {FormatError | SourceError} As {@link LazyWeights.read}. */
  async readAll(): Promise<Weights> {
    return new Weights(await this.readMany([...this.stored.keys()]), this);
  }

  /**
   * Reads all arrays into ones that exist already, large ones straight into their memory. Nothing is checked before: what is read when reading
   * fails stays in them.
   *
   * @param targets - One of the array's size and element type for each; `null` for those that get memory of their own.
   * @param onRead - Called with each array once it is complete, in any order.
   * @throws {FormatError | SourceError} As {@link LazyWeights.read}.
   */
  async readInto(
    targets: readonly (FlatArray | null)[],
    onRead: (index: number, array: FlatArray) => void,
  ): Promise<void> {
    await this.fill(this.stored.keys(), (index) => targets[index] ?? this.allocate(index), onRead);
  }

  private checkIndex(index: number): void {
    if (this.stored[index]) return;
    throw new InputError({
      subject: "array",
      expected: `an index from 0 to ${this.length - 1}`,
      found: String(index),
    });
  }

  private allocate(index: number): FlatArray {
    const { type, length, size } = this.storedAt(index);
    try {
      return new FlatArray(allocateElements(type, length), size, type);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      const action = `reading ${this.label(index)}, ${length} elements of ${type}, from`;
      throw new SourceError(this.source.location, action, cause, "There is not enough memory for it in this process");
    }
  }

  private wrap(into: TypedArray, index: number): FlatArray {
    const { type, length, size } = this.storedAt(index);
    const wanted = allocateElements(type, 0).constructor;
    if (into.constructor === wanted && into.length === length) return new FlatArray(into, size, type);
    throw new InputError({
      subject: this.label(index),
      expected: `a ${wanted.name} of ${length} elements to read into`,
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
    const placed = [...indices].map((index) => ({ index, place: this.storedAt(index).place ?? nowhere }));
    // Formats may list arrays in another order than that in which they stand.
    placed.sort((a, b) => a.place.position - b.place.position);
    const finish = (index: number, array: FlatArray): void => {
      const expected = this.checksums?.[index];
      if (expected !== undefined) checkDigest(array, expected, this.label(index));
      onRead(index, array);
    };
    for (const { index, place } of placed) {
      if (place.length !== 0) continue;
      const array = targetOf(index);
      const loaded = array.length > 0 ? this.storedAt(index).loaded?.() : null;
      if (loaded) copyElements(array.vec, loaded.vec);
      finish(index, array);
    }
    const places = placed.map(({ place }) => place);
    await forEachAtOnce(planReads(places), readsAtOnce, async (group) => {
      const members = group.indices.map((i) => placed[i] as Placed);
      await this.readGroup(group, members, targetOf, finish);
    });
  }

  private async readGroup(
    group: ReadGroup,
    members: readonly Placed[],
    targetOf: (index: number) => FlatArray,
    finish: (index: number, array: FlatArray) => void,
  ): Promise<void> {
    const [first, ...rest] = members as [Placed, ...Placed[]];
    const alone = rest.length === 0 ? targetOf(first.index) : null;
    const landing = alone && this.storedAt(first.index).landing(alone.vec);
    if (alone && landing) {
      await readInto(this.source, group.position, landing);
      this.storedAt(first.index).unpack(alone.vec, landing);
      return finish(first.index, alone);
    }
    const bytes = await this.source.readAt(group.position, group.length);
    for (const { index, place } of members) {
      const array = alone ?? targetOf(index);
      const stored = this.storedAt(index);
      const start = place.position - group.position;
      const part = bytes.subarray(start, start + place.length);
      stored.landing(array.vec)?.set(part);
      stored.unpack(array.vec, part);
      finish(index, array);
    }
  }

  private storedAt(index: number): StoredArray {
    return this.stored[index] as StoredArray;
  }
}

/** An array and where its elements stand. */
interface Placed {
  readonly index: number;
  readonly place: ByteRange;
}
