/** Arrays of nothing but null, of any type. */
import type { Field } from "./data-type.ts";
import { type Chunks, chunkOf, type EncodedArray } from "./encoded-array.ts";
import { type BufferRole, bufferRoles, metadataV5 } from "./physical-layout.ts";

/**
 * So many nulls of a field that may be null, or null where the field has no form for them: a dictionary, a type that is not written, a
 * union of members that are not nullable.
 */
export function encodeMissing(field: Field, length: number): EncodedArray | null {
  const canBeNull = field.type.kind === "union" ? nullableMember(field) >= 0 : field.nullable;
  return canBeNull && canBeWritten(field) ? fill(field, length) : null;
}

function canBeWritten({ dictionary, type, children }: Field): boolean {
  return dictionary === null && type.kind !== "unsupported" && !("view" in type) && children.every(canBeWritten);
}

/** Unions have no nulls of their own: one of their members has. */
function nullableMember({ children }: Field): number {
  return children.findIndex(({ nullable }) => nullable);
}

/** Nulls where the field may be null, zeros below where it may not. */
function fill(field: Field, length: number): EncodedArray {
  const member = Math.max(nullableMember(field), 0);
  const isNull = field.nullable && field.type.kind !== "union";
  return {
    field,
    length,
    nullCount: isNull ? length : 0,
    buffers: bufferRoles(field, metadataV5).map((role) => bufferOf(role, field, length, isNull, member)),
    children: field.children.map((child, i) => fill(child, childLength(field, i === member, length))),
  };
}

function bufferOf(role: BufferRole, { type }: Field, length: number, isNull: boolean, member: number): Chunks {
  const zeros = (bytes: number): Chunks => [chunkOf(new Uint8Array(bytes))];
  if (role.role === "validity") return isNull ? zeros(Math.ceil(length / 8)) : [];
  if (role.role === "values") return zeros(Math.ceil((length * role.bitsPerElement) / 8));
  if (role.role === "offsets") return zeros((length + 1) * role.bytesPerOffset);
  if (role.role === "unionOffsets") return [chunkOf(Int32Array.from({ length }, (_, i) => i))];
  if (role.role === "typeIds" && type.kind === "union") {
    return [chunkOf(new Int8Array(length).fill(type.typeIds[member] ?? 0))];
  }
  return [];
}

function childLength({ type }: Field, isMember: boolean, length: number): number {
  if (type.kind === "struct") return length;
  if (type.kind === "fixedSizeList") return length * type.listSize;
  if (type.kind === "union") return type.mode === "sparse" || isMember ? length : 0;
  return 0;
}
