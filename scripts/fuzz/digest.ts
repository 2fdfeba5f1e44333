/**
 * What was read, in a few numbers, so that a mutant can be compared with its original.
 *
 * Three hashes are kept apart: structure (types, lengths, nulls, shapes), texts (names, metadata, strings) and values (numbers, dates,
 * bytes); a fourth holds the elements of weights alone.
 */
import { type FlatArray, Weights } from "legolas-flux";
import type { ArrowSchema, Field } from "legolas-flux/legolas";

/** How what was read differs from the original; the first of these that applies. */
export type Difference = "none" | "structure" | "texts" | "values";

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

export class Digest {
  structure = 1;
  texts = 1;
  values = 1;
  weights = 1;
  /** Values that were counted, elements of typed arrays not among them. */
  elements = 0;
  /** Bytes of typed arrays. */
  bytes = 0;

  /** Takes in the schema of a table. */
  schema({ fields, metadata }: ArrowSchema): void {
    this.metadata(metadata);
    this.shape(fields.length);
    for (const field of fields) this.field(field);
  }

  private field({ name, type, nullable, children, dictionary, metadata }: Field): void {
    this.text(name);
    this.metadata(metadata);
    this.structure = mixText(this.structure, JSON.stringify(type));
    this.shape(Number(nullable));
    if (dictionary) this.shape(Number(dictionary.id), dictionary.indexType.bitWidth);
    this.shape(children.length);
    for (const child of children) this.field(child);
  }

  private metadata(metadata: ReadonlyMap<string, string>): void {
    this.texts = mix(this.texts, metadata.size);
    for (const [key, value] of metadata) {
      this.text(key);
      this.text(value);
    }
  }

  /** Takes in a value of any kind that reading gives. */
  value(value: unknown): void {
    this.elements += 1;
    if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.text(value);
    else if (typeof value === "object") this.object(value);
    else this.values = mixText(this.values, String(value));
  }

  private object(value: object | null): void {
    if (value === null) this.shape(92);
    else if (value instanceof Date) this.number(value.getTime());
    else if (ArrayBuffer.isView(value)) this.typedArray(value);
    else if (value instanceof Weights) this.arrays(value);
    else if (Array.isArray(value) || value instanceof Map) this.list(value);
    else this.fields(value);
  }

  private fields(value: object): void {
    this.shape(93);
    for (const [key, item] of Object.entries(value)) {
      this.text(key);
      this.value(item);
    }
  }

  private list(list: readonly unknown[] | ReadonlyMap<unknown, unknown>): void {
    this.shape(94, list instanceof Map ? list.size : (list as readonly unknown[]).length);
    for (const item of list) this.value(item);
  }

  private typedArray(array: ArrayBufferView): void {
    this.shape(95, array.byteLength);
    this.bytes += array.byteLength;
    this.values = mixBytes(this.values, bytesOf(array));
  }

  private arrays({ arrays, names, layout, dtypes }: Weights): void {
    for (const array of arrays) this.flatArray(array);
    this.value([names, layout, dtypes]);
  }

  private flatArray({ vec, size, elementType }: FlatArray): void {
    this.shape(96, ...size);
    this.structure = mixText(this.structure, elementType);
    this.weights = mixBytes(this.weights, bytesOf(vec));
    this.typedArray(vec);
  }

  private number(value: number): void {
    scratch[0] = value;
    this.values = mix(mix(this.values, words[0] as number), words[1] as number);
  }

  private text(text: string): void {
    this.texts = mixText(mix(this.texts, text.length), text);
  }

  private shape(...numbers: readonly number[]): void {
    for (const number of numbers) this.structure = mix(this.structure, number);
  }

  differenceFrom(original: Digest): Difference {
    if (this.structure !== original.structure) return "structure";
    if (this.texts !== original.texts) return "texts";
    return this.values === original.values ? "none" : "values";
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function mixText(hash: number, text: string): number {
  let mixed = hash;
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193);
  return mix(mixed, text.length);
}

function mixBytes(hash: number, bytes: Uint8Array): number {
  let mixed = hash;
  for (const byte of bytes) mixed = Math.imul(mixed ^ byte, 0x01000193);
  return mix(mixed, bytes.length);
}
