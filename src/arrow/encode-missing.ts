/** Arrays of nothing but null, of any type. */

import type { Field } from "./data-type.ts";
import { type Chunks, chunkOf, type EncodedArray } from "./encoded-array.ts";
import { type BufferRole, bufferRoles, metadataV5 } from "./physical-layout.ts";

/** So many nulls of a nullable field of a type that is read, without dictionaries; zeros stand below it where null cannot. */
export function encodeMissing(field: Field, length: number): EncodedArray {
  const isNull = field.nullable && field.type.kind !== "union";
  return {
    field,
    length,
    nullCount: isNull ? length : 0,
    buffers: bufferRoles(field, metadataV5).map((role) => bufferOf(role, field, length, isNull)),
    children: field.children.map((child, i) => encodeMissing(child, childLength(field, i, length))),
  };
}

function bufferOf(role: BufferRole, { type }: Field, length: number, isNull: boolean): Chunks {
  const zeros = (bytes: number): Chunks => [chunkOf(new Uint8Array(bytes))];
  if (role.role === "validity") return isNull ? zeros(Math.ceil(length / 8)) : [];
  if (role.role === "values") return zeros(Math.ceil((length * role.bitsPerElement) / 8));
  if (role.role === "offsets") return zeros((length + 1) * role.bytesPerOffset);
  if (role.role === "unionOffsets") return [chunkOf(Int32Array.from({ length }, (_, i) => i))];
  if (role.role === "typeIds")
    return [chunkOf(new Int8Array(length).fill((type.kind === "union" && type.typeIds[0]) || 0))];
  return [];
}

function childLength({ type }: Field, index: number, length: number): number {
  if (type.kind === "struct") return length;
  if (type.kind === "fixedSizeList") return length * type.listSize;
  if (type.kind === "union") return type.mode === "sparse" || index === 0 ? length : 0;
  return 0;
}
