/**
 * Where the arrays of a record batch stand, from metadata alone.
 *
 * Idea: nodes and buffers are dealt out to the fields depth first, as the format prescribes, and checked against the body before
 * any of it is read.
 */
import { FormatError } from "../errors.ts";
import type { ByteRange } from "../io/read-plan.ts";
import { type Field, formatType } from "./data-type.ts";
import type { BatchPlace } from "./ipc-index.ts";
import type { Codec, FieldNode } from "./message-codec.ts";
import { type BufferRole, bufferRoles, storedChildren, storedType } from "./physical-layout.ts";

/** A buffer and where it stands in the source. */
export interface BufferPlace extends ByteRange {
  readonly role: BufferRole;
}

export interface ArrayLayout {
  readonly field: Field;
  readonly length: number;
  readonly nullCount: number;
  readonly buffers: readonly BufferPlace[];
  readonly children: readonly ArrayLayout[];
  readonly codec: Codec | null;
}

/** What takes no bytes may number this many in a file, and so many for each byte of its bodies. */
const maxFreeElements = 2 ** 18;
const freeElementsPerByte = 8;

/**
 * Counts what a file holds without storing it: elements that take no bytes, of which metadata can declare any number, and bytes that views refer to
 * once more.
 */
export class FreeElements {
  private left: number;

  constructor(places: readonly BatchPlace[]) {
    const bodyBytes = places.reduce((sum, { bodyLength }) => sum + bodyLength, 0);
    this.left = maxFreeElements + freeElementsPerByte * bodyBytes;
  }

  /** Takes so many; false where they are out of proportion to the file. */
  take(count: number): boolean {
    this.left -= count;
    return this.left >= 0;
  }
}

/** The layouts of a batch's columns, one for each field. */
export function layOutBatch(fields: readonly Field[], place: BatchPlace, free: FreeElements): ArrayLayout[] {
  const dealer = new Dealer(place, free);
  if (fields.length === 0) dealer.takeFree(place.batch.length, "rows without columns");
  const layouts = fields.map((field) => dealer.layOut(field));
  for (const { length, field } of layouts) {
    if (length !== place.batch.length)
      throw dealer.error(`column "${field.name}" of ${length} rows in a batch of ${place.batch.length}`);
  }
  dealer.finish();
  return layouts;
}

class Dealer {
  private node = 0;
  private region = 0;
  private variadic = 0;
  private end = 0;

  constructor(
    private readonly place: BatchPlace,
    private readonly free: FreeElements,
  ) {}

  takeFree(count: number, what: string): void {
    if (!this.free.take(count)) throw this.error(`${count} ${what}, out of proportion to the file`);
  }

  layOut(field: Field): ArrayLayout {
    const node = this.nextNode(field);
    const roles = [...bufferRoles(field, this.place.version), ...this.variadicRoles(field)];
    const buffers = roles.map((role) => this.nextBuffer(field, node, role));
    const children = storedChildren(field).map((child) => this.layOut(child));
    if (!isBounded(field, node.length, roles)) this.takeFree(node.length, `elements of "${field.name}"`);
    return { field, ...node, buffers, children, codec: this.place.batch.codec };
  }

  private nextNode(field: Field): FieldNode {
    const node = this.place.batch.nodes[this.node++];
    if (!node) throw this.error(`no node for field "${field.name}"`);
    if (node.nullCount > node.length)
      throw this.error(`${node.nullCount} nulls among ${node.length} elements of "${field.name}"`);
    return node;
  }

  /** The buffers that views refer to; the batch says how many each field has. */
  private variadicRoles(field: Field): BufferRole[] {
    if (!("view" in storedType(field))) return [];
    const { variadicCounts, regions } = this.place.batch;
    const count = variadicCounts[this.variadic++];
    if (count === undefined || count > regions.length)
      throw this.error(`${count ?? "no number of"} buffers for "${field.name}"`);
    return Array.from({ length: count }, () => ({ role: "bytes" }));
  }

  private nextBuffer(field: Field, node: FieldNode, role: BufferRole): BufferPlace {
    const region = this.place.batch.regions[this.region++];
    if (!region) throw this.error(`no buffer for field "${field.name}"`);
    const { offset, length } = region;
    if (offset + length > this.place.bodyLength)
      throw this.error(`a buffer of "${field.name}" that ends outside the body`);
    if (length > 0) {
      if (offset < this.end) throw this.error(`a buffer of "${field.name}" that overlaps the one before it`);
      this.end = offset + length;
    }
    if (this.place.batch.codec === null) this.checkSize(field, node, role, length);
    return { role, position: this.place.bodyPosition + offset, length };
  }

  private checkSize(field: Field, node: FieldNode, role: BufferRole, length: number): void {
    if (length < requiredBytes(role, node)) {
      throw this.error(`${length} bytes for ${node.length} elements of "${field.name}", a ${formatType(field)}`);
    }
  }

  finish(): void {
    const { nodes, regions, variadicCounts } = this.place.batch;
    const found = [nodes.length, regions.length, variadicCounts.length].join(", ");
    const expected = [this.node, this.region, this.variadic].join(", ");
    if (found !== expected)
      throw this.error(`nodes, buffers, numbers of buffers: ${found} where the schema has ${expected}`);
  }

  error(found: string): FormatError {
    return new FormatError({
      subject: "Arrow record batch",
      expected: "arrays that fit the schema and the body",
      found,
      remedy: "The file is damaged: fetch or write it again",
      byteOffset: this.place.bodyPosition,
    });
  }
}

/** Whether the number of an array's elements is bounded by the bytes of its buffers, or by the elements of its children. */
function isBounded(field: Field, length: number, roles: readonly BufferRole[]): boolean {
  const type = storedType(field);
  if (type.kind === "struct") return field.children.length > 0;
  if (type.kind === "fixedSizeList") return type.listSize > 0;
  return roles.some((role) => role.role !== "validity" && neededBytes(role, length) > 0);
}

/** Bytes that a buffer for so many elements has at least. */
function neededBytes(role: BufferRole, length: number): number {
  switch (role.role) {
    case "validity":
      return Math.ceil(length / 8);
    case "values":
      return Math.ceil((length * role.bitsPerElement) / 8);
    case "offsets":
      return length === 0 ? 0 : (length + 1) * role.bytesPerOffset;
    case "unionOffsets":
      return 4 * length;
    case "typeIds":
      return length;
    case "bytes":
    case "skipped":
      return 0;
  }
}

/** The same, for an array whose validity may be left out because nothing in it is null. */
export function requiredBytes(role: BufferRole, node: FieldNode): number {
  return role.role === "validity" && node.nullCount === 0 ? 0 : neededBytes(role, node.length);
}
