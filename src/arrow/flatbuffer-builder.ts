/**
 * Writing flatbuffers, deterministically.
 *
 * Idea: describe the tables as plain values, then lay them out front to back: each table is preceded by its own vtable, and what
 * it refers to follows it. Source: https://flatbuffers.dev/internals/
 */

import { encodeUtf8 } from "./utf8.ts";

/** One field of a table or one element of a vector; null leaves a table's slot absent. */
export type FlatValue =
  | { readonly scalar: "uint8" | "int16" | "int32"; readonly value: number }
  | { readonly scalar: "int64"; readonly value: bigint }
  | { readonly text: string }
  | { readonly table: readonly (FlatValue | null)[] }
  | { readonly tables: readonly (readonly (FlatValue | null)[])[] }
  | { readonly int32s: readonly number[] }
  /** Structs already laid out as 64-bit words. */
  | { readonly words: readonly bigint[]; readonly wordsPerStruct: number };

const widths = { uint8: 1, int16: 2, int32: 4, int64: 8 } as const;

/** The bytes of a flatbuffer whose root is the given table, padded to a multiple of 8. */
export function buildFlatbuffer(root: readonly (FlatValue | null)[]): Uint8Array {
  const writer = new Writer();
  const rootSlot = writer.allocate(4, 4);
  writer.patchOffset(rootSlot, writer.table(root));
  return writer.finish();
}

class Writer {
  private view = new DataView(new ArrayBuffer(1024));
  private length = 0;

  /** Reserves zeroed bytes so that `start + lead` is aligned, and returns `start`. */
  allocate(bytes: number, alignment: number, lead = 0): number {
    const start = Math.ceil((this.length + lead) / alignment) * alignment - lead;
    this.length = start + bytes;
    if (this.length > this.view.byteLength) {
      const grown = new Uint8Array(Math.max(this.length, 2 * this.view.byteLength));
      grown.set(new Uint8Array(this.view.buffer));
      this.view = new DataView(grown.buffer);
    }
    return start;
  }

  patchOffset(slot: number, target: number): void {
    this.view.setUint32(slot, target - slot, true);
  }

  table(slots: readonly (FlatValue | null)[]): number {
    const vtableBytes = 4 + 2 * slots.length;
    const offsets = layoutSlots(slots);
    const vtable = this.allocate(vtableBytes, 2);
    const position = this.allocate(offsets.bytes, 8);
    this.view.setUint16(vtable, vtableBytes, true);
    this.view.setUint16(vtable + 2, offsets.bytes, true);
    this.view.setInt32(position, position - vtable, true);
    for (const [index, slot] of slots.entries()) {
      const offset = offsets.of[index];
      if (slot === null || offset === undefined) continue;
      this.view.setUint16(vtable + 4 + 2 * index, offset, true);
      if ("scalar" in slot) this.scalar(position + offset, slot);
      else this.patchOffset(position + offset, this.reference(slot));
    }
    return position;
  }

  private scalar(at: number, slot: Extract<FlatValue, { scalar: unknown }>): void {
    if (slot.scalar === "int64") this.view.setBigInt64(at, slot.value, true);
    else if (slot.scalar === "int32") this.view.setInt32(at, slot.value, true);
    else if (slot.scalar === "int16") this.view.setInt16(at, slot.value, true);
    else this.view.setUint8(at, slot.value);
  }

  private reference(value: Exclude<FlatValue, { scalar: unknown }>): number {
    if ("table" in value) return this.table(value.table);
    if ("text" in value) return this.text(value.text);
    if ("tables" in value) return this.tables(value.tables);
    if ("int32s" in value) {
      const start = this.vector(value.int32s.length, 4);
      for (const [i, number] of value.int32s.entries()) this.view.setInt32(start + 4 + 4 * i, number, true);
      return start;
    }
    const start = this.vector(value.words.length / value.wordsPerStruct, 8 * value.wordsPerStruct, 8);
    for (const [i, word] of value.words.entries()) this.view.setBigInt64(start + 4 + 8 * i, word, true);
    return start;
  }

  private text(text: string): number {
    const bytes = encodeUtf8(text);
    const start = this.allocate(4 + bytes.length + 1, 4);
    this.view.setUint32(start, bytes.length, true);
    new Uint8Array(this.view.buffer).set(bytes, start + 4);
    return start;
  }

  private tables(tables: readonly (readonly (FlatValue | null)[])[]): number {
    const start = this.vector(tables.length, 4);
    for (const [i, slots] of tables.entries()) this.patchOffset(start + 4 + 4 * i, this.table(slots));
    return start;
  }

  private vector(length: number, stride: number, alignment = 4): number {
    const start = this.allocate(4 + length * stride, alignment, 4);
    this.view.setUint32(start, length, true);
    return start;
  }

  finish(): Uint8Array {
    this.allocate(0, 8);
    return new Uint8Array(this.view.buffer, 0, this.length);
  }
}

/** Byte offsets of the slots in their table, widest first so that no padding is needed between them. */
function layoutSlots(slots: readonly (FlatValue | null)[]): { of: (number | undefined)[]; bytes: number } {
  const of: (number | undefined)[] = slots.map(() => undefined);
  const hasWide = slots.some((slot) => slot !== null && "scalar" in slot && slot.scalar === "int64");
  let bytes = hasWide ? 8 : 4;
  for (const width of [8, 4, 2, 1]) {
    for (const [index, slot] of slots.entries()) {
      if (slot === null || ("scalar" in slot ? widths[slot.scalar] : 4) !== width) continue;
      of[index] = bytes;
      bytes += width;
    }
  }
  return { of, bytes };
}

export const flat = {
  bool: (value: boolean): FlatValue => ({ scalar: "uint8", value: value ? 1 : 0 }),
  uint8: (value: number): FlatValue => ({ scalar: "uint8", value }),
  int16: (value: number): FlatValue => ({ scalar: "int16", value }),
  int32: (value: number): FlatValue => ({ scalar: "int32", value }),
  int64: (value: number | bigint): FlatValue => ({ scalar: "int64", value: BigInt(value) }),
  text: (text: string): FlatValue => ({ text }),
  table: (...table: (FlatValue | null)[]): FlatValue => ({ table }),
} as const;
