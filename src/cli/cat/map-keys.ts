/** Keys of maps as they are stored, told apart as a Map tells its keys. */
import type { LegolasTable } from "../../legolas.ts";

export type StoredArray = NonNullable<LegolasTable<object>["data"]["columns"][number]>[number];

type KeyReader = (index: number) => unknown;

/** Whether the bit of an element is set, of bools and of what is there. */
function bitAt(bits: ArrayLike<number>, index: number): boolean {
  return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

export function isPresent({ validity }: StoredArray, index: number): boolean {
  return validity === null || bitAt(validity, index);
}

/** Reads keys as values that are one key to a Map where theirs are. Those that are objects are keys of their own; a dictionary shares its own. */
export function keyReader(keys: StoredArray): KeyReader {
  const read = keys.dictionary ? entryReader(keys, keys.dictionary) : plainReader(keys);
  return (index) => (isPresent(keys, index) ? read(index) : null);
}

function entryReader({ values }: StoredArray, dictionary: readonly StoredArray[]): KeyReader {
  // What a dictionary repeats is one key as well, wherever it stands.
  const entries = dictionary.flatMap((part) => {
    const read = keyReader(part);
    return Array.from({ length: part.length }, (_, i) => read(i));
  });
  return (index) => entries[Number(values?.[index])];
}

function plainReader(keys: StoredArray): KeyReader {
  const { values, field } = keys;
  const { type } = field;
  if (type.kind === "null") return () => null;
  if (type.kind === "utf8") return (index) => `text ${latin1(textAt(keys, index))}`;
  if (type.kind === "bool") return (index) => bitAt(values as Uint8Array, index);
  if (type.kind === "date") return (index) => `date ${values?.[index]}`;
  if (type.kind === "union") return memberReader(keys, type.typeIds);
  if (type.kind === "float" && type.bitWidth === 16) {
    return (index) => (values?.[index] === 0x8000 ? -0 : values?.[index]);
  }
  const width = type.kind === "fixedSizeBinary" ? type.byteWidth : 16;
  if (type.kind === "fixedSizeBinary" || (type.kind === "int" && type.bitWidth === 128)) {
    return (index) => `bytes ${latin1((values as Uint8Array).subarray(width * index, width * (index + 1)))}`;
  }
  if (type.kind === "int" || type.kind === "float") return (index) => values?.[index];
  const objects: object[] = [];
  return (index) => {
    objects[index] ??= {};
    return objects[index];
  };
}

function memberReader({ values, offsets, children }: StoredArray, typeIds: readonly number[]): KeyReader {
  const readers = new Map(typeIds.map((id, i) => [id, keyReader(children[i] as StoredArray)]));
  return (index) => readers.get(Number(values?.[index]))?.(Number(offsets ? offsets[index] : index));
}

/** The bytes of a text, which a view of up to 12 of them holds itself. */
function textAt({ values, offsets, bytes }: StoredArray, index: number): Uint8Array {
  if (offsets) return (bytes[0] as Uint8Array).subarray(offsets[index], offsets[index + 1]);
  const views = values as Uint32Array;
  const [length = 0, , buffer = 0, offset = 0] = views.subarray(4 * index, 4 * index + 4);
  if (length <= 12) return new Uint8Array(views.buffer, views.byteOffset + 16 * index + 4, length);
  return (bytes[buffer] as Uint8Array).subarray(offset, offset + length);
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}
